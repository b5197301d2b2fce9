"""An emergency cancel behind a hundred queued reads takes as long as on an idle gateway, at every face.

The figures come from `python -m tests.bench.lanes`; here it runs with fewer trials.
"""

import pytest

from tests.bench import decision
from tests.bench.lanes import FACES, MOST_MORE_MS, behind_reads, beside_a_bare_order, sentence

pytestmark = [pytest.mark.wire, pytest.mark.bench, pytest.mark.slow]

TRIALS = 60


@pytest.mark.parametrize("face", FACES)
async def test_priority_never_inverts(face: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = await behind_reads(face, TRIALS)
    with capsys.disabled():
        print(f"\n{sentence(found)}")  # noqa: T201 - what a benchmark is for
    assert found.holds, sentence(found)


@pytest.mark.parametrize("face", FACES)
async def test_an_order_against_one_signed_by_hand(face: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = await beside_a_bare_order(face, TRIALS)
    with capsys.disabled():
        print(f"\n{decision.sentence(found)}")  # noqa: T201 - what a benchmark is for
    assert not found.odd
    assert found.more_ms < MOST_MORE_MS
