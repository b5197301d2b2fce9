"""What a strategy wants: the situation put together, the answer checked, the ceilings applied."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from riskguard.core.exposure.assessing import Assessment
from riskguard.core.exposure.interval import Exposure
from riskguard.core.exposure.prices import APART_BPS, bps
from riskguard.core.facts import PriceReached, StrategyLoaded
from riskguard.core.hedge.strategy import Situation, Stop, Target
from riskguard.core.incident.incident import Incident
from riskguard.core.incident.price_path import PricePath
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import OrderReport, Severity
from riskguard.core.policy import AssetPolicy, Rule
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, VenueId


def note_files(memory: Memory, turn: Turn, hashes: Mapping[str, str]) -> None:
    """Journal which code each strategy is; code that is not what the last run used is told."""
    for name, sha256 in hashes.items():
        before = memory.course.strategy_files.get(name)
        if before == sha256:
            continue
        memory.record(StrategyLoaded(name, sha256), turn)
        if before is not None:
            title = f"strategy {name} is not the code that ran before"
            body = f"file hash {sha256[:12]}, before {before[:12]}; what is open goes on with the new code"
            memory.tell(turn, Severity.WARNING, title, body)


def follow_price(memory: Memory, turn: Turn, incident: Incident, found: Assessment) -> None:
    """Journal how far an asset's price went in an incident, from the first moment on; no outlier counts."""
    key = (incident.id, found.asset.name)
    path = memory.course.price_paths.get(key)
    if found.mid is None or (path is not None and not path.goes_beyond(found.mid)):
        return
    if _is_agreed(memory, turn, incident.venue, found.asset, found.mid):
        memory.record(PriceReached(*key, found.mid), turn)


def _is_agreed(memory: Memory, turn: Turn, sick: VenueId, asset: AssetPolicy, mid: Decimal) -> bool:
    """Tell whether all fresh books of healthy venues stand by a price; a wrong one must cross no stop."""
    now_s, age_s = turn.now.mono_s, memory.policy.limits.data_age_s
    legs = [leg for leg in dict.fromkeys((*asset.legs, *asset.hedge_on)) if memory.standing(leg.venue).fine]
    books = [(leg, book) for leg in legs if (book := memory.prices.fresh(leg, now_s, age_s)) is not None]
    return all(
        bps(book.mid, mid) <= APART_BPS and not memory.lonely(leg, now_s, sick=sick) for leg, book in books
    )


def situation_of(
    memory: Memory, turn: Turn, incident: Incident, rule: Rule, found: Assessment
) -> Situation | None:
    """Put together what a strategy sees; None where exposure or price is not known."""
    exposure, mid = found.exposure, found.mid
    if exposure is None or mid is None:
        return None
    raw = exposure.point(rule.hedge.doubts)
    point = raw if abs(raw) >= found.asset.guard else ZERO
    path = memory.course.price_paths.get((incident.id, found.asset.name), PricePath.begin(mid))
    stops = _stops(memory, incident.venue, found.asset, path)
    return Situation(
        asset=found.asset.name,
        venue=incident.venue,
        condition=memory.standing(incident.venue).word,
        net=exposure.net,
        low=exposure.low,
        high=exposure.high,
        trapped=exposure.trapped,
        point=point,
        size=rule.hedge.size,
        hedged=found.cover,
        mid=mid,
        naked_s=incident.naked_s,
        opening_mid=path.opening,
        lasted_s=lasted_s(memory, turn, incident),
        adverse_bps=path.against_bps(point, mid),
        worst_bps=max(path.worst_bps(point), path.against_bps(point, mid)),
        notional=abs(point) * mid,
        stops=stops,
        unstopped=_unstopped(exposure, rule),
    )


def lasted_s(memory: Memory, turn: Turn, incident: Incident) -> float:
    """Give how long ago an incident opened; within this run by the clock that never jumps."""
    handling = memory.handling[incident.id]
    if handling.lasted is None:
        before_s = max(0.0, (turn.now.wall_ms - incident.opened_ms) / 1000)
        handling.lasted = (before_s, turn.now.mono_s)
    before_s, since_s = handling.lasted
    return before_s + turn.now.mono_s - since_s


