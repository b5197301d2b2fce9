"""The engine's promises, one by one, with the moment as an argument."""

from decimal import Decimal

import pytest

from riskguard.simulation.engine import (
    CancelCause,
    Cancelled,
    Event,
    Filled,
    Instrument,
    InstrumentKind,
    MakerShape,
    Order,
    OrderChanged,
    OrderKind,
    OrderRequest,
    Placed,
    PositionChanged,
    PostOnlyCross,
    Refusal,
    Refused,
    Side,
    Status,
    Tif,
    TradeLog,
    TradingMode,
    VenueEngine,
    VenueRules,
)

BTC = "BTC/USDT:USDT"
D = Decimal
FLAT_SHAPE = MakerShape(jitter_pct=0, size=D(1))


def venue(**rules: object) -> VenueEngine:
    engine = VenueEngine(
        "v",
        {Instrument(BTC, "BTC", "USDT"): D(60000)},
        rules=VenueRules(**rules),  # type: ignore[arg-type]  # a test names fields of VenueRules
        log=TradeLog(),
        shape=FLAT_SHAPE,
        now_ms=1000,
    )
    engine.open_account("me", {"USDT": D(100_000)})
    return engine


def request(side: Side, amount: str, price: str | None = None, **more: object) -> OrderRequest:
    kind = OrderKind.MARKET if price is None else OrderKind.LIMIT
    return OrderRequest(BTC, side, D(amount), None if price is None else D(price), kind, **more)  # type: ignore[arg-type]


def placed(engine: VenueEngine, order: OrderRequest, now_ms: int = 2000) -> Order:
    answer = engine.place("me", order, now_ms)
    assert isinstance(answer, Placed), answer
    return answer.order


def refusal(engine: VenueEngine, order: OrderRequest, now_ms: int = 2000) -> Refusal:
    answer = engine.place("me", order, now_ms)
    assert isinstance(answer, Refused), answer
    return answer.code


def test_a_marketable_order_walks_the_ladder_and_pays_the_taker_fee() -> None:
    engine = venue()
    order = placed(engine, request(Side.BUY, "1.5"))
    fills = engine.fills_since("me")
    assert [(fill.amount, fill.price, fill.maker) for fill in fills] == [
        (D(1), D("60003.0"), False),
        (D("0.5"), D("60006.0"), False),
    ]
    assert order.status is Status.FILLED
    assert order.fee == order.cost * D("0.0005")
    assert engine.balance("me", "USDT").wallet == D(100_000) - order.fee
    assert engine.position("me", BTC).amount == D("1.5")


def test_ioc_fills_what_its_price_reaches_and_drops_the_rest() -> None:
    engine = venue()
    order = placed(engine, request(Side.BUY, "3", "60006", tif=Tif.IOC))
    assert (order.filled, order.status, order.cause) == (D(2), Status.EXPIRED, CancelCause.IOC)
    assert engine.open_orders("me") == []


def test_fok_fills_wholly_or_not_at_all() -> None:
    engine = venue()
    assert placed(engine, request(Side.BUY, "3", "60006", tif=Tif.FOK)).filled == 0
    assert placed(engine, request(Side.BUY, "2", "60006", tif=Tif.FOK)).status is Status.FILLED


def test_taken_liquidity_comes_back_after_the_refill_time() -> None:
    engine = venue()
    placed(engine, request(Side.BUY, "1"), 2000)
    assert engine.book(BTC).asks[0].price == D("60006.0")
    engine.advance(2000 + FLAT_SHAPE.refill_ms)
    assert engine.book(BTC).asks[0].price == D("60003.0")


def test_a_resting_order_fills_as_maker_at_its_own_price_when_the_market_comes() -> None:
    engine = venue()
    order = placed(engine, request(Side.BUY, "0.5", "59000"))
    assert order.status is Status.NEW
    engine.set_mid(BTC, D(58990), 3000)
    (fill,) = engine.fills_since("me")
    assert (fill.price, fill.maker, fill.ts_ms) == (D(59000), True, 3000)


