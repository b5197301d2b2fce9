"""What the guard must not forget is a fold of its journal: read again, it is what the guard had in mind."""

from dataclasses import fields, replace
from typing import Any

import pytest

from riskguard.core.exposure.others import Others
from riskguard.core.guard import Guard
from riskguard.core.memory import Ghost, Memory
from riskguard.simulation.world.generate import script_of
from riskguard.simulation.world.history import run

SEEDS = range(400, 408)
OF_OTHERS = ("believed", "anchors", "changes", "risks", "hedge_levels")
TIMES = {"since_ms": 0, "opened_ms": 0, "moved_ms": 0, "held_until_ms": 0}
"""Moments differ by how long a fact waited for its turn."""
BETWEEN_RECORDS = {"naked_s": 0.0, "naked_usdt_s": 0}
"""Counted at every look, put on record once a second."""


def durable(memory: Memory) -> dict[str, Any]:
    """Give what must survive a restart."""
    others: Others = memory.others
    return {
        "orders": {key: _timeless(order) for key, order in memory.ledger.orders.items()},
        "sequence": memory.ledger.sequence,
        "trades": memory.ledger.trades,
        "incidents": {key: _timeless(incident) for key, incident in memory.incidents.by_id.items()},
        "plans approved": [plan for _, plan in memory.usage.plans],
        "losses": [loss for _, loss in memory.usage.losses],
        "costs": memory.usage.costs,
        "bases": {leg: basis.amount for leg, basis in memory.bases.agreed.items()},
        "plans": memory.plans,
        "prices": memory.course.price_paths,
        "fees": memory.course.fees,
        "flattenings": memory.course.flattenings,
        "last word": memory.last_word,
        "learned": memory.learned,
        "ghosts": {
            (venue, key): _of_ghost(ghost)
            for venue, found in memory.ghosts.items()
            for key, ghost in found.items()
        },
        **{name: getattr(others, name) for name in OF_OTHERS},
    }  # fmt: skip


def _of_ghost(ghost: Ghost) -> tuple[object, ...]:
    order = ghost.order
    return order.leg, order.side, order.amount, order.filled, ghost.exposed


def _timeless(thing: Any) -> Any:
    names = {entry.name for entry in fields(thing)}
    changes = {key: value for key, value in (TIMES | BETWEEN_RECORDS).items() if key in names}
    return replace(thing, **changes)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_journal_read_again_is_what_the_guard_had_in_mind(seed: int) -> None:
    script = script_of(seed)
    result = run(script)
    assert result.last is not None
    guard, journal = result.last
    if journal.failing:
        pytest.skip("the disk was broken at the end: what was not written is not there")
    live = guard.memory
    again = Guard(
        script.policy, epoch_ms=journal.epoch_ms, strategies=live.strategies, facts=journal.replay()
    )
    assert durable(again.memory) == durable(live)


def test_a_fact_that_is_missing_is_noticed() -> None:
    script = script_of(SEEDS[0])
    result = run(script)
    assert result.last is not None
    guard, journal = result.last
    facts = list(journal.replay())
    for dropped in range(0, len(facts), 7):
        part = facts[:dropped] + facts[dropped + 1 :]
        again = Guard(script.policy, epoch_ms=1, strategies=guard.memory.strategies, facts=part)
        if durable(again.memory) != durable(guard.memory):
            return
    pytest.fail("any fact may be left out and nothing changes")
