"""One seed, one script: draws who holds what, how prices move, what fails, and what a person does."""

from dataclasses import replace
from decimal import Decimal, localcontext

from riskguard.core.policy import Canary, DeadMan, Doubts, Limits, Money, Rung, Unwind
from riskguard.core.types import ARITHMETIC, Asset, Leg, VenueId
from riskguard.simulation.world import troubles
from riskguard.simulation.world.draw import Draw
from riskguard.simulation.world.faults import Place
from riskguard.simulation.world.policies import LIMITS, PRIMARY, coin_margined, leg, policy, spot
from riskguard.simulation.world.script import CONTRACTS, Forced, Resting, Script, Trade, VenueSetup, disturbed

START_PRICES = {"BTC": Decimal(60_000), "ETH": Decimal(3_000)}
WALLET = Decimal(1_000_000)
TREND_POINTS = 5
SLOW_READS_S = 12.0
"""Reads come less often than probes, so their paths take longer to be trusted again."""
CALM_S = 42.0
"""From the last fault to the end: enough for a venue to prove itself, to reconcile and to unwind."""
HOLD_S = 60.0
UNEXPLAINED_S = 40.0
"""A position that no fills explain is believed only after a long look at it."""
PLACES_S = 45.0
"""A path that failed now and then is trusted again only after many good answers, one probe a second."""
THIN_LEVEL = Decimal("0.2")
DEEP_LEVEL = Decimal(3)
"""A book of levels of so many coins fills most orders in parts, or whole."""
FILLS_FIRST_ONE_IN = 2
"""How many of the venues have a channel for executions that is ahead of the one for orders."""
CANARIES = (
    *(Canary(every_s=1.0),) * 4,
    Canary(Rung.TEST_ORDER, every_s=1.0),
    Canary(Rung.PLACE_CANCEL, every_s=2.0, distance=Decimal("0.1"), size=Decimal("0.001")),
)

PER_COIN = START_PRICES["BTC"] / CONTRACTS["BTC"]
"""Inverse contracts that are worth one coin when a history begins."""
SAFE_MARGIN = Decimal("0.3")
"""Coins, a tenth of the largest position: no history's price goes that far against it."""
LOT = Decimal("0.001")

Held = tuple[tuple[Leg, Decimal], ...]
"""Amounts as the venue counts them: base units, contracts of an inverse leg."""
Margin = tuple[tuple[Asset, Decimal], ...]
"""Coins at the primary that margin its inverse contracts."""


def script_of(seed: int) -> Script:
    """Draw the script of one seed."""
    with localcontext(ARITHMETIC):  # the same after anything else in this process
        return _drawn(seed)