def test_a_large_resting_order_fills_in_steps_as_liquidity_refills() -> None:
    engine = venue()
    order = placed(engine, request(Side.BUY, "5", "59000"))
    engine.set_mid(BTC, D(58996), 3000)
    first = engine.order_by_id("me", order.order_id)
    assert first is not None
    assert first.status is Status.PARTLY_FILLED
    engine.advance(20_000)
    done = engine.order_by_id("me", order.order_id)
    assert done is not None
    assert done.status is Status.FILLED


def test_a_price_path_gives_the_same_history_however_often_it_is_looked_at() -> None:
    def history(steps: list[int]) -> list[tuple[int, str]]:
        engine = venue()
        placed(engine, request(Side.BUY, "4", "59000"))
        engine.follow(BTC, [(D(58900), 10.0)], 2000)
        for now_ms in steps:
            engine.advance(now_ms)
        return [(fill.ts_ms, f"{fill.amount}@{fill.price}") for fill in engine.fills_since("me")]

    seldom, often = history([30_000]), history(list(range(2000, 30_001, 37)))
    assert seldom
    assert seldom == often


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (request(Side.BUY, "0.0005", "60000"), Refusal.LOT),
        (request(Side.BUY, "0.001", "60000.05"), Refusal.TICK),
        (request(Side.BUY, "2000", "60000"), Refusal.TOO_LARGE),
        (request(Side.BUY, "0.001", "20000"), Refusal.PRICE_BAND),
        (request(Side.BUY, "30", "60000"), Refusal.FUNDS),
        (request(Side.SELL, "0.1", "60000", reduce_only=True), Refusal.REDUCE_ONLY),
        (request(Side.BUY, "0.1", "60003", post_only=True), Refusal.POST_ONLY),
        (OrderRequest("ETH/USDT:USDT", Side.BUY, D(1), D(1)), Refusal.NO_SYMBOL),
    ],
)
def test_refusals(order: OrderRequest, code: Refusal) -> None:
    engine = venue()
    assert engine.check("me", order, 2000) == engine.place("me", order, 2000)
    assert refusal(engine, order) is code
    assert engine.orders("me") == []


def test_min_notional_spares_reduce_only_orders() -> None:
    item = Instrument(BTC, "BTC", "USDT", min_notional=D(100))
    engine = VenueEngine("v", {item: D(60000)}, shape=FLAT_SHAPE, now_ms=1000)
    engine.open_account("me", {"USDT": D(1000)})
    engine.set_position("me", BTC, D("0.001"), D(60000), 1000)
    assert refusal(engine, request(Side.SELL, "0.001", "60000")) is Refusal.MIN_NOTIONAL
    assert placed(engine, request(Side.SELL, "0.001", "59000", reduce_only=True)).status is Status.FILLED


def test_post_only_that_would_take_is_acknowledged_and_expires_where_the_venue_does_so() -> None:
    engine = venue(post_only_cross=PostOnlyCross.EXPIRE)
    order = placed(engine, request(Side.BUY, "0.1", "60003", post_only=True))
    assert (order.status, order.cause, order.filled) == (Status.EXPIRED, CancelCause.POST_ONLY, D(0))


def test_client_ids_are_unique_among_open_orders_or_forever() -> None:
    engine = venue(client_ids_unique_forever=False)
    placed(engine, request(Side.BUY, "0.1", "59000", client_id="rg1"))
    assert refusal(engine, request(Side.BUY, "0.1", "59000", client_id="rg1")) is Refusal.DUPLICATE_CLIENT_ID
    assert isinstance(engine.cancel("me", 2100, client_id="rg1"), Cancelled)
    again = placed(engine, request(Side.BUY, "0.1", "59000", client_id="rg1"))
    assert engine.order_by_client_id("me", "rg1") == again

    strict = venue(client_ids_unique_forever=True)
    placed(strict, request(Side.BUY, "0.1", "60100", client_id="rg1"))
    assert refusal(strict, request(Side.BUY, "0.1", "59000", client_id="rg1")) is Refusal.DUPLICATE_CLIENT_ID


