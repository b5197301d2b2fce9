"""What a venue says of itself is told; one word alone moves no verdict, and "open" proves nothing."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.guard import Guard
from riskguard.core.instant import Instant
from riskguard.core.messages import (
    CallEnded,
    CallStarted,
    Command,
    MarketsLoaded,
    ReadKind,
    ReadVenue,
    TellPerson,
    VenueSpoke,
    WithdrawalsSeen,
)
from riskguard.core.policy import (
    AssetPolicy,
    Limits,
    Money,
    Policy,
    Role,
    VenuePolicy,
    VenueRisk,
)
from riskguard.core.types import Condition, Leg, Mode, Path, Verdict

USDT = Money(Decimal(1000), "USDT")
LIMITS = Limits(
    USDT, USDT, 5, USDT, Decimal(40), 30, USDT, Decimal("0.15"), Decimal("0.3"), 3.0, 86_400.0, 86_400.0
)
LEG = Leg("main", "BTC/USDT:USDT")
POLICY = Policy(
    Mode.OBSERVE,
    "a",
    LIMITS,
    (VenuePolicy("main", "binanceusdm", Role.PRIMARY),),
    (AssetPolicy("BTC", (LEG,), (), Decimal("0.01")),),
)


class Scene:
    """One guard of one venue, and a clock."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.guard = Guard(policy, epoch_ms=1, strategies={})
        self.now_s = 100.0
        self.commands: list[Command] = []
        self.calls = 10_000
        self.see(MarketsLoaded("main", ()))
        for _ in range(30):  # the first reads do not come all at once
            self.now_s += 0.1
            self.commands += self.guard.wake(Instant(self.now_s, int(self.now_s * 1000)))

    def see(self, *observations: object, after_s: float = 0.0) -> list[Command]:
        self.now_s += after_s
        found: list[Command] = []
        for one in observations:
            found += self.guard.handle(one, Instant(self.now_s, int(self.now_s * 1000)))  # type: ignore[arg-type]
        self.commands += found
        return found

    def says(self, what: str, symbol: str = "", after_s: float = 0.0) -> list[Command]:
        return self.see(VenueSpoke("main", what, "status endpoint", symbol), after_s=after_s)

    def cancels(self, evidence: str, after_s: float = 0.0) -> None:
        """Cancel an order that never was."""
        self.calls += 1
        self.see(CallStarted(self.calls, "main", Path.CANCEL, LEG.symbol, canary=True), after_s=after_s)
        self.see(CallEnded(self.calls, "main", Path.CANCEL, evidence, LEG.symbol, canary=True), after_s=0.01)

    @property
    def condition(self) -> Condition:
        return self.guard.memory.standing("main").word

    def told(self) -> list[str]:
        return [one.title for one in self.commands if isinstance(one, TellPerson) and " says " in one.title]

    def asked(self) -> list[ReadVenue]:
        return [one for one in self.commands if isinstance(one, ReadVenue) and one.what is ReadKind.STATUS]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_one_word_moves_nothing(scene: Scene) -> None:
    scene.cancels("user_fault")
    scene.says("maintenance", after_s=1.0)
    scene.cancels("user_fault", after_s=5.0)
    assert scene.condition is Condition.FINE
    assert scene.guard.watch.verdict("main", Path.CANCEL) is Verdict.UP


def test_a_word_between_good_cancels_is_never_believed(scene: Scene) -> None:
    for _ in range(20):
        scene.cancels("user_fault", after_s=5.0)
        scene.says("maintenance", after_s=25.0)
        assert scene.condition is Condition.FINE


def test_a_repeated_word_that_nothing_refutes_is_believed(scene: Scene) -> None:
    scene.cancels("user_fault")
    scene.says("maintenance", after_s=1.0)
    scene.says("maintenance", after_s=30.0)
    assert scene.condition is Condition.MAINTENANCE
    scene.says("open", after_s=30.0)
    assert scene.condition is not Condition.MAINTENANCE


