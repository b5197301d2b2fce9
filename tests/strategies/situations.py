"""Situations, and the built-in strategies as the guard would load them."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from riskguard import Condition, Side, Situation, Stop, Target
from riskguard.config.strategy_loader import load_strategies
from riskguard.core.hedge.strategy import Strategy
from riskguard.core.policy import HedgeRule, Limits, Money, Policy, Rule
from riskguard.core.types import Mode

ENOUGH = Money(Decimal(1), "USDT")
LIMITS = Limits(
    ENOUGH, ENOUGH, 1, ENOUGH, Decimal(1), 1, ENOUGH, Decimal(1), Decimal(1), data_age_s=1.0,
    position_age_s=1.0, preflight_age_s=1.0,
)  # fmt: skip


def built_in(name: str) -> Strategy:
    """Load a strategy of the folder `strategies/`."""
    rule = Rule("test", ("dark",), ("hedge",), hedge=HedgeRule(name))
    policy = Policy(Mode.OBSERVE, "a", LIMITS, (), (), (rule,))
    return load_strategies(policy, Path("/nowhere")).functions[name]


def situation(point: str | Decimal = "1", *, size: str | Decimal = "1", **changes: object) -> Situation:
    """Make a situation in which `point` is surely held."""
    held = Decimal(point)
    made = Situation(
        asset="BTC",
        venue="main",
        condition=Condition.DARK,
        net=held,
        low=min(held, Decimal(0)),
        high=max(held, Decimal(0)),
        trapped=held,
        point=held,
        size=Decimal(size),
        hedged=Decimal(0),
        mid=Decimal(60_000),
        naked_s=0.0,
        opening_mid=Decimal(60_000),
        unstopped=held,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields are named by the callers


def stop(
    amount: str | Decimal,
    side: Side = Side.SELL,
    trigger: str | Decimal = "58000",
    *,
    reached: bool = True,
    protects: bool = True,
) -> Stop:
    """Make a stop."""
    return Stop("main", side, Decimal(amount), Decimal(trigger), reached, protects)


def mirrored(seen: Situation) -> Situation:
    """Turn every amount and side round."""
    sides = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}
    return replace(
        seen,
        net=-seen.net,
        low=-seen.high,
        high=-seen.low,
        trapped=-seen.trapped,
        point=-seen.point,
        hedged=-seen.hedged,
        unstopped=-seen.unstopped,
        stops=tuple(replace(one, side=sides[one.side]) for one in seen.stops),
    )


def amount(target: Target | None) -> Decimal:
    """Give what a strategy asks for; nothing where it has no opinion."""
    return Decimal(0) if target is None else target.amount
