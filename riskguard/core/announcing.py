"""What venues say of themselves: the trader is told; only a claim to be closed reaches the detector.

"Open" proves nothing, so it only takes back what the same place said before. A venue that lets orders be
cancelled is not closed, whatever else it restricts: its own refusals are the evidence there.
"""

from dataclasses import replace

from riskguard.core.memory import Memory
from riskguard.core.messages import Severity, StatusWord, VenueSpoke
from riskguard.core.turn import Turn
from riskguard.core.watching import Watch


def spoke(memory: Memory, watch: Watch, turn: Turn, seen: VenueSpoke) -> None:
    """Take in one announcement; a word that stays the same is told once."""
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


def _pass_on(watch: Watch, turn: Turn, seen: VenueSpoke, before: str) -> None:
    if seen.what == StatusWord.MAINTENANCE:
        watch.spoke(seen, turn.now.mono_s)
    elif before == StatusWord.MAINTENANCE:
        watch.spoke(replace(seen, what=""), turn.now.mono_s)
