"""I10: a person is told once of each trouble, with what is known, what happens next and how to stop it."""

from collections.abc import Sequence

from riskguard.core.guard import Guard
from riskguard.core.messages import Command, Severity, TellPerson
from riskguard.simulation.world.verdict import must

CONTRADICTED_S = 15.0
"""A contradiction that lasts this long while an incident depends on it has been told."""


class ToldChecks:
    """What holds for the words of one life of the guard; a restart may say again what still holds."""

    def __init__(self, remind_s: float) -> None:
        self._remind_s = remind_s
        self._said: dict[tuple[str, str, str], float] = {}
        self._titles: list[str] = []
        self._since: dict[str, float] = {}

    def booted(self) -> None:
        """Begin a new life."""
        self._said.clear()
        self._titles.clear()
        self._since.clear()

    def told(self, commands: Sequence[Command], now_s: float) -> None:
        """Check what is said in one step."""
        for command in commands:
            if isinstance(command, TellPerson):
                self._titles.append(f"{command.title} {command.body}")
                if command.severity is Severity.ALARM:
                    self.i10_once(command, now_s)
                    self.i10_next_step(command)

    def i10_once(self, word: TellPerson, now_s: float) -> None:
        """Check that an alarm is not repeated word by word before its reminder is due."""
        key = (word.incident, word.title, word.body)
        before_s = self._said.get(key)
        soon = before_s is not None and now_s - before_s < self._remind_s
        must(not soon, "I10", f"told twice within {self._remind_s:.0f} s: {word.title}: {word.body}")
        self._said[key] = now_s

    def i10_next_step(self, word: TellPerson) -> None:
        """Check that an alarm says more than its title, and one of a hedge to come how to stop it."""
        must(bool(word.body), "I10", f"an alarm without a word of explanation: {word.title}")
        if "a hedge may follow" in word.body:
            must(
                "riskguard veto" in word.body, "I10", f"no word on how to stop it: {word.title}: {word.body}"
            )

    def i10_contradiction(self, guard: Guard, now_s: float) -> None:
        """Check that readings that contradict each other in an incident are told, and soon."""
        memory = guard.memory
        troubled = {incident.venue for incident in memory.incidents if incident.in_trouble}
        for leg in memory.bases.agreed:
            reading, name = memory.bases.readings.get(leg), str(leg)
            apart = leg.venue in troubled and memory.bases.contradicted(leg)
            # One look before the venue fell silent is a doubt, and told as such; two are a contradiction.
            alone = reading is not None and now_s - reading.asked_s > CONTRADICTED_S / 2
            if not apart or reading is None or reading.weak or alone or memory.self_ill:
                self._since.pop(name, None)
                continue
            since_s = self._since.setdefault(name, now_s)
            late = now_s - since_s > CONTRADICTED_S and not any(name in said for said in self._titles)
            must(not late, "I10", f"readings of {name} contradict each other and nobody was told")
