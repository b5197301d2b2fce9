"""Venues as rows and their paths as columns: an outage is partial, and the part decides."""

from riskguard.core.snapshot import PathPicture, VenuePicture
from riskguard.core.types import Path, Verdict
from riskguard.dashboard.lines import WHOLE, Cell, Level, table
from riskguard.dashboard.section import Section
from riskguard.dashboard.severity import condition_level, condition_rank, short_verdict
from riskguard.dashboard.words import UNKNOWN, amount, clean, milliseconds, money, seconds, short

WIDE = 118
ROLES = {"primary": "prim", "backup": "back"}


def section(venues: tuple[VenuePicture, ...], width: int) -> Section:
    """Draw the venues; where the width allows it with latencies, margin and the reason."""
    wide = width >= WIDE
    heads = ["venue", "role", "condition", *(_head(path, wide=wide) for path in Path)]
    mins = [4, 4, 8, *(4 for _ in Path)]
    if wide:
        heads += ["mid", "free margin", "because"]
        mins += [WHOLE, WHOLE, 8]
    head, rows = table(heads, [_cells(venue, wide=wide) for venue in venues], width, mins)
    return Section(
        title="VENUES",
        rows=rows,
        urgency=[condition_rank(venue.condition) for venue in venues],
        head=head,
        wanted=3,
        note="+n: calls waiting" if wide else f"age, latency, margin from {WIDE} columns",
    )


def _head(path: Path, *, wide: bool) -> str:
    return path.value if wide else {Path.REDUCE: "redu", Path.CANCEL: "canc"}.get(path, path.value[:5])


def _cells(venue: VenuePicture, *, wide: bool) -> list[Cell]:
    by_path = {picture.path: picture for picture in venue.paths}
    role = clean(venue.role)
    cells = [
        Cell(clean(venue.id)),
        Cell(role if wide else ROLES.get(role, role)),
        Cell(clean(venue.condition), condition_level(venue.condition)),
        *(_path_cell(by_path.get(path), wide=wide) for path in Path),
    ]
    if not wide:
        return cells
    mid = amount(venue.mid, 10).lstrip("+")
    book = f" {seconds(venue.book_age_s)}" if venue.mid is None or venue.book_age_s is None else ""
    cells.append(Cell(f"{mid}{book}"))
    cells.append(Cell(f"{money(venue.free)} of {money(venue.equity)}"))
    cells.append(Cell(short(venue.because, 200)))
    return cells


def _path_cell(path: PathPicture | None, *, wide: bool) -> Cell:
    """Write a verdict and, in a wide table, the number behind it."""
    if path is None:
        return Cell(UNKNOWN, Level.QUIET)
    word, level = short_verdict(path.verdict)
    if not wide:
        return Cell(word, level)
    good = path.verdict in (Verdict.UP, Verdict.RECOVERING)
    number = milliseconds(path.latency_ms) if good else seconds(path.age_s, unknown=UNKNOWN)
    waiting = f" +{path.in_flight}" if path.in_flight else ""
    return Cell(f"{word} {number}{waiting}", level)
