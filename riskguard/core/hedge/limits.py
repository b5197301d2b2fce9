"""Our own limits: every risk-adding order is approved or refused here, and nowhere else.

They bind what adds risk. The way out (unwind, orphan, cancel) is never refused. A target that is too large is
cut rather than refused, and the cut is told.
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import TypeAlias

from riskguard.core.hedge.margin import Account, shortage
from riskguard.core.policy import Limits
from riskguard.core.types import ZERO, Leg, Mode

FINEST = Decimal("1e-8")
"""Ceilings are cut to this many base units, so that words and plans hold no endless fractions."""


@dataclass(frozen=True, slots=True)
class Approved:
    """The order may go."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The order may not go; `limited_by` is a word of the coverage contract."""

    because: str
    limited_by: str = "ceiling"
    elsewhere: bool = False
    """Another venue may take the order."""


Ruling: TypeAlias = Approved | Refused


@dataclass(frozen=True, slots=True)
class Ask:
    """One risk-adding order and the state that decides about it, read at one moment."""

    leg: Leg
    notional: Decimal
    """Of this order, quote units, signed."""
    mode: Mode
    armed: bool
    said_yes: bool
    """In confirm mode: a person asked for it."""
    venue_fine: bool
    place_proven: bool
    book_fresh: bool
    book_apart: bool
    new_plan: bool
    plans_today: int
    notional_today: Decimal
    orders_this_minute: int
    loss_today: Decimal
    journal_ok: bool
    account: Account | None


def judge(ask: Ask, limits: Limits) -> Ruling:
    """Approve or refuse one risk-adding order; the first reason that applies is given."""
    for refused, because, limited_by in (*_permission(ask), *_evidence(ask), *_ceilings(ask, limits)):
        if refused:
            return Refused(because, limited_by, elsewhere=limited_by == "verdict")
    if ask.account is None:
        return Refused(f"{ask.leg.venue}: its balance is not known", "margin", elsewhere=True)
    short = shortage(ask.account, ask.leg, ask.notional, limits)
    return Approved() if short is None else Refused(short.because, short.limited_by, elsewhere=True)


def _permission(ask: Ask) -> tuple[tuple[bool, str, str], ...]:
    sends = ask.mode in (Mode.CONFIRM, Mode.AUTO)
    return (
        (not sends, f"mode {ask.mode} sends nothing", "ceiling"),
        (not ask.armed, "not armed", "ceiling"),
        (ask.mode is Mode.CONFIRM and not ask.said_yes, "waiting for a person's yes", "ceiling"),
        (not ask.journal_ok, "the journal cannot be written", "ceiling"),
    )


def _evidence(ask: Ask) -> tuple[tuple[bool, str, str], ...]:
    return (
        (not ask.venue_fine, "the backup is not FINE", "verdict"),
        (not ask.place_proven, "nothing proves that the backup takes orders", "verdict"),
        (not ask.book_fresh, "the backup's book is old or crossed", "verdict"),
        (ask.book_apart, "the backup's book is apart from the others", "verdict"),
    )


def _ceilings(ask: Ask, limits: Limits) -> tuple[tuple[bool, str, str], ...]:
    plans = ask.plans_today + ask.new_plan
    notional = ask.notional_today + abs(ask.notional)
    return (
        (plans > limits.day_hedges, f"{limits.day_hedges} hedges in 24 h are used up", "ceiling"),
        (
            notional > limits.day_notional.amount,
            f"more than {limits.day_notional.amount:f} {limits.day_notional.ccy} in 24 h ({notional:.0f})",
            "ceiling",
        ),
        (
            ask.orders_this_minute >= limits.orders_per_min,
            f"{limits.orders_per_min} orders in a minute are used up",
            "ceiling",
        ),
        (
            ask.loss_today >= limits.loss.amount,
            f"hedges lost more than {limits.loss.amount:f} {limits.loss.ccy} in 24 h ({ask.loss_today:.0f})",
            "ceiling",
        ),
    )


@dataclass(frozen=True, slots=True)
class Cut:
    """A target after the ceilings, and what cut it (empty where nothing did)."""

    target: Decimal
    because: str = ""


def cut(target: Decimal, mid: Decimal, others: Decimal, limits: Limits) -> Cut:
    """Cut a target, in base units, to what one hedge and all hedges together may be.

    `others`: the notional of all other assets' hedges, held or possible; quote units.
    """
    per_hedge = limits.per_hedge.amount / mid
    together = max(limits.all_hedges.amount - others, ZERO) / mid
    ceiling, name = min((per_hedge, "per_hedge"), (together, "all_hedges"))
    if abs(target) <= ceiling:
        return Cut(target)
    ceiling = ceiling.quantize(FINEST, ROUND_DOWN)
    because = f"{name} cuts the hedge from {abs(target):f} to {ceiling:f}"
    return Cut(ceiling if target > 0 else -ceiling, because)


def keep_held(target: Decimal, held: Decimal, wanted: Decimal) -> Decimal:
    """Give the target after a cut that takes nothing off: ceilings bind what adds risk.

    A ceiling in money shrinks in base units whenever the price rises; what is `held` and still `wanted`
    stays.
    """
    if held * wanted <= ZERO or abs(target) >= min(abs(held), abs(wanted)):
        return target
    return held if abs(held) < abs(wanted) else wanted
