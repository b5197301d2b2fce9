"""The router against every single venue and against an exact optimum, over thousands of random books."""

import random
from collections.abc import Sequence
from decimal import Decimal

import pytest

from riskguard.core.exposure.prices import Book
from riskguard.core.hedge.plan import Candidate, band, orderable
from riskguard.core.hedge.router import CLOSE_ENOUGH, Split, split
from riskguard.core.types import Leg, Market, Side

MID = Decimal(100)
BAND_BPS = Decimal(60)
UNIT = Decimal("0.1")
"""All lots drawn below are multiples of it."""
CENT = Decimal("1e-12")


def candidate(
    name: str,
    asks: Sequence[tuple[str, str]],
    *,
    lot: str = "0.1",
    least: str = "0",
    notional: str = "0",
    fee: str = "5",
    room: str | None = None,
    carry: str = "0",
) -> Candidate:
    """Make a leg whose book mirrors its asks."""
    leg = Leg(name, "BTC/USDT:USDT")
    market = Market(
        leg,
        "BTC",
        "USDT",
        Decimal(lot),
        Decimal(least),
        Decimal(notional),
        Decimal("0.01"),
        derivative=True,
        taker_fee_bps=Decimal(fee),
    )
    rows = [(Decimal(price), Decimal(size)) for price, size in asks]
    book = Book(tuple((2 * MID - price, size) for price, size in rows), tuple(rows), 0.0)
    return Candidate(leg, market, book, None if room is None else Decimal(room), Decimal(carry))


