"""Draws the snapshot: everything a person or another process may know, from memory, changing nothing."""

from collections.abc import Mapping
from decimal import Decimal

from riskguard.core.exposure.assessing import Assessment, account_of, amount_of, assess
from riskguard.core.hedge.forecasting import forecast, worst
from riskguard.core.hedge.protecting import distance_of
from riskguard.core.incident.incident import Incident, Incidents
from riskguard.core.incident.table import State
from riskguard.core.incident.under_way import Handling
from riskguard.core.memory import Memory
from riskguard.core.orders.lifecycle import State as OrderState
from riskguard.core.policy import VenuePolicy
from riskguard.core.snapshot import (
    AssetPicture,
    CoveragePicture,
    DoubtPicture,
    IncidentPicture,
    PositionPicture,
    Snapshot,
    VenuePicture,
)
from riskguard.core.turn import Turn
from riskguard.core.types import Condition, Leg
from riskguard.core.watch.watching import Watch

CLOSED_SHOWN = 5


def draw(memory: Memory, watch: Watch, turn: Turn) -> Snapshot:
    """Give the whole picture at this moment."""
    found = {asset.name: assess(memory, asset, turn) for asset in memory.policy.assets}
    coverages = forecast(memory, watch, turn, found)
    return Snapshot(
        at_ms=turn.now.wall_ms,
        mode=memory.policy.mode,
        armed=memory.armed,
        self_condition=(Condition.SELF if memory.self_ill else Condition.FINE).value,
        self_because=memory.self_ill,
        journal_ok=not memory.journal_ill,
        venues=tuple(_venue(memory, watch, turn, venue) for venue in memory.policy.venues),
        assets=tuple(_asset(memory, turn, one, coverages[name]) for name, one in found.items()),
        in_doubt=_doubts(memory, turn),
        incidents=draw_incidents(memory.incidents, memory.handling),
        events=tuple(memory.events),
    )


def _venue(memory: Memory, watch: Watch, turn: Turn, venue: VenuePolicy) -> VenuePicture:
    standing, balance = memory.standing(venue.id), memory.balances.get(venue.id)
    books = [memory.prices.books[leg] for leg in memory.legs(venue.id) if leg in memory.prices.books]
    book = books[0] if books else None
    return VenuePicture(
        id=venue.id,
        role=venue.role.value,
        condition=str(standing),
        because=standing.because,
        paths=watch.picture(venue.id, turn.now.mono_s),
        mid=book.mid if book and book.sound else None,
        book_age_s=turn.now.mono_s - book.seen_s if book else None,
        equity=balance.equity if balance else None,
        free=balance.free if balance else None,
    )


def _asset(
    memory: Memory, turn: Turn, found: Assessment, coverages: tuple[CoveragePicture, ...]
) -> AssetPicture:
    asset = found.asset
    targets = [
        handling.targets[asset.name]
        for identity, handling in memory.handling.items()
        if asset.name in handling.targets and memory.incidents.by_id[identity].in_trouble
    ]
    legs = tuple(dict.fromkeys((*asset.legs, *asset.hedge_on)))
    exposure = found.exposure
    return AssetPicture(
        name=asset.name,
        net=exposure.net if exposure else None,
        low=exposure.low if exposure else None,
        high=exposure.high if exposure else None,
        trapped=exposure.trapped if exposure else None,
        hedged=found.cover,
        target=targets[0] if targets else None,
        coverage=worst(coverages),
        positions=tuple(_position(memory, turn, leg) for leg in legs),
        coverages=coverages,
    )


def _position(memory: Memory, turn: Turn, leg: Leg) -> PositionPicture:
    amount, _ = amount_of(memory, leg, turn)
    ours = memory.ours(leg)
    held: Decimal | None = None if amount is None else amount + ours
    account = account_of(memory, leg.venue, turn) if memory.policy.venue(leg.venue).can_hedge else None
    distance = distance_of(account, account.at(leg)) if account is not None else None
    return PositionPicture(leg, held, memory.bases.age_s(leg, turn.now), ours, distance)


def _doubts(memory: Memory, turn: Turn) -> tuple[DoubtPicture, ...]:
    return tuple(
        DoubtPicture(
            order.intent.client_id,
            order.intent.leg.venue,
            order.intent.side,
            order.intent.amount,
            (turn.now.wall_ms - order.intent.created_ms) / 1000,
            order.state.value,
        )
        for order in memory.ledger
        if order.state is OrderState.IN_DOUBT
    )


def draw_incidents(
    incidents: Incidents, handlings: Mapping[str, Handling] | None = None
) -> tuple[IncidentPicture, ...]:
    """Draw the open incidents and the last closed ones; without `handlings` nothing is about to happen."""
    still_open = [incident for incident in incidents if incident.open]
    closed = [incident for incident in incidents if not incident.open][-CLOSED_SHOWN:]
    return tuple(
        _incident(incident, (handlings or {}).get(incident.id, Handling(0.0)))
        for incident in (*still_open, *reversed(closed))
    )


def _incident(incident: Incident, handling: Handling) -> IncidentPicture:
    return IncidentPicture(
        id=incident.id,
        state=incident.state.value,
        venue=incident.venue,
        rule=incident.rule,
        opened_ms=incident.opened_ms,
        closed_ms=incident.moved_ms if incident.state is State.CLOSED else None,
        naked_s=incident.naked_s,
        naked_usdt_s=incident.naked_usdt_s,
        next_action=handling.next_action,
        at_ms=handling.next_at_ms,
        vetoed=incident.vetoed,
    )
