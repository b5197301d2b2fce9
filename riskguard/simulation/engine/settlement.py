"""Book a fill, retire an order, liquidate an account: the only writers of wallets and holdings."""

from dataclasses import replace
from decimal import Decimal

from riskguard.simulation.engine.account import Account
from riskguard.simulation.engine.state import VenueState
from riskguard.simulation.engine.words import (
    ZERO,
    BalanceChanged,
    CancelCause,
    Fill,
    Filled,
    Instrument,
    InstrumentKind,
    Order,
    OrderKind,
    PositionChanged,
    Side,
    Status,
    Tif,
)

_OWNERS_DOING = (CancelCause.USER, CancelCause.DEAD_MAN, CancelCause.LIQUIDATION, CancelCause.VENUE)


def fill(
    state: VenueState,
    order: Order,
    amount: Decimal,
    price: Decimal,
    *,
    maker: bool,
    liquidation: bool = False,
) -> Order:
    """Book one execution and give the order's new version."""
    account, instrument = state.accounts[order.account], state.instruments[order.symbol]
    rate = instrument.maker_fee if maker else instrument.taker_fee
    fee = instrument.worth(amount, price) * rate
    realized = _move(state, order, amount, price)
    account.change_wallet(instrument.settle, -fee)
    filled = order.filled + amount
    after = replace(
        order,
        filled=filled,
        cost=order.cost + amount * price,
        fee=order.fee + fee,
        status=Status.FILLED if filled == order.amount else Status.PARTLY_FILLED,
        updated_ms=state.now_ms,
    )
    row = Fill(
        str(state.next_fill),
        order.order_id,
        order.client_id,
        order.account,
        order.symbol,
        order.side,
        amount,
        price,
        fee,
        instrument.settle,
        maker,
        liquidation,
        realized,
        state.now_ms,
    )
    state.next_fill += 1
    account.fills.append(row)
    del account.fills[: -state.rules.kept_fills]
    _write_fill(state, account, instrument, row)
    state.store(after)
    state.emit(Filled(row, after, state.now_ms))
    if instrument.kind is InstrumentKind.SWAP:
        state.emit(PositionChanged(state.position(account, order.symbol), state.now_ms))
    state.emit(BalanceChanged(account.name, state.now_ms))
    return after


def retire(state: VenueState, order: Order, cause: CancelCause) -> Order:
    """Take an order off."""
    status = Status.CANCELED if cause in _OWNERS_DOING else Status.EXPIRED
    after = replace(order, status=status, cause=cause, updated_ms=state.now_ms)
    state.write(
        "cancel",
        account=order.account,
        symbol=order.symbol,
        order_id=order.order_id,
        client_id=order.client_id,
        remaining=order.remaining,
        cause=cause,
    )
    return state.store(after)


def liquidate_if_due(state: VenueState, account: Account) -> bool:
    """Close everything in a settlement currency whose equity no longer covers maintenance."""
    struck = False
    coins = {item.settle for item in state.instruments.values() if item.kind is InstrumentKind.SWAP}
    for settle in sorted(coins):
        if not state.margin(account, settle).must_liquidate:
            continue
        struck = True
        for order in list(account.open.values()):
            retire(state, order, CancelCause.LIQUIDATION)
        for leg in state.legs(account, settle):
            if leg.amount:
                close_by_force(state, account, leg.symbol, leg.amount, leg.mark)
    return struck


def new_order_id(state: VenueState) -> str:
    """Hand out the next order id."""
    order_id = str(state.rules.first_order_id + state.next_order)
    state.next_order += 1
    return order_id


def close_by_force(state: VenueState, account: Account, symbol: str, amount: Decimal, mark: Decimal) -> None:
    """Close a signed amount of a position at the mark, as a liquidation or auto-deleveraging does."""
    state.write("liquidation", account=account.name, symbol=symbol, position=amount, price=mark)
    order_id = new_order_id(state)
    order = Order(
        order_id,
        f"autoclose-{order_id}",
        account.name,
        symbol,
        Side.SELL if amount > 0 else Side.BUY,
        OrderKind.MARKET,
        Tif.IOC,
        post_only=False,
        reduce_only=True,
        price=ZERO,
        amount=abs(amount),
        created_ms=state.now_ms,
        updated_ms=state.now_ms,
    )
    fill(state, state.store(order), order.amount, mark, maker=False, liquidation=True)


def _move(state: VenueState, order: Order, amount: Decimal, price: Decimal) -> Decimal:
    """Move what the fill exchanges and give the profit it realises."""
    account, instrument = state.accounts[order.account], state.instruments[order.symbol]
    if instrument.kind is InstrumentKind.SPOT:
        account.change_wallet(instrument.base, amount * order.side.sign)
        account.change_wallet(instrument.quote, -amount * price * order.side.sign)
        return ZERO
    holding, realized = account.holding(order.symbol).after_fill(
        instrument, order.side, amount, price, state.now_ms
    )
    account.set_holding(order.symbol, holding)
    account.change_wallet(instrument.settle, realized)
    return realized


def _write_fill(state: VenueState, account: Account, instrument: Instrument, row: Fill) -> None:
    swap = instrument.kind is InstrumentKind.SWAP
    held = account.holding(row.symbol).amount if swap else account.wallets.get(instrument.base, ZERO)
    state.write(
        "fill",
        account=row.account,
        symbol=row.symbol,
        fill_id=row.fill_id,
        order_id=row.order_id,
        client_id=row.client_id,
        side=row.side,
        amount=row.amount,
        price=row.price,
        fee=row.fee,
        maker=row.maker,
        liquidation=row.liquidation,
        position=held,
    )
