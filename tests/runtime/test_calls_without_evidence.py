"""Calls that say nothing of any path: the detector counts only calls whose beginning it heard of."""

import pytest

from riskguard.core.messages import CallEnded, CallStarted, Command, ReadKind, ReadVenue, SetDeadMan
from tests.runtime.test_executor import LEG, READ, World, in_world

STATUS = ReadVenue(4, "bybit", ReadKind.STATUS, deadline_s=2.0)
WITHDRAWALS = ReadVenue(5, "bybit", ReadKind.WITHDRAWALS, deadline_s=2.0)
SWITCH = SetDeadMan(6, "bybit", 60.0, (LEG,), deadline_s=2.0)


@pytest.mark.parametrize(
    ("command", "announced"), [(STATUS, False), (WITHDRAWALS, False), (SWITCH, False), (READ, True)]
)
def test_only_what_is_evidence_is_announced_as_sent(command: Command, announced: bool) -> None:
    async def check(world: World) -> None:
        seen = await world.does(command)
        assert any(isinstance(one, CallStarted) for one in seen) is announced
        assert isinstance(seen[-1], CallEnded)
        assert seen[-1].call in (4, 5, 6), "the reader needs the end of each"

    in_world(check)
