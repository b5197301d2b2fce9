"""The journal of the simulation loses in a crash what a real one may lose, and nothing else."""

import asyncio
from collections.abc import Coroutine

import pytest

from riskguard.core.facts import Fact, Told
from riskguard.journal import MemoryJournal
from riskguard.ports import Journal, JournalUnavailable
from riskguard.simulation.world.virtual_loop import run_virtual


def fact(number: int) -> Told:
    return Told("info", str(number), "")


def titles(journal: Journal) -> list[str]:
    return [kept.title for _, kept in journal.replay() if isinstance(kept, Told)]


def run(main: Coroutine[None, None, None]) -> None:
    run_virtual(main)


def test_a_crash_loses_exactly_what_was_not_flushed() -> None:
    async def main() -> None:
        journal = MemoryJournal(7)
        journal.append(1, [fact(1)])
        await journal.commit(2, [fact(2)])
        journal.append(3, [fact(3)])
        await asyncio.sleep(0.25)
        journal.append(4, [fact(4)])
        after = journal.crash()
        assert (titles(after), after.epoch_ms) == (["1", "2", "3"], 7)

    run(main())


def test_after_a_crash_the_old_journal_writes_nothing_more() -> None:
    async def main() -> None:
        journal = MemoryJournal(7)
        journal.append(1, [fact(1)])
        after = journal.crash()
        await asyncio.sleep(1)
        await journal.commit(1, [fact(2)])
        assert titles(journal) == titles(after) == []

    run(main())


@pytest.mark.parametrize(("crash_at_s", "survives"), [(0.4, []), (0.6, ["1"])])
def test_a_crash_within_a_slow_commit_falls_before_or_after_durability(
    crash_at_s: float, survives: list[str]
) -> None:
    async def main() -> None:
        journal = MemoryJournal(7)
        journal.delay_s = 1.0
        committing = asyncio.ensure_future(journal.commit(1, [fact(1)]))
        await asyncio.sleep(crash_at_s)
        assert not committing.done()
        assert titles(journal.crash()) == survives

    run(main())


def test_a_failing_commit_raises_and_its_facts_arrive_later_in_order() -> None:
    async def main() -> None:
        journal = MemoryJournal(7)
        journal.failing = "full"
        with pytest.raises(JournalUnavailable, match="full"):
            await journal.commit(1, [fact(1)])
        journal.append(2, [fact(2)])
        await asyncio.sleep(5)
        assert titles(journal) == []
        journal.failing = ""
        await journal.commit(3, [fact(3)])
        assert titles(journal) == ["1", "2", "3"]

    run(main())


def test_concurrent_commits_keep_the_order_in_which_they_were_asked() -> None:
    async def main() -> None:
        journal = MemoryJournal(7)
        journal.delay_s = 2.0
        slow = asyncio.ensure_future(journal.commit(1, [fact(1)]))
        await asyncio.sleep(0.1)
        journal.delay_s = 0.0
        await journal.commit(2, [fact(2)])
        assert titles(journal) == ["1", "2"]
        await slow

    run(main())


def test_closing_keeps_what_was_queued() -> None:
    async def main() -> None:
        journal = MemoryJournal(7)
        journal.append(1, [fact(1)])
        await journal.close()
        assert titles(journal) == ["1"]

    run(main())


def test_it_keeps_the_port() -> None:
    journal: Journal = MemoryJournal(7)
    facts: list[tuple[int, Fact]] = list(journal.replay())
    assert facts == []
