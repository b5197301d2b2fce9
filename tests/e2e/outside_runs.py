"""Runs independent tries side by side: each waits most of its time for clocks, not for the processor."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

WIDTH = 4
Try = Callable[[Path], Awaitable[None]]


class Tries:
    """The tries of one module, by name."""

    def __init__(self) -> None:
        self.known: dict[str, Try] = {}

    def add(self, name: str, carried_out: Try) -> None:
        """Add one."""
        self.known[name] = carried_out

    def __call__(self, carried_out: Try) -> Try:
        """Add a function under its own name, as a decorator."""
        self.add(carried_out.__name__, carried_out)
        return carried_out

    @contextmanager
    def started(self, request: pytest.FixtureRequest, directory: Path) -> Iterator[dict[str, "Future[None]"]]:
        """Start all that this session selected; each result is waited for by its own test."""
        chosen = {
            item.callspec.params.get("name")
            for item in request.session.items
            if isinstance(item, pytest.Function) and hasattr(item, "callspec") and item.path == request.path
        }
        with ThreadPoolExecutor(WIDTH) as pool:
            yield {
                name: pool.submit(_run, carried_out, directory / name)
                for name, carried_out in self.known.items()
                if name in chosen
            }


def _run(carried_out: Try, directory: Path) -> None:
    directory.mkdir(parents=True)

    async def main() -> None:
        await carried_out(directory)

    asyncio.run(main())
