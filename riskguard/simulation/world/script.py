"""One history as it will be: who holds what, how prices move, what fails when, who presses which key."""

from dataclasses import dataclass
from decimal import Decimal

from riskguard.core.policy import Policy
from riskguard.core.types import Asset, Leg, VenueId
from riskguard.simulation.world.faults import Fault


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
    level: Decimal = Decimal(2)
    """Base units per price level of the market maker; small ones give partial fills."""
    says_result: bool = True
    """Whether the answer to an order already holds its fills (else it is only acknowledged)."""
    names_trades: bool = True
    """Whether trades carry our client id."""
    ids_unique: bool = False
    pushes: bool = True
    """Whether there are streams."""
    tells_account: bool = True
    """Whether the balance answer holds positions too: a second channel."""
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
    faults: tuple[Fault, ...] = ()
    presses: tuple[Press, ...] = ()
    crashes: tuple[Crash, ...] = ()
    armed: bool = True
    references: tuple[str, ...] = ()
    lasts_s: float = 90.0
    noise: int = 0
    """Seed of latencies and of which errors were executed."""
    hedged_by_s: float | None = None
    """When the hedge must be as wanted; None where the script does not allow to say."""
    calm_end: bool = True
    """Whether everything is well again early enough for the hedge to be off at the end."""


def last_s(script: Script) -> float:
    """Give the moment after which a script lets nothing more happen by itself."""
    moments = [
        *(fault.end_s for fault in script.faults),
        *(press.at_s for press in script.presses),
        *(trade.at_s for trade in script.trades),
        *(crash.nth / 10 for crash in script.crashes if crash.when == "at"),
        script.hedged_by_s or 0.0,
    ]
    return max(moments, default=0.0)
