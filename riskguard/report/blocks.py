"""A report as blocks, which every format draws in its own way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from riskguard.core.types import ZERO
from riskguard.report.story import OrderLine, Story
from riskguard.report.text import money, number, relative, seconds, utc

FIGURES: Mapping[str, str] = {
    "detected_after_s": "incident opened, seconds after the fault",
    "hedged_after_s": "hedged, seconds after the fault",
    "naked_s": "trapped and not hedged, seconds",
    "naked_usdt_s": "the same, times its worth",
    "orders_sent": "orders sent, canaries apart",
    "target": "hedge that was needed",
    "final_net": "net position at the end",
    "overshoot": "hedge beyond what was needed, lots",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's title."""

    words: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    words: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """Short statements; `empty` is said where there is none."""

    items: Sequence[str]
    empty: str = "nothing"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; all cells are text."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    empty: str = "none"


Block: TypeAlias = Heading | Paragraph | Bullets | Table


def title_of(story: Story) -> str:
    """Name the incident."""
    return f"Incident {story.incident}: {story.venue}"


def headline(story: Story) -> str:
    """Say in a few sentences what happened."""
    deeds = [_deed(story, purpose) for purpose in ("hedge", "unwind", "orphan")]
    said = ", then ".join(deed for deed in deeds if deed) or "No order was filled"
    vetoed = "; a person vetoed the hedge" if story.vetoed else ""
    noticed = f"{story.venue} {story.because or 'was in trouble'}; noticed at {utc(story.opened_ms)}"
    return f"{noticed}. {said}{vetoed}. {_end(story)}; the incident is {story.state}."


def blocks(story: Story) -> Iterator[Block]:
    """Give the report from top to bottom."""
    yield Paragraph(headline(story))
    yield Paragraph(
        f"Naked (trapped and not hedged): {seconds(story.naked_s)}, {money(story.naked_usdt_s)} USDT·s "
        f"as the guard counted from the opening on. Rule: {story.rule or '-'}."
    )
    yield from _figure_blocks(story)
    yield Heading("What was known at the opening")
    yield Bullets(story.known, empty="no position was agreed and no condition recorded")
    yield Heading("What was not known")
    yield Bullets(story.not_known, empty="no order was in doubt")
    yield Heading("Timeline")
    zero = "the fault" if story.zero_ms != story.opened_ms else "the opening"
    yield Paragraph(f"Seconds count from {zero}, {utc(story.zero_ms)}.")
    rows = [(relative(item.at_ms, story.zero_ms), item.kind, item.words) for item in story.timeline]
    yield Table(("when", "kind", "what"), rows)
    yield from _order_blocks(story)
    yield from _money_blocks(story)


def _deed(story: Story, purpose: str) -> str:
    """Say what was filled for one purpose, and when the last of it was."""
    names = {order.client_id for order in story.orders if order.purpose == purpose}
    fills = [fill for fill in story.fills if fill.client_id in names]
    if not fills:
        return ""
    amount = sum((fill.amount for fill in fills), ZERO)
    sides = "/".join(sorted({fill.side for fill in fills}))
    where = ", ".join(sorted({fill.leg for fill in fills}))
    when = relative(max(fill.at_ms for fill in fills), story.zero_ms)
    return f"{purpose}: {sides} {number(amount)} on {where}, complete at {when}"


def _end(story: Story) -> str:
    if story.closed_ms is None:
        return "It still goes on"
    return f"It was over after {(story.closed_ms - story.opened_ms) / 1000:.1f} s"


def _figure_blocks(story: Story) -> Iterator[Block]:
    if story.figures is None and story.truth is None:
        return
    ours, truth = story.figures or {}, story.truth or {}
    yield Heading("Figures")
    keys = [key for key in FIGURES if key in ours or key in truth]
    rows = [(FIGURES[key], _value(ours.get(key)), _value(truth.get(key))) for key in keys]
    yield Table(("figure", "by the guard's journal", "by the venues' own logs"), rows)


def _value(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {count}" for name, count in sorted(value.items())) or "none"
    return number(value) if isinstance(value, Decimal) else str(value)


def _order_blocks(story: Story) -> Iterator[Block]:
    yield Heading("Orders sent")
    heads = ("our id", "venue's id", "why", "leg", "side", "amount", "limit", "filled", "mean price", "ended")
    yield Table(
        heads,
        [_order_row(item) for item in story.orders],
    )
    yield Heading("Fills")
    yield Table(
        ("venue time", "our id", "trade", "leg", "side", "amount", "price", "fee"),
        [
            (
                utc(item.at_ms), item.client_id, item.trade_id, item.leg, item.side, number(item.amount),
                number(item.price), number(item.fee),
            )
            for item in story.fills
        ],
    )  # fmt: skip


def _order_row(item: OrderLine) -> Sequence[str]:
    sizes = [number(value) for value in (item.amount, item.price, item.filled)]
    mean = number(item.average) if item.average else "-"
    return (item.client_id, item.order_id or "-", item.purpose, item.leg, item.side, *sizes, mean, item.ended)


def _money_blocks(story: Story) -> Iterator[Block]:
    costs = story.costs
    yield Heading("Money")
    yield Table(
        ("what", "quote currency"),
        [
            ("fees of the hedge", money(costs.hedge_fees)),
            ("fees of taking it off", money(costs.unwind_fees)),
            ("price result of the part taken off", money(costs.price_result)),
            ("cost in all (fees minus price result)", money(costs.total)),
        ],
    )
    yield Paragraph("The hedged position moved the other way; its gain or loss is not part of this table.")
    yield Heading("Final state")
    held = [
        f"{leg}: {number(amount, signed=True)} besides our orders" for leg, amount in story.positions.items()
    ]
    yield Bullets(held, empty="no position is known")
    left = [f"{leg}: {number(amount, signed=True)}" for leg, amount in (costs.still_held or {}).items()]
    yield Bullets([f"hedge still held on {item}" for item in left], empty="no hedge of this incident is held")
