"""Keep secrets out of every word that leaves the border."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus

_QUERY: Final = re.compile(r"\?[^\s\"'<>]*")
_NAMED: Final = re.compile(
    r"(?i)\b(signature|sign|sig|apikey|api-key|api_key|secret|passphrase|password|token|listenkey|authorization"
    r"|authent|jwt)"
    r"(\\?[\"']?\s*[=:]\s*\\?[\"']?)((bearer|basic|deri-hmac-sha256)\s+)?[^\s\"'&,}\\]+"
)
_BEARER: Final = re.compile(r"(?i)\bbearer\s+[^\s\"'&,}\\]+")
_OPAQUE: Final = re.compile(r"[A-Za-z0-9%+/=_.-]{40,}")
"""The length of signatures and of the keys of streams; order ids and the names of markets are shorter."""
_SHORTEST: Final = 6
_LOOKED_AT: Final = 8000
"""Characters of a text, for what is shown is much shorter, and a page of megabytes would stall the loop."""
LIMIT: Final = 160


def forms_of(secret: str) -> Iterator[str]:
    """Give a secret as it may come back: as it is, escaped for URLs and JSON, in base64, in hex."""
    raw = secret.encode()
    yield from (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], raw.hex())
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        yield encoded.decode().rstrip("=")
    try:
        yield base64.b64decode(
            secret, validate=True
        ).hex()  # Kraken's and other secrets are base64 themselves
    except (binascii.Error, ValueError):
        return


def _opaque(found: re.Match[str]) -> str:
    """Hide what looks like a signature or a key, and leave a long path or word as it is."""
    text = found[0]
    digits = sum(mark.isdigit() for mark in text)
    mixed = any(mark.isupper() for mark in text) and any(mark.islower() for mark in text)
    return "***" if digits >= 3 and (mixed or re.fullmatch(r"[0-9a-fxA-F]+", text)) else text


class Scrubber:
    """Removes the secrets it knows, everything that looks like one, and every URL's query."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets for form in forms_of(secret) if len(form) >= _SHORTEST}
        longest_first = sorted(known, key=len, reverse=True)
        self._lowered = tuple({form.lower() for form in known})
        self._known = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def __call__(self, text: str, limit: int = LIMIT) -> str:
        """Return one clean line of at most `limit` characters."""
        text = _NAMED.sub(r"\1\2***", _QUERY.sub("?…", self.known(_beginning(text))))
        text = _OPAQUE.sub(_opaque, _BEARER.sub("***", text))
        return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())[:limit]

    def known(self, text: str) -> str:
        """Return the text without the secrets that are known, otherwise as it is."""
        low = text.lower()
        return self._known.sub("***", text) if any(form in low for form in self._lowered) else text


def _beginning(text: str) -> str:
    """Cut a long text between two words: half a secret would not be found any more."""
    if len(text) <= _LOOKED_AT:
        return text
    words, _, _ = text[:_LOOKED_AT].rpartition(" ")
    return words
