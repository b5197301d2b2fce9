"""One history as it will be: who holds what, how prices move, what fails when, who presses which key."""

from bisect import bisect_left
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from operator import itemgetter

from riskguard.core.policy import Policy
from riskguard.core.types import Asset, Leg, VenueId
from riskguard.simulation import engine
from riskguard.simulation.world.faults import Fault
from riskguard.simulation.world.policies import PRIMARY, coin_margined

LEVEL_PRICE = Decimal(60_000)
"""The price of BTC at which books are as deep as their venue's `level` says."""
CONTRACTS = {"BTC": Decimal(100), "ETH": Decimal(10)}
"""What one inverse contract is worth, in dollars (OKX, Binance COIN-M)."""


@dataclass(frozen=True, slots=True)
class Resting:
    """An order of the trader that rests when the history begins; `amount` is signed."""

    leg: Leg
    amount: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Press:
    """A person's control, at a moment."""

    at_s: float
    word: str


@dataclass(frozen=True, slots=True)
class Trade:
    """The trader, or his bot, trades at market; the guard has no part in it. `amount` is signed."""

    at_s: float
    leg: Leg
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Forced:
    """The venue closes a share of the position on a leg by itself, as auto-deleveraging does."""

    at_s: float
    leg: Leg
    share: Decimal


@dataclass(frozen=True, slots=True)
class Crash:
    """The guard's process dies at the `nth` occurrence of a moment, and comes back `back_s` later."""

    when: str
    """`at` (then `nth` is in tenths of a second), commit, durable, sent, arrived, filled, answered."""
    nth: int
    back_s: float


@dataclass(frozen=True, slots=True)
class VenueSetup:
    """One simulated venue."""

    id: VenueId
    wallet: Decimal = Decimal(1_000_000)
    coins: tuple[tuple[Asset, Decimal], ...] = ()
    """What the account holds besides, by name: its spot legs."""
    margin: tuple[tuple[Asset, Decimal], ...] = ()
    """Coins that margin inverse contracts there; an asset that is named has such a market."""
    level: Decimal = Decimal(2)
    """What the market maker quotes per price level, in BTC or as much money; a little gives partial fills."""
    says_result: bool = True
    """Whether the answer to an order already holds its fills (else it is only acknowledged)."""
    names_trades: bool = True
    """Whether trades carry our client id."""
    ids_unique: bool = False
    pushes: bool = True
    """Whether there are streams."""
    tells_account: bool = True
    """Whether the balance answer holds positions too: a second channel."""
    acks_late: bool = False
    """Whether an acceptance that missed our deadline still arrives, as over a socket for orders."""
    fills_first: bool = False
    """Whether the stream tells executions before it tells what became of their order."""
    latency_s: float = 0.02


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that makes up one history."""

    name: str
    policy: Policy
    venues: tuple[VenueSetup, ...]
    prices: tuple[tuple[Asset, tuple[tuple[float, Decimal], ...]], ...]
    """Per asset: (seconds, price) points, straight lines between."""
    held: tuple[tuple[Leg, Decimal], ...] = ()
    resting: tuple[Resting, ...] = ()
    trades: tuple[Trade, ...] = ()
    forced: tuple[Forced, ...] = ()
    faults: tuple[Fault, ...] = ()
    presses: tuple[Press, ...] = ()
    crashes: tuple[Crash, ...] = ()
    armed: bool = True
    unwinds: bool = False
    """Whether a person asks for the unwind as soon as the guard waits for that."""
    lasts_s: float = 90.0
    noise: int = 0
    """Seed of latencies and of which errors were executed."""
    hedged_by_s: float | None = None
    """When the hedge must be as wanted; None where the script does not allow to say."""
    calm_end: bool = True
    """Whether everything is well again early enough for the hedge to be off at the end."""


def by_others(script: Script) -> tuple[Trade | Forced, ...]:
    """Give what the trader, his bot and the venues do to positions by themselves."""
    return (*script.trades, *script.forced)


def disturbed(script: Script) -> bool:
    """Tell whether somebody trades where our hedge lies, a question that only a person can answer."""
    return any(trade.leg.venue != PRIMARY for trade in by_others(script))


def last_s(script: Script) -> float:
    """Give the moment after which a script lets nothing more happen by itself."""
    moments = [
        *(fault.end_s for fault in script.faults),
        *(press.at_s for press in script.presses),
        *(trade.at_s for trade in by_others(script)),
        *(crash.nth / 10 for crash in script.crashes if crash.when == "at"),
        script.hedged_by_s or 0.0,
    ]
    return max(moments, default=0.0)


def instruments(script: Script, setup: VenueSetup) -> dict[engine.Instrument, Decimal]:
    """Give the markets of a venue with their first prices: a swap per asset, spot and inverse where held."""
    found = {}
    for asset, points in script.prices:
        found[engine.Instrument(f"{asset}/USDT:USDT", asset, "USDT")] = points[0][1]
        if asset in dict(setup.coins):
            coin = engine.Instrument(f"{asset}/USDT", asset, "USDT", kind=engine.InstrumentKind.SPOT)
            found[coin] = points[0][1]
        if asset in dict(setup.margin):
            contract = engine.Instrument(
                coin_margined(setup.id, asset).symbol,
                asset,
                "USD",
                lot=Decimal(1),
                min_amount=Decimal(1),
                max_amount=Decimal(1_000_000),
                contract_size=CONTRACTS[asset],
                inverse=True,
            )
            found[contract] = points[0][1]
    return found


def level_of(setup: VenueSetup, item: engine.Instrument, price: Decimal) -> Decimal:
    """Give a market's size per price level: as much money as the venue's `level` of BTC, in whole lots."""
    money = setup.level * LEVEL_PRICE
    size = money / (item.contract_size if item.inverse else price)
    return (size / item.lot).to_integral_value(ROUND_CEILING) * item.lot


def on_line(points: tuple[tuple[float, Decimal], ...], at_s: float) -> Decimal:
    """Give the price on straight lines between points."""
    after = bisect_left(points, at_s, key=itemgetter(0))
    if after == len(points):
        return points[-1][1]
    before, point = points[max(after - 1, 0)], points[after]
    span = Decimal(str(point[0] - before[0]))
    share = Decimal(str(at_s - before[0])) / span if span else Decimal(1)
    return before[1] + (point[1] - before[1]) * share
