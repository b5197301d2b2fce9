"""How far our wall clock jumped is remembered: by that much a venue's moments may seem wrong."""

import pytest

from .scene import Scene


@pytest.mark.parametrize(
    ("jumps_ms", "doubt_ms"),
    [((), 0), ((400, 400), 0), ((60_000,), 60_000), ((-5_000,), 5_000), ((30_000, -50_000), 50_000)],
)
def test_a_jump_either_way_leaves_a_doubt_and_a_clock_that_is_disciplined_none(
    jumps_ms: tuple[int, ...], doubt_ms: int
) -> None:
    scene = Scene()
    scene.passes(2.0)
    for jump_ms in jumps_ms:
        scene.wall_offset_ms += jump_ms
        scene.passes(1.0)
    assert abs(scene.guard.memory.clock_doubt_ms - doubt_ms) <= 1
    scene.passes(5.0)
    assert abs(scene.guard.memory.clock_doubt_ms - doubt_ms) <= 1
