"""Where hedges go: over several venues, past backups that fail, within what their accounts can carry."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.messages import OrderAnswered
from riskguard.core.orders.intent import OrderIntent, Purpose
from riskguard.core.orders.lifecycle import State
from riskguard.core.orders.outcome import Unknown
from riskguard.core.policy import Canary, Money, Policy, Proxy, Rung
from riskguard.core.types import Leg

from .desk import ALPHA_ETH, MAIN_ETH, Desk, two_assets
from .scene import ALPHA, BETA, MAIN, policy


def hedges(desk: Desk) -> dict[Leg, Decimal]:
    """Add up what was ordered as hedge, by leg."""
    found: dict[Leg, Decimal] = {}
    for intent in desk.orders_of(Purpose.HEDGE):
        found[intent.leg] = found.get(intent.leg, Decimal(0)) + intent.amount
    return found


def trapped(desk: Desk, **held: str) -> Desk:
    """Hold something at the primary, break it, and wait until a hedge was sent."""
    for coin, amount in held.items():
        desk.positions[Leg("main", f"{coin}/USDT:USDT")] = Decimal(amount)
    desk.arm()
    desk.breaks()
    desk.until_hedged()
    return desk


def cover(desk: Desk, asset: str = "BTC") -> Decimal:
    return desk.guard.memory.ledger.cover(asset)


# ------------------------------------------------------------------ over several venues


def test_one_step_goes_to_both_books_at_once_and_counts_as_one_plan() -> None:
    desk = Desk()
    desk.depth[ALPHA] = [(1, "0.9"), (20, "5")]
    desk.depth[BETA] = [(3, "0.4"), (25, "5")]
    trapped(desk, BTC="1.5")
    first = desk.orders_of(Purpose.HEDGE)
    assert [(intent.leg, intent.amount) for intent in first] == [
        (ALPHA, Decimal("1.1")),
        (BETA, Decimal("0.4")),
    ]
    assert len({intent.created_ms for intent in first}) == 1
    desk.passes(5.0)
    assert cover(desk) == Decimal("-1.5")
    assert len(desk.guard.memory.usage.plans) == 1
    assert len(desk.orders_of(Purpose.HEDGE)) == 2


def test_what_is_hedged_on_two_venues_comes_off_both_when_the_leg_is_gone() -> None:
    desk = Desk()
    desk.depth |= {ALPHA: [(1, "0.9")], BETA: [(3, "5")]}
    trapped(desk, BTC="1.5")
    desk.passes(3.0)
    desk.positions[MAIN] = Decimal(0)
    desk.passes(8.0)
    orphans = desk.orders_of(Purpose.ORPHAN)
    assert {(o.leg, o.amount) for o in orphans} == {(ALPHA, Decimal("0.9")), (BETA, Decimal("0.6"))}
    assert len({o.created_ms for o in orphans}) == 1
    assert desk.positions[ALPHA] == desk.positions[BETA] == 0


def test_a_venue_in_the_sick_ones_failure_domain_takes_only_what_the_others_cannot() -> None:
    base = two_assets()
    domains = {"main": "tokyo", "alpha": "tokyo", "beta": "dublin"}
    venues = tuple(replace(venue, domain=domains[venue.id]) for venue in base.venues)
    desk = Desk(replace(base, venues=venues))
    desk.depth |= {ALPHA: [(1, "50")], BETA: [(20, "1")]}
    trapped(desk, BTC="1.5")
    assert hedges(desk) == {BETA: Decimal(1), ALPHA: Decimal("0.5")}


def test_the_last_slice_takes_a_rest_along_that_no_market_would_take() -> None:
    desk = Desk(two_assets(policy(slices=3)))
    trapped(desk, ETH="0.2")
    desk.passes(20.0)
    assert cover(desk, "ETH") == Decimal("-0.2")


# ------------------------------------------------------------------ past backups that fail


def in_doubt(desk: Desk, venue: str) -> OrderIntent:
    """Let the orders to one venue be lost, so that nobody knows what became of them."""
    lost = next(o for o in desk.orders_of(Purpose.HEDGE) if o.leg.venue == venue)
    desk.orders.pop(lost.client_id)
    desk.positions[lost.leg] -= lost.signed_amount
    desk.see(OrderAnswered(lost.client_id, Unknown("no answer")))
    return lost


def test_a_backup_that_fails_mid_hedge_counts_in_full_and_the_next_gets_only_the_rest() -> None:
    desk = Desk(two_assets(policy(slices=3)))
    desk.depth |= {ALPHA: [(1, "50")], BETA: [(20, "50")]}
    trapped(desk, BTC="1.5")
    lost = in_doubt(desk, "alpha")
    desk.breaks("alpha")
    desk.passes(9.0)
    order = desk.guard.memory.ledger.orders[lost.client_id]
    assert order.state is State.IN_DOUBT
    assert desk.guard.memory.ledger.cover_range("BTC")[0] == Decimal("-1.5")
    assert hedges(desk) == {ALPHA: Decimal("0.5"), BETA: Decimal(1)}


def test_where_no_backup_is_left_a_person_is_told_once_how_much_and_why() -> None:
    desk = Desk(two_assets(policy(slices=3)))
    desk.depth |= {ALPHA: [(1, "50")], BETA: [(20, "50")]}
    trapped(desk, BTC="1.5")
    desk.breaks("alpha")
    desk.breaks("beta")
    in_doubt(desk, "alpha")
    desk.passes(60.0)
    assert hedges(desk) == {ALPHA: Decimal("0.5"), BETA: Decimal("0.5")}
    assert cover(desk) == 0
    said = [title for title in desk.told if title.startswith("BTC: ")]
    assert sorted(said) == [
        "BTC: -0.5 at alpha is in doubt",
        "BTC: -0.5 at beta is in doubt",
        "BTC: -0.5 of the hedge cannot be sent",
    ]
    assert desk.body_of("-0.5 of the hedge cannot be sent") == ("alpha is TRAPPED?; beta is TRAPPED?")


def test_a_backup_that_rejects_is_not_asked_again_while_another_takes_the_order() -> None:
    desk = Desk()
    desk.depth |= {ALPHA: [(1, "50")], BETA: [(20, "50")]}
    desk.refuses.add("alpha")
    trapped(desk, BTC="1.5")
    desk.passes(6.0)
    assert [o.leg for o in desk.orders_of(Purpose.HEDGE)] == [ALPHA, BETA]
    assert cover(desk) == Decimal("-1.5")


# ------------------------------------------------------------------ within what accounts can carry


def one_backup(base: Policy) -> Policy:
    """Leave only alpha to hedge on."""
    assets = tuple(
        replace(a, hedge_on=tuple(leg for leg in a.hedge_on if leg.venue == "alpha")) for a in base.assets
    )
    return replace(base, assets=assets)


@pytest.mark.parametrize("slices", [1, 4])
def test_with_margin_for_one_the_worse_naked_asset_is_hedged_and_the_other_is_told_once(slices: int) -> None:
    desk = Desk(one_backup(two_assets(policy(slices=slices))))
    desk.equity["alpha"] = Decimal(20_000)
    trapped(desk, ETH="15", BTC="1.5")
    desk.passes(60.0)
    assert cover(desk) == Decimal("-1.5")
    assert cover(desk, "ETH") > Decimal(-15)
    assert all(desk.distance(leg) >= Decimal("0.14") for leg in (ALPHA, ALPHA_ETH) if desk.positions[leg])
    first = desk.orders_of(Purpose.HEDGE)[0]
    assert first.leg == ALPHA
    title = f"{15 + cover(desk, 'ETH'):f}".rstrip("0").rstrip(".")
    assert desk.body_of(f"ETH: -{title} of the hedge cannot be sent").startswith("alpha")
    assert not [word for word in desk.told if word.startswith("BTC:") and "cannot be sent" in word]


def test_a_venues_own_ceiling_sends_the_rest_elsewhere() -> None:
    base = two_assets()
    bound = Money(Decimal(30_000), "USDT")
    venues = tuple(replace(v, max_hedge=bound if v.id == "alpha" else None) for v in base.venues)
    desk = Desk(replace(base, venues=venues))
    desk.depth |= {ALPHA: [(1, "50")], BETA: [(20, "50")]}
    trapped(desk, BTC="1.5")
    desk.passes(5.0)
    found = hedges(desk)
    assert found[ALPHA] * 60_000 <= 30_000 < (found[ALPHA] + Decimal("0.01")) * 60_000
    assert cover(desk) == Decimal("-1.5")


def test_a_rally_while_hedged_brings_nothing_of_ours_nearer_and_is_told_once_per_level() -> None:
    desk = Desk(one_backup(two_assets(policy(slices=2))))
    desk.equity["alpha"] = Decimal(30_000)
    trapped(desk, BTC="1.5")
    desk.passes(6.0)
    assert cover(desk) == Decimal("-1.5")
    for _ in range(20):
        desk.moves("1.0092")
        desk.passes(2.0)
    before = len(desk.orders_of(Purpose.HEDGE))
    assert desk.distance(ALPHA) < Decimal("0.15")
    desk.positions[MAIN] = Decimal(3)  # more is trapped than before: it may not be hedged here
    desk.passes(20.0)
    assert len(desk.orders_of(Purpose.HEDGE)) == before
    near = [word for word in desk.words if "from its liquidation" in word.title]
    assert len(near) == len({word.title for word in near}) <= 3
    assert "more margin would bring it back" in near[0].body
    snapshot = desk.guard.snapshot(desk.now)
    position = next(p for a in snapshot.assets for p in a.positions if p.leg == ALPHA)
    assert position.to_liquidation is not None
    assert abs(position.to_liquidation - desk.distance(ALPHA)) < Decimal("0.001")


def test_no_order_brings_another_position_on_the_account_nearer_than_the_limit() -> None:
    base = one_backup(two_assets())
    assets = tuple(replace(a, keep=Decimal(20) if a.name == "ETH" else a.keep) for a in base.assets)
    desk = Desk(replace(base, assets=assets))
    desk.positions[ALPHA_ETH] = Decimal(20)  # 60 000 of the trader's own, 16 % from its liquidation
    desk.equity["alpha"] = Decimal(9_900)
    desk.positions[MAIN] = Decimal("1.5")
    desk.arm()
    desk.breaks()
    desk.passes(40.0)
    assert desk.distance(ALPHA_ETH) >= Decimal("0.15")
    assert "BTC/USDT:USDT" not in {o.leg.symbol for o in desk.orders_of(Purpose.HEDGE)} or hedges(desk)[
        ALPHA
    ] < Decimal("0.5")
    assert any(word.startswith("BTC:") and "cannot be sent" in word for word in desk.told)


# ------------------------------------------------------------------ two backups that disagree


def test_of_two_backups_apart_the_one_that_went_on_from_what_both_stood_for_is_believed() -> None:
    desk = Desk()
    desk.positions[MAIN] = Decimal(1)
    desk.arm()
    desk.mids[BETA] = Decimal(61_500)
    desk.breaks()
    desk.blind.add("main")
    desk.until_hedged()
    desk.passes(5.0)
    assert set(hedges(desk)) == {ALPHA}
    assert cover(desk) == -1


def test_where_nothing_tells_which_of_two_backups_is_right_nothing_is_sent_and_both_prices_are_told() -> None:
    desk = Desk()
    desk.positions[MAIN] = Decimal(1)
    desk.mids |= {ALPHA: Decimal(60_000), BETA: Decimal(61_500)}
    desk.blind.add("main")
    desk.arm()
    desk.blind.discard("main")
    desk.mids[MAIN] = Decimal(64_000)
    desk.passes(4.0)
    desk.breaks()
    desk.passes(30.0)
    assert not desk.orders_of(Purpose.HEDGE)
    body = desk.body_of("nothing is hedged")
    assert "alpha 60000" in body
    assert "beta 61500" in body


# ------------------------------------------------------------------ proxies


def proxied() -> Policy:
    """Hedge ETH in BTC: no backup lists it."""
    base = two_assets()
    bitcoin, ether = base.assets
    legs = (MAIN_ETH,)
    return replace(
        base, assets=(bitcoin, replace(ether, legs=legs, hedge_on=(), proxy=Proxy("BTC", Decimal("1.3"))))
    )


def test_a_proxy_hedge_counts_for_its_asset_and_not_as_the_proxys_own() -> None:
    desk = trapped(Desk(proxied()), ETH="20")
    desk.passes(6.0)
    # 20 ETH at 3000, times 1.3, in BTC at 60 000.
    assert hedges(desk) == {ALPHA: Decimal("1.3")}
    assert cover(desk, "ETH") == Decimal(-20)
    assert cover(desk, "BTC") == 0
    snapshot = desk.guard.snapshot(desk.now)
    bitcoin, ether = snapshot.assets
    assert bitcoin.net == 0
    assert ether.hedged == -20
    desk.passes(20.0)
    assert len(desk.orders_of(Purpose.HEDGE)) == 1


def test_a_proxy_and_the_proxys_own_hedge_share_a_leg_and_come_off_apart() -> None:
    desk = trapped(Desk(proxied()), ETH="20", BTC="-1")
    desk.passes(6.0)
    assert cover(desk, "ETH") == -20
    assert cover(desk, "BTC") == 1
    assert desk.positions[ALPHA] == Decimal("-0.3")
    desk.moves("1.1")
    desk.passes(3.0)
    desk.positions[MAIN_ETH] = Decimal(10)
    desk.passes(8.0)
    assert abs(cover(desk, "ETH") + 10) < Decimal("0.02")
    assert cover(desk, "BTC") == 1
    assert desk.positions[ALPHA] == Decimal("0.35")
    again = Desk(desk.policy, facts=desk.journal, start_s=desk.now_s + 5)
    again.positions, again.orders, again.mids, again.hangs = (
        desk.positions,
        desk.orders,
        desk.mids,
        desk.hangs,
    )
    again.passes(10.0)
    assert abs(cover(again, "ETH") + 10) < Decimal("0.02")
    again.heals()
    again.passes(60.0)
    assert again.positions[ALPHA] == 0
    assert not [incident for incident in again.guard.memory.incidents if incident.open]


# ------------------------------------------------------------------ coverage


def test_coverage_says_before_an_outage_where_each_asset_would_be_hedged_and_what_limits_it() -> None:
    base = one_backup(two_assets())
    proving = Canary(Rung.TEST_ORDER, every_s=0.5)
    desk = Desk(replace(base, venues=tuple(replace(venue, canary=proving) for venue in base.venues)))
    desk.equity["alpha"] = Decimal(20_000)
    desk.positions |= {MAIN: Decimal("1.5"), MAIN_ETH: Decimal(15)}
    desk.passes(6.0)
    bitcoin, ether = desk.guard.snapshot(desk.now).assets
    assert bitcoin.coverage.share == 1
    assert (bitcoin.coverage.limited_by, bitcoin.coverage.if_lost) == ("none", "main")
    assert [(part.leg, part.amount) for part in bitcoin.coverage.split] == [(ALPHA, Decimal("-1.5"))]
    assert Decimal(0) < ether.coverage.share < Decimal(1)
    assert ether.coverage.limited_by == "margin"
    assert ether.coverage.because.startswith("alpha")
