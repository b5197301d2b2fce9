"""Pings to independent places, which tell a dead venue from a dead line of ours."""

import asyncio

import aiohttp

from riskguard.core.messages import PingReference


class WebReferences:
    """Keeps the `References` port for references that are URLs."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def ping(self, command: PingReference) -> bool:
        """Return whether any HTTP answer at all came within the deadline; never raises.

        Each ping resolves and connects afresh: a kept-alive socket of a dead line lies, and so does a
        cached address.
        """
        try:
            async with asyncio.timeout(command.deadline_s):
                return await self._ask(command.name)
        except Exception:  # noqa: BLE001 - whatever it was, nothing answered
            return False

    async def _ask(self, url: str) -> bool:
        async with self._open().get(url, allow_redirects=False) as response:
            return response.status > 0

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(force_close=True, use_dns_cache=False, limit=16)
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session

    async def close(self) -> None:
        """Release the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None
