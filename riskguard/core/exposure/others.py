"""What others do on the accounts that we use: a fold of the journal.

A position is what the trader holds plus what our fills added. The basis is his part; while a leg carries our
hedge, whatever moves the basis away from where it stood before our first order there was done by others: the
trader, his bots, or the venue itself.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from riskguard.core.exposure.risk import LegRisk
from riskguard.core.facts import (
    BasisAgreed,
    Fact,
    HedgeAdjusted,
    IntentRecorded,
    LegAtRisk,
    OrderMoved,
    StrangerSeen,
)
from riskguard.core.messages import OrderReport
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.ledger import Ledger
from riskguard.core.types import ZERO, ClientId, Leg, VenueId

TAIL = 5
"""An order id ends with four digits or more of its number and a letter; what is before names its journal."""
REPRICED = Decimal("0.01")
"""Contracts that coin margins are converted at a price that follows the market until we order there, and
coin comes and goes with fees, funding and what a hedge wins. Neither is anybody's trade."""
EPOCH = 8
"""The digits of a journal's birth in an order id."""


@dataclass(slots=True)
class Others:
    """What is known of others; the first block lasts and changes by facts only."""

    believed: dict[Leg, Decimal] = field(default_factory=dict)
    """Per leg: the trader's part as the journal knows it."""
    margins: dict[Leg, Decimal] = field(default_factory=dict)
    """Per leg: how much of that is no position but the coin that margins it."""
    anchors: dict[Leg, Decimal] = field(default_factory=dict)
    """Per leg: the trader's position when our first order there left, or when a person settled a change."""
    changes: dict[Leg, Decimal] = field(default_factory=dict)
    """Per leg that carries our hedge: what others traded there since; base units, signed."""
    strangers: dict[tuple[VenueId, str], ClientId] = field(default_factory=dict)
    """Per venue and journal: an order id of another guard, not settled yet."""
    settled: set[tuple[VenueId, str]] = field(default_factory=set)
    """Per venue and journal: guards that a person settled; they are strangers no more."""
    risks: dict[Leg, LegRisk] = field(default_factory=dict)
    """Per leg at a venue in trouble: where it is liquidated, and whether it may have been."""

    hedge_levels: dict[Leg, tuple[Decimal, bool]] = field(default_factory=dict)
    """Per leg that carries our hedge: where it is liquidated, and whether the price was there since."""
    lost: dict[Leg, dict[ClientId, OrderReport]] = field(default_factory=dict)
    """Per leg: orders of this instance that another journal sent, as the venue remembers them."""
    look_s: float = float("-inf")
    """When a person asked last what may be adopted."""
    history_s: dict[Leg, float] = field(default_factory=dict)
    """When the order history was asked for that was read last."""

    def fold(self, fact: Fact, ledger: Ledger) -> None:
        """Take in one fact, after the ledger did; facts about other things change nothing."""
        match fact:
            case IntentRecorded(intent) if intent.purpose is not Purpose.CANARY:
                others = [o for o in ledger.pending(leg=intent.leg) if o.intent.client_id != intent.client_id]
                alone = all(o.intent.purpose is Purpose.CANARY for o in others)
                if alone and ledger.ours(intent.leg) == ZERO and intent.leg in self.believed:
                    self.anchors[intent.leg] = self._position(intent.leg)
            case BasisAgreed(leg, amount, margin=margin):
                self.believed[leg], self.margins[leg] = amount, margin
                self._compare(leg, ledger)
            case OrderMoved(client_id) if client_id in ledger.orders:
                self._compare(ledger.orders[client_id].intent.leg, ledger)
            case HedgeAdjusted(leg, amount=amount):
                self.believed[leg] = self.believed.get(leg, ZERO) - amount
                self.anchors[leg] = self._position(leg)
                self._compare(leg, ledger)
            case LegAtRisk(leg, state="settled"):
                self.risks.pop(leg, None)
            case LegAtRisk(leg, amount, liquidation, state, mark=mark):
                self.risks[leg] = LegRisk(amount, liquidation, crossed=state == "crossed", mark=mark)
            case StrangerSeen(venue, client_id, state):
                key = venue, journal_of(client_id)
                if state == "seen":
                    self.strangers[key] = client_id
                else:
                    self.strangers.pop(key, None)
                    self.settled.add(key)
            case _:
                pass

    def shift(self, leg: Leg, amount: Decimal) -> None:
        """Let what we closed at home change the trader's part; that is no change by others."""
        for known in (self.believed, self.anchors):
            if leg in known:
                known[leg] += amount

    def _position(self, leg: Leg) -> Decimal:
        return self.believed.get(leg, ZERO) - self.margins.get(leg, ZERO)

    def _compare(self, leg: Leg, ledger: Ledger) -> None:
        position = self._position(leg)
        anchor = self.anchors.get(leg, position)
        changed = position - anchor
        if self.margins.get(leg) and abs(changed) <= REPRICED * abs(anchor):
            changed = ZERO  # the same contracts, converted at another price
        if changed == ZERO or ledger.ours(leg) == ZERO:
            self.changes.pop(leg, None)
        else:
            self.changes[leg] = changed


def journal_of(client_id: ClientId) -> str:
    """Give the part of an order id that all orders of one journal share."""
    return client_id[:-TAIL]


def instance_of(client_id: ClientId) -> str:
    """Give the instance in an order id; empty where it is none of a guard's."""
    return journal_of(client_id)[2:-EPOCH] if client_id.startswith("rg") else ""
