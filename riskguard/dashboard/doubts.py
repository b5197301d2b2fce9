"""Our orders whose outcome is not known: a part of the picture, not a log line."""

from riskguard.core.snapshot import DoubtPicture
from riskguard.dashboard.lines import WHOLE, Cell, Level, table
from riskguard.dashboard.section import Section
from riskguard.dashboard.words import amount, clean, seconds


def section(doubts: tuple[DoubtPicture, ...], width: int) -> Section:
    """Draw the orders in doubt, the oldest kept longest when there is little room."""
    heads = ["order", "venue", "side", "amount", "age", "state"]
    rows = [_cells(item) for item in doubts]
    head, lines = table(heads, rows, width, mins=[8, 4, 4, WHOLE, WHOLE, 8])
    by_age = sorted(range(len(doubts)), key=lambda at: doubts[at].age_s)
    urgency = [0] * len(doubts)
    for rank, at in enumerate(by_age):
        urgency[at] = rank
    return Section(title="IN DOUBT", rows=lines, urgency=urgency, head=head, wanted=2)


def _cells(item: DoubtPicture) -> list[Cell]:
    return [
        Cell(clean(item.client_id)),
        Cell(clean(item.venue)),
        Cell(item.side.value),
        Cell(amount(item.amount).lstrip("+")),
        Cell(seconds(item.age_s)),
        Cell(clean(item.state), Level.WATCH),
    ]