@pytest.mark.parametrize("word", ["cancel-only", "post-only", "limit-only", "reduce-only", "open", "odd"])
def test_other_words_never_close_a_venue(scene: Scene, word: str) -> None:
    scene.cancels("user_fault")
    for _ in range(5):
        scene.says(word, after_s=30.0)
    assert scene.condition is Condition.FINE


def test_a_halted_market_is_told_and_nothing_else(scene: Scene) -> None:
    scene.cancels("user_fault")
    for _ in range(3):
        scene.says("halted", LEG.symbol, after_s=30.0)
    assert scene.condition is Condition.FINE
    assert scene.told() == [f"main says of {LEG.symbol}: halted"]


def test_open_proves_nothing(scene: Scene) -> None:
    for _ in range(20):
        scene.says("open", after_s=1.0)
    verdicts = {scene.guard.watch.verdict("main", path) for path in Path}
    assert verdicts == {Verdict.UNPROVEN}
    assert not scene.told()
    for _ in range(40):
        scene.cancels("unknown", after_s=0.5)
        scene.says("open", after_s=0.01)
    assert scene.guard.watch.verdict("main", Path.CANCEL) is Verdict.DOWN


def test_each_change_is_told_once(scene: Scene) -> None:
    for word in ("open", "cancel-only", "cancel-only", "open", "open"):
        scene.says(word, after_s=30.0)
    assert scene.told() == ["main says of itself: cancel-only", "main says of itself: open"]


def test_asked_every_half_minute_and_at_a_suspicion(scene: Scene) -> None:
    def ended() -> None:
        scene.see(CallEnded(scene.asked()[-1].call, "main", Path.QUERY, "rate_limited"))

    assert len(scene.asked()) == 1
    ended()
    scene.see(CallEnded(1, "main", Path.QUERY, "rate_limited"), after_s=10.0)
    assert len(scene.asked()) == 1
    scene.cancels("user_fault")
    while not scene.guard.watch.suspicious():
        scene.cancels("unknown", after_s=0.2)
    assert len(scene.asked()) == 2
    ended()
    for _ in range(8):
        scene.cancels("unknown", after_s=1.0)
    assert len(scene.asked()) == 2


def test_a_question_about_itself_is_no_evidence(scene: Scene) -> None:
    """Its end is reported without its beginning, which the detector then cannot count."""
    call = scene.asked()[0].call
    for evidence in ("rate_limited", "unknown", "venue_fault", "explicit", "local"):
        scene.see(CallEnded(call, "main", Path.QUERY, evidence), after_s=1.0)
    assert {scene.guard.watch.verdict("main", path) for path in Path} == {Verdict.UNPROVEN}
    assert not scene.guard.memory.self_ill


WATCHED = replace(POLICY, venue_risk=VenueRisk(withdrawals_alert_after_s=1800.0))


def withdrawn(scene: Scene, *flags: bool | None) -> list[str]:
    """Read the flag of one asset every ten minutes; gives what was told."""
    for flag in flags:
        scene.see(WithdrawalsSeen("main", (("BTC", flag),)), after_s=600.0)
    titles = (one.title for one in scene.commands if isinstance(one, TellPerson))
    return [title for title in titles if "withdrawn" in title]


@pytest.mark.parametrize("policy", [POLICY, WATCHED])
def test_withdrawals_are_read_only_where_they_are_watched(policy: Policy) -> None:
    kinds = {one.what for one in Scene(policy).commands if isinstance(one, ReadVenue)}
    assert (ReadKind.WITHDRAWALS in kinds) is (policy is WATCHED)


def test_withdrawals_closed_for_long_are_told(scene: Scene) -> None:
    assert withdrawn(scene, False, False, False, False, False) == []
    scene = Scene(WATCHED)
    assert withdrawn(scene, False, False, False) == []
    assert withdrawn(scene, False) == ["main lets no BTC be withdrawn"]


def test_what_is_unsaid_about_withdrawals_neither_opens_nor_closes() -> None:
    assert withdrawn(Scene(WATCHED), None, None, None, None, None) == []
    assert withdrawn(Scene(WATCHED), False, None, None, False) == ["main lets no BTC be withdrawn"]
    assert withdrawn(Scene(WATCHED), False, False, True, False, False) == []
