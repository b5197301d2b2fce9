"""What fails in a history: the primary's outage, troubles at the backups, our own, and what a person does."""

from dataclasses import dataclass, replace

from riskguard.core.types import Mode, VenueId
from riskguard.simulation.world import weights
from riskguard.simulation.world.draw import Draw
from riskguard.simulation.world.faults import ACTING, PUBLIC, READING, STREAMS, Fault, Kind, Place
from riskguard.simulation.world.policies import PRIMARY
from riskguard.simulation.world.script import Crash, Press

PLAIN = (Kind.HANG, Kind.LOST, Kind.ERROR, Kind.REFUSED)
"""Outages of all order paths that leave no doubt: a hedge is due."""


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
    unseen: bool = False
    """The price runs through the primary's liquidation level while it tells nothing."""
    late_at: VenueId = ""
    """Where orders are taken up late: books there are often thin, so that such a fill comes in parts."""


def draw(source: Draw, backups: tuple[VenueId, ...]) -> Plan:
    """Draw one plan."""
    if source.has("blameless"):
        return _blameless(source, backups)
    unseen = source.has("liquidated unseen")
    outages = _outages(source, source.seconds(8.0, 13.0))
    first, last = outages[0], outages[-1]
    whole = replace(first, end_s=last.end_s)
    faults = [*outages, *_around(source, whole, unseen=unseen)]
    plain = len(outages) == 1 and first.kind in PLAIN and first.places == ACTING
    plan = Plan(outage=first, returns_s=last.end_s, plain=plain and not unseen, unseen=unseen)
    if source.has("relapse"):
        again = _outages(source, round(last.end_s + source.seconds(4.0, 30.0), 1))
        faults += again
        plan = replace(plan, returns_s=again[-1].end_s)
    if source.has("trouble at backups"):
        faults += _at_backups(source, backups, whole)
        plan = replace(plan, plain=False)
    if source.has("late orders"):
        faults += _late_orders(source, backups[0], whole.begin_s)
        plan = replace(plan, plain=False, late_at=backups[0])
    if source.has("relapse on the way out"):
        again = _while_unwinding(source, backups, plan.returns_s)
        faults += again
        plan = replace(plan, returns_s=max(fault.end_s for fault in again))
    if source.has("our own trouble"):
        faults.append(_ours(source, whole.begin_s, plan.returns_s))
        plan = replace(plan, plain=False)
    broken_disk = any(fault.kind is Kind.BROKEN_DISK for fault in faults)
    if source.has("crashes") and not broken_disk:
        plan = replace(plan, crashes=_crashes(source), plain=False)
    return replace(_operated(source, plan, whole), faults=tuple(faults))


def _outages(source: Draw, begin_s: float) -> list[Fault]:
    """Draw the primary's outage: one, or one that comes and goes."""
    if not source.has("flapping"):
        end_s = begin_s + source.seconds(13.5, 29.5)
        return [source.fault(weights.OUTAGES, PRIMARY, begin_s, end_s)]
    shape, found, at_s = source.shape(weights.OUTAGES[:4]), [], begin_s
    for _ in range(source.random.randint(2, 5)):
        end_s = round(at_s + source.seconds(2.0, 8.0), 1)
        found.append(Fault(shape.kind, at_s, end_s, PRIMARY, shape.places))
        at_s = round(end_s + source.seconds(1.0, 6.0), 1)
    return found


def _late_orders(source: Draw, venue: VenueId, outage_s: float) -> list[Fault]:
    """Have orders at a backup taken up late: from the outage on, or once it has proven itself by a canary."""
    begin_s = round(outage_s + (source.seconds(2.4, 3.2) if source.chance(0.85) else 0.0), 1)
    found = [source.fault(weights.LATE_ORDERS, venue, begin_s, begin_s + 22.0)]
    if source.has("a stream quiet meanwhile"):
        found.append(source.fault(weights.QUIET_STREAMS, venue, outage_s, begin_s + 40.0))
    return found


def _while_unwinding(source: Draw, backups: tuple[VenueId, ...], returned_s: float) -> list[Fault]:
    """Keep the hedge from coming off until the primary fails again."""
    again_s = round(returned_s + source.seconds(22.0, 36.0), 1)
    stuck = [Fault(Kind.HANG, returned_s + 5.0, again_s + 4.0, venue, (Place.REDUCE,)) for venue in backups]
    return [*stuck, source.fault(weights.OUTAGES, PRIMARY, again_s, again_s + source.seconds(8.0, 14.0))]


def _around(source: Draw, outage: Fault, *, unseen: bool) -> list[Fault]:
    """Give what else the primary does meanwhile, or a little longer."""
    begin_s, end_s = outage.begin_s, outage.end_s
    longer_s = end_s + source.seconds(0.0, 6.0)
    found = []
    if unseen or source.has("all reads die too"):
        found.append(Fault(Kind.HANG, begin_s, end_s, PRIMARY, (*READING, *PUBLIC, *STREAMS)))
    elif source.has("one read lies"):
        found.append(source.fault(weights.LYING_READS, PRIMARY, begin_s, longer_s))
    if source.has("reads come back late"):
        kind = source.one_of((Kind.THROTTLED, Kind.HANG, Kind.EMPTY))
        unread = (Place.TRADES, Place.ORDERS) if kind is Kind.EMPTY else (*READING,)
        from_s = round(end_s + source.seconds(2.0, 8.0), 1)
        found.append(Fault(kind, from_s, round(from_s + source.seconds(20.0, 32.0), 1), PRIMARY, unread))
    if source.has("a stream misbehaves"):
        found.append(source.fault(weights.STREAM_TROUBLES, PRIMARY, begin_s, longer_s))
    return found


