"""Match orders against the market maker and against other accounts' resting orders, best price first.

An account never trades with itself: its own resting orders are passed over.
"""

from dataclasses import dataclass
from decimal import Decimal

from riskguard.simulation.engine.settlement import fill, retire
from riskguard.simulation.engine.state import VenueState
from riskguard.simulation.engine.words import CancelCause, Order, OrderKind, Side, Tif, TradingMode


@dataclass(frozen=True, slots=True)
class _Offer:
    """Something an order can trade with; `resting` is None for the market maker's quotes."""

    price: Decimal
    amount: Decimal
    resting: Order | None


def take(state: VenueState, order: Order) -> Order:
    """Match a new order and apply its terms to what is left."""
    if order.post_only and _offers(state, order):
        return retire(state, order, CancelCause.POST_ONLY)
    if order.tif is Tif.FOK and sum(o.amount for o in _offers(state, order)) < order.amount:
        return retire(state, order, CancelCause.FOK)
    order = _trade(state, order)
    if order.status.is_open and (order.tif is not Tif.GTC or order.kind is OrderKind.MARKET):
        return retire(state, order, CancelCause.IOC)
    return order


def match_resting(state: VenueState, symbol: str) -> None:
    """Fill resting orders that the market maker's quotes have come to."""
    if state.mode(symbol) is not TradingMode.FULL:
        return
    maker = state.makers[symbol]
    for side in Side:
        best = maker.best(side.opposite)
        for order in _resting(state, symbol, side):
            reached = order.price >= best if side is Side.BUY else order.price <= best
            if not reached:
                break
            _fill_from_maker(state, order)


def has_reached_orders(state: VenueState, symbol: str) -> bool:
    """Whether a resting order waits only for taken liquidity to come back."""
    maker = state.makers[symbol]
    for side in Side:
        rows = _resting(state, symbol, side)
        if rows and _within(rows[0], maker.best(side.opposite)):
            return True
    return False


def drop_reduce_only_leftovers(state: VenueState, account: str, symbol: str) -> None:
    """Take off resting reduce-only orders that have nothing left to reduce."""
    holder = state.accounts[account]
    for order in list(holder.open.values()):
        if order.symbol == symbol and order.reduce_only and holder.closable(symbol, order.side) == 0:
            retire(state, order, CancelCause.REDUCE_ONLY)


def _trade(state: VenueState, order: Order) -> Order:
    for offer in _offers(state, order):
        amount = min(order.remaining, offer.amount, _reducible(state, order))
        if offer.resting is not None:
            amount = min(amount, _reducible(state, offer.resting))
        if amount <= 0:
            continue
        if offer.resting is None:
            state.makers[order.symbol].take(order.side.opposite, offer.price, amount, state.now_ms)
        else:
            fill(state, offer.resting, amount, offer.price, maker=True)
            drop_reduce_only_leftovers(state, offer.resting.account, order.symbol)
        order = fill(state, order, amount, offer.price, maker=False)
        if not order.remaining:
            break
    if order.status.is_open and not _reducible(state, order):
        return retire(state, order, CancelCause.REDUCE_ONLY)
    drop_reduce_only_leftovers(state, order.account, order.symbol)
    return order


def _fill_from_maker(state: VenueState, order: Order) -> None:
    maker = state.makers[order.symbol]
    for level in maker.levels(order.side.opposite, state.now_ms):
        amount = min(order.remaining, level.amount, _reducible(state, order))
        if amount <= 0 or not _within(order, level.price):
            break
        maker.take(order.side.opposite, level.price, amount, state.now_ms)
        order = fill(state, order, amount, order.price, maker=True)
        drop_reduce_only_leftovers(state, order.account, order.symbol)
        order = state.accounts[order.account].order(order.order_id) or order
        if not order.status.is_open:
            return


def _offers(state: VenueState, order: Order) -> list[_Offer]:
    maker = state.makers[order.symbol]
    against = order.side.opposite
    rows = [_Offer(level.price, level.amount, None) for level in maker.levels(against, state.now_ms)]
    rows += [
        _Offer(other.price, other.remaining, other)
        for other in _resting(state, order.symbol, against)
        if other.account != order.account
    ]
    rows.sort(key=lambda offer: offer.price * order.side.sign)
    reach = maker.mid * (1 + state.rules.market_reach * order.side.sign)
    limit = reach if order.kind is OrderKind.MARKET else order.price
    return [row for row in rows if (limit - row.price) * order.side.sign >= 0]


def _resting(state: VenueState, symbol: str, side: Side) -> list[Order]:
    """List resting orders of all accounts by price, then age."""
    rows = [
        order
        for account in state.accounts.values()
        for order in account.open.values()
        if order.symbol == symbol and order.side is side
    ]
    rows.sort(key=lambda order: (-order.price * side.sign, order.created_ms, int(order.order_id)))
    return rows


def _within(order: Order, price: Decimal) -> bool:
    return (order.price - price) * order.side.sign >= 0


def _reducible(state: VenueState, order: Order) -> Decimal:
    """Give how much of an order its reduce-only flag allows now."""
    if not order.reduce_only:
        return order.remaining
    return state.accounts[order.account].closable(order.symbol, order.side)
