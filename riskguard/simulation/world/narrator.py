"""Writes the transcript: commands, answers, fills and changes of state, in words a trader can read."""

import asyncio
from collections.abc import Sequence

from riskguard.core.facts import (
    BasisAgreed,
    ConditionChanged,
    Decided,
    IncidentMoved,
    OperatorDecided,
    OrderMoved,
    PlanApproved,
)
from riskguard.core.incident import table as incidents
from riskguard.core.incident.incident import OPENED
from riskguard.core.incident.table import Event, State
from riskguard.core.messages import (
    CancelOrder,
    Command,
    JournalFailed,
    JournalRestored,
    LookupAnswered,
    LookUpOrder,
    Observation,
    OrderAnswered,
    PlaceOrder,
    Record,
    TellPerson,
)
from riskguard.core.orders.ledger import Ledger
from riskguard.core.orders.lifecycle import TABLE
from riskguard.core.orders.lifecycle import Event as Doubt
from riskguard.core.orders.lifecycle import State as Known
from riskguard.core.orders.outcome import Accepted, NotSent, Rejected, Unknown
from riskguard.core.types import ClientId
from riskguard.simulation import engine
from riskguard.simulation.world.transcript import Transcript
from riskguard.simulation.world.transitions import befallen, incident_row, order_row
from riskguard.simulation.world.truth import Fired, Sent, Switched, Truth

WITHOUT_WORDS = {Doubt.RESTARTED: Known.INTENDED, Doubt.PROVEN_ABSENT: Known.IN_DOUBT}
"""Events that no single observation brings, and the only state that knows them."""


class Narrator:
    """One history's voice; counts the changes of state on the way."""

    def __init__(self, transcript: Transcript, loop: asyncio.AbstractEventLoop) -> None:
        self._transcript = transcript
        self._loop = loop
        self.moves: dict[str, int] = {}
        self._states: dict[str, State] = {}

    def say(self, who: str, what: str) -> None:
        """Write one line."""
        self._transcript.write(self._loop.time(), who, what)

    # ------------------------------------------------------------------ the guard

    def observed(self, observation: Observation | None, ledger: Ledger) -> None:
        """Write what the guard is told, where it matters for orders."""
        states: dict[ClientId, Known] = {}  # one observation may hold several events of one order
        for client_id, event in befallen(observation, ledger):
            order = ledger.orders.get(client_id)
            state = states.get(client_id, order.state) if order is not None else None
            if state is not None and event in TABLE[state]:
                self._count(order_row(state, event))
                states[client_id] = TABLE[state][event]
        match observation:
            case OrderAnswered(client_id, outcome):
                self.say("answer", f"{client_id} {_outcome(outcome)}")
            case LookupAnswered(client_id, rung, outcome, _, reports, fills):
                found = [f"{r.status} filled {r.filled}" for r in reports]
                found += [f"fill {f.amount} at {f.price}" for f in fills]
                nothing = "not there" if isinstance(outcome, Accepted) else _outcome(outcome)
                self.say("look-up", f"{client_id} by {rung}: {', '.join(found) or nothing}")
            case JournalFailed() | JournalRestored():
                self.say("journal", f"{type(observation).__name__}")
            case _:
                pass

    def commanded(self, commands: Sequence[Command]) -> None:
        """Write what the guard does."""
        for command in commands:
            match command:
                case PlaceOrder(_, intent):
                    mark = " reduce-only" if intent.reduce_only else ""
                    text = f"{intent.side} {intent.amount} {intent.leg} at {intent.price}{mark}"
                    self.say("guard", f"sends {intent.client_id}: {text} ({intent.purpose.name.lower()})")
                case CancelOrder():
                    order = command.client_id or command.order_id
                    self.say("guard", f"cancels {order} at {command.leg.venue}")
                case LookUpOrder():
                    self._count(f"lookup {command.rung}")
                case TellPerson(severity, title, body):
                    self.say("tells", f"[{severity}] {title}" + (f": {body}" if body else ""))
                case Record(fact):
                    self._recorded(fact)
                case _:
                    pass

    def _recorded(self, fact: object) -> None:
        match fact:
            case ConditionChanged(venue, word, because):
                self.say("judges", f"{venue} is {word} ({because})")
                self._count(f"condition {word}")
            case IncidentMoved():
                self._incident(fact)
            case OrderMoved(client_id, event, _, filled, _, because):
                self.say("order", f"{client_id} {event}, filled {filled} ({because})")
                if event in WITHOUT_WORDS:
                    self._count(order_row(WITHOUT_WORDS[Doubt(event)], Doubt(event)))
            case BasisAgreed(leg, amount, because):
                self.say("basis", f"{leg} {amount} ({because})")
            case PlanApproved(plan, _, _, amount):
                self.say("plan", f"{plan} {amount}")
            case OperatorDecided(word, incident, by):
                self.say("control", f"{word} {incident} by {by}".replace("  ", " "))
            case Decided(what, _, inputs):
                self.say("decides", f"{what} {inputs}")
            case _:
                pass

    def _incident(self, fact: IncidentMoved) -> None:
        self.say("incident", f"{fact.incident} {fact.event} -> {fact.state} ({fact.because})")
        before = self._states.get(fact.incident)
        self._states[fact.incident] = State(fact.state)
        # After a crash the state may be older than what was written here before it.
        if before is not None and fact.event != OPENED and Event(fact.event) in incidents.TABLE[before]:
            self._count(incident_row(before, Event(fact.event)))

    def _count(self, what: str) -> None:
        self.moves[what] = self.moves.get(what, 0) + 1

    # ------------------------------------------------------------------ the venues

    def truth(self, what: str, about: object) -> None:
        """Write what truly happened to our orders, and every fill."""
        match about:
            case engine.Fill():
                who = about.client_id or about.order_id
                self.say("venue", f"fills {who}: {about.side} {about.amount} {about.symbol} at {about.price}")
            case Fired(venue, order):
                self.say(
                    "venue", f"{venue}: the dead-man's switch cancels {order.client_id or order.order_id}"
                )
                self._count("switch fired")
            case Switched(venue, after_s) if not after_s:
                self.say("guard", f"takes the dead-man's switch at {venue} off")
                self._count("switch off")
            case Switched():
                self._count("switch set")
            case Sent() if what == "dropped":
                self.say("venue", f"never sees {about.intent.client_id}")
            case Sent() if what == "arrived" and not about.order_id:
                self.say("venue", f"refuses {about.intent.client_id}")
            case _:
                pass

    def end(self, truth: Truth) -> None:
        """Write the final positions."""
        rows = [f"{leg} {amount}" for leg, amount in truth.positions.items() if amount]
        self.say("end", "; ".join(rows) or "flat")


def _outcome(outcome: object) -> str:
    match outcome:
        case Accepted(order_id):
            return f"accepted {order_id}"
        case Rejected(reason, code):
            return f"rejected: {reason} {code}"
        case NotSent(cause):
            return f"not sent: {cause}"
        case Unknown(cause):
            return f"unknown: {cause}"
        case _:
            return str(outcome)