def _drawn(seed: int) -> Script:
    draw = Draw(seed)
    assets: tuple[Asset, ...] = ("BTC", "ETH") if draw.has("two assets") else ("BTC",)
    backups: tuple[VenueId, ...] = ("alpha",) if draw.has("one backup") else ("alpha", "beta")
    plan = troubles.draw(draw, backups)
    reading = [fault.end_s + SLOW_READS_S for fault in plan.faults if Place.TRADES in fault.places]
    said = [press.at_s for press in plan.presses]
    calm_s = max([20.0, *reading, *said, *(fault.end_s for fault in plan.faults)])
    held, margin = _held(draw, assets, backups)
    limits = _limits(draw)
    canary = draw.one_of(CANARIES)
    longer_s = _longer_s(plan, probes_place=canary.rung is not Rung.CANCEL_UNKNOWN)
    script = Script(
        name=f"seed {seed}",
        policy=policy(
            backups=backups,
            assets=assets,
            mode=plan.mode,
            limits=limits,
            doubts=draw.one_of((Doubts.LIKELY, Doubts.LIKELY, Doubts.CERTAIN, Doubts.WORST)),
            slices=draw.random.randint(1, 3),
            veto_s=draw.seconds(0.0, 4.0),
            tries=20,
            keep=draw.amount(-0.5, 0.5) if draw.has("keep") else Decimal(0),
            unwind=Unwind(when="auto", after_s=draw.seconds(0.0, 5.0)),
            refs=("https://one.test", "https://two.test") if draw.has("references") else (),
            canary=canary,
            spot_leg=any(where.symbol == spot(PRIMARY, "BTC").symbol for where, _ in held),
            guarded=("alpha",) if len(backups) > 1 and draw.has("two guarded venues") else (),
            cancels=draw.has("cancels"),
            inverse=tuple(asset for asset, _ in margin),
            dead_men=_dead_men(draw, (PRIMARY, *backups)),
        ),
        venues=tuple(_setup(draw, venue, held, margin, plan) for venue in (PRIMARY, *backups)),
        prices=tuple(
            (asset, _path(draw, START_PRICES[asset], calm_s, _against(plan, held))) for asset in assets
        ),
        held=held,
        resting=_resting(draw, assets, margin),
        trades=_trades(draw, held, margin, plan.returns_s),
        forced=_forced(draw, held, plan),
        faults=plan.faults,
        presses=plan.presses,
        crashes=plan.crashes,
        armed=plan.armed,
        lasts_s=round(calm_s + CALM_S + longer_s + UNEXPLAINED_S, 1),
        noise=draw.random.getrandbits(30),
    )
    return _judged(draw, script, plan)


def _judged(draw: Draw, script: Script, plan: troubles.Plan) -> Script:
    """Add what the checks may demand of a script."""
    by_request = draw.has("unwind on request") and not plan.presses and not disturbed(script)
    if by_request:
        asked = Unwind(when="ask", after_s=1.0)
        script = replace(script, policy=replace(script.policy, unwind=asked), unwinds=True)
    venues = tuple(
        replace(setup, fills_first=not (script.noise >> number) % FILLS_FIRST_ONE_IN)
        if setup.id != plan.late_at
        # Where orders are taken up late, what is told first decides which row of the table is taken.
        else replace(
            setup,
            fills_first=True,
            names_trades=True,
            pushes=True,
            level=min(setup.level, THIN_LEVEL) if script.noise % 3 else max(setup.level, DEEP_LEVEL),
        )
        for number, setup in enumerate(script.venues)
    )
    script = replace(script, venues=venues)
    if plan.late_at:  # an order that is taken up late still fills then only where the price stayed
        script = replace(script, prices=tuple((asset, _calmed(points)) for asset, points in script.prices))
    calm_end = plan.calm_end and not disturbed(script) and not _gone_unlisted(script)
    return replace(script, hedged_by_s=_due_s(script, plan), calm_end=calm_end)


def _gone_unlisted(script: Script) -> bool:
    """Tell whether an inverse leg may be closed by force: only an `adopt` settles what is not listed."""
    margin = [coins for setup in script.venues for _, coins in setup.margin]
    return any(coins < SAFE_MARGIN for coins in margin) or (bool(margin) and bool(script.forced))


def _calmed(points: tuple[tuple[float, Decimal], ...]) -> tuple[tuple[float, Decimal], ...]:
    """Let a price move a tenth as far."""
    first = points[0][1]
    return tuple((at_s, (first + (price - first) / 10).quantize(Decimal("0.1"))) for at_s, price in points)


def _longer_s(plan: troubles.Plan, *, probes_place: bool) -> float:
    """Give what a person's words, or a restart late on the way back, add to a history."""
    holds = sum(press.word == "hold" for press in plan.presses)
    return holds * HOLD_S + (12.0 if plan.crashes else 0.0) + (PLACES_S if probes_place else 0.0)


