"""The same picture as lines that are only ever appended: for pipes, screen readers and slow terminals."""

from collections import Counter
from collections.abc import Iterator

from riskguard.core.snapshot import AssetPicture, IncidentPicture, Snapshot, VenuePicture
from riskguard.core.types import Verdict
from riskguard.dashboard.assets import interval
from riskguard.dashboard.header import coverage, coverage_words
from riskguard.dashboard.incidents import pending_words
from riskguard.dashboard.severity import is_open
from riskguard.dashboard.words import amount, clean, clock, money, seconds, short

CHARACTERS_MAX = 500
"""A venue's error may be a whole page; the journal keeps it, a line does not."""

_SAME_TO_A_PERSON = frozenset({Verdict.UP, Verdict.SUSPECT})
"""A path moves between these on every hiccup; only what lies beyond is worth a line."""


def sentences(previous: Snapshot | None, snapshot: Snapshot) -> list[str]:
    """Give one line per change since `previous`, or the whole picture when there was none."""
    changes = [
        *_guard(previous, snapshot),
        *_venues(previous, snapshot),
        *_assets(previous, snapshot),
        *_doubts(previous, snapshot),
        *_incidents(previous, snapshot),
        *_events(previous, snapshot),
    ]
    return [short(f"{clock(snapshot.at_ms)} {words}", CHARACTERS_MAX) for words in changes]


def _guard(previous: Snapshot | None, now: Snapshot) -> Iterator[str]:
    armed = "armed" if now.armed else "not armed"
    if previous is None:
        yield f"guard: {now.mode.value}, {armed}; {coverage_words(now)}"
    elif (previous.mode, previous.armed) != (now.mode, now.armed):
        yield f"guard: {now.mode.value}, {armed}"
    was = "FINE" if previous is None else previous.self_condition
    if was != now.self_condition:
        because = f": {clean(now.self_because)}" if now.self_because else ""
        yield f"ourselves: {clean(was)} -> {clean(now.self_condition)}{because}"
    if now.journal_ok != (True if previous is None else previous.journal_ok):
        healed = (
            "can be written again" if now.journal_ok else "cannot be written: no order that adds risk is sent"
        )
        yield f"journal {healed}"


def _venues(previous: Snapshot | None, now: Snapshot) -> Iterator[str]:
    before = {} if previous is None else {venue.id: venue for venue in previous.venues}
    for venue in now.venues:
        name, was = clean(venue.id), before.pop(venue.id, None)
        if was is None or was.condition != venue.condition:
            arrow = "" if was is None else f"{clean(was.condition)} -> "
            because = f": {clean(venue.because)}" if venue.because else ""
            yield f"{name}: {arrow}{clean(venue.condition)}{because}"
        moved = ", ".join(_moved_paths(was, venue))
        if moved:
            yield f"{name} paths: {moved}"
    yield from (f"{clean(name)}: not watched any more" for name in before)


def _moved_paths(was: VenuePicture | None, venue: VenuePicture) -> Iterator[str]:
    before = {} if was is None else {path.path: path.verdict for path in was.paths}
    for path in venue.paths:
        old = before.get(path.path, "")
        if old == path.verdict or {old, path.verdict} == _SAME_TO_A_PERSON:
            continue
        arrow = f"{clean(old)} -> " if old else ""
        yield f"{path.path.value} {arrow}{clean(path.verdict)}"


def _assets(previous: Snapshot | None, now: Snapshot) -> Iterator[str]:
    before = {} if previous is None else {asset.name: asset for asset in previous.assets}
    for asset in now.assets:
        was = before.pop(asset.name, None)
        if was is None or _exposure_words(was) != _exposure_words(asset):
            yield _exposure_words(asset)
        if was is not None and _coverage_class(was) != _coverage_class(asset):
            yield f"{clean(asset.name)}: could hedge now {coverage(asset)}"
    yield from (f"{clean(name)}: not guarded any more" for name in before)


def _exposure_words(asset: AssetPicture) -> str:
    name, fill = clean(asset.name), interval(asset.low, asset.high)
    handled = f"trapped {amount(asset.trapped)}, hedged {amount(asset.hedged)}, target {amount(asset.target)}"
    return f"{name}: net {amount(asset.net)}, if doubts fill {fill}, {handled}"


def _coverage_class(asset: AssetPicture) -> tuple[str, str]:
    """Tell full, part and none apart; the share itself moves with every book."""
    share = asset.coverage.share
    full = share.is_finite() and share >= 1
    part = share.is_finite() and share > 0
    return ("all" if full else "part" if part else "none", asset.coverage.limited_by)


def _doubts(previous: Snapshot | None, now: Snapshot) -> Iterator[str]:
    before = {} if previous is None else {item.client_id: item for item in previous.in_doubt}
    for item in now.in_doubt:
        was = before.pop(item.client_id, None)
        if was is None or was.state != item.state:
            order = f"{item.side.value} {amount(item.amount).lstrip('+')} on {clean(item.venue)}"
            yield f"in doubt: {clean(item.client_id)} {order}, {clean(item.state)} for {seconds(item.age_s)}"
    yield from (f"no longer in doubt: {clean(name)}" for name in before)


def _incidents(previous: Snapshot | None, now: Snapshot) -> Iterator[str]:
    before = {} if previous is None else {item.id: item for item in previous.incidents}
    for item in now.incidents:
        was = before.get(item.id)
        if was is None or _handling(was) != _handling(item):
            yield _incident_words(item, now.at_ms)


def _handling(item: IncidentPicture) -> tuple[object, ...]:
    return (item.state, item.next_action, item.at_ms, item.vetoed, item.closed_ms)


def _incident_words(item: IncidentPicture, now_ms: int) -> str:
    naked = f"naked {seconds(item.naked_s)}, {money(item.naked_usdt_s)} USDT·s"
    words = f"incident {clean(item.id)} {clean(item.state)}: {clean(item.venue)} {clean(item.rule)}, {naked}"
    return f"{words}; next: {pending_words(item, now_ms)}" if is_open(item) else words


def _events(previous: Snapshot | None, now: Snapshot) -> Iterator[str]:
    seen = Counter() if previous is None else Counter(previous.events)
    for event in now.events:
        if seen[event] > 0:
            seen[event] -= 1
            continue
        tail = f" [{clean(event.incident)}]" if event.incident else ""
        body = f": {clean(event.body)}" if event.body else ""
        yield f"{clean(event.severity)}: {clean(event.title)}{body}{tail}"
