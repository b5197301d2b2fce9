"""Splits one hedge over several venues: as much as can be filled, at the least all-in cost.

The problem. Of each candidate leg only whole lots can be ordered, none at all or at least the venue's
minimum, at most what its book shows within the band and what its account has room for. Per leg, the cost of
one more lot never falls as the book is eaten (spread, impact, fee, carry): convex but for the minimums.
Wanted is the allocation that fills most of the amount without exceeding it, and among those the cheapest.

The method is branch and bound. The bound buys the cheapest lots over all venues until the amount is reached,
which is exact but for at most one broken lot and for shares below a minimum; those are branched on. The best
single venue is where the search begins, so the answer is never worse than that. The search ends when nothing
can be cheaper by more than `CLOSE_ENOUGH`, or after `MOST_NODES`, which only contrived lot sizes come near.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from math import gcd

from riskguard.core.exposure.prices import TEN_THOUSAND
from riskguard.core.hedge.plan import Candidate, Route, band
from riskguard.core.types import ZERO, Side, side_of

MOST_NODES = 500
"""Relaxations solved before the best allocation found so far is taken."""
CLOSE_ENOUGH = Decimal("0.0001")
"""An allocation is taken for the best when none can be cheaper by more than this share of its cost."""
MOST_UNITS = 1 << 22
"""Up to so many units, which totals whole lots can make at all is computed exactly beforehand."""


@dataclass(frozen=True, slots=True)
class Split:
    """One hedge over several venues, before limits; no routes where nothing can be ordered."""

    routes: tuple[Route, ...] = ()
    """At most one per candidate, in their order."""
    filled: Decimal = ZERO
    """Base units that the books hold for it, positive."""
    cost: Decimal = ZERO
    """Expected all-in cost against the mid, quote units; negative where a book is better than the mid."""
    cost_bps: Decimal = ZERO
    """The same per notional at the mid."""


def split(amount: Decimal, candidates: Sequence[Candidate], mid: Decimal, slippage_bps: Decimal) -> Split:
    """Allocate a signed amount (base units; positive buys) over the candidates.

    `mid` is the consensus price that costs are measured against; no level further than `slippage_bps` from it
    is touched. All fills together never exceed the amount. Among allocations of equal cost the earlier
    candidates carry more. A venue's minimum notional is judged at the order's limit price.
    """
    side = side_of(amount)
    curves = [
        curve
        for place, candidate in enumerate(candidates)
        if (curve := _curve(place, candidate, abs(amount), side, mid, slippage_bps)) is not None
    ]
    if amount == ZERO or not curves:
        return Split()
    unit, sizes = _in_units([curve.candidate.market.lot for curve in curves])
    wanted = int((abs(amount) / unit).to_integral_value(ROUND_DOWN))
    best = _Search(curves, sizes, _reachable(curves, sizes, wanted)).run()
    return _as_split(curves, best, mid)


# ------------------------------------------------------------------ one venue


@dataclass(frozen=True, slots=True)
class _Curve:
    """What one venue offers: runs of lots, cheapest first."""

    place: int
    candidate: Candidate
    side: Side
    price: Decimal
    """The limit price of an order there."""
    runs: tuple[tuple[Decimal, int], ...]
    """(cost of one lot in quote units, number of lots)."""
    least: int
    """Fewest lots that the venue's minimums let in."""
    most: int

    def cost(self, lots: int) -> Decimal:
        """Give the cost of the first `lots` lots."""
        total, left = ZERO, lots
        for each, count in self.runs:
            taken = min(count, left)
            total, left = total + each * taken, left - taken
            if not left:
                break
        return total


