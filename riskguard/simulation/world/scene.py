"""What happens at venues and to prices by itself: who holds what, who trades, what is closed by force."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from riskguard.core.types import Leg
from riskguard.simulation import engine
from riskguard.simulation.world.exchange import ACCOUNT, EPOCH_MS, Exchange, true_ms
from riskguard.simulation.world.faults import Fault, Faults
from riskguard.simulation.world.narrator import Narrator
from riskguard.simulation.world.script import Forced, Script, Trade, on_line
from riskguard.simulation.world.truth import Truth
from riskguard.simulation.world.virtual_loop import VirtualLoop

PRICE_EVERY_S = 0.5


class Scene:
    """The venues of one history as its script moves them; the guard has no part in it."""

    def __init__(
        self,
        script: Script,
        loop: VirtualLoop,
        exchanges: Mapping[str, Exchange],
        truth: Truth,
        faults: Faults,
        narrator: Narrator,
    ) -> None:
        self._script, self._loop, self._exchanges = script, loop, exchanges
        self._truth, self._faults, self._narrator = truth, faults, narrator

    def begin(self, moved: Callable[[float], None]) -> None:
        """Put everybody in his place and set the times of all that follows; `moved` hears of new prices."""
        for leg, amount in self._script.held:
            self._hold(leg, amount)
        for number, order in enumerate(self._script.resting):
            side = engine.Side.BUY if order.amount > 0 else engine.Side.SELL
            request = engine.OrderRequest(
                order.leg.symbol, side, abs(order.amount), order.price, client_id=f"bot{number}"
            )
            self._exchanges[order.leg.venue].engine.place(ACCOUNT, request, EPOCH_MS)
        self._loop.call_at(0.0, self._move_prices, 0.0, moved)
        for trade in self._script.trades:
            self._loop.call_at(trade.at_s, self._trade, trade)
        for forced in self._script.forced:
            self._loop.call_at(forced.at_s, self._force, forced)

    def restrict(self, fault: Fault) -> None:
        """Let a venue declare a mode for one of its symbols until the fault is over."""
        self._set_mode(fault.venue, engine.TradingMode(fault.kind.value.replace("-", "_")))
        self._loop.call_at(fault.end_s, self._set_mode, fault.venue, engine.TradingMode.FULL)

    def _hold(self, leg: Leg, amount: Decimal) -> None:
        exchange = self._exchanges[leg.venue].engine
        if exchange.instruments[leg.symbol].kind is engine.InstrumentKind.SPOT:
            self._truth.positions[leg] = amount  # the account was opened with it
        else:
            exchange.set_position(ACCOUNT, leg.symbol, amount, exchange.mid(leg.symbol), EPOCH_MS)

    def _move_prices(self, at_s: float, moved: Callable[[float], None]) -> None:
        for asset, points in self._script.prices:
            price = on_line(points, at_s)
            for exchange in self._exchanges.values():
                for item in exchange.engine.instruments.values():
                    if item.base == asset:
                        mid = (price / item.tick).to_integral_value() * item.tick
                        exchange.engine.set_mid(item.symbol, mid, true_ms(at_s))
        moved(at_s)
        next_s = at_s + PRICE_EVERY_S
        if next_s <= self._script.lasts_s:
            self._loop.call_at(next_s, self._move_prices, next_s, moved)

    def _set_mode(self, venue: str, mode: engine.TradingMode) -> None:
        symbol = f"{self._script.prices[0][0]}/USDT:USDT"
        self._exchanges[venue].engine.set_mode(mode, true_ms(self._loop.time()), symbol)

    def _trade(self, trade: Trade) -> None:
        exchange = self._exchanges[trade.leg.venue].engine
        side = engine.Side.BUY if trade.amount > 0 else engine.Side.SELL
        request = engine.OrderRequest(
            trade.leg.symbol, side, abs(trade.amount), kind=engine.OrderKind.MARKET, client_id="bot"
        )
        exchange.place(ACCOUNT, request, true_ms(trade.at_s))

    def _force(self, forced: Forced) -> None:
        self._narrator.say("venue", f"closes {forced.share} of the position on {forced.leg} by force")
        self._faults.count("forced")
        exchange = self._exchanges[forced.leg.venue].engine
        exchange.force_close(ACCOUNT, forced.leg.symbol, forced.share, true_ms(forced.at_s))
