"""Puts on record why a hedge of that size was wanted: the exact inputs, so that a replay can decide again."""

import json
from dataclasses import asdict
from decimal import Decimal

from riskguard.core.exposure.assessing import Assessment
from riskguard.core.facts import Decided
from riskguard.core.hedge.strategy import Situation
from riskguard.core.incident.incident import Incident
from riskguard.core.memory import Memory
from riskguard.core.policy import Rule
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO

TARGET = "target"
"""`Decided.what` of these facts."""
NEWS = Decimal("0.001")
"""A target that moved by a smaller share is the same decision: ceilings in money follow every price."""
APART_S = 1.0


def target_decided(
    memory: Memory,
    turn: Turn,
    incident: Incident,
    rule: Rule,
    found: Assessment,
    situation: Situation,
    *,
    wanted: Decimal,
    others: Decimal,
    target: Decimal,
) -> None:
    """Record what should be held of an asset, when that is news.

    `wanted`: the strategy's answer; `others`: the notional of other assets' hedges; `target`: after ceilings.
    """
    asset = found.asset
    traced = memory.handling[incident.id].traced
    before = traced.get(asset.name)
    if before is not None:
        last_s, last = before
        same = (
            abs(target - last) <= abs(last) * NEWS
            and target * last >= ZERO
            and (target == ZERO) == (last == ZERO)
        )
        if same or turn.now.mono_s - last_s < APART_S:
            return
    traced[asset.name] = (turn.now.mono_s, target)
    exposure = found.exposure
    inputs = {
        "asset": asset.name,
        "rule": rule.name,
        "doubts": rule.hedge.doubts,
        "strategy": rule.hedge.strategy,
        "wanted": wanted,
        "target": target,
        "others": others,
        "cover": [found.cover_low, found.cover_high],
        "offset": asset.elsewhere - asset.keep,
        "exposure": asdict(exposure) if exposure is not None else None,
        "situation": asdict(situation),
    }
    body = json.dumps(inputs, default=str, separators=(",", ":"), ensure_ascii=False)
    memory.record(Decided(TARGET, incident.id, body), turn)
