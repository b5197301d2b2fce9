"""The failures that no good answer has followed: when the first two of them left, hanging calls included."""


class FailureRun:
    """Dates one path's present run of failures; moments are those at which the calls left."""

    __slots__ = ("_hung", "_hung_second", "_second", "began", "first", "hangs", "hangs_since")

    def __init__(self) -> None:
        self.first: float | None = None
        """The first call that failed."""
        self._second: float | None = None
        self.began: float | None = None
        """When the trouble most likely began, as of the last look: before its first failure."""
        self.hangs = 0
        """Calls under way that are late."""
        self.hangs_since: float | None = None
        """The first of these."""
        self._hung_second: float | None = None
        self._hung: float | None = None
        """The first since the last good answer: a fast trader's first hanging calls are no longer kept."""

    def failed(self, sent_at: float) -> None:
        """Take a failure in."""
        first, second = self.first, self._second
        if first is None or sent_at < first:
            self.first, self._second = sent_at, first
        elif sent_at > first and (second is None or sent_at < second):
            self._second = sent_at

    def answered(self, sent_at: float) -> None:
        """Let a good answer to a call that left at that moment end what began before."""
        if self.first is not None and sent_at >= self.first:
            self.first = self._second = self.began = None
        if self._hung is not None and sent_at >= self._hung:
            self._unhang()

    def begin_look(self) -> None:
        """Start counting the late calls under way."""
        self.hangs, self.hangs_since, self._hung_second = 0, None, None

    def under_way(self, sent_at: float) -> None:
        """Count a late call under way; the oldest comes first."""
        self.hangs += 1
        if self.hangs_since is None:
            self.hangs_since = sent_at
        elif self._hung_second is None:
            self._hung_second = sent_at

    def end_look(self) -> None:
        """Remember the first that hangs, or that none does."""
        if self.hangs_since is None:
            self._unhang()
        elif self._hung is None or self.hangs_since < self._hung:
            self._hung = self.hangs_since

    def _unhang(self) -> None:
        """Forget since when calls hang; what began with them alone is over."""
        self._hung = None
        if self.first is None:
            self.began = None

    def clear(self) -> None:
        """Forget the run; what hangs is counted anew at every look."""
        self.first = self._second = self._hung = self.began = None

    def since(self) -> float | None:
        """When the first of the failures was sent."""
        if self.first is None or self._hung is None:
            return self.first if self._hung is None else self._hung
        return min(self.first, self._hung)

    def second(self) -> float | None:
        """When the second of them was sent."""
        sent = {self.first, self._second, self.hangs_since, self._hung_second} - {None}
        return sorted(at for at in sent if at is not None)[1] if len(sent) > 1 else None
