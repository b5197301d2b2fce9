"""What fails in a history: the primary's outage, troubles at the backups, our own, and what a person does."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riskguard.core.types import Mode, VenueId
from riskguard.simulation.world.faults import ACTING, PUBLIC, READING, STREAMS, Fault, Kind, Place
from riskguard.simulation.world.policies import PRIMARY
from riskguard.simulation.world.script import Crash, Press

if TYPE_CHECKING:
    from riskguard.simulation.world.generate import Draw

OUTAGES = (Kind.HANG, Kind.HANG, Kind.LOST, Kind.ERROR, Kind.REFUSED, Kind.LATE, Kind.SLOW)
PLAIN = (Kind.HANG, Kind.LOST, Kind.ERROR, Kind.REFUSED)
"""Outages that leave no doubt: a hedge is due."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that goes wrong, and what follows for the checks."""

    faults: tuple[Fault, ...] = ()
    outage: Fault | None = None
    returns_s: float = 20.0
    crashes: tuple[Crash, ...] = ()
    presses: tuple[Press, ...] = ()
    armed: bool = True
    mode: Mode = Mode.AUTO
    plain: bool = False
    """Nothing excuses that the hedge does not stand in time."""
    calm_end: bool = True


def draw(draw: "Draw", backups: tuple[VenueId, ...]) -> Plan:
    """Draw one plan."""
    if draw.chance(0.15):
        return _blameless(draw, backups)
    outage = _outage(draw, draw.seconds(8.0, 13.0))
    faults = [outage, *_around(draw, outage)]
    plan = Plan(outage=outage, returns_s=outage.end_s, plain=outage.kind in PLAIN)
    if draw.chance(0.15):  # relapse
        again = _outage(draw, round(outage.end_s + draw.seconds(4.0, 30.0), 1))
        faults.append(again)
        plan = replace(plan, returns_s=again.end_s)
    if draw.chance(0.55):
        faults += _at_backups(draw, backups, outage)
        plan = replace(plan, plain=False)
    if draw.chance(0.2):
        faults += _ours(draw, outage.begin_s, plan.returns_s)
        plan = replace(plan, plain=False)
    disk = any(fault.kind is Kind.BROKEN_DISK for fault in faults)
    if draw.chance(0.3) and not disk:
        plan = replace(plan, crashes=_crashes(draw), plain=False)
    if draw.chance(0.12):
        plan = replace(plan, **_passive(draw))  # type: ignore[arg-type]  # fields of Plan
    elif draw.chance(0.15):
        plan = _person(draw, plan, outage)
    return replace(plan, faults=tuple(faults))


def _outage(draw: "Draw", begin_s: float) -> Fault:
    kind = draw.random.choice(OUTAGES)
    amount = draw.seconds(1.0, 4.5) if kind in (Kind.LATE, Kind.SLOW) else 0.0
    return Fault(kind, begin_s, round(begin_s + draw.seconds(12.0, 30.0), 1), PRIMARY, ACTING, amount)


def _around(draw: "Draw", outage: Fault) -> list[Fault]:
    """Give what else the primary does meanwhile, or a little longer."""
    begin_s, end_s = outage.begin_s, outage.end_s
    longer_s = round(end_s + draw.seconds(0.0, 6.0), 1)
    found = []
    if draw.chance(0.25):
        found.append(Fault(Kind.HANG, begin_s, end_s, PRIMARY, (*READING, *PUBLIC, *STREAMS)))
    elif draw.chance(0.5):
        kind = draw.random.choice(
            (Kind.EMPTY, Kind.EMPTY, Kind.STALE, Kind.SLOW, Kind.THROTTLED, Kind.HANG, Kind.ERROR)
        )
        amount = draw.seconds(0.5, 6.0) if kind in (Kind.STALE, Kind.SLOW) else 0.0
        one = draw.random.choice(
            ((Place.POSITIONS,), (Place.POSITIONS,), (Place.ORDERS,), (Place.TRADES,), (Place.BALANCE,))
        )
        found.append(Fault(kind, begin_s, longer_s, PRIMARY, one, amount))
    if draw.chance(0.12):  # the venue takes orders again, but does not yet say what became of anything
        kind = draw.random.choice((Kind.THROTTLED, Kind.HANG, Kind.EMPTY))
        unread = (Place.TRADES, Place.ORDERS) if kind is Kind.EMPTY else (*READING,)
        from_s = round(end_s + draw.seconds(2.0, 8.0), 1)
        found.append(Fault(kind, from_s, round(from_s + draw.seconds(25.0, 40.0), 1), PRIMARY, unread))
    if draw.chance(0.4):
        kind = draw.random.choice((Kind.SILENT, Kind.DUPLICATED, Kind.REORDERED, Kind.SLOW))
        amount = 2.0 if kind is Kind.SLOW else 0.0
        found.append(Fault(kind, begin_s, longer_s, PRIMARY, (Place.STREAM,), amount))
    return found