def drawn(rng: random.Random, name: str, units: int) -> Candidate:
    """Draw a leg: any depth from none up, any lot, fee, minimum and room; levels need not be whole lots."""
    price, asks = Decimal(rng.randint(-4, 30)) / 100 + MID, []
    for _ in range(rng.randint(0, 4)):
        asks.append((str(price), str(Decimal(rng.randint(0, units * 4)) / 40)))
        price += Decimal(rng.randint(1, 25)) / 100
    return candidate(
        name,
        asks,
        lot=str(UNIT * rng.choice((1, 1, 1, 2, 3, 5))),
        least=str(UNIT * rng.choice((0, 0, 1, 3, units // 2))),
        notional=rng.choice(("0", "5", "30", "75")),
        fee=str(rng.choice((-1, 0, 2, 5, 8))),
        room=rng.choice((None, None, None, str(UNIT * rng.randint(0, units)))),
        carry=rng.choice(("0", "0", "-2", "3")),
    )


def price_of(one: Candidate, side: Side, amount: Decimal) -> Decimal | None:
    """Give the all-in cost of an amount at one venue, computed another way; None: it cannot be ordered."""
    market, limit = one.market, band(MID, side, BAND_BPS, one.market.tick)
    if amount % market.lot or not orderable(amount, limit, market):
        return None
    if one.room is not None and amount > one.room:
        return None
    left, cost = amount, Decimal(0)
    for price, size in one.book.asks if side is Side.BUY else one.book.bids:
        if (price - limit) * side.sign > 0:
            break
        taken = min(left, size)
        left -= taken
        cost += taken * ((price - MID) * side.sign + price * market.taker_fee_bps / 10_000)
    return cost + amount * MID * one.carry_bps / 10_000 if left == 0 else None


def table(one: Candidate, side: Side, units: int) -> dict[int, Decimal]:
    """Give what each whole number of units costs at one venue, none at all included."""
    found = {0: Decimal(0)}
    for count in range(1, units + 1):
        cost = price_of(one, side, count * UNIT)
        if cost is not None:
            found[count] = cost
    return found


def exact(tables: Sequence[dict[int, Decimal]], units: int) -> dict[int, Decimal]:
    """Try everything: give the least cost of each total."""
    best = {0: Decimal(0)}
    for costs in tables:
        grown: dict[int, Decimal] = {}
        for before, paid in best.items():
            for count, cost in costs.items():
                total = before + count
                if total <= units and (total not in grown or paid + cost < grown[total]):
                    grown[total] = paid + cost
        best = grown
    return best


def checked(found: Split, candidates: Sequence[Candidate], side: Side, amount: Decimal) -> Decimal:
    """Check that each order can be sent as it is; gives the cost of all, computed another way."""
    cost = Decimal(0)
    by_leg = {one.leg: one for one in candidates}
    assert len({route.leg for route in found.routes}) == len(found.routes)
    for route in found.routes:
        paid = price_of(by_leg[route.leg], side, route.amount)
        assert paid is not None, route
        assert route.side is side
        assert abs(route.cost_bps - paid / (route.amount * MID) * 10_000) < CENT
        cost += paid
    assert found.filled == sum((route.amount for route in found.routes), Decimal(0)) <= amount
    assert abs(found.cost - cost) < CENT
    return cost


@pytest.mark.parametrize("part", range(4))
def test_over_random_books_no_single_venue_is_better_and_nothing_at_all_is(part: int) -> None:
    rng = random.Random(part)  # noqa: S311 - drawn books
    for _ in range(2_500):
        units, side = rng.randint(1, 24), rng.choice((Side.BUY, Side.SELL))
        candidates = [drawn(rng, name, units) for name in "abcd"[: rng.randint(1, 4)]]
        amount = units * UNIT + rng.choice((Decimal(0), Decimal("0.05")))
        found = split(amount * side.sign, candidates, MID, BAND_BPS)
        cost = checked(found, candidates, side, amount)
        tables = [table(one, side, units) for one in candidates]
        filled = int(found.filled / UNIT)
        for costs in tables:
            assert filled >= max(costs)
            assert filled not in costs or cost <= costs[filled] + CENT
        best = exact(tables, units)
        assert filled == max(best)
        assert cost <= best[filled] + abs(best[filled]) * CLOSE_ENOUGH + CENT


def test_a_deep_book_is_eaten_no_further_than_the_next_one_is_cheaper() -> None:
    one = candidate("a", [("100.01", "1"), ("100.20", "9")])
    other = candidate("b", [("100.05", "2"), ("100.30", "9")])
    found = split(Decimal(4), [one, other], MID, BAND_BPS)
    assert [(route.leg.venue, route.amount) for route in found.routes] == [
        ("a", Decimal(2)),
        ("b", Decimal(2)),
    ]


def test_an_earlier_venue_carries_a_tie() -> None:
    asks = [("100.01", "5")]
    for names in ("ab", "ba"):
        found = split(Decimal(3), [candidate(name, asks) for name in names], MID, BAND_BPS)
        assert [(route.leg.venue, route.amount) for route in found.routes] == [(names[0], Decimal(3))]


def test_a_fee_can_cost_more_than_a_worse_price() -> None:
    found = split(
        Decimal(1),
        [candidate("a", [("100.01", "5")], fee="8"), candidate("b", [("100.05", "5")], fee="2")],
        MID,
        BAND_BPS,
    )
    assert [route.leg.venue for route in found.routes] == ["b"]


def test_a_rest_below_a_minimum_takes_enough_along() -> None:
    cheap = candidate("a", [("100.01", "0.9")])
    dear = candidate("b", [("100.20", "5")], least="0.5")
    found = split(Decimal(1), [cheap, dear], MID, BAND_BPS)
    assert [(route.leg.venue, route.amount) for route in found.routes] == [
        ("a", Decimal("0.5")),
        ("b", Decimal("0.5")),
    ]


def test_a_coarse_lot_leaves_its_remainder_to_a_fine_one() -> None:
    coarse = candidate("a", [("100.01", "50")], lot="1")
    fine = candidate("b", [("100.20", "50")], lot="0.1")
    found = split(Decimal("3.7"), [coarse, fine], MID, BAND_BPS)
    assert {route.leg.venue: route.amount for route in found.routes} == {"a": 3, "b": Decimal("0.7")}


@pytest.mark.parametrize(
    "candidates",
    [
        [],
        [candidate("a", [])],
        [candidate("a", [("101", "9")])],
        [candidate("a", [("100", "0")])],
        [candidate("a", [("100", "9")], room="0")],
        [candidate("a", [("100", "0.09")])],
        [candidate("a", [("100", "9")], notional="500")],
    ],
)
def test_nothing_is_routed_where_nothing_can_be_ordered(candidates: list[Candidate]) -> None:
    assert split(Decimal(2), candidates, MID, BAND_BPS) == Split()
    assert split(Decimal(0), candidates, MID, BAND_BPS) == Split()


def test_large_amounts_on_many_deep_books_meet_the_bound_of_broken_lots() -> None:
    rng = random.Random(7)  # noqa: S311 - drawn books
    for _ in range(40):
        candidates = [
            candidate(
                name,
                [(str(Decimal(10_000 + 2 * step) / 100), str(rng.randint(1, 900))) for step in range(20)],
                lot=rng.choice(("0.001", "0.01", "1", "7")),
                fee=str(rng.choice((2, 4, 5))),
            )
            for name in "abcdef"
        ]
        amount = Decimal(rng.randint(1, 3_000_000)) / 1_000
        found = split(amount, candidates, MID, BAND_BPS)
        checked(found, candidates, Side.BUY, amount)
        levels = sorted(
            (price - MID + price * one.market.taker_fee_bps / 10_000, size)
            for one in candidates
            for price, size in one.book.asks
            if price <= band(MID, Side.BUY, BAND_BPS, one.market.tick)
        )
        left, bound = found.filled, Decimal(0)
        for each, size in levels:
            bound, left = bound + each * min(left, size), max(left - size, Decimal(0))
        assert found.cost <= bound * Decimal("1.01")
