"""Each risk over all venues: the interval it lies in, what is trapped, what is hedged, and what could be."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from riskguard.core.snapshot import AssetPicture, PositionPicture
from riskguard.dashboard.header import coverage
from riskguard.dashboard.lines import WHOLE, Cell, Level, Piece, cut, line, table
from riskguard.dashboard.section import Section
from riskguard.dashboard.words import UNKNOWN, amount, clean, seconds

NARROW, WIDE = 80, 100
WIDER_ONLY = (7, 5)
"""Columns that narrow screens leave out: the age (the rows of the legs have it), and net plus hedged."""

T = TypeVar("T")


def section(assets: tuple[AssetPicture, ...], width: int) -> Section:
    """Draw one row per asset, and below it its legs where there is room."""
    size = 6 if width < NARROW else 7 if width < WIDE else 12
    heads = ["asset", "net", "if doubts fill", "trapped", "hedged", "left", "target", "seen", "hedgeable now"]
    mins = [3, *(WHOLE for _ in range(7)), 5]
    cells = [_cells(asset, size) for asset in assets]
    for at in WIDER_ONLY if width < NARROW else ():
        heads, mins = _without(heads, at), _without(mins, at)
        cells = [_without(row, at) for row in cells]
    head, rows = table(heads, cells, width, mins)
    all_rows, urgency = [], []
    for row, asset in zip(rows, assets, strict=True):
        all_rows.append(row)
        urgency.append(2 if asset.trapped is None or asset.trapped or asset.hedged else 1)
        for position in asset.positions:
            all_rows.append(cut(line(Piece(_leg_words(position), Level.QUIET)), width))
            urgency.append(0)
    note = "left: net and hedge together" if width >= NARROW else f"age, net with hedge from {NARROW} columns"
    return Section(title="EXPOSURE", rows=all_rows, urgency=urgency, head=head, wanted=2, note=note)


def oldest_s(asset: AssetPicture) -> float | None:
    """Give the age of the oldest reading behind an asset; None when some leg was never read."""
    ages = [position.age_s for position in asset.positions]
    known = [age for age in ages if age is not None]
    return max(known) if known and len(known) == len(ages) else None


def _without(items: Sequence[T], at: int) -> list[T]:
    return [*items[:at], *items[at + 1 :]]


def _cells(asset: AssetPicture, size: int) -> list[Cell]:
    age = seconds(oldest_s(asset))
    covered = asset.coverage.share >= 1 if asset.coverage.share.is_finite() else False
    return [
        Cell(clean(asset.name), Level.HEADING),
        Cell(_known(asset.net, age, size)),
        Cell(interval(asset.low, asset.high, size)),
        Cell(_known(asset.trapped, age, size), Level.ACT if asset.trapped else Level.CALM),
        Cell(amount(asset.hedged, size)),
        Cell(_left(asset, size)),
        Cell(_target(asset, size)),
        Cell(age),
        Cell(coverage(asset), Level.CALM if covered else Level.WATCH),
    ]


def interval(low: Decimal | None, high: Decimal | None, size: int = 8) -> str:
    """Write the range in which the exposure lies once every order in doubt is settled."""
    if low is not None and high is not None and low.is_finite() and high.is_finite() and low == high:
        return "certain"
    return f"{amount(low, size)} .. {amount(high, size)}"


def _left(asset: AssetPicture, size: int) -> str:
    """Say what remains of the net exposure beside the hedge."""
    known = asset.net is not None and asset.net.is_finite() and asset.hedged.is_finite()
    return amount(asset.net + asset.hedged, size) if asset.net is not None and known else UNKNOWN


def _target(asset: AssetPicture, size: int) -> str:
    nothing_trapped = asset.trapped is not None and not asset.trapped
    return "-" if asset.target is None and nothing_trapped else amount(asset.target, size)


def _known(value: Decimal | None, age: str, size: int) -> str:
    return f"{UNKNOWN} {age}" if value is None else amount(value, size)


def _leg_words(position: PositionPicture) -> str:
    ours = f", {amount(position.ours)} of it our hedge" if position.ours else ""
    words = f"  {clean(str(position.leg))} {amount(position.amount)}"
    return f"{words} (seen {seconds(position.age_s)}{' ago' if position.age_s is not None else ''}){ours}"
