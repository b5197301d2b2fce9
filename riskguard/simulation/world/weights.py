"""How often each trouble is drawn, and where it strikes: every weight of the generator, in one place."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from riskguard.simulation.world.faults import ACTING, PUBLIC, READING, STREAMS, Kind, Place


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of fault as it may be drawn; `amount` is seconds of lag or delay, by kind."""

    weight: int
    kind: Kind
    places: tuple[Place, ...] = ACTING
    amount_s: tuple[float, float] = (0.0, 0.0)


SHARES = MappingProxyType(
    {
        # The book and the policy.
        "two assets": 0.12,
        "one backup": 0.35,
        "two guarded venues": 0.06,
        "neutral book": 0.12,
        "a leg at the backup": 0.15,
        "a spot leg": 0.12,
        "an inverse leg": 0.15,
        "an inverse leg near liquidation": 0.2,
        "orders on an inverse leg": 0.5,
        "dead-man's switches": 0.15,
        "keep": 0.12,
        "tight limits": 0.15,
        "thin books": 0.35,
        "near liquidation": 0.05,
        "liquidated unseen": 0.05,
        "cancels": 0.3,
        "unwind on request": 0.08,
        "references": 0.5,
        # What goes wrong.
        "blameless": 0.16,
        "all reads die too": 0.2,
        "one read lies": 0.4,
        "reads come back late": 0.1,
        "a stream misbehaves": 0.35,
        "relapse": 0.17,
        "flapping": 0.08,
        "trouble at backups": 0.55,
        "orders at a backup": 0.7,
        "a liar at a backup": 0.5,
        "a backup's stream": 0.4,
        "late orders": 0.36,
        "a stream quiet meanwhile": 0.25,
        "relapse on the way out": 0.08,
        "our own trouble": 0.2,
        "crashes": 0.3,
        # What people and their bots do.
        "not armed": 0.06,
        "another mode": 0.14,
        "a person": 0.2,
        "words at random": 0.08,
        "the bot flattens": 0.15,
        "the bot trades": 0.08,
        "somebody on a hedge leg": 0.06,
        "auto-deleveraged": 0.06,
    }
)
"""How often, of one, something is part of a history."""

OUTAGES: Sequence[Shape] = (
    Shape(4, Kind.HANG),
    Shape(2, Kind.LOST),
    Shape(2, Kind.ERROR),
    Shape(2, Kind.REFUSED),
    Shape(2, Kind.LATE, amount_s=(1.0, 4.5)),
    Shape(2, Kind.SLOW, amount_s=(1.0, 4.5)),
    Shape(1, Kind.EXEMPT, (Place.PLACE, Place.CANCEL)),
    Shape(1, Kind.HANG, (Place.CANCEL,)),
    Shape(1, Kind.HANG, (Place.PLACE, Place.REDUCE)),
)
"""What the primary's order paths do, place-only and cancel-only venues included."""

LYING_READS: Sequence[Shape] = tuple(
    Shape(weight * often, kind, (place,), amount_s)
    for kind, weight, amount_s in (
        (Kind.EMPTY, 2, (0.0, 0.0)),
        (Kind.STALE, 1, (0.5, 6.0)),
        (Kind.SLOW, 1, (0.5, 6.0)),
        (Kind.THROTTLED, 1, (0.0, 0.0)),
        (Kind.HANG, 1, (0.0, 0.0)),
        (Kind.ERROR, 1, (0.0, 0.0)),
    )
    for place, often in ((Place.POSITIONS, 2), (Place.ORDERS, 1), (Place.TRADES, 1), (Place.BALANCE, 1))
)
"""One read of the primary during its outage, and a little longer."""

STREAM_TROUBLES: Sequence[Shape] = (
    Shape(1, Kind.SILENT, (Place.STREAM,)),
    Shape(1, Kind.DUPLICATED, (Place.STREAM,)),
    Shape(1, Kind.REORDERED, (Place.STREAM,)),
    Shape(1, Kind.SLOW, (Place.STREAM,), (2.0, 2.0)),
)

