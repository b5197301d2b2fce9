"""Lists that come in pages: whole, or not believed at all."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from riskguard.venues.quirks.not_offered import NotOffered

_MOST: Final = 20
"""More pages than this are not asked for."""

Page = Callable[[Mapping[str, Any]], Awaitable[Sequence[Any]]]
"""Asks for one page with these parameters on top."""
Next = Callable[[Sequence[Any], int], Mapping[str, Any] | None]
"""Gives the parameters of the page after these rows and so many pages; None: the venue says that was all."""


async def all_pages(ask: Page, size: int, after: Next) -> list[Any]:
    """Read every page; raises `NotOffered` where they do not end. A row that two pages show counts once."""
    found: dict[Any, Any] = {}
    more: Mapping[str, Any] | None = {}
    for number in range(1, _MOST + 1):
        rows = await ask(more or {})
        known = len(found)
        found.update((row.get("id"), row) for row in rows)
        more = after(rows, number) if len(rows) >= size else None
        if len(found) == known and len(rows) == size:
            raise NotOffered("the venue repeats a page instead of giving the next")
        if more is None or len(found) == known:
            return list(found.values())
    raise NotOffered("more rows than can be paged through")