def _curve(
    place: int, candidate: Candidate, wanted: Decimal, side: Side, mid: Decimal, slippage_bps: Decimal
) -> _Curve | None:
    market = candidate.market
    price = band(mid, side, slippage_bps, market.tick)
    cap = wanted if candidate.room is None else min(wanted, candidate.room)
    if price <= ZERO or cap < market.lot:
        return None
    floor = max(market.min_amount, market.lot, market.min_notional / price)
    least = int((floor / market.lot).to_integral_value(ROUND_CEILING))
    runs: list[tuple[Decimal, int]] = []
    left = int((cap / market.lot).to_integral_value(ROUND_DOWN))
    for each, count in _lots(candidate, side, price, mid):
        taken = min(count, left)
        runs, left = [*runs, (each, taken)], left - taken
        if not left:
            break
    most = sum(count for _, count in runs)
    return _Curve(place, candidate, side, price, tuple(runs), least, most) if most >= least else None


def _lots(candidate: Candidate, side: Side, price: Decimal, mid: Decimal) -> Iterator[tuple[Decimal, int]]:
    """Cut a book within the band into lots: (cost of one, how many); a lot may straddle levels."""
    book, market = candidate.book, candidate.market
    levels = book.asks if side is Side.BUY else book.bids
    carry = mid * candidate.carry_bps / TEN_THOUSAND
    held, paid = ZERO, ZERO  # of a lot that is not whole yet
    for level, size in sorted(levels, reverse=side is Side.SELL):
        if (level > price if side is Side.BUY else level < price) or level <= ZERO:
            break
        left = max(size, ZERO)
        each = (level - mid) * side.sign + level * market.taker_fee_bps / TEN_THOUSAND + carry
        if held > ZERO:
            taken = min(market.lot - held, left)
            held, paid, left = held + taken, paid + taken * each, left - taken
            if held < market.lot:
                continue
            yield paid, 1
            held, paid = ZERO, ZERO
        whole = int((left / market.lot).to_integral_value(ROUND_DOWN))
        if whole:
            yield each * market.lot, whole
        held = left - whole * market.lot
        paid = held * each


# ------------------------------------------------------------------ all venues together


