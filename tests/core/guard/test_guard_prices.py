"""Whose price is believed: that of venues that are well, and no lonely one's because it spoke first."""

from decimal import Decimal

import pytest

from riskguard.core.exposure.pricing import mid_of
from riskguard.core.turn import Turn

from .scene import ALPHA, BETA, MAIN, Scene

HIGH, TRUE = Decimal(66_000), Decimal(60_000)


def price(scene: Scene) -> Decimal | None:
    return mid_of(scene.guard.memory, scene.policy.assets[0], Turn(scene.now))


def test_a_book_that_was_alone_for_a_while_is_no_witness_against_another() -> None:
    scene = Scene()
    scene.mids[ALPHA] = HIGH
    scene.blind |= {"main", "beta"}
    scene.passes(6.0)
    assert price(scene) == HIGH
    scene.blind.discard("beta")
    scene.passes(4.0)
    assert price(scene) is None  # nobody knows which of the two is right


def test_a_price_that_two_stood_for_is_a_witness() -> None:
    scene = Scene()
    scene.passes(6.0)
    scene.blind.add("main")
    scene.passes(4.0)
    scene.mids[ALPHA] = HIGH
    scene.passes(3.0)
    assert price(scene) == TRUE


@pytest.mark.parametrize(("silent_s", "known"), [(50.0, TRUE), (64.0, None)])
def test_what_they_stood_for_a_minute_ago_says_nothing_any_more(
    silent_s: float, known: Decimal | None
) -> None:
    scene = Scene()
    scene.passes(6.0)
    scene.blind |= {"main", "alpha", "beta"}
    scene.passes(silent_s)
    scene.mids[ALPHA] = HIGH
    scene.blind -= {"alpha", "beta"}
    scene.passes(4.0)
    assert price(scene) == known


def test_books_of_venues_in_trouble_outvote_no_venue_that_is_well() -> None:
    scene = Scene()
    scene.arm()
    scene.breaks("main")
    scene.breaks("beta")
    while scene.guard.memory.standing("main").fine or scene.guard.memory.standing("beta").fine:
        scene.passes(0.25)
    scene.mids |= {MAIN: HIGH, BETA: HIGH}
    scene.passes(3.0)
    assert price(scene) == TRUE


def test_where_no_venue_is_well_those_in_trouble_give_the_price() -> None:
    scene = Scene()
    scene.arm()
    for venue in ("main", "alpha", "beta"):
        scene.breaks(venue)
    scene.passes(15.0)
    assert not scene.guard.memory.standing("main").fine
    assert price(scene) == TRUE


def test_an_old_book_gives_no_price() -> None:
    scene = Scene()
    scene.passes(6.0)
    scene.blind |= {"main", "alpha", "beta"}
    scene.passes(3.5)
    assert price(scene) is None
