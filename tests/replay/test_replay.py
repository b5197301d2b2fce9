"""A recorded outage decides the same under the policy of that day; under another, differences are told."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from riskguard.core.facts import Decided, Fact
from riskguard.core.policy import Money, Policy
from riskguard.core.types import Mode
from riskguard.replay import replay, replay_lines
from riskguard.simulation.world.exchange import EPOCH_MS
from riskguard.simulation.world.faults import ACTING, Fault, Kind
from riskguard.simulation.world.history import run
from riskguard.simulation.world.journals import CountingJournal
from riskguard.simulation.world.policies import STRATEGIES, leg, policy
from riskguard.simulation.world.script import Resting, Script, VenueSetup

MAIN = leg("main", "BTC")
RECORDED = policy(slices=2)


@cache
def outage() -> tuple[tuple[int, Fact], ...]:
    """Give the journal of a plain outage."""
    journal = CountingJournal(EPOCH_MS)
    script = Script(
        "an outage",
        RECORDED,
        tuple(VenueSetup(venue) for venue in ("main", "alpha", "beta")),
        prices=(("BTC", ((0.0, Decimal(60_000)), (300.0, Decimal(58_500)))),),
        held=((MAIN, Decimal("1.5")),),
        resting=(Resting(MAIN, Decimal("0.2"), Decimal(57_000)),),
        faults=(Fault(Kind.HANG, 15.0, 35.0, "main", ACTING),),
        lasts_s=90.0,
    )
    result = run(script, journal=journal)
    assert not result.broken
    return tuple(journal.replay())


def again(changed: Policy = RECORDED) -> dict[str, Any]:
    return replay(outage(), changed, STRATEGIES)


def rows(found: Mapping[str, Any], result: str) -> list[tuple[str, str, str]]:
    return [
        (row["what"], row["recorded"], row["decided"])
        for row in found["decisions"]
        if row["result"] == result
    ]


def with_rule(**changes: Any) -> Policy:
    return replace(RECORDED, rules=(replace(RECORDED.rules[0], **changes),))


def with_hedge(**changes: Any) -> Policy:
    return with_rule(hedge=replace(RECORDED.rules[0].hedge, **changes))


def test_the_same_policy_decides_the_same() -> None:
    found = again()
    assert found["counts"]["differs"] == found["counts"]["cannot be said"] == 0
    kinds = {row["what"].split()[0] for row in found["decisions"]}
    assert {"incident", "target", "order", "arm"} <= kinds


def test_half_the_size_is_half_the_target() -> None:
    assert rows(again(with_hedge(size=Decimal("0.5"))), "differs")[0] == ("target BTC", "-1.5", "-0.75")


def test_what_is_kept_is_not_hedged() -> None:
    asset = replace(RECORDED.assets[0], keep=Decimal("0.5"))
    differs = rows(again(replace(RECORDED, assets=(asset,))), "differs")
    assert ("target BTC", "-1.5", "-1") in differs


def test_a_ceiling_cuts_the_target() -> None:
    limits = replace(RECORDED.limits, per_hedge=Money(Decimal(30_000), "USDT"))
    (what, was, decided), *_ = rows(again(replace(RECORDED, limits=limits)), "differs")
    assert (what, was) == ("target BTC", "-1.5")
    assert Decimal("-0.51") < Decimal(decided) < Decimal("-0.49")


def test_no_rule_no_hedge() -> None:
    differs = rows(again(with_rule(when=("blind",))), "differs")
    assert differs[0] == ("incident at main", "trouble", "none")
    assert ("target BTC", "-1.5", "0") in differs
    assert sum(decided == "not sent" for _, _, decided in differs) == 2


def test_a_rule_that_only_tells_hedges_nothing() -> None:
    assert ("target BTC", "-1.5", "0") in rows(again(with_rule(do=("tell",))), "differs")


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        (with_rule(veto_s=60.0), "time to veto"),
        (replace(RECORDED, mode=Mode.OBSERVE), "mode observe"),
        (replace(RECORDED, limits=replace(RECORDED.limits, orders_per_min=1)), "1 orders in a minute"),
        (replace(RECORDED, limits=replace(RECORDED.limits, day_hedges=0)), "0 hedges in 24 h"),
        (
            replace(RECORDED, limits=replace(RECORDED.limits, day_notional=Money(Decimal(50_000), "USDT"))),
            "more than 50000 in 24 h",
        ),
    ],
)
def test_an_order_that_another_policy_would_not_send_is_named_with_the_reason(
    changed: Policy, because: str
) -> None:
    told = [row["because"] for row in again(changed)["decisions"] if row["decided"] == "not sent"]
    assert told
    assert all(because in words for words in told)


def test_ways_out_are_never_refused() -> None:
    found = again(replace(RECORDED, mode=Mode.OBSERVE))
    sent = [
        row["what"]
        for row in found["decisions"]
        if row["what"].startswith("order") and row["decided"] == "sent"
    ]
    assert sent
    assert all(what.endswith("u") for what in sent)


def test_a_strategy_that_fails_wants_nothing() -> None:
    def broken(*_args: object, **_params: object) -> None:
        raise ZeroDivisionError

    found = replay(outage(), RECORDED, {"hedge": broken})
    assert ("target BTC", "-1.5", "nothing") in rows(found, "differs")


def test_inputs_of_another_version_are_said_to_be_unknown() -> None:
    facts = [(at, replace(f, inputs="{}") if isinstance(f, Decided) else f) for at, f in outage()]
    found = replay(facts, RECORDED, STRATEGIES)
    assert found["counts"]["cannot be said"] >= 1
    assert found["counts"]["differs"] == 0


def test_the_detectors_judge_the_recorded_evidence_as_they_did() -> None:
    stretches = again()["detection"]
    judged = [change for stretch in stretches for change in stretch["judged"] if change["venue"] == "main"]
    told = [change for stretch in stretches for change in stretch["recorded"] if change["venue"] == "main"]
    words = [change["condition"] for change in told]
    assert "TRAPPED?" in words
    assert "TRAPPED" in words
    for word in ("TRAPPED?", "TRAPPED"):
        ours = next(change["at"] for change in judged if change["condition"] == word)
        theirs = next(change["at"] for change in told if change["condition"] == word)
        assert ours[:18] == theirs[:18]  # within ten seconds


def test_it_reads_as_lines_and_says_what_it_does_not_judge() -> None:
    lines = list(replay_lines(again(with_hedge(size=Decimal("0.5")))))
    assert any(
        "target BTC: -1.5 -> -0.75 (differs: rule trouble, hedge at size 0.5)" in line for line in lines
    )
    assert lines[-1].startswith("not judged: ")
