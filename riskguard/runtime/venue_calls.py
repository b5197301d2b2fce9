"""What every command to a venue has in common: its labels, its method, and what a defect turns it into."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TypeAlias, assert_never

from riskguard.core.messages import (
    CancelAnswered,
    CancelOrder,
    DeadManAnswered,
    LookupAnswered,
    LookUpOrder,
    Observation,
    OrderAnswered,
    PlaceOrder,
    ProbeVenue,
    ReadFailed,
    ReadKind,
    ReadVenue,
    SetDeadMan,
)
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.outcome import Unknown
from riskguard.core.types import Path, Symbol, VenueId
from riskguard.ports import Answer, VenueGateway
from riskguard.waiting import Paced, deadline, on_turn, turn_came

VenueCommand: TypeAlias = PlaceOrder | CancelOrder | LookUpOrder | ReadVenue | ProbeVenue | SetDeadMan

BROKEN_EVIDENCE = "unknown"
"""`core.detect.OutcomeClass` of a call that ended in a defect of ours: nothing is known of it, least of all
that nothing was sent."""
GRACE_S = 1.0
"""How far a gateway may overrun its deadline before its call is ended from outside."""

READ_PATHS = {
    ReadKind.POSITIONS: Path.ACCOUNT,
    ReadKind.BALANCE: Path.ACCOUNT,
    ReadKind.OPEN_ORDERS: Path.QUERY,
    ReadKind.TRADES: Path.QUERY,
    ReadKind.BOOK: Path.BOOK,
    ReadKind.MARKETS: Path.BOOK,
}
"""The path that a read gives evidence on; a read that is not here gives none."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallLabel:
    """How the detector sees one call."""

    call: int
    venue: VenueId
    path: Path
    symbol: Symbol
    canary: bool
    evident: bool = True
    """Whether the detector hears of the call: one that is never announced as sent counts for nothing."""


def label_of(command: VenueCommand) -> CallLabel:
    """Label a command with the path that its answer is evidence on."""
    match command:
        case PlaceOrder(call, intent):
            path = Path.REDUCE if intent.reduce_only else Path.PLACE
            return CallLabel(
                call, intent.leg.venue, path, intent.leg.symbol, intent.purpose is Purpose.CANARY
            )
        case CancelOrder(call, leg):
            return CallLabel(call, leg.venue, Path.CANCEL, leg.symbol, command.canary)
        case LookUpOrder(call, leg):
            return CallLabel(call, leg.venue, Path.QUERY, leg.symbol, canary=False)
        case ReadVenue(call, venue, what):
            symbol = command.leg.symbol if command.leg else ""
            path = READ_PATHS.get(what, Path.QUERY)
            return CallLabel(call, venue, path, symbol, canary=False, evident=what in READ_PATHS)
        case ProbeVenue(call, leg):
            return CallLabel(call, leg.venue, command.path, leg.symbol, canary=True)
        case SetDeadMan(call, venue):
            # No venue says that its switch passes the gateway that orders pass.
            return CallLabel(call, venue, Path.CANCEL, "", canary=False, evident=False)
        case _:
            assert_never(command)


async def answer_to(
    command: VenueCommand, gateways: Mapping[VenueId, VenueGateway], started: Callable[[], None]
) -> Answer:
    """Make the call and give an answer that holds what this command's answer must hold, whatever happens.

    `started` is called when its bytes can leave; until then it waits for our own pace, which is no evidence.
    """
    asked_mono_s = asyncio.get_running_loop().time()
    try:
        gateway = gateways[label_of(command).venue]
        on_turn(started)
        if not isinstance(gateway, Paced):
            turn_came()
        async with deadline(command.deadline_s + GRACE_S, second_look_s=GRACE_S):
            answer = await _send(command, gateway)
    except TimeoutError:
        cause = "the gateway overran its deadline"
        log.error("internal error: %s", cause)  # noqa: TRY400 - a trace says nothing more
    except Exception as error:  # noqa: BLE001 - an adapter's defect is an unknown outcome, never the end
        cause = f"internal error {type(error).__name__}"
        log.error("internal error: %s", describe(error))  # noqa: TRY400 - a trace may hold secrets
    else:
        if _holds_its_due(command, answer):
            return answer
        cause = "internal error: the gateway's answer is incomplete"
        log.error("%s", cause)
        missing = _unanswered(command, cause, asked_mono_s)
        return Answer(answer.evidence, (*answer.observations, *missing), answer.cause)
    return Answer(BROKEN_EVIDENCE, _unanswered(command, cause, asked_mono_s), cause)


def describe(error: BaseException) -> str:
    """Name an error's type and place; its text and trace stay out of logs, because they may hold secrets."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place


async def _send(command: VenueCommand, gateway: VenueGateway) -> Answer:
    match command:
        case PlaceOrder():
            return await gateway.place(command)
        case CancelOrder():
            return await gateway.cancel(command)
        case LookUpOrder():
            return await gateway.look_up(command)
        case ReadVenue():
            return await gateway.read(command)
        case ProbeVenue():
            return await gateway.probe(command)
        case SetDeadMan():
            return await gateway.dead_man(command)
        case _:
            assert_never(command)


def _holds_its_due(command: VenueCommand, answer: Answer) -> bool:
    match command:
        case PlaceOrder():
            due: type[Observation] = OrderAnswered
        case CancelOrder():
            due = CancelAnswered
        case LookUpOrder():
            due = LookupAnswered
        case ReadVenue(what=what):
            return what is ReadKind.TRADES or bool(answer.observations)
        case ProbeVenue():
            return True
        case SetDeadMan():
            due = DeadManAnswered
        case _:
            assert_never(command)
    return sum(isinstance(observation, due) for observation in answer.observations) == 1


def _unanswered(command: VenueCommand, cause: str, asked_mono_s: float) -> tuple[Observation, ...]:
    match command:
        case PlaceOrder():
            return (OrderAnswered(command.intent.client_id, Unknown(cause)),)
        case CancelOrder(call, leg, order_id, client_id):
            return (CancelAnswered(call, leg, order_id, client_id, Unknown(cause)),)
        case LookUpOrder():
            return (LookupAnswered(command.client_id, command.rung, Unknown(cause), asked_mono_s),)
        case ReadVenue():
            return (ReadFailed(command.venue, command.what, cause),)
        case ProbeVenue():
            return ()
        case SetDeadMan(call, venue, after_s):
            return (DeadManAnswered(call, venue, after_s, Unknown(cause), cause=cause),)
        case _:
            assert_never(command)
