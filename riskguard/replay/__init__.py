"""Recorded facts through a policy, also a changed one: what would have been decided otherwise."""

from riskguard.replay.row import Differs
from riskguard.replay.run import replay, replay_lines

__all__ = ["Differs", "replay", "replay_lines"]
