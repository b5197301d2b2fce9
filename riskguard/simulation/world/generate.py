"""One seed, one script: draws who holds what, how prices move, what fails, and what a person does."""

import random
from dataclasses import replace
from decimal import Decimal

from riskguard.core.policy import Doubts, Limits, Money, Unwind
from riskguard.core.types import Asset, Leg, Mode, VenueId
from riskguard.simulation.world import troubles
from riskguard.simulation.world.faults import Fault, Place
from riskguard.simulation.world.policies import LIMITS, PRIMARY, leg, policy
from riskguard.simulation.world.script import Crash, Press, Resting, Script, Trade, VenueSetup

START_PRICES = {"BTC": Decimal(60_000), "ETH": Decimal(3_000)}
SLOW_READS_S = 12.0
"""Reads come less often than probes, so their paths take longer to be trusted again."""
CALM_S = 42.0
"""From the last fault to the end: enough for a venue to prove itself, to reconcile and to unwind."""


class Draw:
    """A seeded source with the few shapes that scripts need."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a simulation, not a secret

    def chance(self, share: float) -> bool:
        """Say yes that often."""
        return self.random.random() < share

    def seconds(self, low: float, high: float) -> float:
        """Draw a duration in tenths."""
        return round(self.random.uniform(low, high), 1)

    def amount(self, low: float, high: float) -> Decimal:
        """Draw an amount in whole lots."""
        return Decimal(str(round(self.random.uniform(low, high), 3)))


def script_of(seed: int) -> Script:
    """Draw the script of one seed."""
    draw = Draw(seed)
    assets: tuple[Asset, ...] = ("BTC", "ETH") if draw.chance(0.15) else ("BTC",)
    backups: tuple[VenueId, ...] = ("alpha",) if draw.chance(0.35) else ("alpha", "beta")
    plan = troubles.draw(draw, backups)
    reading = [fault.end_s + SLOW_READS_S for fault in plan.faults if Place.TRADES in fault.places]
    calm_s = max([20.0, *reading, *(fault.end_s for fault in plan.faults)])
    held = _held(draw, assets, backups)
    references = ("https://one.test", "https://two.test") if draw.chance(0.5) else ()
    unwind = Unwind(when="auto", after_s=draw.seconds(0.0, 5.0))
    limits = _limits(draw)
    script = Script(
        name=f"seed {seed}",
        policy=policy(
            backups=backups,
            assets=assets,
            mode=plan.mode,
            limits=limits,
            doubts=draw.random.choice((Doubts.LIKELY, Doubts.LIKELY, Doubts.CERTAIN, Doubts.WORST)),
            slices=draw.random.randint(1, 3),
            veto_s=draw.seconds(0.0, 4.0),
            tries=20,
            keep=draw.amount(-0.5, 0.5) if draw.chance(0.15) else Decimal(0),
            unwind=unwind,
            refs=references,
        ),
        venues=tuple(_setup(draw, venue, held) for venue in (PRIMARY, *backups)),
        prices=tuple((asset, _path(draw, START_PRICES[asset], calm_s)) for asset in assets),
        held=held,
        resting=_resting(draw, assets),
        trades=_trades(draw, held, plan.returns_s),
        faults=plan.faults,
        presses=plan.presses,
        crashes=plan.crashes,
        armed=plan.armed,
        references=references,
        lasts_s=round(calm_s + CALM_S + _longer_s(plan), 1),
        noise=draw.random.getrandbits(30),
        calm_end=plan.calm_end,
    )
    # Whoever trades where our hedge lies leaves a question that only a person can answer.
    disturbed = any(trade.leg.venue != PRIMARY for trade in script.trades)
    calm_end = plan.calm_end and not disturbed
    return replace(script, hedged_by_s=_due_s(script, plan), calm_end=calm_end)


def _longer_s(plan: troubles.Plan) -> float:
    """Give what a person's word, or a restart late on the way back, adds to a history."""
    held = 60.0 if any(press.word == "hold" for press in plan.presses) else 0.0
    return held + (12.0 if plan.crashes else 0.0)


def _due_s(script: Script, plan: troubles.Plan) -> float | None:
    """Give when the hedge must stand, where nothing in the script excuses a delay."""
    undisturbed = plan.plain and script.policy.limits is LIMITS and not script.trades
    if not undisturbed or plan.outage is None:
        return None
    due_s = plan.outage.begin_s + 18.0 + script.policy.rules[0].veto_s
    return due_s if due_s < plan.outage.end_s else None