def _due_s(script: Script, plan: troubles.Plan) -> float | None:
    """Give when the hedge must stand, where nothing in the script excuses a delay."""
    undisturbed = plan.plain and script.policy.limits is LIMITS and not script.trades and not script.forced
    rich = all(setup.wallet >= WALLET for setup in script.venues)  # no leg may have been liquidated
    rich = rich and all(coins >= SAFE_MARGIN for setup in script.venues for _, coins in setup.margin)
    if not (undisturbed and rich) or plan.outage is None:
        return None
    due_s = plan.outage.begin_s + 18.0 + script.policy.rules[0].veto_s
    return due_s if due_s < plan.outage.end_s else None


def _limits(draw: Draw) -> Limits:
    if not draw.has("tight limits"):
        return LIMITS
    return replace(
        LIMITS,
        per_hedge=Money(Decimal(draw.one_of((20_000, 60_000, 120_000))), "USDT"),
        day_hedges=draw.random.randint(1, 3),
        day_notional=Money(Decimal(draw.one_of((30_000, 150_000, 400_000))), "USDT"),
        orders_per_min=draw.one_of((2, 4, 30)),
    )


def _held(draw: Draw, assets: tuple[Asset, ...], backups: tuple[VenueId, ...]) -> tuple[Held, Margin]:
    held: list[tuple[Leg, Decimal]] = []
    margin: Margin = ()
    for asset in assets:
        amount = draw.amount(0.1, 3.0 if asset == "BTC" else 40.0) * draw.one_of((1, -1))
        if asset == "BTC" and draw.has("an inverse leg"):
            coins = _coins(draw, abs(amount))
            margin, contracts = ((asset, coins),), (amount * PER_COIN).to_integral_value()
            held.append((coin_margined(PRIMARY, asset), contracts))
            amount = (coins + contracts / PER_COIN).quantize(LOT)
        else:
            held.append((leg(PRIMARY, asset), amount))
        if draw.has("neutral book"):  # nothing to hedge while one leg is dead
            held.append((leg(backups[-1], asset), -amount))
        elif draw.has("a leg at the backup"):
            held.append((leg(backups[-1], asset), draw.amount(-0.5, 0.5)))
    if draw.has("a spot leg") and not margin:  # the same coins cannot count twice
        held.append((spot(PRIMARY, "BTC"), draw.amount(0.1, 1.5)))
    return tuple(entry for entry in held if entry[1]), margin


def _coins(draw: Draw, amount: Decimal) -> Decimal:
    """Draw what margins so much of inverse contracts: little, a part of it, or all of it."""
    if draw.has("an inverse leg near liquidation"):
        return (amount * draw.amount(0.02, 0.06)).quantize(Decimal("0.0001"))
    return max(SAFE_MARGIN, draw.one_of((amount, (amount * draw.amount(0.2, 1.5)).quantize(LOT))))


def _dead_men(draw: Draw, venues: tuple[VenueId, ...]) -> dict[VenueId, DeadMan]:
    if not draw.has("dead-man's switches"):
        return {}
    armed = venues if draw.chance(0.3) else (draw.one_of((PRIMARY, *venues)),)
    return {venue: DeadMan(draw.one_of((8.0, 20.0, 60.0)), "cancels_my_stops") for venue in armed}


def _setup(draw: Draw, venue: VenueId, held: Held, margin: Margin, plan: troubles.Plan) -> VenueSetup:
    thin = draw.has("thin books") or (venue == plan.late_at and draw.chance(0.7))
    wallet = WALLET
    margin = margin if venue == PRIMARY else ()
    if venue == PRIMARY and not margin and (plan.unseen or draw.has("near liquidation")):
        notional = sum(abs(x) * START_PRICES[one.symbol[:3]] for one, x in held if one.venue == PRIMARY)
        wallet = (notional * draw.amount(0.02, 0.03 if plan.unseen else 0.06)).quantize(
            Decimal("0.01")
        ) + Decimal(50)
    return VenueSetup(
        venue,
        wallet=wallet,
        coins=tuple((one.symbol[:3], x) for one, x in held if one.venue == venue and ":" not in one.symbol),
        margin=margin,
        level=draw.amount(0.05, 0.4) if thin else draw.amount(1.0, 4.0),
        says_result=draw.chance(0.5),
        names_trades=draw.chance(0.7),
        ids_unique=draw.chance(0.5),
        pushes=draw.chance(0.85),
        # A venue's account answer lists contracts without the coin that margins them, so it is not read then.
        tells_account=draw.chance(0.6) and not margin,
        acks_late=draw.chance(0.6 if venue == plan.late_at else 0.5),
        latency_s=draw.seconds(0.1, 0.6) / 25,
    )


