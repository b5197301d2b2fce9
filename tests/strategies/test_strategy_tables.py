"""What each built-in strategy holds, by example."""

from decimal import Decimal

import pytest

from riskguard import Side, Stop, Target

from .situations import amount, built_in, situation, stop


def test_alert_only_wants_nothing() -> None:
    assert built_in("alert_only")(situation("3")) is None


@pytest.mark.parametrize(
    ("point", "size", "held"), [("1", "1", "-1"), ("-2", "1", "2"), ("2", "0.25", "-0.5"), ("0", "1", "0")]
)
def test_hedge_offsets_the_policys_share(point: str, size: str, held: str) -> None:
    assert built_in("hedge")(situation(point, size=size)) == Target(Decimal(held))


@pytest.mark.parametrize("point", ["1", "-2", "0"])
def test_flatten_on_recovery_holds_what_hedge_holds_and_says_how_to_leave(point: str) -> None:
    assert built_in("flatten_on_recovery")(situation(point)) == Target(-Decimal(point), flatten=True)


@pytest.mark.parametrize(
    ("lasted_s", "worst_bps", "share"),
    [
        (0, "0", "0.25"),
        (59.9, "0", "0.25"),
        (60, "0", "0.5"),
        (180, "0", "1"),
        (9_000, "0", "1"),
        (0, "49.9", "0.25"),
        (0, "50", "0.5"),
        (0, "150", "1"),
        (60, "50", "0.75"),
    ],
)
def test_hedge_partly_grows_with_time_and_with_the_loss(lasted_s: float, worst_bps: str, share: str) -> None:
    seen = situation("2", size="0.5", lasted_s=lasted_s, worst_bps=Decimal(worst_bps))
    assert amount(built_in("hedge_partly")(seen)) == -Decimal(share)


@pytest.mark.parametrize(
    ("params", "share"),
    [
        ({"start": 0}, "0.5"),
        ({"step": Decimal("0.1")}, "0.45"),
        ({"every_s": 0}, "0.5"),
        ({"every_bps": 0}, "0.5"),
        ({"most": Decimal("0.3")}, "0.3"),
        ({"start": 2}, "1"),
        ({"start": -1, "step": 0}, "0"),
    ],
)
def test_hedge_partly_does_what_its_parameters_say(params: dict[str, object], share: str) -> None:
    seen = situation("1", lasted_s=60.0, worst_bps=Decimal(60))
    assert amount(built_in("hedge_partly")(seen, **params)) == -Decimal(share)


SELL, BUY = Side.SELL, Side.BUY


@pytest.mark.parametrize(
    ("point", "stops", "held"),
    [
        ("1", [], "0"),
        ("1", [stop("1", reached=False)], "0"),
        ("1", [stop("0.4")], "-0.4"),
        ("1", [stop("0.4"), stop("0.3", trigger="57000")], "-0.7"),
        ("1", [stop("5")], "-1"),
        ("1", [stop("0.4", BUY)], "0"),
        ("1", [stop("0.4", protects=False)], "0"),
        ("-2", [stop("0.5", BUY, "62000")], "0.5"),
        ("-2", [stop("0.5")], "0"),
        ("0", [stop("0.5")], "0"),
    ],
)
def test_shadow_stops_trades_what_the_crossed_stops_would_have(
    point: str, stops: list[Stop], held: str
) -> None:
    assert amount(built_in("shadow_stops")(situation(point, stops=tuple(stops)))) == Decimal(held)


def test_shadow_stops_takes_profits_where_asked() -> None:
    seen = situation("1", stops=(stop("0.4", trigger="66000", protects=False),))
    assert amount(built_in("shadow_stops")(seen, take_profits=True)) == Decimal("-0.4")


def test_shadow_stops_holds_the_policys_share_at_most() -> None:
    assert amount(built_in("shadow_stops")(situation("1", size="0.3", stops=(stop("1"),)))) == Decimal("-0.3")


def test_shadow_stops_counts_what_would_be_held_if_no_stop_had_worked() -> None:
    seen = situation("0", unstopped=Decimal(1), stops=(stop("1"),))
    assert amount(built_in("shadow_stops")(seen)) == -1
