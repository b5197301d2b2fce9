"""Every scenario comes out as it is written down, and breaks no invariant on the way."""

from pathlib import Path

import pytest

from .play import play, read, story

FILES = sorted(Path(__file__).parent.glob("*.txt"))


def test_there_are_scenarios() -> None:
    assert len(FILES) >= 5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    scenario = read(path)
    result = play(scenario, path.stem)
    assert not result.broken, result.transcript.tail()
    assert story(result) == scenario.story