def test_reduce_only_is_cut_to_the_position_and_leaves_with_it() -> None:
    engine = venue()
    engine.set_position("me", BTC, D("1.5"), D(60000), 1000)
    resting = placed(engine, request(Side.SELL, "1.5", "61000", reduce_only=True))
    order = placed(engine, request(Side.SELL, "5", "59000", reduce_only=True, tif=Tif.IOC))
    assert (order.amount, order.status) == (D("1.5"), Status.FILLED)
    assert engine.position("me", BTC).amount == 0
    left = engine.order_by_id("me", resting.order_id)
    assert left is not None
    assert left.cause is CancelCause.REDUCE_ONLY


def test_cancel_of_what_is_not_there_says_gone() -> None:
    engine = venue()
    for name in ({"order_id": "7"}, {"client_id": "none"}):
        answer = engine.cancel("me", 2000, **name)
        assert answer == Refused(Refusal.GONE, next(iter(name.values())))


def test_an_account_is_liquidated_at_the_price_that_was_announced() -> None:
    engine = venue()
    engine.open_account("poor", {"USDT": D(10_000)})
    engine.set_position("poor", BTC, D("1.5"), D(60000), 1000)
    price = engine.position("poor", BTC).liquidation_price
    assert D(53_000) < price < D(54_000)
    engine.set_mid(BTC, price.quantize(D("0.1")) + 1, 3000)
    assert engine.position("poor", BTC).amount == D("1.5")
    engine.set_mid(BTC, price.quantize(D("0.1")) - 1, 4000)
    assert engine.position("poor", BTC).amount == 0
    assert engine.fills_since("poor")[-1].liquidation


def test_the_dead_mans_switch_fires_at_its_own_moment_unless_refreshed() -> None:
    engine = venue()
    placed(engine, request(Side.BUY, "0.1", "59000"))
    engine.arm_dead_man("me", 1000, 2000, BTC)
    engine.arm_dead_man("me", 1000, 2500, BTC)
    engine.advance(3499)
    assert len(engine.open_orders("me")) == 1
    engine.advance(9000)
    (order,) = engine.orders("me")
    assert (order.cause, order.updated_ms) == (CancelCause.DEAD_MAN, 3500)


def test_modes_stop_new_orders_and_not_cancels() -> None:
    engine = venue()
    order = placed(engine, request(Side.BUY, "0.1", "59000"))
    engine.set_mode(TradingMode.CANCEL_ONLY, 2100)
    assert refusal(engine, request(Side.BUY, "0.1", "59000"), 2200) is Refusal.CANCEL_ONLY
    engine.set_mid(BTC, D(58000), 2300)
    assert engine.fills_since("me") == []
    assert isinstance(engine.cancel("me", 2400, order_id=order.order_id), Cancelled)
    engine.set_mode(TradingMode.HALTED, 2500)
    assert engine.cancel("me", 2600, order_id=order.order_id) == Refused(Refusal.HALTED)


def test_questions_about_the_past_show_the_past() -> None:
    engine = venue()
    placed(engine, request(Side.BUY, "0.1", "59000", client_id="rg1"), 2000)
    placed(engine, request(Side.BUY, "1"), 3000)
    assert engine.position("me", BTC, as_of_ms=2999).amount == 0
    assert engine.position("me", BTC, as_of_ms=3000).amount == 1
    assert engine.order_by_client_id("me", "rg1", as_of_ms=1999) is None
    assert engine.fills_since("me", as_of_ms=2500) == []
    engine.cancel("me", 4000, client_id="rg1")
    old = engine.order_by_client_id("me", "rg1", as_of_ms=3999)
    assert old is not None
    assert old.status is Status.NEW
    assert [order.client_id for order in engine.open_orders("me", as_of_ms=3999)] == ["rg1"]


