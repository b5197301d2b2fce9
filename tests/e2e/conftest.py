"""Scenes that several test files judge are acted out once, side by side."""

import asyncio
from collections.abc import Callable

import pytest

from tests.e2e.scenes import Played, play_all


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Played]:
    """Give what was seen in a scene by its name, or raise what it ended with."""
    played = asyncio.run(play_all(tmp_path_factory.mktemp("scenes")))

    def named(name: str) -> Played:
        found = played[name]
        if isinstance(found, BaseException):
            raise found
        return found

    return named
