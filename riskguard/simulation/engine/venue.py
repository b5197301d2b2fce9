"""The venue engine: what a gateway in process and a wire face both call; every call names the moment."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from riskguard.simulation.engine.account import Account, Holding
from riskguard.simulation.engine.checks import refusal_of
from riskguard.simulation.engine.clockwork import advance, move_mid
from riskguard.simulation.engine.liquidity import MakerShape, MarketMaker
from riskguard.simulation.engine.matching import drop_reduce_only_leftovers, match_resting, take
from riskguard.simulation.engine.price_path import PricePath
from riskguard.simulation.engine.queries import VenueQueries
from riskguard.simulation.engine.rules import VenueRules
from riskguard.simulation.engine.settlement import close_by_force, liquidate_if_due, new_order_id, retire
from riskguard.simulation.engine.state import VenueState
from riskguard.simulation.engine.trade_log import TradeLog
from riskguard.simulation.engine.words import (
    ZERO,
    CancelCause,
    Cancelled,
    Event,
    Instrument,
    Order,
    OrderKind,
    OrderRequest,
    Placed,
    PositionChanged,
    Refusal,
    Refused,
    TradingMode,
)


class VenueEngine(VenueQueries):
    """One venue: `place`, `cancel` and the queries of `VenueQueries`; `advance` lets its time pass.

    Every method that takes `now_ms` first lets everything happen that is due by then, so the result depends
    on the moments and not on how often somebody looked. A moment before the latest counts as the latest.
    """

    def __init__(
        self,
        name: str,
        instruments: Mapping[Instrument, Decimal],
        *,
        rules: VenueRules | None = None,
        log: TradeLog | None = None,
        shape: MakerShape | None = None,
        seed: int = 0,
        now_ms: int = 0,
    ) -> None:
        """Open a venue with the mid of each instrument."""
        shape = shape or MakerShape()
        super().__init__(
            VenueState(
                name,
                rules or VenueRules(),
                {item.symbol: item for item in instruments},
                {item.symbol: MarketMaker(item, mid, shape, seed) for item, mid in instruments.items()},
                log or TradeLog(),
                now_ms=now_ms,
            )
        )
        for item, mid in instruments.items():
            self._state.write("instrument", symbol=item.symbol, mid=mid, lot=item.lot, tick=item.tick)

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with every event, in the order things happen."""
        self._state.listeners.append(listener)

    def note(self, kind: str, now_ms: int, **fields: object) -> None:
        """Add a row of a face's own to the raw log, in order of time with the engine's."""
        self.advance(now_ms)
        self._state.write(kind, **fields)

    def open_account(
        self, name: str, wallets: Mapping[str, Decimal], leverage: Decimal | None = None
    ) -> None:
        """Open an account with money in it."""
        account = Account(name, dict(wallets))
        if leverage is not None:
            account.leverage = dict.fromkeys(self._state.instruments, leverage)
        self._state.accounts[name] = account

    def set_position(
        self, account: str, symbol: str, amount: Decimal, entry_price: Decimal, now_ms: int
    ) -> None:
        """Put a swap position there that no order made."""
        self.advance(now_ms)
        holder = self._state.accounts[account]
        holder.set_holding(symbol, Holding(amount, entry_price if amount else ZERO, self._state.now_ms))
        self._state.write("start", account=account, symbol=symbol, position=amount, entry_price=entry_price)
        self._state.emit(PositionChanged(self._state.position(holder, symbol), self._state.now_ms))

    def set_leverage(self, account: str, symbol: str, leverage: Decimal) -> None:
        """Change the leverage of one symbol."""
        self._state.accounts[account].leverage[symbol] = leverage

    def set_shape(self, symbol: str, shape: MakerShape, now_ms: int) -> None:
        """Change how the market maker quotes a symbol: thinner, wider, deeper."""
        self.advance(now_ms)
        self._state.makers[symbol].shape = shape

    def advance(self, now_ms: int) -> None:
        """Let everything happen that is due by `now_ms`: price steps, refills, dead-man's switches."""
        advance(self._state, now_ms)

    def set_mid(self, symbol: str, price: Decimal, now_ms: int) -> None:
        """Move the middle (and mark) price at once; ends a price path."""
        self.advance(now_ms)
        self._state.paths.pop(symbol, None)
        move_mid(self._state, symbol, price)

    def set_mark(self, symbol: str, price: Decimal | None, now_ms: int) -> None:
        """Set the mark price apart from the mid (a poisoned index); None joins them again."""
        self.advance(now_ms)
        self._state.marks.pop(symbol, None)
        if price is not None:
            self._state.marks[symbol] = price
        self._state.write("mark", symbol=symbol, mid=self.mid(symbol), mark=self.mark(symbol))
        for account in list(self._state.accounts.values()):
            liquidate_if_due(self._state, account)

    def force_close(self, account: str, symbol: str, share: Decimal, now_ms: int) -> None:
        """Close a share of a position at the mark without asking (auto-deleveraging)."""
        self.advance(now_ms)
        held, lot = self.position(account, symbol).amount, self.instruments[symbol].lot
        amount = (held * share / lot).to_integral_value() * lot
        if amount:
            close_by_force(self._state, self._state.accounts[account], symbol, amount, self.mark(symbol))
            drop_reduce_only_leftovers(self._state, account, symbol)

    def follow(self, symbol: str, legs: Iterable[tuple[Decimal, float]], now_ms: int) -> None:
        """Move the mid along straight lines, each leg `(price, seconds)` after the one before."""
        self.advance(now_ms)
        self._state.paths[symbol] = PricePath.line(self._state.now_ms, self.mid(symbol), list(legs))

    def set_mode(self, mode: TradingMode, now_ms: int, symbol: str = "") -> None:
        """Restrict trading on one symbol, or with no symbol everywhere."""
        self.advance(now_ms)
        self._state.modes[symbol] = mode
        self._state.write("mode", mode=mode, symbol=symbol or None)
        for item in self._state.instruments if mode is TradingMode.FULL else ():
            match_resting(self._state, item)

    def check(self, account: str, request: OrderRequest, now_ms: int) -> Refused | None:
        """Give the reason against a request without placing it (a test order)."""
        self.advance(now_ms)
        return refusal_of(self._state, self._state.accounts[account], request)

    def place(self, account: str, request: OrderRequest, now_ms: int) -> Placed | Refused:
        """Accept and match an order, or refuse it; reduce-only amounts are cut to the position."""
        self.advance(now_ms)
        holder = self._state.accounts[account]
        refused = refusal_of(self._state, holder, request)
        amount = request.amount
        if refused is None and request.reduce_only:
            amount = min(amount, holder.closable(request.symbol, request.side))
        order_id = new_order_id(self._state) if refused is None else None
        self._write_order(account, request, amount, order_id, refused)
        if refused is not None or order_id is None:
            return refused or Refused(Refusal.BAD_REQUEST)
        order = Order(
            order_id,
            request.client_id,
            account,
            request.symbol,
            request.side,
            request.kind,
            request.tif,
            request.post_only,
            request.reduce_only,
            request.price if request.kind is OrderKind.LIMIT and request.price is not None else ZERO,
            amount,
            self._state.now_ms,
            self._state.now_ms,
        )
        placed = take(self._state, self._state.store(order))
        for other in list(self._state.accounts.values()):
            liquidate_if_due(self._state, other)
        return Placed(self._state.accounts[account].order(order_id) or placed)

    def cancel(
        self, account: str, now_ms: int, *, order_id: str = "", client_id: str = "", symbol: str = ""
    ) -> Cancelled | Refused:
        """Take off one order by the venue's id or by the client's."""
        self.advance(now_ms)
        if self._state.mode(symbol) is TradingMode.HALTED:
            return Refused(Refusal.HALTED)
        found = [
            order
            for order in self._state.accounts[account].open.values()
            if (order.order_id == order_id if order_id else bool(client_id) and order.client_id == client_id)
            and symbol in ("", order.symbol)
        ]
        if not found:
            return Refused(Refusal.GONE, order_id or client_id)
        return Cancelled(retire(self._state, found[0], CancelCause.USER))

    def cancel_all(
        self, account: str, now_ms: int, symbol: str = "", cause: CancelCause = CancelCause.USER
    ) -> tuple[Order, ...]:
        """Take off every order of an account, or of one symbol of it."""
        self.advance(now_ms)
        if cause is CancelCause.USER and self._state.mode(symbol) is TradingMode.HALTED:
            return ()
        rows = [o for o in self._state.accounts[account].open.values() if symbol in ("", o.symbol)]
        return tuple(retire(self._state, order, cause) for order in rows)

    def arm_dead_man(self, account: str, countdown_ms: int, now_ms: int, symbol: str = "") -> None:
        """Cancel a symbol's orders (or all) when this is not called again in time; zero disarms."""
        self.advance(now_ms)
        holder = self._state.accounts[account]
        holder.dead_man.pop(symbol, None)
        if countdown_ms > 0:
            holder.dead_man[symbol] = self._state.now_ms + countdown_ms

    def _write_order(
        self,
        account: str,
        request: OrderRequest,
        amount: Decimal,
        order_id: str | None,
        refused: Refused | None,
    ) -> None:
        self._state.write(
            "order",
            account=account,
            symbol=request.symbol,
            order_id=order_id,
            client_id=request.client_id,
            side=request.side,
            amount=amount,
            price=request.price if request.kind is OrderKind.LIMIT else None,
            order_kind=request.kind,
            tif=request.tif,
            post_only=request.post_only,
            reduce_only=request.reduce_only,
            accepted=refused is None,
            refused=None if refused is None else refused.code,
        )