def _at_backups(source: Draw, backups: tuple[VenueId, ...], outage: Fault) -> list[Fault]:
    found: list[Fault] = []
    for venue in backups:
        if source.has("orders at a backup"):
            begin_s = outage.begin_s + source.seconds(0.0, source.one_of((5.0, 25.0)))
            end_s = begin_s + source.seconds(2.0, 25.0)
            found.append(source.fault(weights.ORDERS_AT_BACKUPS, venue, begin_s, end_s))
        if source.has("a liar at a backup"):
            begin_s = outage.begin_s + source.seconds(-3.0, 15.0)
            end_s = begin_s + source.seconds(3.0, 25.0)
            found.append(source.fault(weights.LIARS_AT_BACKUPS, venue, begin_s, end_s))
        if source.has("a backup's stream"):
            until_s = outage.end_s + source.seconds(0.0, 20.0)
            found.append(source.fault(weights.STREAM_TROUBLES[:3], venue, outage.begin_s, until_s))
    return found


def _ours(source: Draw, begin_s: float, end_s: float) -> Fault:
    at_s = source.seconds(begin_s - 4.0, end_s + 10.0)
    fault = source.fault(weights.OURS, "", at_s, at_s + source.seconds(2.0, 12.0))
    if fault.kind is Kind.CLOCK:
        return replace(fault, end_s=fault.begin_s, amount=fault.amount * source.one_of((1, -1)))
    return replace(fault, end_s=fault.begin_s) if fault.kind is Kind.STALL else fault


def _crashes(source: Draw) -> tuple[Crash, ...]:
    found = []
    for _ in range(source.random.randint(1, 3)):
        when, back_s = source.one_of(weights.CRASH_MOMENTS), source.seconds(0.3, 8.0)
        nth = source.random.randint(50, 600) if when == "at" else source.random.randint(1, 7)
        found.append(Crash(when, nth, back_s))
    return tuple(found)


def _operated(source: Draw, plan: Plan, outage: Fault) -> Plan:
    """Add what a person does, or the mode in which nothing happens without one."""
    if source.has("not armed"):
        return replace(plan, armed=False, plain=False)
    if source.has("another mode"):
        mode = source.one_of((Mode.OBSERVE, Mode.PAPER, Mode.CONFIRM, Mode.CONFIRM))
        at_s = outage.begin_s + source.seconds(3.0, 20.0)
        said = mode is Mode.CONFIRM and source.chance(0.8)
        presses = (Press(round(at_s, 1), "hedge"),) if said else ()
        return replace(plan, mode=mode, presses=presses, plain=False)
    if source.has("a person"):
        return replace(plan, presses=_person(source, outage), plain=False)
    if source.has("words at random"):
        return replace(plan, presses=_random_words(source, outage), plain=False)
    return plan


def _person(source: Draw, outage: Fault) -> tuple[Press, ...]:
    """Draw words as a person would say them."""
    at_s = round(outage.begin_s + source.seconds(0.0, 30.0), 1)
    word = source.one_of(("veto", "hold", "disarm", "veto then hedge", "hedge"))
    if word == "veto then hedge":
        return Press(at_s, "veto"), Press(round(at_s + source.seconds(1.0, 8.0), 1), "hedge")
    if word == "disarm":
        return Press(at_s, "disarm"), Press(round(at_s + source.seconds(2.0, 15.0), 1), "arm")
    return (Press(at_s, word),)


def _random_words(source: Draw, outage: Fault) -> tuple[Press, ...]:
    """Draw words that need not make sense; the last arms again, so that the end can be judged."""
    until_s = outage.end_s + 20.0
    moments = sorted(source.seconds(5.0, until_s) for _ in range(source.random.randint(2, 5)))
    presses = [Press(at_s, source.one_of(weights.WORDS)) for at_s in moments]
    return (*presses, Press(round(until_s + 1.0, 1), "arm"))


def _blameless(source: Draw, backups: tuple[VenueId, ...]) -> Plan:
    """Draw troubles that never justify a hedge."""
    faults: list[Fault] = []
    for _ in range(source.random.randint(1, 3)):
        if source.chance(0.35):
            faults.append(_ours(source, 9.0, 30.0))
            continue
        begin_s = source.seconds(8.0, 20.0)
        venue = source.one_of((PRIMARY, PRIMARY, *backups))
        end_s = begin_s + source.seconds(5.0, 25.0)
        faults.append(source.fault(weights.BLAMELESS, venue, begin_s, end_s))
    crashes = _crashes(source) if source.chance(0.2) else ()
    if any(fault.kind is Kind.BROKEN_DISK for fault in faults):
        crashes = ()
    return Plan(tuple(faults), crashes=crashes, returns_s=40.0)