def test_two_accounts_trade_with_each_other_and_never_with_themselves() -> None:
    engine = venue()
    engine.open_account("other", {"USDT": D(100_000)})
    placed(engine, request(Side.SELL, "0.5", "60001"))
    own = placed(engine, request(Side.BUY, "0.5", "60001", tif=Tif.IOC))
    assert own.filled == 0
    theirs = engine.place("other", request(Side.BUY, "0.5", "60001", tif=Tif.IOC), 2000)
    assert isinstance(theirs, Placed)
    assert theirs.order.filled == D("0.5")
    assert engine.position("me", BTC).amount == D("-0.5")


def test_spot_moves_both_wallets_and_locks_what_orders_need() -> None:
    spot = Instrument("BTC/USDT", "BTC", "USDT", kind=InstrumentKind.SPOT)
    engine = VenueEngine("s", {spot: D(60000)}, shape=FLAT_SHAPE, now_ms=1000)
    engine.open_account("me", {"USDT": D(61_000), "BTC": D(1)})
    buy = OrderRequest("BTC/USDT", Side.BUY, D("0.5"), D(59000))
    assert isinstance(engine.place("me", buy, 2000), Placed)
    assert engine.balance("me", "USDT").free == D(31_500)
    assert engine.place("me", OrderRequest("BTC/USDT", Side.BUY, D(1), D(59000)), 2000) == Refused(
        Refusal.FUNDS, "USDT"
    )
    sell = OrderRequest("BTC/USDT", Side.SELL, D(1), kind=OrderKind.MARKET)
    assert isinstance(engine.place("me", sell, 2000), Placed)
    assert engine.balance("me", "BTC").wallet == 0
    assert engine.balance("me", "USDT").wallet == D(61_000) + D(59997) * (1 - spot.taker_fee)


def test_events_and_log_tell_what_happened_in_order() -> None:
    log, events = TradeLog(), list[Event]()
    engine = VenueEngine(
        "v", {Instrument(BTC, "BTC", "USDT"): D(60000)}, log=log, shape=FLAT_SHAPE, now_ms=1000
    )
    engine.open_account("me", {"USDT": D(100_000)})
    engine.subscribe(events.append)
    engine.place("me", request(Side.BUY, "0.5", "60100", tif=Tif.IOC, client_id="rg1"), 2000)
    assert [type(event) for event in events[:4]] == [OrderChanged, OrderChanged, Filled, PositionChanged]
    rows = [row for row in log.rows() if row["kind"] in ("order", "fill")]
    assert [(row["kind"], row["client_id"], row["amount"]) for row in rows] == [
        ("order", "rg1", "0.5"),
        ("fill", "rg1", "0.5"),
    ]
    assert rows[1]["position"] == "0.5"
    assert [row["seq"] for row in log.rows()] == list(range(1, len(log.rows()) + 1))


def test_a_poisoned_mark_liquidates_although_the_book_stands() -> None:
    engine = venue()
    engine.open_account("poor", {"USDT": D(10_000)})
    engine.set_position("poor", BTC, D("1.5"), D(60000), 1000)
    engine.set_mark(BTC, D(50_000), 2000)
    (fill,) = engine.fills_since("poor")
    assert (fill.price, fill.liquidation, engine.mid(BTC)) == (D(50_000), True, D(60_000))
    engine.set_mark(BTC, None, 3000)
    assert engine.mark(BTC) == D(60_000)


def test_a_forced_close_takes_a_share_of_the_position() -> None:
    engine = venue()
    engine.set_position("me", BTC, D("-1.5"), D(60000), 1000)
    engine.force_close("me", BTC, D("0.6"), 2000)
    assert engine.position("me", BTC).amount == D("-0.6")
    engine.force_close("me", BTC, D(1), 2000)
    assert engine.position("me", BTC).amount == 0
