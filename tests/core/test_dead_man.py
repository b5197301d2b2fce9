"""The dead-man's switch is on only while the guard acts, refreshed in time, and off before we leave."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.facts import OperatorDecided
from riskguard.core.guard import Guard
from riskguard.core.instant import Instant
from riskguard.core.messages import (
    Command,
    DeadManAnswered,
    Leaving,
    MarketsLoaded,
    Observation,
    OperatorSaid,
    SetDeadMan,
    TellPerson,
)
from riskguard.core.orders.outcome import Accepted, NotSent, Outcome, Unknown
from riskguard.core.policy import (
    AssetPolicy,
    DeadMan,
    Limits,
    Money,
    Policy,
    Role,
    VenuePolicy,
)
from riskguard.core.types import Leg, Market, Mode

USDT = Money(Decimal(1000), "USDT")
LIMITS = Limits(
    USDT, USDT, 5, USDT, Decimal(40), 30, USDT, Decimal("0.15"), Decimal("0.3"), 3.0, 86_400.0, 86_400.0
)
LEG = Leg("main", "BTC/USDT:USDT")
MARKET = Market(
    LEG, "BTC", "USDT", Decimal("0.001"), Decimal("0.1"), Decimal("0.001"), Decimal(5), derivative=True
)
ON = VenuePolicy("main", "binanceusdm", Role.PRIMARY, dead_man=DeadMan(120.0, "cancels_my_stops"))
POLICY = Policy(Mode.AUTO, "a", LIMITS, (ON,), (AssetPolicy("BTC", (LEG,), (), Decimal("0.01")),))


class Scene:
    """One guard of one venue, and a clock."""

    def __init__(self, policy: Policy = POLICY, *words: str) -> None:
        """Begin anew, after an earlier run in which a person said some words."""
        facts = [(1, OperatorDecided(word, "", "cli")) for word in words]
        self.guard = Guard(policy, epoch_ms=1, strategies={}, facts=facts)
        self.now_s = 100.0
        self.commands: list[Command] = []
        self.see(MarketsLoaded("main", (MARKET,)))

    def see(self, *observations: Observation, after_s: float = 0.0) -> None:
        self.now_s += after_s
        for one in observations:
            self.commands += self.guard.handle(one, Instant(self.now_s, int(self.now_s * 1000)))

    def passes(self, seconds: float, outcome: Outcome | None = None) -> None:
        """Let time pass second by second; every wish is answered so, where an outcome is given."""
        for _ in range(int(seconds)):
            self.now_s += 1.0
            self.commands += self.guard.wake(Instant(self.now_s, int(self.now_s * 1000)))
            if outcome is not None and self.wishes() and self.wishes()[-1].call != self.answered:
                self.answer(outcome)

    answered = 0

    def answer(self, outcome: Outcome | None = None, *, offered: bool = True) -> None:
        wish = self.wishes()[-1]
        self.answered = wish.call
        said = outcome or Accepted()
        self.see(DeadManAnswered(wish.call, "main", wish.after_s, said, offered=offered, cause="because"))

    def wishes(self) -> list[SetDeadMan]:
        return [one for one in self.commands if isinstance(one, SetDeadMan)]

    def spans(self) -> list[float]:
        return [one.after_s for one in self.wishes()]

    def told(self) -> list[str]:
        titles = [one.title for one in self.commands if isinstance(one, TellPerson)]
        return [title for title in titles if "dead-man" in title]


def armed(policy: Policy = POLICY) -> Scene:
    scene = Scene(policy)
    scene.see(OperatorSaid("arm"))
    return scene


def test_off_unless_the_policy_gives_one() -> None:
    scene = armed(replace(POLICY, venues=(replace(ON, dead_man=None),)))
    scene.passes(200)
    assert scene.wishes() == []


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.PAPER, Mode.CONFIRM])
def test_off_in_modes_that_do_nothing_by_themselves(mode: Mode) -> None:
    scene = armed(replace(POLICY, mode=mode))
    scene.passes(200)
    assert scene.wishes() == []


def test_what_an_earlier_run_may_have_left_on_is_taken_off() -> None:
    scene = Scene(POLICY, "arm", "disarm")
    assert scene.spans() == [0.0]
    scene.answer()
    scene.passes(200)
    assert scene.spans() == [0.0]


def test_off_until_armed() -> None:
    scene = Scene()
    scene.passes(200)
    assert scene.wishes() == []


def test_refreshed_at_a_quarter_and_told_once() -> None:
    scene = armed()
    assert [(one.after_s, one.legs) for one in scene.wishes()] == [(120.0, (LEG,))]
    scene.answer()
    scene.passes(120, Accepted())
    assert scene.spans() == [120.0] * 5
    assert scene.told() == ["dead-man's switch at main: on"]


def test_disarm_takes_it_off_at_once() -> None:
    scene = armed()
    scene.answer()
    scene.see(OperatorSaid("disarm"), after_s=3.0)
    assert scene.spans() == [120.0, 0.0]
    scene.answer()
    scene.passes(100)
    assert scene.spans() == [120.0, 0.0]
    assert scene.told()[-1] == "dead-man's switch at main: off"


def test_one_wish_at_a_time_so_that_none_overtakes_another() -> None:
    scene = armed()
    scene.see(OperatorSaid("disarm"), after_s=1.0)
    assert scene.spans() == [120.0]
    scene.answer(Unknown("no answer"))
    assert scene.spans() == [120.0, 0.0], "an unknown outcome may have set it"


def test_taking_off_is_repeated_until_the_venue_says_so() -> None:
    scene = armed()
    scene.answer()
    scene.see(OperatorSaid("disarm"))
    scene.passes(12, Unknown("no answer"))
    assert scene.spans().count(0.0) >= 3
    assert scene.told()[1:] == ["dead-man's switch at main may still be on; tried again"]
    scene.passes(4, Accepted())
    count = len(scene.wishes())
    scene.passes(60, Accepted())
    assert len(scene.wishes()) == count


def test_leaving_waits_for_nothing() -> None:
    scene = armed()
    scene.see(Leaving())
    assert scene.spans() == [120.0, 0.0]
    scene.see(DeadManAnswered(scene.wishes()[0].call, "main", 120.0, Accepted()))
    scene.answer()
    scene.passes(60)
    assert scene.spans() == [120.0, 0.0]


def test_leaving_without_a_switch_sends_nothing() -> None:
    scene = Scene()
    scene.see(Leaving())
    assert scene.wishes() == []


def test_a_venue_without_one_is_told_once_and_left_alone() -> None:
    scene = armed()
    scene.answer(NotSent("no such switch"), offered=False)
    scene.passes(400)
    scene.see(OperatorSaid("disarm"))
    scene.see(OperatorSaid("arm"))
    assert scene.spans() == [120.0]
    assert scene.told() == ["no dead-man's switch at main: orders there stay if we fall silent"]


def test_a_refusal_is_told_once_and_tried_again() -> None:
    scene = armed()
    scene.answer(Unknown("HTTP 500"))
    scene.passes(100, Unknown("HTTP 500"))
    assert len(scene.wishes()) > 20
    assert scene.told() == ["dead-man's switch at main could not be set; tried again"]
    scene.passes(3, Accepted())
    assert scene.told()[-1] == "dead-man's switch at main: on"