def _unstopped(exposure: Exposure, rule: Rule) -> Decimal:
    left = tuple(order for order in exposure.doubtful if not order.conditional)
    return replace(exposure, doubtful=left).point(rule.hedge.doubts)


def _stops(memory: Memory, venue: VenueId, asset: AssetPolicy, path: PricePath) -> tuple[Stop, ...]:
    """Give the conditional orders that would reduce what is held of their leg, nearest trigger first."""
    found = [
        stop
        for ghost in memory.ghosts.get(venue, {}).values()
        if ghost.order.leg in asset.legs and (stop := _stop(memory, ghost.order, path)) is not None
    ]
    return tuple(sorted(found, key=lambda stop: (abs(stop.trigger - path.opening), stop.trigger)))


def _stop(memory: Memory, order: OrderReport, path: PricePath) -> Stop | None:
    basis = memory.bases.agreed.get(order.leg)
    held = basis.amount if basis is not None else ZERO
    left = order.amount - order.filled
    if order.amount == ZERO and order.reduce_only:
        left = abs(held)  # "close the position": such an order names no amount
    if not order.conditional or not order.trigger or left <= ZERO or held * order.side.sign >= ZERO:
        return None
    protects = (order.trigger < path.opening) == (held > ZERO)
    reached = path.crossed(order.trigger)
    return Stop(order.leg.venue, order.side, left, order.trigger, reached, protects)


def consult(
    memory: Memory, turn: Turn, incident: Incident, rule: Rule, situation: Situation
) -> Target | None:
    """Ask the strategy; None where it has no opinion, or none that can be used, which is told."""
    name = rule.hedge.strategy
    try:
        answer: object = memory.strategies[name](situation, **dict(rule.hedge.params))
    except Exception as error:  # noqa: BLE001 - a trader's own code; its failure must not end the guard
        wrong = f"{type(error).__name__}: {error}"
    else:
        if answer is None:
            return None
        wrong = fault_of(answer, situation)
        if not wrong and isinstance(answer, Target):
            return answer
    title = f"strategy {name} failed; nothing is sent for {situation.asset}"
    memory.tell(turn, Severity.ALARM, title, wrong, incident=incident.id, once=f"{incident.id}{title}")
    return None


def fault_of(answer: object, situation: Situation) -> str:
    """Say why an answer cannot be used; empty where it can.

    A hedge offsets what is held or may be held. One that goes beyond, or adds to it, is another position.
    """
    if not isinstance(answer, Target):
        return f"it gave {type(answer).__name__}, not a Target or None"
    amount: object = answer.amount
    if not isinstance(amount, Decimal):
        return f"its target is a {type(amount).__name__}, not a Decimal"
    if not amount.is_finite():
        return f"its target is {amount}"
    low = min(situation.low, situation.point, situation.unstopped, ZERO)
    high = max(situation.high, situation.point, situation.unstopped, ZERO)
    if not -high <= amount <= -low:
        may = f"{signed(low)} to {signed(high)}"
        return f"it wants {signed(amount)} where {may} may be held: that is no hedge"
    return ""


def kept_until_asked(
    memory: Memory, turn: Turn, incident: Incident, found: Assessment, target: Decimal
) -> Decimal:
    """Give the target, but keep hedge that covers nothing any more where the policy wants to be asked."""
    cover = found.cover
    comes_off = cover != ZERO and (target * cover <= ZERO or abs(target) < abs(cover))
    if memory.policy.unwind.orphan != "ask" or incident.unwind_wanted or not comes_off:
        return target
    title = f"{found.asset.name}: a hedge of {signed(cover)} is held where {signed(target)} is wanted"
    body = f"the leg that it covered shrank; it stays until: riskguard unwind {incident.id}"
    once = f"{incident.id}.{found.asset.name}.orphan"
    memory.tell(turn, Severity.ALARM, title, body, incident=incident.id, once=once)
    return cover