def _against(plan: troubles.Plan, held: Held) -> int:
    """Give the direction that ruins the primary's position, where it is to be liquidated unseen."""
    if not plan.unseen:
        return 0
    return -1 if held[0][1] > 0 else 1


def _path(draw: Draw, price: Decimal, calm_s: float, trend: int) -> tuple[tuple[float, Decimal], ...]:
    points = [(0.0, price), (draw.seconds(6.0, 11.0), price)]
    while points[-1][0] < calm_s:
        low, high = (0.0, 0.03) if trend and len(points) < TREND_POINTS else (-0.02, 0.02)
        step = Decimal(str(round(draw.random.uniform(low, high), 4))) * (trend or 1)
        at_s = round(points[-1][0] + draw.seconds(4.0, 15.0), 1)
        points.append((at_s, (points[-1][1] * (1 + step)).quantize(Decimal("0.1"))))
    return tuple(points)


def _resting(draw: Draw, assets: tuple[Asset, ...], margin: Margin) -> tuple[Resting, ...]:
    found = []
    for _ in range(draw.random.randint(0, 3)):
        asset = draw.one_of(assets)
        side = draw.one_of((1, -1))
        away = Decimal(str(round(draw.random.uniform(0.002, 0.03), 4)))
        price = (START_PRICES[asset] * (1 - side * away)).quantize(Decimal("0.1"))
        amount = draw.amount(0.01, 0.6) * (1 if asset == "BTC" else 10) * side
        if asset in dict(margin) and draw.has("orders on an inverse leg"):
            contracts = (amount * PER_COIN).to_integral_value() or Decimal(side)
            found.append(Resting(coin_margined(PRIMARY, asset), contracts, price))
        else:
            found.append(Resting(leg(PRIMARY, asset), amount, price))
    return tuple(found)


def _trades(draw: Draw, held: Held, margin: Margin, returns_s: float) -> tuple[Trade, ...]:
    where, amount = held[0]
    found = []
    if margin and not draw.has("orders on an inverse leg"):
        pass
    elif draw.has("the bot flattens"):  # as soon as it can, or somewhat later
        found.append(Trade(round(returns_s + draw.seconds(0.5, 30.0), 1), where, -amount))
    elif draw.has("the bot trades"):
        lot = LOT if where == leg(where.venue, where.symbol[:3]) else Decimal(1)
        at_s, half = draw.seconds(13.0, 40.0), (-amount / 2).quantize(lot)
        found.append(Trade(at_s, where, half))
    if draw.has("somebody on a hedge leg"):
        found.append(Trade(draw.seconds(12.0, 45.0), leg("alpha", "BTC"), draw.amount(-0.3, 0.3)))
    return tuple(trade for trade in found if trade.amount)


def _forced(draw: Draw, held: Held, plan: troubles.Plan) -> tuple[Forced, ...]:
    """Let the venue close a part of a position by itself, most often where nobody can see it."""
    if not draw.has("auto-deleveraged"):
        return ()
    where = leg("alpha", "BTC") if draw.chance(0.15) else held[0][0]
    at_s = draw.seconds(11.0, plan.returns_s + 5.0)
    return (Forced(at_s, where, draw.one_of((Decimal("0.25"), Decimal("0.5"), Decimal(1)))),)
