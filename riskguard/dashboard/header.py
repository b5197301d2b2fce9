"""The first lines, as sentences: is it them or me, what comes next and when, and how to stop it."""

from collections import Counter

from rich.text import Text

from riskguard.core.snapshot import AssetPicture, IncidentPicture, Snapshot
from riskguard.core.types import Condition, Mode, Verdict
from riskguard.dashboard.lines import Level, Piece, cut, line, wrapped
from riskguard.dashboard.severity import can_be_vetoed, condition_level, open_incidents, worst_venues
from riskguard.dashboard.words import bps, clean, clock, countdown, percent, short, since

BAR = "▌"
REASON_CHARACTERS = 400
ACTION_CHARACTERS = 60
"""Longer words about the next step are cut, so that its countdown is not."""
KEYS_SHORT = "v veto  h hold  a arm  d disarm  ? help  q leave"
KEYS = "v veto  h hold 60s  a arm  d disarm  ? help  q leave (the guard goes on)"


def status_line(snapshot: Snapshot, width: int) -> Text:
    """Name mode, arming, time, the running incident and the journal's health."""
    armed = Piece("ARMED" if snapshot.armed else "not armed", Level.HEADING if snapshot.armed else Level.CALM)
    pieces: list[Piece | str] = [
        Piece(" riskguard ", Level.HEADING),
        f" {snapshot.mode.value.upper()} · ",
        armed,
    ]
    pieces.append(f"  {clock(snapshot.at_ms)}Z")
    if not snapshot.journal_ok:
        pieces.append(Piece("  JOURNAL BROKEN", Level.ACT))
    running = open_incidents(snapshot)
    for incident in running[:1]:
        others = f" and {len(running) - 1} more" if len(running) > 1 else ""
        pieces.append(
            f"  incident {short(incident.id, 24)} {since(incident.opened_ms, snapshot.at_ms)}{others}"
        )
    return cut(line(*pieces), width)


def state_lines(snapshot: Snapshot, width: int, lines_max: int) -> list[Text]:
    """Say what is wrong, worst first; one sentence when nothing is."""
    said: list[Text] = []
    if not snapshot.journal_ok:
        words = "JOURNAL: cannot be written; no order that adds risk is sent"
        said.append(line(Piece(f"{BAR}{words}", Level.ACT)))
    if snapshot.self_condition != Condition.FINE:
        words = f"{clean(snapshot.self_condition)}: our fault, nothing is hedged"
        said.append(
            line(Piece(f"{BAR}{words}", Level.ACT), f"  {short(snapshot.self_because, REASON_CHARACTERS)}")
        )
    for venue in worst_venues(snapshot):
        level = condition_level(venue.condition)
        words = f"{BAR}{clean(venue.condition)}: {clean(venue.id)} ({clean(venue.role)})"
        said.append(line(Piece(words, level), f"  {short(venue.because, REASON_CHARACTERS)}"))
    if not said:
        return [cut(line(f" {_calm_words(snapshot)}"), width)]
    return _bounded(said, width, lines_max, "more wrong")


def next_lines(snapshot: Snapshot, width: int, lines_max: int) -> list[Text]:
    """Say what comes next in each incident; without one, whether a hedge would be possible now."""
    said = [line(*next_words(item, snapshot.at_ms)) for item in open_incidents(snapshot)]
    if not said:
        return wrapped(line(f" {coverage_words(snapshot)}"), width, min(2, lines_max))
    return _bounded(said, width, lines_max, "more incidents")


def next_words(incident: IncidentPicture, now_ms: int) -> list[Piece | str]:
    """Say what one incident will do, when, and how to stop it."""
    action = short(incident.next_action, ACTION_CHARACTERS) or _waiting_words(incident)
    level = Level.ACT if incident.at_ms is not None and not incident.vetoed else Level.WATCH
    words = f"{BAR}NEXT {short(incident.id, 24)}: {action}"
    if incident.vetoed:
        return [Piece(f"{BAR}VETOED {short(incident.id, 24)}: no hedge; {action}", Level.WATCH)]
    if incident.at_ms is None:
        return [Piece(words, level)]
    words += f" {countdown(incident.at_ms, now_ms)}"
    stop = ", v to veto" if can_be_vetoed(incident) else ""
    return [Piece(words + stop, level), f"  at {clock(incident.at_ms)}Z"]


def _waiting_words(incident: IncidentPicture) -> str:
    if incident.state == "hedged":
        return f"nothing; the hedge stays until {short(incident.venue, 24)} is well again"
    return "nothing pending"


def coverage_words(snapshot: Snapshot) -> str:
    """Answer whether each asset could be hedged now, where that is limited, and what it would cost."""
    if not snapshot.assets:
        return "NO ASSET is guarded"
    return "COULD HEDGE NOW: " + " · ".join(
        f"{clean(item.name)} {coverage(item)}" for item in snapshot.assets
    )


def coverage(asset: AssetPicture) -> str:
    """Say how much of one asset could be hedged now, at what cost, and what limits it."""
    words = percent(asset.coverage.share)
    if asset.coverage.cost_bps is not None:
        words += f" at {bps(asset.coverage.cost_bps)}"
    limit = clean(asset.coverage.limited_by)
    return words if limit in ("", "none") else f"{words}, limited by {limit}"


def footer(snapshot: Snapshot, width: int, hidden: int) -> Text:
    """Name the keys, or what did not fit on the screen."""
    words = f" {KEYS if width > len(KEYS) else KEYS_SHORT}"
    if hidden:
        words = f" +{hidden} more parts do not fit: make the screen higher   ? help  q leave"
    elif snapshot.mode is Mode.OBSERVE:
        words = " observe: nothing that could fill is sent   ? help  q leave (the guard goes on)"
    return cut(line(Piece(words, Level.QUIET)), width)


def _calm_words(snapshot: Snapshot) -> str:
    count = len(snapshot.venues)
    if not count:
        return "no venue is watched yet"
    verdicts = Counter(clean(path.verdict) for venue in snapshot.venues for path in venue.paths)
    del verdicts[Verdict.UP.value]
    rest = "".join(f"; {number} paths {verdict}" for verdict, number in sorted(verdicts.items()))
    return f"FINE: {count} of {count} venues, and so are we{rest}"


def _bounded(said: list[Text], width: int, lines_max: int, what: str) -> list[Text]:
    """Give the first sentences two lines if there is room, and count those that are left out."""
    if len(said) > lines_max:
        kept = max(lines_max - 1, 0)
        more = line(Piece(f"{BAR}+{len(said) - kept} {what}", Level.WATCH))
        return [cut(item, width) for item in [*said[:kept], more]]
    lines: list[Text] = []
    for at, item in enumerate(said):
        lines += wrapped(item, width, lines_max - len(lines) - (len(said) - at - 1))
    return lines
