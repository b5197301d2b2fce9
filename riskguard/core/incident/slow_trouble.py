"""Watches for slow trouble: announced maintenance, closed withdrawals, a price apart, too much at one venue.

None of it says anything about the venue's order paths, so no condition changes; a rule that names the word
fits while it holds. What is not known (an old balance, no fresh price) neither begins nor ends such trouble.
"""

from collections.abc import Iterator
from decimal import Decimal

from riskguard.core.exposure.assessing import BALANCE_AGE_S
from riskguard.core.exposure.prices import consensus
from riskguard.core.incident.slow_words import CONCENTRATION, MAINTENANCE, PREMIUM, WITHDRAWALS
from riskguard.core.memory import Memory
from riskguard.core.messages import Severity
from riskguard.core.policy import VenuePolicy
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO


def step(memory: Memory, turn: Turn) -> None:
    """Bring the words of every venue up to date, and tell those that are new."""
    for venue in memory.policy.venues:
        before, now = memory.slow.of(venue.id), dict(_words(memory, turn, venue))
        memory.slow.words[venue.id] = now
        for word in now.keys() - before.keys():
            title = f"{venue.id}: {word}"
            memory.tell(turn, Severity.WARNING, title, now[word], once=title)


def _words(memory: Memory, turn: Turn, venue: VenuePolicy) -> Iterator[tuple[str, str]]:
    found = (
        (MAINTENANCE, _window(memory, turn, venue)),
        (WITHDRAWALS, _withdrawals(memory, turn, venue)),
        (PREMIUM, _premium(memory, turn, venue)),
        (CONCENTRATION, _concentration(memory, turn, venue)),
    )
    return ((word, because) for word, because in found if because)


def _window(memory: Memory, turn: Turn, venue: VenuePolicy) -> str:
    """Give the announced window that is open, or opens within its `lead`; empty where none does."""
    now_ms = turn.now.wall_ms
    for window in memory.policy.maintenance:
        if window.venue != venue.id or now_ms >= window.to_ms:
            continue
        begins_ms = window.from_ms - round(window.lead_s * 1000)
        turn.wake_ms(window.to_ms if now_ms >= begins_ms else begins_ms)
        if now_ms >= begins_ms:
            to_go_min = max(0, window.from_ms - now_ms) / 60_000
            begins = f"begins in {to_go_min:.0f} min" if to_go_min else "has begun"
            return f"announced maintenance {begins}, ends in {(window.to_ms - now_ms) / 60_000:.0f} min"
    return ""


def _withdrawals(memory: Memory, turn: Turn, venue: VenuePolicy) -> str:
    after_s = memory.policy.venue_risk.withdrawals_alert_after_s
    if after_s is None:
        return ""
    closed = []
    for (where, asset), since_ms in memory.closed_ms.items():
        if where == venue.id:
            due_ms = since_ms + round(after_s * 1000)
            turn.wake_ms(max(due_ms, turn.now.wall_ms + 60_000))
            closed += [asset] if turn.now.wall_ms >= due_ms else []
    return f"withdrawals of {', '.join(sorted(closed))} stay closed" if closed else ""


def _premium(memory: Memory, turn: Turn, venue: VenuePolicy) -> str:
    """Say how far the venue's price has been from all others' for too long; empty where it has not."""
    risk, now_s, reasons = memory.policy.venue_risk, turn.now.mono_s, []
    if risk.premium_beyond is None:
        return ""
    for asset in memory.policy.assets:
        key = (venue.id, asset.name)
        legs = tuple(dict.fromkeys((*asset.legs, *asset.hedge_on)))
        mids = memory.prices.mids(legs, now_s, memory.policy.limits.data_age_s)
        here = next((mid for leg, mid in mids.items() if leg.venue == venue.id), None)
        there = consensus([mid for leg, mid in mids.items() if leg.venue != venue.id])
        if here is not None and there is not None:
            apart = (here - there) / there
            if abs(apart) <= risk.premium_beyond:
                memory.slow.premium_since_s.pop(key, None)
                continue
            due_s = memory.slow.premium_since_s.setdefault(key, now_s) + risk.premium_longer_than_s
            turn.wake_at(max(due_s, now_s + 1.0))
            if now_s >= due_s:
                reasons.append(f"{asset.name} trades {apart:+.2%} from all other venues")
        elif PREMIUM in memory.slow.of(venue.id) and key in memory.slow.premium_since_s:
            reasons.append(f"{asset.name} traded apart from all other venues when last seen")
    return ", ".join(reasons)


def _concentration(memory: Memory, turn: Turn, venue: VenuePolicy) -> str:
    """Say that too much of all equity lies at one venue; with a balance that is not known, as before."""
    most = memory.policy.venue_risk.share
    if most is None:
        return ""
    known = {
        entry.id: balance.equity
        for entry in memory.policy.venues
        if (balance := memory.balances.get(entry.id)) is not None
        and turn.now.mono_s - balance.asked_s <= BALANCE_AGE_S
    }
    total = sum(known.values(), ZERO)
    if len(known) < len(memory.policy.venues) or total <= ZERO:
        return memory.slow.of(venue.id).get(CONCENTRATION, "")
    share: Decimal = known[venue.id] / total
    return f"{share:.0%} of all equity lies here, {most:.0%} is the most" if share > most else ""