def _in_units(lots: Sequence[Decimal]) -> tuple[Decimal, list[int]]:
    """Give the largest unit that all lots are multiples of, and how many units each lot is."""
    ratios = [lot.as_integer_ratio() for lot in lots]
    scale = 1
    for _, below in ratios:
        scale = scale * below // gcd(scale, below)
    whole = [above * (scale // below) for above, below in ratios]
    unit = gcd(*whole)
    return Decimal(unit) / Decimal(scale), [size // unit for size in whole]


def _reachable(curves: Sequence[_Curve], sizes: Sequence[int], wanted: int) -> int:
    """Give the most units, `wanted` or fewer, that whole lots within all bounds can make.

    A bit set of totals; where it would be huge, or all lots are alike, the search finds out by itself.
    """
    if wanted > MOST_UNITS or max(sizes) == 1:
        return wanted
    mask = (1 << (wanted + 1)) - 1
    totals = 1
    for curve, size in zip(curves, sizes, strict=True):
        some, width, choices = totals, 1, curve.most - curve.least + 1
        while width < choices:
            more = min(width, choices - width)
            some = (some | some << more * size) & mask
            width += more
        totals |= (some << curve.least * size) & mask
    return totals.bit_length() - 1


@dataclass(frozen=True, slots=True)
class _Node:
    """Bounds on the lots of each venue."""

    low: tuple[int, ...]
    high: tuple[int, ...]

    def at_most(self, which: int, lots: int) -> "_Node":
        return _Node(self.low, (*self.high[:which], lots, *self.high[which + 1 :]))

    def at_least(self, which: int, lots: int) -> "_Node":
        return _Node((*self.low[:which], lots, *self.low[which + 1 :]), self.high)


@dataclass(frozen=True, slots=True)
class _Relaxed:
    """The cheapest allocation within a node's bounds when the last lot bought may be broken."""

    filled: int
    cost: Decimal
    lots: tuple[int, ...]
    broken: int | None
    """The venue whose last lot is broken; it is not counted in `lots`."""

    def beats(self, other: "_Relaxed | None", *, by: Decimal = ZERO) -> bool:
        """Tell whether it fills more, or as much for less, by more than a share of the cost."""
        if other is None or self.filled != other.filled:
            return other is None or self.filled > other.filled
        return self.cost < other.cost - abs(other.cost) * by


class _Search:
    """Branch and bound over the lots of each venue."""

    def __init__(self, curves: Sequence[_Curve], sizes: Sequence[int], wanted: int) -> None:
        self._curves, self._sizes, self._wanted = curves, sizes, wanted
        runs = [
            (each / size, which, start, count, each)
            for which, (curve, size) in enumerate(zip(curves, sizes, strict=True))
            for start, count, each in _placed(curve)
        ]
        self._runs = sorted(runs, key=lambda run: run[:3])
        self._best: _Relaxed | None = None

    def run(self) -> tuple[int, ...]:
        """Give the lots per venue."""
        for which in range(len(self._curves)):
            self._alone(which)
        everything = tuple(
            min(curve.most, self._wanted // size)
            for curve, size in zip(self._curves, self._sizes, strict=True)
        )
        open_nodes = [_Node((0,) * len(everything), everything)]
        for _ in range(MOST_NODES):
            if not open_nodes:
                break
            node = open_nodes.pop()
            relaxed = self._relax(node)
            if relaxed is None or not relaxed.beats(self._best, by=CLOSE_ENOUGH):
                continue
            branches = self._branch(node, relaxed)
            if branches:
                open_nodes += branches
            else:
                self._best = relaxed
        return self._best.lots if self._best is not None else (0,) * len(everything)

    def _alone(self, which: int) -> None:
        curve, size = self._curves[which], self._sizes[which]
        count = min(curve.most, self._wanted // size)
        if count < curve.least:
            return
        lots = tuple(count if other == which else 0 for other in range(len(self._curves)))
        found = _Relaxed(count * size, curve.cost(count), lots, None)
        if found.beats(self._best):
            self._best = found

    def _relax(self, node: _Node) -> _Relaxed | None:
        left = self._wanted - sum(low * size for low, size in zip(node.low, self._sizes, strict=True))
        if left < 0 or any(low > high for low, high in zip(node.low, node.high, strict=True)):
            return None
        cost = sum((self._curves[i].cost(low) for i, low in enumerate(node.low) if low), ZERO)
        lots, broken = list(node.low), None
        for _, which, start, count, each in self._runs:
            begin, end = max(start, node.low[which]), min(start + count, node.high[which])
            if end <= begin:
                continue
            size = self._sizes[which]
            taken = min(end - begin, left // size)
            lots[which], left, cost = lots[which] + taken, left - taken * size, cost + taken * each
            if taken < end - begin:
                if left:
                    broken, cost, left = which, cost + each * left / size, 0
                break
        return _Relaxed(self._wanted - left, cost, tuple(lots), broken)

    def _branch(self, node: _Node, relaxed: _Relaxed) -> list[_Node]:
        """Give the nodes that exclude what cannot be ordered, likelier last; none: all can be ordered."""
        which = relaxed.broken
        if which is not None:
            lots = relaxed.lots[which]
            return [node.at_least(which, lots + 1), node.at_most(which, lots)]
        for which, (lots, curve) in enumerate(zip(relaxed.lots, self._curves, strict=True)):
            if 0 < lots < curve.least:
                return [node.at_most(which, 0), node.at_least(which, curve.least)]
        return []


def _placed(curve: _Curve) -> Iterator[tuple[int, int, Decimal]]:
    start = 0
    for each, count in curve.runs:
        yield start, count, each
        start += count


def _as_split(curves: Sequence[_Curve], lots: Sequence[int], mid: Decimal) -> Split:
    routes, filled, cost = [], ZERO, ZERO
    for curve, count in zip(curves, lots, strict=True):
        if not count:
            continue
        # Without zeros at the end, for people: 1.5 and not 1.500.
        amount, paid = (count * curve.candidate.market.lot).normalize() + 0, curve.cost(count)
        bps = paid / (amount * mid) * TEN_THOUSAND
        routes.append(Route(curve.candidate.leg, curve.side, amount, curve.price, bps))
        filled, cost = filled + amount, cost + paid
    cost_bps = cost / (filled * mid) * TEN_THOUSAND if filled else ZERO
    return Split(tuple(routes), filled, cost, cost_bps)