ORDERS_AT_BACKUPS: Sequence[Shape] = tuple(
    Shape(weight * often, kind, places, amount_s)
    for kind, weight, amount_s in (
        (Kind.LOST, 4, (0.0, 0.0)),
        (Kind.LATE, 4, (0.3, 4.9)),
        (Kind.HANG, 2, (0.0, 0.0)),
        (Kind.ERROR, 2, (0.0, 0.0)),
        (Kind.REFUSED, 2, (0.0, 0.0)),
        (Kind.SLOW, 2, (0.3, 4.9)),
        (Kind.EXEMPT, 1, (0.0, 0.0)),
        (Kind.OVERDUE, 3, (9.0, 18.0)),
        (Kind.DENIED, 1, (0.0, 0.0)),
        (Kind.THROTTLED, 1, (0.0, 0.0)),
        (Kind.UNROUTED, 2, (0.0, 0.0)),
    )
    for places, often in (
        ((Place.PLACE,), 2),
        ((Place.PLACE, Place.REDUCE), 1),
        ((Place.REDUCE,), 1),
        (ACTING, 1),
    )
)
"""What happens to our orders at a backup: before, while and after the hedge is sent."""

LIARS_AT_BACKUPS: Sequence[Shape] = (
    Shape(6, Kind.APART, PUBLIC),
    Shape(6, Kind.HANG, PUBLIC),
    Shape(4, Kind.HALTED, ()),
    *(
        Shape(weight * often, kind, (place,), amount_s)
        for kind, weight, amount_s in (
            (Kind.EMPTY, 1, (0.0, 0.0)),
            (Kind.STALE, 1, (0.5, 5.0)),
            (Kind.SLOW, 1, (0.5, 5.0)),
            (Kind.THROTTLED, 1, (0.0, 0.0)),
            (Kind.HANG, 1, (0.0, 0.0)),
            (Kind.ERROR, 1, (0.0, 0.0)),
        )
        for place, often in ((Place.LOOKUP, 2), (Place.POSITIONS, 1), (Place.BALANCE, 1), (Place.ORDERS, 1))
    ),
)
"""One channel that lies or fails; the others stay honest, or nothing could be known at all."""

LATE_ORDERS: Sequence[Shape] = (
    Shape(3, Kind.LATE, (Place.PLACE,), (2.1, 4.5)),
    Shape(5, Kind.OVERDUE, (Place.PLACE,), (12.0, 20.0)),  # by then it is proven absent
)
QUIET_STREAMS: Sequence[Shape] = (
    Shape(2, Kind.SILENT, (Place.STREAM,)),
    Shape(5, Kind.REORDERED, (Place.STREAM,)),
)
"""An order that is taken up late while its stream does not tell in time: an acceptance may come first."""

OURS: Sequence[Shape] = (
    Shape(1, Kind.NETWORK, ()),
    Shape(1, Kind.UNPLUGGED, ()),
    Shape(1, Kind.STALL, (), (0.3, 6.0)),
    Shape(1, Kind.CLOCK, (), (1.0, 90.0)),
    Shape(1, Kind.SLOW_DISK, (), (0.2, 4.0)),
    Shape(1, Kind.BROKEN_DISK, ()),
    Shape(1, Kind.REFERENCES, ()),
)
"""Troubles of our own machine, network, clock and disk."""

BLAMELESS: Sequence[Shape] = (
    Shape(3, Kind.THROTTLED, (*ACTING, *READING)),
    Shape(3, Kind.DENIED, (*ACTING, *READING)),
    Shape(2, Kind.SLOW, READING, (0.5, 5.0)),
    Shape(2, Kind.STALE, (Place.POSITIONS,), (0.5, 5.0)),
    Shape(2, Kind.EMPTY, (Place.POSITIONS,)),
    Shape(2, Kind.SILENT, STREAMS),
    Shape(2, Kind.HANG, PUBLIC),
    Shape(3, Kind.APART, PUBLIC),
    Shape(3, Kind.HALTED, ()),
    Shape(2, Kind.CANCEL_ONLY, ()),
    Shape(2, Kind.POST_ONLY, ()),
    Shape(2, Kind.UNROUTED, (*ACTING, *READING)),
)
"""Troubles that never justify a hedge, whichever venue they strike."""

CRASH_MOMENTS = ("at", "at", "commit", "durable", "sent", "arrived", "filled", "answered")
WORDS = ("arm", "disarm", "veto", "hold", "hedge", "unwind")
