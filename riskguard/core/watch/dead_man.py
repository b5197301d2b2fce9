"""The venues' own switches that cancel resting orders when we fall silent: kept armed only while we act.

A switch cancels orders, never positions, and protective stops among them, so it is off unless the policy
accepts that. It is refreshed at a quarter of its time, and taken off before anything else when we leave.
"""

from dataclasses import dataclass, field
from typing import Final

from riskguard.core.memory import Memory
from riskguard.core.messages import DeadManAnswered, SetDeadMan, Severity
from riskguard.core.orders.outcome import Accepted
from riskguard.core.policy import VenuePolicy
from riskguard.core.turn import Turn
from riskguard.core.types import Mode, VenueId

REFRESHES: Final = 4
"""Times that a switch is set within its own span: three may be lost."""
DEADLINE_S: Final = 5.0
RETRY_S: Final = 2.0


@dataclass(slots=True)
class Switch:
    """What we know of one venue's switch."""

    perhaps_set: bool = False
    """Asked for, in this run or perhaps in an earlier one, and not surely taken off since."""
    confirmed: bool = False
    wanted: bool = False
    flying: int = 0
    """The call that is out; zero while none is."""
    next_s: float = float("-inf")
    offered: bool = True


@dataclass(slots=True)
class DeadMen:
    """The switches of all venues whose policy asks for one."""

    switches: dict[VenueId, Switch] = field(default_factory=dict)
    leaving: bool = False
    left_on: bool = False
    """Whether an earlier run was armed, so that a switch of its may still be on."""

    def step(self, memory: Memory, turn: Turn) -> None:
        """Set, refresh or take off what is due."""
        for venue in memory.policy.venues:
            if venue.dead_man is not None:
                switch = self.switches.setdefault(venue.id, Switch(perhaps_set=self.left_on))
                self._look(memory, turn, venue, switch)

    def answered(self, memory: Memory, turn: Turn, seen: DeadManAnswered) -> None:
        """Take in what a venue said to our wish; an unknown outcome may have set the switch."""
        switch = self.switches.get(seen.venue)
        policy = memory.policy.venue(seen.venue).dead_man
        if switch is None or policy is None or switch.flying != seen.call:
            return
        switch.flying = 0
        if not isinstance(seen.outcome, Accepted):
            self._failed(memory, turn, seen, switch)
            return
        if not seen.after_s:
            memory.tell(turn, Severity.INFO, f"dead-man's switch at {seen.venue}: off")
            switch.perhaps_set = switch.confirmed = False
        elif not switch.confirmed:
            title = f"dead-man's switch at {seen.venue}: on"
            body = f"{policy.after_s:g} s after we fall silent it cancels orders there, stops too"
            memory.tell(turn, Severity.WARNING, title, body)
            switch.confirmed = True

    def _failed(self, memory: Memory, turn: Turn, seen: DeadManAnswered, switch: Switch) -> None:
        cause = seen.cause
        if not seen.offered:
            switch.offered = switch.perhaps_set = False
            title = f"no dead-man's switch at {seen.venue}: orders there stay if we fall silent"
        elif seen.after_s:
            title = f"dead-man's switch at {seen.venue} could not be set; tried again"
        else:
            title = f"dead-man's switch at {seen.venue} may still be on; tried again"
        memory.tell(turn, Severity.WARNING, title, cause, once=title)
        switch.next_s = min(switch.next_s, turn.now.mono_s + RETRY_S)

    def _look(self, memory: Memory, turn: Turn, venue: VenuePolicy, switch: Switch) -> None:
        policy = venue.dead_man
        if policy is None or not switch.offered:
            return
        wanted = memory.acts and memory.policy.mode is Mode.AUTO and not self.leaving
        if wanted != switch.wanted:
            switch.wanted, switch.next_s = wanted, turn.now.mono_s
        legs = tuple(leg for leg in memory.legs(venue.id) if leg in memory.markets)
        if not legs or not (wanted or switch.perhaps_set):
            return
        # A wish that overtakes another could leave the wrong one standing; only the way out does not wait,
        # since the border sends them in their order.
        if switch.flying and not self.leaving:
            return
        if turn.now.mono_s < switch.next_s:
            turn.wake_at(switch.next_s)
            return
        pause_s = policy.after_s / REFRESHES if wanted else RETRY_S + DEADLINE_S
        after_s = policy.after_s if wanted else 0.0
        switch.flying, switch.next_s = memory.next_call(), turn.now.mono_s + pause_s
        switch.perhaps_set = True
        turn.wake_at(switch.next_s)
        deadline_s = min(DEADLINE_S, policy.after_s / REFRESHES) if wanted else DEADLINE_S
        turn.do(SetDeadMan(switch.flying, venue.id, after_s, legs, deadline_s))
