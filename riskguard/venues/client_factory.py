"""Makes strict ccxt clients: what every one of them must be, whatever the trader's own config says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import ccxt  # type: ignore[import-untyped]
import ccxt.async_support  # type: ignore[import-untyped]
import ccxt.pro  # type: ignore[import-untyped]

from riskguard.venues.quirks import Quirks
from riskguard.venues.scrub import Scrubber
from riskguard.venues.session import StrictSession, tls_context
from riskguard.venues.strict import Strict

_STREAM_KEEPALIVE_MS: Final = 4000
"""ccxt's own 30 s (180 s on Binance) would notice a silent socket only after minutes."""
_CCXT_TIMEOUT_MS: Final = 30_000
"""Beyond every deadline of ours, so that ours decides."""


class Credentials(Protocol):
    """What a venue knows us by."""

    def for_ccxt(self) -> Mapping[str, str]:
        """Give the secrets by ccxt's names: apiKey, secret, password, walletAddress, privateKey."""


@cache
def strict_class(ccxt_id: str) -> Any:
    """Make the strict class of a ccxt id, with streams where ccxt has them; raises KeyError."""
    if ccxt_id in ccxt.pro.exchanges:
        parent = getattr(ccxt.pro, ccxt_id)
    elif ccxt_id in ccxt.exchanges:
        parent = getattr(ccxt.async_support, ccxt_id)
    else:
        raise KeyError(f"ccxt knows no exchange {ccxt_id!r}")
    return type(f"Strict_{ccxt_id}", (Strict, parent), {})


def merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Merge nested mappings, later ones over earlier ones, as ccxt and freqtrade do."""
    found: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            old = found.get(key)
            found[key] = (
                merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
            )
    return found


@dataclass(frozen=True, slots=True)
class ClientFactory:
    """Makes strict clients of one account."""

    ccxt_id: str
    ccxt_config: Mapping[str, Any]
    quirks: Quirks
    scrub: Scrubber

    def make(self, credentials: Credentials | None) -> Any:
        """Build a client; it opens no socket yet."""
        keys = {} if credentials is None else credentials.for_ccxt()
        ours = {
            "timeout": _CCXT_TIMEOUT_MS,
            "streaming": {"keepAlive": _STREAM_KEEPALIVE_MS},
            "options": {"warnOnFetchOpenOrdersWithoutSymbol": False},
        }
        forced = {
            "enableRateLimit": False,
            "verbose": False,
            # kraken.cancel_order reads the *previous* answer of the client and invents OrderNotFound from it.
            "enableLastHttpResponse": False,
            "enableLastJsonResponse": False,
            "timeout_on_exit": 0,
            "options": {
                "maxRetriesOnFailure": 0,
                "adjustForTimeDifference": False,
                # The snapshot is a REST answer; passed off as a push it would look like a second channel.
                "watchPositions": {"fetchPositionsSnapshot": False, "awaitPositionsSnapshot": False},
            },
        }
        more = {"urls": {"api": self.quirks.complete_urls(self._own_urls())}}
        config = merged(
            ours, self.quirks.config(), more, self.ccxt_config, keys, self.quirks.forced(), forced
        )
        client = strict_class(self.ccxt_id)(config)
        client.has["fetchCurrencies"] = False
        client.riskguard_scrub = self.scrub
        client.riskguard_hosts = self._own_hosts(str(client.hostname or ""))
        self.quirks.dress(client)
        return client

    def _own_urls(self) -> dict[str, Any]:
        urls = self.ccxt_config.get("urls")
        api = urls.get("api") if isinstance(urls, Mapping) else None
        return dict(api) if isinstance(api, Mapping) else {}

    def _own_hosts(self, hostname: str) -> frozenset[str] | None:
        own = self._own_urls()
        return frozenset(_hosts(own, hostname)) if own else None

    @property
    def streams_allowed(self) -> bool:
        """Whether streams go where requests go: other servers must not lead to the real venue's streams."""
        own = self._own_urls()
        return not own or "ws" in own

    def open_session(self, client: Any, *, limit: int) -> None:
        """Give a client a session of ours; needs the running loop."""
        client.session = StrictSession(
            limit=limit,
            verify=bool(client.verify),
            trust_env=bool(client.aiohttp_trust_env),
        )
        client.own_session = False
        client.ssl_context = tls_context()


def _hosts(urls: object, hostname: str) -> Iterator[str]:
    if isinstance(urls, Mapping):
        for part in urls.values():
            yield from _hosts(part, hostname)
    elif isinstance(urls, str):
        yield urlsplit(urls.replace("{hostname}", hostname)).netloc
