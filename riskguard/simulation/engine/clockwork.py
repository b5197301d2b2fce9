"""Let a venue's time pass: whatever is due happens at its own moment, however late somebody looks."""

from decimal import Decimal

from riskguard.simulation.engine.matching import has_reached_orders, match_resting
from riskguard.simulation.engine.settlement import liquidate_if_due, retire
from riskguard.simulation.engine.state import VenueState
from riskguard.simulation.engine.words import CancelCause, MidChanged


def advance(state: VenueState, now_ms: int) -> None:
    """Do everything that is due by `now_ms`, in order of time."""
    while (due := next_event_ms(state)) is not None and due <= now_ms:
        state.now_ms = max(state.now_ms, due)
        _step(state)
    state.now_ms = max(state.now_ms, now_ms)


def next_event_ms(state: VenueState) -> int | None:
    """Give the moment at which something happens by itself, None when nothing will."""
    moments = [step for path in state.paths.values() if (step := path.next_step_ms(state.now_ms)) is not None]
    for account in state.accounts.values():
        moments.extend(account.dead_man.values())
    for symbol, maker in state.makers.items():
        refill = maker.next_refill_ms()
        if refill is not None and has_reached_orders(state, symbol):
            moments.append(refill)
    return min(moments, default=None)


def move_mid(state: VenueState, symbol: str, price: Decimal) -> None:
    """Set a mid, fill the resting orders it reaches, liquidate who cannot bear it."""
    maker = state.makers[symbol]
    if price <= 0 or price == maker.mid:
        return
    maker.mid = price
    state.write("mark", symbol=symbol, mid=price, mark=state.mark(symbol))
    state.emit(MidChanged(symbol, price, state.now_ms))
    match_resting(state, symbol)
    for account in list(state.accounts.values()):
        liquidate_if_due(state, account)


def _step(state: VenueState) -> None:
    for account in state.accounts.values():
        for symbol, deadline in list(account.dead_man.items()):
            if deadline <= state.now_ms:
                del account.dead_man[symbol]
                for order in [o for o in account.open.values() if symbol in ("", o.symbol)]:
                    retire(state, order, CancelCause.DEAD_MAN)
    for symbol, maker in state.makers.items():
        maker.forget_refilled(state.now_ms)
        match_resting(state, symbol)
    for symbol, path in list(state.paths.items()):
        price = path.price_at(state.now_ms)
        tick = state.instruments[symbol].tick
        move_mid(state, symbol, (price / tick).to_integral_value() * tick)
        if path.next_step_ms(state.now_ms) is None:
            del state.paths[symbol]
