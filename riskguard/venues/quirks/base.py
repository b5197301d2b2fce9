"""What differs between venues, in one class with ccxt's common behaviour; families override a little."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from riskguard.core.orders.intent import OrderIntent, TimeInForce
from riskguard.core.orders.outcome import Outcome
from riskguard.core.policy import Rung
from riskguard.core.types import ZERO, Symbol
from riskguard.venues.coin_margin import CoinMargin
from riskguard.venues.instruments import SizeUnit, decimal, size_unit
from riskguard.venues.quirks.not_offered import NotOffered
from riskguard.venues.wire import Attempt

__all__ = ["NotOffered", "Quirks", "first_named"]


class Quirks:
    """The common case of a ccxt venue."""

    ioc: ClassVar[str] = "IOC"
    """Spelling that makes a limit order immediate; a wrong one rests silently on some venues."""
    client_id_param: ClassVar[str] = "clientOrderId"
    ack_only: ClassVar[bool] = False
    """The answer to an order says only that it was taken, never what became of it."""
    test_orders: ClassVar[bool] = False
    open_orders_page: ClassVar[int] = 20
    """The most rows of one answer; as many mean that there may be more. Zero: all at once."""

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        self.symbols = tuple(symbols)
        self.hedged = False
        """The account keeps long and short apart, so that each order must name its side."""

    # --- clients

    def config(self) -> dict[str, Any]:
        """Give what ccxt's constructor needs at this venue; the trader's own config goes over it."""
        return {}

    def complete_urls(self, _api: dict[str, Any]) -> dict[str, Any]:
        """Add the addresses that follow from those the trader gave, so that none points elsewhere."""
        return {}

    def forced(self) -> dict[str, Any]:
        """Give what even the trader's config must not change."""
        return {}

    @property
    def has_spot(self) -> bool:
        """Whether any leg here is a spot market."""
        return any(":" not in symbol for symbol in self.symbols)

    @property
    def has_contracts(self) -> bool:
        """Whether any leg here is a contract."""
        return any(":" in symbol for symbol in self.symbols)

    def settles(self) -> tuple[str, ...]:
        """Give the settlement currencies of the contract legs."""
        found = {symbol.split(":", 1)[1].split("-", 1)[0] for symbol in self.symbols if ":" in symbol}
        return tuple(sorted(found))

    shared_options: ClassVar[tuple[str, ...]] = ()
    """Options of ccxt that hold facts about the account, learnt once for all clients."""
    strict_nonce: ClassVar[bool] = False
    """The venue demands rising nonces per key, so two clients on one key need one source of them."""

    async def warm(self, client: Any) -> None:
        """Learn those facts, so that the first order needs no question on its way."""
        contracts = [symbol for symbol in self.symbols if ":" in symbol]
        if contracts and client.has.get("fetchPositionMode"):
            mode = await client.fetch_position_mode(contracts[0])
            self.hedged = mode.get("hedged") is True

    def dress(self, _client: Any) -> None:
        """Change a client object beyond what its config can."""

    # --- identity

    def wire_id(self, core: str) -> str | int:
        """Spell our id in this venue's charset."""
        return core

    def core_id(self, wire: Any) -> str:
        """Give our id back, or a stranger's unchanged."""
        return str(wire)

    def raw_client_ids(self, _info: Mapping[str, Any]) -> tuple[Any, ...]:
        """Name fields of a venue's own rows that hold a client id which ccxt does not pass on."""
        return ()

    # --- orders

    def carries(self, attempt: Attempt) -> bool:
        """Tell whether this request is the order or cancel itself, not something ccxt asked on the way."""
        return attempt.method != "GET"

    def place_params(self, intent: OrderIntent, expires_s: float) -> dict[str, Any]:
        """Give ccxt's params for an order; nothing in it may be dropped silently."""
        params: dict[str, Any] = {self.client_id_param: self.wire_id(intent.client_id)}
        if intent.tif is TimeInForce.IOC:
            params["timeInForce"] = self.ioc
        else:
            params["postOnly"] = True
        if intent.reduce_only and ":" in intent.leg.symbol:  # what is sold on spot was held
            params["reduceOnly"] = True
        if self.hedged and ":" in intent.leg.symbol:
            params["hedged"] = True
        return params | self.expiry_params(expires_s)

    def expiry_params(self, _expires_s: float) -> dict[str, Any]:
        """Ask the venue to drop the request when it is older than this."""
        return {}

    def expiry_params_at(self, _client: Any, _expires_s: float) -> dict[str, Any]:
        """Ask the same with a moment on the venue's clock."""
        return {}

    def expiry_headers(self, _client: Any, _expires_s: float) -> dict[str, str]:
        """Give the same as headers, where a venue reads it there."""
        return {}

    def prepare(self, _client: Any, _expires_s: float) -> None:
        """Set what ccxt takes only from the client object."""

    async def cancel(self, client: Any, symbol: Symbol, order_id: str, core_id: str) -> Any:
        """Send one cancel request, by the venue's id where it is known."""
        if order_id:
            return await client.cancel_order(order_id, symbol)
        return await client.cancel_order(None, symbol, {self.client_id_param: self.wire_id(core_id)})

    async def cancel_unknown(self, client: Any, symbol: Symbol, core_id: str) -> Any:
        """Cancel an order that never was; a venue that looks must refuse."""
        return await self.cancel(client, symbol, "", core_id)

    async def validate_order(
        self, _client: Any, _symbol: Symbol, _size: float, _price: float, _core_id: str
    ) -> Any:
        """Have an order validated only."""
        raise NotOffered("no test order at this venue")

    def size_unit(self, market: Mapping[str, Any]) -> SizeUnit:
        """Give what one unit of order size is in a market."""
        return size_unit(market)

    def reduce_exempt(self, _outcome: Outcome) -> bool:
        """Tell whether a refusal, by the venue's own words, spares reduce-only orders."""
        return False

    # --- lookups

    async def find(self, client: Any, symbol: Symbol, core_id: str, order_id: str) -> list[Any]:
        """Ask for one order by our id; an empty list means answered, not there."""
        if order_id:
            return [await client.fetch_order(order_id, symbol)]
        return [await client.fetch_order(None, symbol, {self.client_id_param: self.wire_id(core_id)})]

    async def history(self, client: Any, symbol: Symbol, since_ms: int) -> list[Any]:
        """Give ended orders since a moment."""
        has = client.has
        if has.get("fetchOrders"):
            rows = await client.fetch_orders(symbol, since_ms, self.history_limit)
        elif has.get("fetchCanceledAndClosedOrders"):
            rows = await client.fetch_canceled_and_closed_orders(symbol, since_ms, self.history_limit)
        elif has.get("fetchClosedOrders"):
            rows = await client.fetch_closed_orders(symbol, since_ms, self.history_limit)
        else:
            raise NotOffered("no order history at this venue")
        return list(rows)

    history_limit: ClassVar[int | None] = None

    async def open_orders_of(self, client: Any, symbol: Symbol) -> list[Any]:
        """Give the resting orders of one market."""
        rows = list(await client.fetch_open_orders(symbol))
        if self.open_orders_page and len(rows) >= self.open_orders_page:
            raise NotOffered("more resting orders than one answer holds")
        return rows

    async def trades(self, client: Any, symbol: Symbol, since_ms: int) -> list[Any]:
        """Give our own executions in one market since a moment."""
        return list(await client.fetch_my_trades(symbol, since_ms or None, self.trades_limit))

    trades_limit: ClassVar[int | None] = None

    # --- reads

    async def positions(self, client: Any) -> list[Any]:
        """Give all open contract positions of the account."""
        return list(await client.fetch_positions())

    async def open_orders(self, client: Any) -> list[Any]:
        """Give all resting orders of the account."""
        rows = list(await client.fetch_open_orders())
        if self.open_orders_page and len(rows) >= self.open_orders_page:
            raise NotOffered("more resting orders than one answer holds")
        return rows

    lists_conditionals_apart: ClassVar[bool] = False
    """Conditional orders are not among the open ones, and `conditional_orders` asks for them."""

    async def conditional_orders(self, _client: Any) -> list[Any]:
        """Give the conditional orders of our markets, where they are listed apart."""
        return []

    def order_id(self, order: Mapping[str, Any]) -> str:
        """Give an order's id as `cancel` takes it."""
        return str(order.get("id") or "")

    def pushed_order(self, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Complete an order as the stream brought it; None where it cannot be told which order it is."""
        return row

    def signed_size(self, position: Mapping[str, Any]) -> Decimal | None:
        """Give a position's size with its sign, in the venue's unit of size."""
        size = decimal(position.get("contracts"))
        if size is None:
            return None
        if not size:
            return ZERO
        match position.get("side"):
            case "long":
                return abs(size)
            case "short":
                return -abs(size)
            case _:
                return None

    def unpaid_since(self, position: Mapping[str, Any]) -> Decimal | None:
        """Give the price from which on a position's profit is not in the wallet yet: that of its entry."""
        return decimal(position.get("entryPrice"))

    def equity(self, balance: Mapping[str, Any], quotes: Sequence[str]) -> tuple[Decimal, Decimal] | None:
        """Give equity and free margin in quote units; by default what is held of the quote currencies."""
        total = list(_amounts(balance.get("total"), quotes))
        free = list(_amounts(balance.get("free"), quotes))
        return (sum(total, ZERO), sum(free, ZERO)) if total else None

    coins_in_equity: ClassVar[bool] = False
    """`equity` values coin margin already."""

    async def coins(self, _client: Any, _balance: Mapping[str, Any]) -> Mapping[str, CoinMargin]:
        """Give the coin margin of the account per coin; raises NotOffered where it is not known how."""
        raise NotOffered("coin margin of this venue cannot be read, so its inverse contracts are not guarded")

    def account_positions(self, _balance: Mapping[str, Any]) -> list[tuple[str, Decimal]] | None:
        """Give (market id, signed size) from the balance answer where it lists positions too."""
        return None

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The canaries that can be sent here."""
        test = (Rung.TEST_ORDER,) if self.test_orders else ()
        return (Rung.CANCEL_UNKNOWN, *test, Rung.PLACE_CANCEL)


def first_named(rows: Sequence[Any], fits: Callable[[Any], bool], page: int) -> list[Any]:
    """Pick our order from a list; none in a list as long as a page proves nothing."""
    found = [row for row in rows if fits(row)]
    if not found and len(rows) >= page:
        raise NotOffered("the list is longer than one answer, and our order may be on another page")
    return found[:1]


def _amounts(held: Any, quotes: Sequence[str]) -> Iterator[Decimal]:
    for quote in quotes:
        number = decimal(held.get(quote)) if isinstance(held, dict) else None
        if number is not None:
            yield number