def _at_backups(draw: "Draw", backups: tuple[VenueId, ...], outage: Fault) -> list[Fault]:
    found: list[Fault] = []
    for venue in backups:
        if draw.chance(0.7):
            begin_s = round(outage.begin_s + draw.seconds(0.0, draw.random.choice((5.0, 25.0))), 1)
            end_s = round(begin_s + draw.seconds(2.0, 25.0), 1)
            kind = draw.random.choice(
                (Kind.LOST, Kind.LOST, Kind.LATE, Kind.LATE, Kind.HANG, Kind.ERROR, Kind.REFUSED, Kind.SLOW)
            )
            amount = draw.seconds(0.3, 4.9) if kind in (Kind.LATE, Kind.SLOW) else 0.0
            some = ((Place.PLACE,), (Place.PLACE, Place.REDUCE), (Place.REDUCE,), ACTING)
            places = draw.random.choice(some)
            found.append(Fault(kind, begin_s, end_s, venue, places, amount))
        if draw.chance(0.5):
            found.append(_liar(draw, venue, outage))
        if draw.chance(0.4):
            kind = draw.random.choice((Kind.SILENT, Kind.DUPLICATED, Kind.REORDERED))
            until_s = round(outage.end_s + draw.seconds(0.0, 20.0), 1)
            found.append(Fault(kind, outage.begin_s, until_s, venue, (Place.STREAM,)))
    return found


def _liar(draw: "Draw", venue: VenueId, outage: Fault) -> Fault:
    """Give one channel that lies or fails; the others stay honest, or nothing could be known at all."""
    begin_s = round(outage.begin_s + draw.seconds(-4.0, 15.0), 1)
    end_s = round(begin_s + draw.seconds(3.0, 25.0), 1)
    if draw.chance(0.15):
        return Fault(Kind.APART, begin_s, end_s, venue, PUBLIC)
    if draw.chance(0.15):
        return Fault(Kind.HANG, begin_s, end_s, venue, PUBLIC)
    kind = draw.random.choice((Kind.EMPTY, Kind.STALE, Kind.SLOW, Kind.THROTTLED, Kind.HANG, Kind.ERROR))
    amount = draw.seconds(0.5, 5.0) if kind in (Kind.STALE, Kind.SLOW) else 0.0
    places = draw.random.choice(
        ((Place.LOOKUP,), (Place.LOOKUP,), (Place.POSITIONS,), (Place.BALANCE,), (Place.ORDERS,))
    )
    return Fault(kind, begin_s, end_s, venue, places, amount)


def _ours(draw: "Draw", begin_s: float, end_s: float) -> list[Fault]:
    at_s = draw.seconds(begin_s - 4.0, end_s + 10.0)
    kind = draw.random.choice(
        (Kind.NETWORK, Kind.UNPLUGGED, Kind.STALL, Kind.CLOCK, Kind.SLOW_DISK, Kind.BROKEN_DISK)
    )
    lasts_s = draw.seconds(2.0, 12.0)
    match kind:
        case Kind.STALL:
            return [Fault(kind, at_s, at_s, amount=draw.seconds(0.3, 6.0))]
        case Kind.CLOCK:
            return [Fault(kind, at_s, at_s, amount=draw.random.choice((1, -1)) * draw.seconds(1.0, 90.0))]
        case Kind.SLOW_DISK:
            return [Fault(kind, at_s, round(at_s + lasts_s, 1), amount=draw.seconds(0.2, 4.0))]
        case _:
            return [Fault(kind, at_s, round(at_s + lasts_s, 1))]


def _crashes(draw: "Draw") -> tuple[Crash, ...]:
    from riskguard.simulation.world.generate import crash  # noqa: PLC0415 - each needs the other's shapes

    return tuple(crash(draw) for _ in range(draw.random.randint(1, 3)))


def _passive(draw: "Draw") -> dict[str, object]:
    armed = draw.chance(0.5)
    mode = draw.random.choice((Mode.OBSERVE, Mode.PAPER)) if armed else Mode.AUTO
    return {"armed": armed, "mode": mode, "plain": False}


def _person(draw: "Draw", plan: Plan, outage: Fault) -> Plan:
    at_s = round(outage.begin_s + draw.seconds(0.0, 30.0), 1)
    word = draw.random.choice(("veto", "hold", "disarm", "veto-hedge"))
    presses: tuple[Press, ...]
    if word == "veto-hedge":
        presses = (Press(at_s, "veto"), Press(round(at_s + draw.seconds(1.0, 8.0), 1), "hedge"))
    elif word == "disarm":
        presses = (Press(at_s, "disarm"), Press(round(at_s + draw.seconds(2.0, 15.0), 1), "arm"))
    else:
        presses = (Press(at_s, word),)
    return replace(plan, presses=presses, plain=False)


def _blameless(draw: "Draw", backups: tuple[VenueId, ...]) -> Plan:
    """Draw troubles that never justify a hedge: ours, rate limits, slow reads, dead public data."""
    faults: list[Fault] = []
    for _ in range(draw.random.randint(1, 3)):
        if draw.chance(0.5):
            faults += _ours(draw, 12.0, 40.0)
            continue
        kind = draw.random.choice((Kind.THROTTLED, Kind.SLOW, Kind.STALE, Kind.EMPTY, Kind.SILENT, Kind.HANG))
        places = {
            Kind.THROTTLED: (*ACTING, *READING),
            Kind.SLOW: READING,
            Kind.STALE: (Place.POSITIONS,),
            Kind.EMPTY: (Place.POSITIONS,),
            Kind.SILENT: STREAMS,
            Kind.HANG: PUBLIC,
        }[kind]
        amount = draw.seconds(0.5, 5.0) if kind in (Kind.SLOW, Kind.STALE) else 0.0
        begin_s = draw.seconds(10.0, 25.0)
        venue = draw.random.choice((PRIMARY, PRIMARY, *backups))
        end_s = round(begin_s + draw.seconds(5.0, 25.0), 1)
        faults.append(Fault(kind, begin_s, end_s, venue, places, amount))
    crashes = _crashes(draw) if draw.chance(0.2) else ()
    if any(fault.kind is Kind.BROKEN_DISK for fault in faults):
        crashes = ()
    return Plan(tuple(faults), crashes=crashes, returns_s=40.0)
