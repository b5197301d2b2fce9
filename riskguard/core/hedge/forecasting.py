"""If one primary died now: what of each asset could be hedged, all assets together, the worst naked first."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from riskguard.core.exposure.assessing import Assessment, account_of, hedge_notional
from riskguard.core.hedge import carry
from riskguard.core.hedge.coverage import Answer, Need, coverage
from riskguard.core.hedge.margin import Account
from riskguard.core.hedge.plan import Candidate
from riskguard.core.hedge.router import Split
from riskguard.core.hedge.routing import Place, Quest, open_places
from riskguard.core.memory import Memory
from riskguard.core.policy import HedgeRule, Rule
from riskguard.core.snapshot import CoveragePicture, SharePicture
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Asset, VenueId, side_of
from riskguard.core.watch.watching import Watch

ONE = Decimal(1)
NO_ORDERS = Split()


@dataclass(frozen=True, slots=True)
class Case:
    """One asset that one dead primary would leave naked."""

    found: Assessment
    hedge: HedgeRule
    wanted: Decimal
    """The hedge that would be asked for, in all; units of the asset, signed."""

    @property
    def naked_notional(self) -> Decimal:
        """What is not hedged of it yet, quote units."""
        return abs(self.wanted - self.found.cover) * (self.found.mid or ZERO)


def forecast(
    memory: Memory, watch: Watch, turn: Turn, found: Mapping[Asset, Assessment]
) -> dict[Asset, tuple[CoveragePicture, ...]]:
    """Give per asset one answer for each primary that it has a leg at."""
    answers: dict[Asset, list[CoveragePicture]] = {name: [] for name in found}
    for venue in memory.policy.venues:
        if venue.guarded:
            for name, picture in _if_lost(memory, watch, turn, venue.id, found):
                answers[name].append(picture)
    return {name: tuple(pictures) for name, pictures in answers.items()}


def worst(pictures: tuple[CoveragePicture, ...]) -> CoveragePicture:
    """Give the answer for the primary whose loss would leave most unhedged."""
    nothing = CoveragePicture(ONE, None, None, "none")
    return min(pictures, key=lambda picture: picture.share, default=nothing)


def _if_lost(
    memory: Memory, watch: Watch, turn: Turn, venue: VenueId, found: Mapping[Asset, Assessment]
) -> list[tuple[Asset, CoveragePicture]]:
    accounts: dict[VenueId, Account | None] = {
        v.id: account_of(memory, v.id, turn) for v in memory.policy.venues
    }
    spent: dict[Asset, Decimal] = {name: hedge_notional(memory, name) for name in found}
    pictures = []
    cases = [_case(memory, venue, one) for one in found.values() if _has_leg_at(one, venue)]
    for case in sorted(cases, key=lambda case: case.naked_notional, reverse=True):
        name = case.found.asset.name
        others = sum((notional for other, notional in spent.items() if other != name), ZERO)
        answer, rate = _answer(memory, watch, turn, venue, case, accounts, others)
        for route in answer.orders.routes:
            account = accounts[route.leg.venue]
            notional = route.amount * route.price
            if account is not None:
                accounts[route.leg.venue] = account.after(route.leg, notional * route.side.sign)
            spent[name] += notional
        pictures.append((name, _picture(memory, turn, venue, answer, rate)))
    return pictures


def _has_leg_at(one: Assessment, venue: VenueId) -> bool:
    return any(leg.venue == venue for leg in one.asset.legs)


def _case(memory: Memory, venue: VenueId, one: Assessment) -> Case:
    hedge = next((r.hedge for r in memory.policy.rules if _hedges(r, venue, one.asset.name)), HedgeRule())
    wanted = ZERO
    if one.exposure is not None:
        point = one.exposure.point(hedge.doubts)
        wanted = -point * hedge.size if abs(point) >= one.asset.guard else ZERO
    return Case(one, hedge, wanted)


def _hedges(rule: Rule, venue: VenueId, asset: Asset) -> bool:
    return "hedge" in rule.do and venue in rule.venues and (not rule.assets or asset in rule.assets)


def _answer(
    memory: Memory,
    watch: Watch,
    turn: Turn,
    venue: VenueId,
    case: Case,
    accounts: Mapping[VenueId, Account | None],
    others: Decimal,
) -> tuple[Answer, Decimal]:
    one = case.found
    if one.exposure is None:
        return Answer(ZERO, NO_ORDERS, "verdict", one.unknown), ONE
    if case.wanted == ZERO:
        return Answer(ONE, NO_ORDERS, "none"), ONE
    places, why = open_places(memory, watch, turn, Quest(one.asset, one.mid, venue, case.hedge.to))
    places = [place for place in places if place.per_unit == places[0].per_unit]
    if not places:
        return Answer(min(abs(one.cover / case.wanted), ONE), NO_ORDERS, "verdict", why), ONE
    first: Place = places[0]
    side = side_of(case.wanted)
    candidates = [
        Candidate(
            p.leg,
            p.market,
            memory.prices.books[p.leg],
            carry_bps=carry.expected_bps(memory, turn, p.leg, side),
        )
        for p in places
    ]
    need = Need(case.wanted / first.per_unit, one.cover / first.per_unit, first.mid, candidates)
    return coverage(need, accounts, others, memory.policy.limits), first.per_unit


def _carry_bps_day(memory: Memory, turn: Turn, answer: Answer) -> Decimal | None:
    """Give what the split hedge would cost a day, by amount; None where one venue does not tell."""
    routes = answer.orders.routes
    rates = [carry.bps_day(memory, turn, route.leg, route.side) for route in routes]
    if not routes or None in rates:
        return None
    whole = sum((route.amount for route in routes), ZERO)
    paid = zip(routes, rates, strict=True)
    return sum((route.amount * (rate or ZERO) for route, rate in paid), ZERO) / whole


def _picture(memory: Memory, turn: Turn, venue: VenueId, answer: Answer, rate: Decimal) -> CoveragePicture:
    routes = tuple(
        SharePicture(route.leg, route.amount * route.side.sign * rate, route.cost_bps)
        for route in answer.orders.routes
    )
    cost_bps = answer.orders.cost_bps if routes else None
    carried = _carry_bps_day(memory, turn, answer)
    return CoveragePicture(answer.share, cost_bps, carried, answer.limited_by, venue, routes, answer.because)
