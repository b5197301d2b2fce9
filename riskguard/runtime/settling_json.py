"""What may be adopted and how a preflight went, as plain JSON for the command line."""

from collections.abc import Mapping
from typing import Any

from riskguard.core.control import adopting
from riskguard.core.memory import Memory


def adoptable_json(memory: Memory) -> Mapping[str, Any]:
    """Give all that a person may settle, and whose order history is still being read."""
    offers = [
        {
            "kind": offer.kind,
            "venue": offer.venue,
            "leg": str(offer.leg) if offer.leg is not None else None,
            "amount": f"{offer.amount:f}",
            "says": offer.says,
        }
        for offer in adopting.offers(memory)
    ]
    unread = [str(leg) for leg in adopting.unread(memory)]
    says = f"{len(offers)} to settle"
    return {"ok": True, "says": says, "ready": not unread, "unread": unread, "offers": offers}


def adopted_json(memory: Memory) -> Mapping[str, Any]:
    """Say what is left to settle after a person adopted."""
    left = [offer.says for offer in adopting.offers(memory)]
    return {"ok": not left, "says": "; ".join(left) or "nothing is left to settle"}


def preflight_json(memory: Memory) -> Mapping[str, Any]:
    """Give the results of the preflight that was asked for last, and where it is still under way."""
    known = memory.preflights
    rows = [
        {
            "venue": row.venue,
            "leg": str(row.leg),
            "ok": row.ok,
            "because": row.because,
            "amount": f"{row.amount:f}",
            "fee": f"{row.fee:f}",
            "cost_bps": f"{row.cost_bps:f}",
            "latency_ms": row.latency_ms,
        }
        for row in known.ended.values()
    ]
    under_way = [f"{venue}: {flight.waits_for}" for venue, flight in known.under_way.items()]
    done = not known.under_way
    ok = done and bool(rows) and not known.refused and all(row["ok"] for row in rows)
    says = known.refused or "; ".join(under_way) or f"{len(rows)} backups flown"
    return {
        "ok": ok,
        "says": says,
        "done": done,
        "refused": known.refused,
        "under_way": under_way,
        "backups": rows,
    }
