"""That an order is not there is believed late, and only with a second channel and the position."""

import pytest

from riskguard.core.messages import LookupRung
from riskguard.core.orders.doubt import LADDER, LONGEST_LIE_S, SKEW_S, Inquiry, begin

EXPIRED_S = 10.0
LATER_S = EXPIRED_S + SKEW_S


def missed(*asked: tuple[LookupRung, float]) -> Inquiry:
    inquiry = begin(0.0)
    for rung, asked_s in asked:
        inquiry = inquiry.missed(rung, asked_s, EXPIRED_S)
    return inquiry


ID, OPEN = LookupRung.CLIENT_ID, LookupRung.OPEN
HISTORY, TRADES = LookupRung.HISTORY, LookupRung.TRADES


@pytest.mark.parametrize(
    ("asked", "unmoved", "absent"),
    [
        ([], True, False),
        ([(ID, LATER_S), (ID, LATER_S + 1)], True, False),
        ([(ID, LATER_S), (OPEN, LATER_S)], True, False),
        ([(OPEN, LATER_S), (HISTORY, LATER_S)], True, False),
        ([(ID, LATER_S), (HISTORY, LATER_S), (ID, LATER_S + 1)], True, True),
        ([(ID, LATER_S), (TRADES, LATER_S), (ID, LATER_S + 1)], True, True),
        ([(ID, LATER_S), (OPEN, LATER_S), (ID, LATER_S + 1)], True, False),
        ([(ID, LATER_S), (HISTORY, LATER_S), (ID, LATER_S + 1)], False, False),
        ([(ID, LATER_S), (OPEN, LATER_S), (ID, LATER_S + 1)], False, False),
        ([(ID, 1.0), (OPEN, 1.0), (ID, 2.0)], True, False),
        ([(ID, LATER_S - 0.1), (OPEN, LATER_S), (ID, LATER_S)], True, False),
        ([(ID, LATER_S), (OPEN, LATER_S), (ID, LATER_S + LONGEST_LIE_S)], False, True),
    ],
)
def test_when_absence_is_believed(asked: list[tuple[LookupRung, float]], unmoved: bool, absent: bool) -> None:
    assert missed(*asked).absent(position_unmoved=unmoved) is absent


def test_an_order_that_would_rest_is_missed_among_the_open_ones() -> None:
    inquiry = missed((ID, LATER_S), (OPEN, LATER_S), (ID, LATER_S + 1))
    assert inquiry.absent(position_unmoved=True, rests=True)
    assert not inquiry.absent(position_unmoved=False, rests=True)


def test_the_ladder_goes_round_and_the_pauses_grow_to_a_limit() -> None:
    inquiry, now_s, rungs, pauses = begin(0.0), 0.0, [], []
    for _ in range(30):
        rungs.append(inquiry.rung)
        inquiry = inquiry.ask().answered(now_s, expired_s=-100.0)
        pauses.append(inquiry.next_s - now_s)
        now_s = inquiry.next_s
    assert set(rungs) == set(LADDER)
    assert max(pauses) == pauses[-1] == 5.0


def test_after_the_expiry_the_questions_come_quickly_again() -> None:
    inquiry, now_s, asked = begin(0.0), 0.0, []
    while now_s < LATER_S + 3.0:
        asked.append(now_s)
        inquiry = inquiry.ask().answered(now_s, EXPIRED_S)
        now_s = inquiry.next_s
    assert LATER_S in asked
    assert sum(LATER_S <= moment < LATER_S + 3.0 for moment in asked) > 3
