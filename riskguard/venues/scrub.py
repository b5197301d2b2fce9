"""Keep secrets out of every word that leaves the border."""

import re
from collections.abc import Iterable
from typing import Final

_QUERY: Final = re.compile(r"\?[^\s\"'<>]*")
_NAMED: Final = re.compile(
    r"(?i)\b(signature|sign|apikey|api-key|api_key|secret|passphrase|password|token|listenkey|authorization)"
    r"(\\?[\"']?\s*[=:]\s*\\?[\"']?)[^\s\"'&,}\\]+"
)
_SHORTEST: Final = 6
LIMIT: Final = 160


class Scrubber:
    """Removes the secrets it knows, everything that looks like one, and every URL's query."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret for secret in secrets if len(secret) >= _SHORTEST}
        self._known = sorted(known, key=len, reverse=True)

    def __call__(self, text: str, limit: int = LIMIT) -> str:
        """Return one clean line of at most `limit` characters."""
        for secret in self._known:
            text = text.replace(secret, "***")
        text = _NAMED.sub(r"\1\2***", _QUERY.sub("?…", text))
        return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())[:limit]
