"""The present trouble of a venue, from first to last conviction: a blip when it passes."""

from collections.abc import Iterable

from riskguard.core.detect.observation import Cause
from riskguard.core.detect.path_evidence import PathEvidence
from riskguard.core.detect.persistence import Blip
from riskguard.core.types import Verdict

BAD = (Verdict.CONFIRMED, Verdict.DOWN)


class Episode:
    """Joins what happens on several paths at once into one trouble."""

    __slots__ = ("_began", "_void")

    def __init__(self) -> None:
        self._began: float | None = None
        self._void = False

    def void(self) -> None:
        """Note that our own side was at fault meanwhile, so nothing is learnt of the venue."""
        self._void = True

    def look(self, paths: Iterable[PathEvidence]) -> Blip | None:
        """Follow the verdicts; give the blip when the last path is no longer convicted."""
        hit = [path for path in paths if path.run_s > 0.0 or path.verdict in BAD]
        bad = [path for path in hit if path.verdict in BAD]
        if bad:
            if self._began is None:
                self._began = min(path.since for path in bad if path.since is not None)
                self._void = False
            return None
        if self._began is None:
            return None
        began, self._began = self._began, None
        worst = max(hit, key=lambda path: path.run_s, default=None)
        length_s, cause = (worst.run_s, worst.run_cause) if worst is not None else (0.0, Cause.NONE)
        blip = Blip(began, length_s, tuple(sorted(path.path for path in hit)), str(cause))
        for path in hit:
            path.run_s = 0.0
        return None if self._void or worst is None else blip
