"""How one venue differs from another in what its engine accepts."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class PostOnlyCross(StrEnum):
    """What happens to a post-only order that would take liquidity."""

    REFUSE = "refuse"
    """It never becomes an order (Binance -5022)."""
    EXPIRE = "expire"
    """It is acknowledged and taken off at once (Bybit, OKX)."""


@dataclass(frozen=True, slots=True)
class VenueRules:
    """The engine's settings for one venue."""

    client_ids_unique_forever: bool = False
    """False: unique among open orders only (Binance USDⓈ-M); True: never again (Bybit `orderLinkId`)."""
    post_only_cross: PostOnlyCross = PostOnlyCross.REFUSE
    reduce_only_skips_min_notional: bool = True
    price_band: Decimal = Decimal("0.2")
    """Limit prices further than this share from the mid are refused."""
    market_reach: Decimal = Decimal("0.05")
    """A market order takes nothing further than this share from the mid; the rest expires."""
    default_leverage: Decimal = Decimal(10)
    first_order_id: int = 8_000_000_001
    kept_orders: int = 20_000
    """Finished orders kept for look-ups; older ones are forgotten."""
    kept_fills: int = 50_000
