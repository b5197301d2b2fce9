"""What must hold of the engine after any history."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from riskguard.simulation.engine import (
    Fill,
    Instrument,
    MakerShape,
    OrderKind,
    OrderRequest,
    Placed,
    Refusal,
    Refused,
    Side,
    Tif,
    TradeLog,
    VenueEngine,
    VenueRules,
)

BTC = "BTC/USDT:USDT"
D = Decimal

orders = st.builds(
    OrderRequest,
    st.just(BTC),
    st.sampled_from(Side),
    st.integers(1, 4000).map(lambda n: D(n) / 1000),
    st.integers(590_000, 610_000).map(lambda n: D(n) / 10),
    st.sampled_from(OrderKind),
    st.sampled_from(Tif),
    post_only=st.just(value=False),
    reduce_only=st.booleans(),
    client_id=st.sampled_from(["", "a", "b", "c"]),
)
moves = st.integers(590_000, 610_000).map(lambda n: D(n) / 10)
steps = st.lists(
    st.tuples(st.integers(0, 2000), st.one_of(orders, moves, st.sampled_from(["a", "b", "all"]))), max_size=40
)


def run(history: list[tuple[int, object]], *, forever: bool, seed: int) -> VenueEngine:
    engine = VenueEngine(
        "v",
        {Instrument(BTC, "BTC", "USDT"): D(60000)},
        rules=VenueRules(client_ids_unique_forever=forever),
        log=TradeLog(),
        shape=MakerShape(size=D("0.7")),
        seed=seed,
        now_ms=1000,
    )
    engine.open_account("me", {"USDT": D(1_000_000)})
    now = 1000
    for wait, step in history:
        now += wait
        if isinstance(step, OrderRequest):
            before = engine.position("me", BTC).amount
            answer = engine.place("me", step, now)
            if step.reduce_only and isinstance(answer, Placed):
                after = engine.position("me", BTC).amount
                assert abs(after) <= abs(before)
                assert after * before >= 0
            if isinstance(answer, Refused):
                assert answer.code is not Refusal.BAD_REQUEST
        elif isinstance(step, Decimal):
            engine.set_mid(BTC, step, now)
        elif step == "all":
            engine.cancel_all("me", now)
        else:
            engine.cancel("me", now, client_id=str(step))
    engine.advance(now + 10_000)
    return engine


@settings(max_examples=120, deadline=None)
@given(steps, st.booleans(), st.integers(0, 3))
def test_books_balance_after_any_history(history: list[tuple[int, object]], forever: bool, seed: int) -> None:
    engine = run(history, forever=forever, seed=seed)
    fills = engine.fills_since("me")
    assert engine.position("me", BTC).amount == sum((fill.amount * fill.side.sign for fill in fills), D(0))
    booked = sum((fill.realized - fill.fee for fill in fills), D(1_000_000))
    assert abs(engine.balance("me", "USDT").wallet - booked) < D("1e-12")
    by_order: dict[str, list[Fill]] = {}
    for fill in fills:
        by_order.setdefault(fill.order_id, []).append(fill)
    for order in engine.orders("me"):
        own = by_order.pop(order.order_id, [])
        assert order.filled == sum((fill.amount for fill in own), D(0)) <= order.amount
        for fill in own:
            if order.kind is OrderKind.LIMIT:
                assert (order.price - fill.price) * order.side.sign >= 0
    assert not by_order
    assert len({fill.fill_id for fill in fills}) == len(fills)
    named = [order.client_id for order in engine.orders("me") if order.client_id]
    still = [order.client_id for order in engine.open_orders("me") if order.client_id]
    unique = named if forever else still
    assert len(unique) == len(set(unique))


@settings(max_examples=40, deadline=None)
@given(steps)
def test_one_history_has_one_outcome(history: list[tuple[int, object]]) -> None:
    first, second = (run(history, forever=False, seed=5) for _ in range(2))
    assert first.fills_since("me") == second.fills_since("me")
    assert first.orders("me") == second.orders("me")
    assert first.book(BTC) == second.book(BTC)
