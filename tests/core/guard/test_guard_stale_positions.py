"""Two stale readings agree as well: what executions told is not undone by a list that lags."""

from decimal import Decimal

from riskguard.core.messages import FillReport, FillSeen, PositionReport, PositionsRead, Source
from riskguard.core.types import Side

from .scene import MAIN, Scene


def told(scene: Scene, amount: str) -> None:
    """Read the position once, as the venue's list has it."""
    row = PositionReport(MAIN, Decimal(amount))
    scene.see(PositionsRead("main", (row,), Source.POSITIONS, scene.now_s))


def believed(scene: Scene) -> Decimal:
    return scene.guard.memory.bases.agreed[MAIN].amount


def sold(scene: Scene) -> None:
    fill = FillReport(
        MAIN, "t1", "v1", "bot", Side.SELL, Decimal("0.4"), Decimal(60_000), Decimal(0), scene.now.wall_ms
    )
    scene.see(FillSeen(fill, Source.STREAM))


def test_a_list_that_lags_behind_executions_is_not_believed() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.blind.add("main")
    scene.passes(1.0)
    sold(scene)
    told(scene, "0.6")
    assert believed(scene) == Decimal("0.6")
    for _ in range(8):
        scene.passes(1.0)
        told(scene, "1")
        assert believed(scene) == Decimal("0.6")
    scene.passes(1.0)
    told(scene, "0.6")
    assert believed(scene) == Decimal("0.6")


def test_what_is_read_for_long_enough_is_believed_all_the_same() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.blind.add("main")
    scene.passes(1.0)
    sold(scene)
    told(scene, "0.6")
    for _ in range(13):
        scene.passes(1.0)
        told(scene, "0.3")
    assert believed(scene) == Decimal("0.3")
