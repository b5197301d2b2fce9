"""Every fact survives its way to the disk and back, and other versions' journals stay readable."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskguard.core.facts import Fact, FillRecorded, GuardStarted, IntentRecorded, OrderMoved
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.snapshot import Snapshot
from riskguard.core.types import Leg, Side
from riskguard.journal.codec import FACT_KINDS, UnreadableError, decode, encode, from_plain, to_plain

decimals = st.decimals(allow_nan=False, allow_infinity=False)
st.register_type_strategy(Decimal, decimals)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))

FILL = FillRecorded(
    "rga1h",
    Leg("bybit", "BTC/USDT:USDT"),
    "t1",
    Side.BUY,
    Decimal("1.50"),
    Decimal("6E+4"),
    Decimal("-0.1"),
    7,
)


@pytest.mark.parametrize("kind", FACT_KINDS.values(), ids=FACT_KINDS.keys())
@settings(deadline=None)  # seconds on a shared machine say nothing
@given(data=st.data())
def test_every_kind_of_fact_comes_back_equal(kind: type[Fact], data: st.DataObject) -> None:
    fact = data.draw(st.from_type(kind))
    name, body = encode(fact)
    assert "\n" not in body
    again = decode(name, body)
    assert again == fact
    assert repr(again) == repr(fact)  # types and the digits of decimals too, which equality would overlook


@settings(max_examples=25, deadline=None)
@given(snapshot=st.from_type(Snapshot))
def test_a_snapshot_comes_back_equal_through_json(snapshot: Snapshot) -> None:
    assert from_plain(Snapshot, json.loads(json.dumps(to_plain(snapshot)))) == snapshot


def test_an_intent_is_readable_text() -> None:
    intent = OrderIntent(
        "rga1h",
        Leg("bybit", "BTC/USDT:USDT"),
        "BTC",
        Side.SELL,
        Decimal("1.5"),
        Decimal(60000),
        TimeInForce.IOC,
        reduce_only=False,
        purpose=Purpose.HEDGE,
    )
    kind, body = encode(IntentRecorded(intent))
    assert kind == "IntentRecorded"
    assert body.startswith(
        '{"intent":{"client_id":"rga1h","leg":{"venue":"bybit","symbol":"BTC/USDT:USDT"},'
        '"asset":"BTC","side":"sell","amount":"1.5","price":"60000","tif":"ioc","reduce_only":false,'
        '"purpose":"h","incident":"","plan":"","created_ms":0'
    )


def test_unknown_fields_are_ignored() -> None:
    assert decode("GuardStarted", '{"policy_hash":"h","mode":"auto","new":[1]}') == GuardStarted("h", "auto")


def test_missing_fields_get_their_default() -> None:
    assert decode("OrderMoved", '{"client_id":"rg1","event":"sent"}') == OrderMoved("rg1", "sent")


def test_a_kind_of_another_version_is_none() -> None:
    assert decode("TeaMade", '{"sugar":true}') is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"side": "up"}, "'up' is no Side"),
        ({"amount": 1.5}, "decimal string"),
        ({"amount": "1,5"}, "no decimal"),
        ({"at_ms": "7"}, "int is expected"),
        ({"at_ms": True}, "int is expected"),
        ({"leg": "bybit"}, "not an object"),
        ({"leg": {"venue": "bybit"}}, "symbol is missing"),
    ],
)
def test_what_does_not_fit_is_refused_and_never_guessed(change: dict[str, object], words: str) -> None:
    kind, body = encode(FILL)
    with pytest.raises(UnreadableError, match=words):
        decode(kind, json.dumps(json.loads(body) | change))


def test_a_needed_field_cannot_be_missing() -> None:
    with pytest.raises(UnreadableError, match="mode is missing"):
        decode("GuardStarted", '{"policy_hash":"h"}')


def test_half_a_row_is_refused() -> None:
    with pytest.raises(UnreadableError, match="not JSON"):
        decode("GuardStarted", '{"policy_hash":')
