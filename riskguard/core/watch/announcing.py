"""What venues say of themselves: the trader is told; only a claim to be closed reaches the detector.

"Open" proves nothing, so it only takes back what the same place said before. A venue that lets orders be
cancelled is not closed, whatever else it restricts: its own refusals are the evidence there.
"""

from dataclasses import replace

from riskguard.core.memory import Memory
from riskguard.core.messages import Severity, StatusWord, VenueSpoke, WithdrawalsSeen
from riskguard.core.turn import Turn
from riskguard.core.watch.watching import Watch


def heard(memory: Memory, watch: Watch, turn: Turn, seen: VenueSpoke | WithdrawalsSeen) -> None:
    """Take in what a venue says of itself or of what may be withdrawn."""
    if isinstance(seen, VenueSpoke):
        _spoke(memory, watch, turn, seen)
    else:
        _withdrawals(memory, turn, seen)


def _spoke(memory: Memory, watch: Watch, turn: Turn, seen: VenueSpoke) -> None:
    key = (seen.venue, seen.symbol)
    before = memory.words.get(key, "")
    memory.words[key] = seen.what
    if not seen.symbol:
        _pass_on(watch, turn, seen, before)
    if seen.what == before or (not before and seen.what == StatusWord.OPEN):
        return
    severity = Severity.INFO if seen.what == StatusWord.OPEN else Severity.WARNING
    title = f"{seen.venue} says of {seen.symbol or 'itself'}: {seen.what}"
    memory.tell(turn, severity, title, f"its {seen.source}", once=title)


def _withdrawals(memory: Memory, turn: Turn, seen: WithdrawalsSeen) -> None:
    """Tell what stays closed for longer than accepted; what a venue leaves unsaid changes nothing."""
    after_s = memory.policy.venue_risk.withdrawals_alert_after_s
    for asset, allowed in seen.allowed:
        key = (seen.venue, asset)
        if allowed is True:
            memory.closed_ms.pop(key, None)
        if allowed is not False or after_s is None:
            continue
        since_ms = memory.closed_ms.setdefault(key, turn.now.wall_ms)
        closed_s = (turn.now.wall_ms - since_ms) / 1000
        if closed_s >= after_s:
            title = f"{seen.venue} lets no {asset} be withdrawn"
            memory.tell(turn, Severity.WARNING, title, f"closed for {closed_s / 60:.0f} min", once=title)


def _pass_on(watch: Watch, turn: Turn, seen: VenueSpoke, before: str) -> None:
    if seen.what == StatusWord.MAINTENANCE:
        watch.spoke(seen, turn.now.mono_s)
    elif before == StatusWord.MAINTENANCE:
        watch.spoke(replace(seen, what=""), turn.now.mono_s)
