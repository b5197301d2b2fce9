"""The `VenueGateway` port over a simulated venue: one object per life of the guard's process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, assert_never

from riskguard.core.detect import OutcomeClass
from riskguard.core.messages import (
    BalanceRead,
    CancelAnswered,
    CancelOrder,
    DeadManAnswered,
    FillSeen,
    HistoryRead,
    LookupAnswered,
    LookUpOrder,
    LookupRung,
    Observation,
    OpenOrdersRead,
    OrderAnswered,
    PlaceOrder,
    PositionsRead,
    ProbeVenue,
    ReadFailed,
    ReadKind,
    ReadVenue,
    SetDeadMan,
    Source,
)
from riskguard.core.orders.outcome import Accepted
from riskguard.core.policy import Rung
from riskguard.core.types import Leg
from riskguard.ports import Answer
from riskguard.simulation import engine
from riskguard.simulation.world.contracts import Contracts
from riskguard.simulation.world.exchange import ACCOUNT, Exchange, Reply
from riskguard.simulation.world.faults import Fault, Kind, Place
from riskguard.simulation.world.streams import Stream, books_of
from riskguard.simulation.world.translate import OUTCOMES, outcome_of, spot_report
from riskguard.simulation.world.truth import Switched, Truth

HALTS = (engine.Refusal.HALTED, engine.Refusal.CANCEL_ONLY, engine.Refusal.POST_ONLY_MODE)
PLACES = {
    ReadKind.POSITIONS: Place.POSITIONS,
    ReadKind.OPEN_ORDERS: Place.ORDERS,
    ReadKind.BALANCE: Place.BALANCE,
    ReadKind.BOOK: Place.BOOK,
    ReadKind.MARKETS: Place.BOOK,
    ReadKind.TRADES: Place.TRADES,
    ReadKind.HISTORY: Place.LOOKUP,
}


class SimulatedGateway:
    """Sends what the guard asks for, as long as its process lives; a dead process' calls never return."""

    def __init__(self, exchange: Exchange, truth: Truth, alive: Callable[[], bool]) -> None:
        self.venue = exchange.id
        self._exchange = exchange
        self._truth = truth
        self._alive = alive
        self._stream: Stream | None = None
        self._contracts = Contracts(exchange.id, exchange.engine)
        self._switching = asyncio.Lock()

    async def place(self, command: PlaceOrder) -> Answer:
        """Send an order."""
        await self._living()
        intent, exchange = command.intent, self._exchange
        request, unit = self._contracts.request(intent)
        sent = self._truth.sent(intent, command.expires_s, unit)

        def act(at_ms: int, _fault: Fault | None) -> Any:
            self._truth.taken_up(sent)
            result = exchange.engine.place(ACCOUNT, request, at_ms)
            self._truth.arrived(sent, result)
            return result

        place = Place.REDUCE if intent.reduce_only else Place.PLACE
        reply = await exchange.ask(
            place,
            act,
            command.deadline_s,
            expires_s=command.expires_s,
            dropped=lambda: self._truth.dropped(sent),
            struck=lambda fault: sent.struck_by(fault.kind if fault is not None else None),
            late=lambda reply: self._acknowledge(intent.client_id, reply),
        )
        await self._living()
        evidence, outcome = outcome_of(reply)
        report = None
        if isinstance(reply.value, engine.Placed) and (
            exchange.setup.says_result or reply.value.order.status.is_open
        ):
            report = self._contracts.order(reply.value.order)
        self._truth.answered(sent, outcome)
        answered = OrderAnswered(intent.client_id, outcome, report)
        return Answer(evidence.value, (answered,), reply.kind, reduce_exempt=reply.kind == "exempt")

    def _acknowledge(self, client_id: str, reply: Reply) -> None:
        """Let an acceptance that missed our deadline arrive all the same, where the venue does so."""
        wanted = self._exchange.setup.acks_late and self._stream is not None and self._alive()
        if wanted and self._stream is not None and isinstance(reply.value, engine.Placed):
            self._stream.push(OrderAnswered(client_id, Accepted(reply.value.order.order_id)))

    async def cancel(self, command: CancelOrder) -> Answer:
        """Ask to pull an order."""
        await self._living()

        def act(at_ms: int, _fault: Fault | None) -> Any:
            result = self._exchange.engine.cancel(
                ACCOUNT,
                at_ms,
                order_id=command.order_id,
                client_id=command.client_id,
                symbol=command.leg.symbol,
            )
            self._truth.cancelled(result)
            return result

        reply = await self._exchange.ask(Place.CANCEL, act, command.deadline_s)
        await self._living()
        if reply.kind == "ok":
            self._truth.pulled.pop(command.order_id, None)
        evidence, outcome = outcome_of(reply)
        answered = CancelAnswered(command.call, command.leg, command.order_id, command.client_id, outcome)
        return Answer(evidence.value, (answered,), reply.kind)

    async def probe(self, command: ProbeVenue) -> Answer:
        """Cancel what never was, or have an order only validated."""
        await self._living()
        symbol = command.leg.symbol

        def act(at_ms: int, _fault: Fault | None) -> Any:
            if command.rung is Rung.CANCEL_UNKNOWN:
                return self._exchange.engine.cancel(
                    ACCOUNT, at_ms, client_id=command.client_id, symbol=symbol
                )
            size = self._contracts.size(symbol, command.amount)
            request = engine.OrderRequest(symbol, engine.Side.BUY, size, command.price)
            return self._exchange.engine.check(ACCOUNT, request, at_ms)

        place = Place.CANCEL if command.rung is Rung.CANCEL_UNKNOWN else Place.PLACE
        reply = await self._exchange.ask(place, act, command.deadline_s)
        await self._living()
        halted = isinstance(reply.value, engine.Refused) and reply.value.code in HALTS
        evidence = OutcomeClass.SYMBOL_HALT if halted else OutcomeClass.OK
        return Answer((evidence if reply.kind == "ok" else OUTCOMES[reply.kind][0]).value, (), reply.kind)

    async def look_up(self, command: LookUpOrder) -> Answer:
        """Climb one rung of the doubt ladder."""
        await self._living()
        asked_s = asyncio.get_running_loop().time()

        def act(at_ms: int, fault: Fault | None) -> Any:
            self._exchange.engine.advance(at_ms)
            if fault is not None and fault.kind is Kind.EMPTY:
                return (), ()
            return self._found(command, _as_of(at_ms, fault))

        reply = await self._exchange.ask(Place.LOOKUP, act, command.deadline_s)
        await self._living()
        if reply.kind != "ok":
            evidence, outcome = OUTCOMES[reply.kind]
            answered = LookupAnswered(command.client_id, command.rung, outcome, asked_s)
            return Answer(evidence.value, (answered,), reply.kind)
        reports, fills = reply.value
        if fills is None:
            answered = LookupAnswered(command.client_id, command.rung, OUTCOMES["nothing"][1], asked_s)
            return Answer(OutcomeClass.OK.value, (answered,), "trades here do not name our order")
        answered = LookupAnswered(command.client_id, command.rung, Accepted(), asked_s, reports, fills)
        return Answer(OutcomeClass.OK.value, (answered,))

    def _found(self, command: LookUpOrder, as_of_ms: int | None) -> Any:
        engine_, symbol = self._exchange.engine, command.leg.symbol
        match command.rung:
            case LookupRung.CLIENT_ID:
                found = engine_.order_by_client_id(ACCOUNT, command.client_id, as_of_ms)
                rows = [found] if found else []
            case LookupRung.OPEN:
                rows = engine_.open_orders(ACCOUNT, symbol, as_of_ms)
            case LookupRung.HISTORY:
                rows = [o for o in engine_.orders(ACCOUNT, symbol, as_of_ms) if not o.status.is_open]
            case LookupRung.TRADES:
                return self._found_fills(command, as_of_ms)
            case _:
                assert_never(command.rung)
        ours = [order for order in rows if order.client_id == command.client_id]
        return tuple(self._contracts.order(order) for order in ours), ()

    def _found_fills(self, command: LookUpOrder, as_of_ms: int | None) -> Any:
        named = self._exchange.setup.names_trades
        fills = self._exchange.engine.fills_since(ACCOUNT, command.since_ms, command.leg.symbol, as_of_ms)
        ours = [
            fill
            for fill in fills
            if (named and fill.client_id == command.client_id)
            or (command.order_id and fill.order_id == command.order_id)
        ]
        if not ours and not named and fills and not command.order_id:
            return (), None
        return (), tuple(self._contracts.fill(fill, named=named) for fill in ours)

    async def read(self, command: ReadVenue) -> Answer:
        """Read one thing."""
        await self._living()
        if command.what not in PLACES:
            return Answer(
                OutcomeClass.RATE_LIMITED.value, (ReadFailed(self.venue, command.what, "not offered"),)
            )
        asked_s = asyncio.get_running_loop().time()
        reply = await self._exchange.ask(
            PLACES[command.what],
            lambda at_ms, fault: self._read(command, at_ms, fault, asked_s),
            command.deadline_s,
        )
        await self._living()
        if reply.kind != "ok":
            evidence, _ = OUTCOMES[reply.kind]
            return Answer(evidence.value, (ReadFailed(self.venue, command.what, reply.kind),), reply.kind)
        if command.what is ReadKind.BOOK and command.leg is not None:
            self._truth.book_told(command.leg, asked_s)
        positions = any(isinstance(seen, PositionsRead) for seen in reply.value)
        self._truth.read_told(self.venue, "positions" if positions else command.what.value, asked_s)
        return Answer(OutcomeClass.OK.value, reply.value)

    def _read(
        self, command: ReadVenue, at_ms: int, fault: Fault | None, asked_s: float
    ) -> tuple[Observation, ...]:
        venue, engine_ = self.venue, self._exchange.engine
        engine_.advance(at_ms)
        as_of = _as_of(at_ms, fault)
        empty = fault is not None and fault.kind is Kind.EMPTY
        match command.what:
            case ReadKind.MARKETS:
                return (self._contracts.markets(),)
            case ReadKind.BOOK:
                return self._book(command.leg, fault)
            case ReadKind.POSITIONS:
                return (self._positions(Source.POSITIONS, asked_s, as_of, empty=empty),)
            case ReadKind.OPEN_ORDERS:
                orders = [] if empty else engine_.open_orders(ACCOUNT, "", as_of)
                return (OpenOrdersRead(venue, tuple(map(self._contracts.order, orders)), asked_s),)
            case ReadKind.BALANCE:
                return self._balance(asked_s, as_of, empty=empty)
            case ReadKind.TRADES:
                symbol = command.leg.symbol if command.leg else ""
                fills = [] if empty else engine_.fills_since(ACCOUNT, command.since_ms, symbol, as_of)
                named = self._exchange.setup.names_trades
                return tuple(FillSeen(self._contracts.fill(f, named=named), Source.TRADES) for f in fills)
            case ReadKind.HISTORY:
                symbol = command.leg.symbol if command.leg else ""
                orders = [] if empty else engine_.orders(ACCOUNT, symbol, as_of)
                ours = tuple(self._contracts.order(o) for o in orders if o.client_id.startswith("rg"))
                return (HistoryRead(Leg(venue, symbol), ours, asked_s),)
            case ReadKind.STATUS | ReadKind.WITHDRAWALS | ReadKind.FUNDING:
                return ()
            case _:
                assert_never(command.what)

    def _balance(self, asked_s: float, as_of: int | None, *, empty: bool) -> tuple[Observation, ...]:
        balance = self._exchange.engine.balance(ACCOUNT, "USDT")
        self._contracts.wallets_read()
        equity, free = self._contracts.coins_worth()
        told = BalanceRead(self.venue, balance.equity + equity, balance.free + free, asked_s)
        if not self._exchange.setup.tells_account:
            return (told,)
        return (told, self._positions(Source.ACCOUNT, asked_s, as_of, empty=empty))

    def _positions(self, source: Source, asked_s: float, as_of: int | None, *, empty: bool) -> Observation:
        engine_ = self._exchange.engine
        rows = [] if empty else engine_.positions(ACCOUNT, as_of)
        self._contracts.wallets_read()
        reports = self._contracts.positions(rows, complete=True)
        if source is Source.POSITIONS and not empty:
            coins = [item for item in engine_.instruments.values() if item.kind is engine.InstrumentKind.SPOT]
            reports += [spot_report(self.venue, item, engine_.balance(ACCOUNT, item.base)) for item in coins]
        return PositionsRead(self.venue, tuple(reports), source, asked_s)

    def _book(self, leg: Leg | None, fault: Fault | None) -> tuple[Observation, ...]:
        if leg is None:
            raise ValueError("a book needs a leg")
        apart = fault is not None and fault.kind is Kind.APART
        return books_of(self._exchange, self._contracts, leg, stream=False, apart=apart)

    async def dead_man(self, command: SetDeadMan) -> Answer:
        """Set or take off the account's switch; one wish after the other, as the real border sends them."""
        await self._living()
        countdown_ms = round(command.after_s * 1000)

        def act(at_ms: int, _fault: Fault | None) -> Any:
            self._exchange.engine.arm_dead_man(ACCOUNT, countdown_ms, at_ms)

        async with self._switching:
            self._truth.switched(Switched(self.venue, command.after_s))
            reply = await self._exchange.ask(Place.CANCEL, act, command.deadline_s)
        await self._living()
        outcome = Accepted() if reply.kind == "ok" else OUTCOMES[reply.kind][1]
        answered = DeadManAnswered(command.call, self.venue, command.after_s, outcome, cause=reply.kind)
        return Answer(OutcomeClass.RATE_LIMITED.value, (answered,), reply.kind)

    def streams(self) -> AsyncIterator[Observation]:
        """Yield what the venue pushes."""
        self._stream = Stream(self._exchange, self._truth, self._contracts)
        return self._stream.run()

    async def close(self) -> None:
        """Nothing to release."""

    async def _living(self) -> None:
        if not self._alive():
            await asyncio.get_running_loop().create_future()


def _as_of(at_ms: int, fault: Fault | None) -> int | None:
    stale = fault is not None and fault.kind is Kind.STALE
    return at_ms - round(fault.amount * 1000) if stale and fault is not None else None
