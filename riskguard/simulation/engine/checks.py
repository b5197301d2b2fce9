"""What the engine refuses before an order exists, in the order a venue checks it."""

from decimal import Decimal

from riskguard.simulation.engine.account import Account
from riskguard.simulation.engine.margin import state_of
from riskguard.simulation.engine.rules import PostOnlyCross
from riskguard.simulation.engine.state import VenueState
from riskguard.simulation.engine.words import (
    ZERO,
    Instrument,
    InstrumentKind,
    OrderKind,
    OrderRequest,
    Refusal,
    Refused,
    Side,
    TradingMode,
)


def refusal_of(state: VenueState, account: Account, request: OrderRequest) -> Refused | None:
    """Give the first reason against a request, None when it may be placed."""
    instrument = state.instruments.get(request.symbol)
    if instrument is None:
        return Refused(Refusal.NO_SYMBOL, request.symbol)
    return (
        _mode_refusal(state, request)
        or _shape_refusal(instrument, request)
        or _price_refusal(state, instrument, request)
        or _client_id_refusal(state, account, request)
        or _reduce_only_refusal(account, request)
        or _post_only_refusal(state, request)
        or _funds_refusal(state, account, instrument, request)
    )


def would_take(state: VenueState, request: OrderRequest) -> bool:
    """Whether a limit price crosses the best price on the other side."""
    if request.price is None:
        return True
    best = best_opposite(state, request.symbol, request.side)
    return request.price >= best if request.side is Side.BUY else request.price <= best


def best_opposite(state: VenueState, symbol: str, side: Side) -> Decimal:
    """Give the best price against which an order of `side` would trade."""
    best = state.makers[symbol].best(side.opposite)
    for account in state.accounts.values():
        for order in account.open.values():
            if order.symbol == symbol and order.side is side.opposite:
                best = min(best, order.price) if side is Side.BUY else max(best, order.price)
    return best


def _mode_refusal(state: VenueState, request: OrderRequest) -> Refused | None:
    mode = state.mode(request.symbol)
    if mode is TradingMode.FULL or (mode is TradingMode.POST_ONLY and request.post_only):
        return None
    codes = {
        TradingMode.POST_ONLY: Refusal.POST_ONLY_MODE,
        TradingMode.CANCEL_ONLY: Refusal.CANCEL_ONLY,
        TradingMode.HALTED: Refusal.HALTED,
    }
    return Refused(codes[mode], mode)


def _shape_refusal(instrument: Instrument, request: OrderRequest) -> Refused | None:
    limit = request.kind is OrderKind.LIMIT
    price = request.price if limit and request.price is not None else ZERO
    faults = (
        (limit and price <= 0, Refusal.BAD_REQUEST, "price"),
        (request.amount <= 0, Refusal.BAD_REQUEST, "amount"),
        (request.post_only and not limit, Refusal.BAD_REQUEST, "post-only needs a limit order"),
        (bool(request.amount % instrument.lot), Refusal.LOT, str(instrument.lot)),
        (bool(price % instrument.tick), Refusal.TICK, str(instrument.tick)),
        (request.amount < instrument.min_amount, Refusal.TOO_SMALL, str(instrument.min_amount)),
        (request.amount > instrument.max_amount, Refusal.TOO_LARGE, str(instrument.max_amount)),
    )
    return next((Refused(code, text) for wrong, code, text in faults if wrong), None)


def _price_refusal(state: VenueState, instrument: Instrument, request: OrderRequest) -> Refused | None:
    mid = state.makers[request.symbol].mid
    price = mid if request.price is None else request.price
    if request.kind is OrderKind.LIMIT and abs(price - mid) > mid * state.rules.price_band:
        return Refused(Refusal.PRICE_BAND, str(price))
    exempt = request.reduce_only and state.rules.reduce_only_skips_min_notional
    if not exempt and instrument.notional(request.amount, price) < instrument.min_notional:
        return Refused(Refusal.MIN_NOTIONAL, str(instrument.min_notional))
    return None


def _client_id_refusal(state: VenueState, account: Account, request: OrderRequest) -> Refused | None:
    ids = account.by_client_id.get(request.client_id, []) if request.client_id else []
    if state.rules.client_ids_unique_forever:
        taken = bool(ids)
    else:
        taken = any(order_id in account.open for order_id in ids)
    return Refused(Refusal.DUPLICATE_CLIENT_ID, request.client_id) if taken else None


def _reduce_only_refusal(account: Account, request: OrderRequest) -> Refused | None:
    if request.reduce_only and account.closable(request.symbol, request.side) == 0:
        return Refused(Refusal.REDUCE_ONLY, "nothing to reduce")
    return None


def _post_only_refusal(state: VenueState, request: OrderRequest) -> Refused | None:
    refuses = state.rules.post_only_cross is PostOnlyCross.REFUSE
    if request.post_only and refuses and would_take(state, request):
        return Refused(Refusal.POST_ONLY)
    return None


def _funds_refusal(
    state: VenueState, account: Account, instrument: Instrument, request: OrderRequest
) -> Refused | None:
    if instrument.kind is InstrumentKind.SPOT:
        price = request.price or state.makers[request.symbol].best(Side.SELL)
        asset = instrument.quote if request.side is Side.BUY else instrument.base
        needed = request.amount * price if request.side is Side.BUY else request.amount
        return None if needed <= state.balance(account, asset).free else Refused(Refusal.FUNDS, asset)
    if request.reduce_only:
        return None
    settle = instrument.settle
    wallet = account.wallets.get(settle, ZERO)
    before = state_of(wallet, state.legs(account, settle))
    wanted = (request.symbol, request.side, request.amount)
    after = state_of(wallet, state.legs(account, settle, wanted))
    if after.initial_margin > before.initial_margin and after.initial_margin > after.equity:
        return Refused(Refusal.FUNDS, settle)
    return None