def _limits(draw: Draw) -> Limits:
    if not draw.chance(0.15):
        return LIMITS
    return replace(
        LIMITS,
        per_hedge=Money(Decimal(draw.random.choice((20_000, 60_000, 120_000))), "USDT"),
        day_hedges=draw.random.randint(1, 3),
        day_notional=Money(Decimal(draw.random.choice((30_000, 150_000, 400_000))), "USDT"),
        orders_per_min=draw.random.choice((2, 4, 30)),
    )


def _held(
    draw: Draw, assets: tuple[Asset, ...], backups: tuple[VenueId, ...]
) -> tuple[tuple[Leg, Decimal], ...]:
    held: list[tuple[Leg, Decimal]] = []
    for asset in assets:
        most = 3.0 if asset == "BTC" else 40.0
        amount = draw.amount(0.1, most) * draw.random.choice((1, -1))
        held.append((leg(PRIMARY, asset), amount))
        if draw.chance(0.15):  # a neutral book: nothing to hedge while one leg is dead
            held.append((leg(backups[-1], asset), -amount))
        elif draw.chance(0.2):
            held.append((leg(backups[-1], asset), draw.amount(-0.5, 0.5)))
    return tuple(entry for entry in held if entry[1])


def _setup(draw: Draw, venue: VenueId, held: tuple[tuple[Leg, Decimal], ...]) -> VenueSetup:
    thin = draw.chance(0.25)
    wallet = Decimal(1_000_000)
    if venue == PRIMARY and draw.chance(0.06):  # near liquidation
        notional = sum(abs(x) * START_PRICES[one.symbol[:3]] for one, x in held if one.venue == PRIMARY)
        wallet = (notional * draw.amount(0.02, 0.06)).quantize(Decimal("0.01")) + Decimal(50)
    return VenueSetup(
        venue,
        wallet=wallet,
        level=draw.amount(0.05, 0.4) if thin else draw.amount(1.0, 4.0),
        says_result=draw.chance(0.5),
        names_trades=draw.chance(0.7),
        ids_unique=draw.chance(0.5),
        pushes=draw.chance(0.85),
        tells_account=draw.chance(0.6),
        latency_s=draw.seconds(0.1, 0.6) / 25,
    )


def _path(draw: Draw, price: Decimal, calm_s: float) -> tuple[tuple[float, Decimal], ...]:
    points = [(0.0, price), (draw.seconds(8.0, 14.0), price)]
    while points[-1][0] < calm_s:
        step = Decimal(str(round(draw.random.uniform(-0.02, 0.02), 4)))
        at_s = round(points[-1][0] + draw.seconds(4.0, 15.0), 1)
        points.append((at_s, (points[-1][1] * (1 + step)).quantize(Decimal("0.1"))))
    return tuple(points)


def _resting(draw: Draw, assets: tuple[Asset, ...]) -> tuple[Resting, ...]:
    found = []
    for _ in range(draw.random.randint(0, 3)):
        asset = draw.random.choice(assets)
        side = draw.random.choice((1, -1))
        away = Decimal(str(round(draw.random.uniform(0.002, 0.03), 4)))
        price = (START_PRICES[asset] * (1 - side * away)).quantize(Decimal("0.1"))
        amount = draw.amount(0.01, 0.6) * (1 if asset == "BTC" else 10) * side
        found.append(Resting(leg(PRIMARY, asset), amount, price))
    return tuple(found)


def _trades(draw: Draw, held: tuple[tuple[Leg, Decimal], ...], returns_s: float) -> tuple[Trade, ...]:
    where, amount = held[0]
    found = []
    if draw.chance(0.15):  # the trader's own bot flattens as soon as it can
        found.append(Trade(round(returns_s + draw.seconds(0.5, 30.0), 1), where, -amount))
    elif draw.chance(0.08):
        at_s, half = draw.seconds(16.0, 45.0), (-amount / 2).quantize(Decimal("0.001"))
        found.append(Trade(at_s, where, half))
    if draw.chance(0.06):
        found.append(Trade(draw.seconds(14.0, 50.0), leg("alpha", "BTC"), draw.amount(-0.3, 0.3)))
    return tuple(trade for trade in found if trade.amount)


def crash(draw: Draw) -> Crash:
    """Draw one crash."""
    back_s = draw.seconds(0.3, 8.0)
    if draw.chance(0.3):
        return Crash("at", draw.random.randint(50, 650), back_s)
    when = draw.random.choice(("commit", "durable", "sent", "arrived", "filled", "answered"))
    return Crash(when, draw.random.randint(1, 7), back_s)


__all__ = ["Draw", "Fault", "Mode", "Press", "crash", "script_of"]
