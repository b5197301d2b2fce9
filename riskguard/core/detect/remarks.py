"""What a venue says that is no evidence against it: slow down, wrong key, this symbol is halted."""

from riskguard.core.detect.observation import NEVER, OutcomeClass

THROTTLED_FOR_S = 10.0
HALTED_FOR_S = 60.0
SYMBOLS_KEPT = 64


class Remarks:
    """Flags beside the verdicts."""

    __slots__ = ("_denied_at", "_halts", "_limited_at", "_throttled_at")

    def __init__(self) -> None:
        self._limited_at = self._throttled_at = self._denied_at = NEVER
        self._halts: dict[str, float] = {}

    def note(self, now: float, outcome: OutcomeClass, symbol: str) -> None:
        """Take a remark in; one rate limit now and then is usual, two within seconds throttle."""
        if outcome is OutcomeClass.RATE_LIMITED:
            if now - self._limited_at < THROTTLED_FOR_S:
                self._throttled_at = now
            self._limited_at = now
        elif outcome is OutcomeClass.AUTH:
            self._denied_at = now
        elif outcome is OutcomeClass.SYMBOL_HALT:
            self._halts[symbol] = now
            if len(self._halts) > SYMBOLS_KEPT:
                del self._halts[next(iter(self._halts))]

    def is_throttled(self, now: float) -> bool:
        """Say whether the venue asked us to slow down."""
        return now - self._throttled_at < THROTTLED_FOR_S

    def is_denied(self, now: float) -> bool:
        """Say whether the venue refused our key."""
        return now - self._denied_at < THROTTLED_FOR_S

    def halted(self, now: float) -> list[str]:
        """Give the symbols that were halted lately."""
        return sorted(symbol for symbol, at in self._halts.items() if now - at < HALTED_FOR_S)
