"""From what happened on the wire to an outcome: by status and body, never by ccxt's exception class."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from riskguard.core.detect.observation import OutcomeClass
from riskguard.core.orders.outcome import Accepted, NotSent, Outcome, Rejected, Unknown
from riskguard.venues.outcomes import TESTED_VENUES, classify, says_id_taken
from riskguard.venues.outcomes.evidence import outcome_class
from riskguard.venues.quirks import NotOffered, Quirks
from riskguard.venues.reports import Unreadable
from riskguard.venues.scrub import Scrubber
from riskguard.venues.wire import Attempt, meaning_of

_SMALL: Final = 512
"""Characters; an answer that proves something about an account is longer, or is cheap to look at twice."""


@dataclass(frozen=True, slots=True)
class Ended:
    """One call through ccxt, ended for good or ill."""

    attempts: Sequence[Attempt]
    value: Any = None
    error: BaseException | None = None
    waited_only: bool = False
    """Our own deadline passed while the call waited for its turn."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome and what it says of the venue's health."""

    outcome: Outcome
    evidence: OutcomeClass

    @property
    def cause(self) -> str:
        """A few words for a person."""
        match self.outcome:
            case Rejected(reason=reason, code=code, text=text):
                return " ".join(part for part in (reason.value, code, text) if part)
            case NotSent(cause=cause) | Unknown(cause=cause):
                return cause
            case Accepted():
                return ""


class Judge:
    """Judges the calls to one venue."""

    def __init__(self, ccxt_id: str, quirks: Quirks, scrub: Scrubber) -> None:
        self._ccxt_id = ccxt_id
        self._quirks = quirks
        self._scrub = scrub
        self._tested = ccxt_id in TESTED_VENUES

    def order(self, ended: Ended, operation: str) -> Judgement:
        """Judge a place or cancel by the request that carried it; of several the worst counts."""
        carriers = [attempt for attempt in ended.attempts if self._quirks.carries(attempt)]
        if not carriers:
            return self._never_sent(ended)
        judged = [self._attempt(attempt, operation, ended) for attempt in carriers]
        doubtful = [one for one in judged if isinstance(one.outcome, Unknown)]
        return (doubtful or judged)[-1]

    def test_order(self, ended: Ended) -> Judgement:
        """Judge an order that is only validated: success has no id, a refusal reads like an order's."""
        if ended.error is None:
            return Judgement(Accepted(), OutcomeClass.OK)
        judged = self.order(ended, "place")
        if isinstance(judged.outcome, Accepted):
            return Judgement(Unknown(self._words(ended.error)), OutcomeClass.RATE_LIMITED)
        return judged

    def read(self, ended: Ended) -> Judgement:
        """Judge a question that brought no usable answer, or say Accepted."""
        if ended.error is None:
            return self._empty_success(ended) or Judgement(Accepted(), OutcomeClass.OK)
        failed = [
            attempt for attempt in ended.attempts if attempt.error is not None or attempt.status is None
        ]
        if not failed:
            if not ended.attempts:
                return self._never_sent(ended)
            # Every request was answered well, yet ccxt could not read it: proves nothing of the venue.
            return Judgement(Unknown(self._words(ended.error)), OutcomeClass.RATE_LIMITED)
        judged = self._attempt(failed[-1], "query", ended)
        if isinstance(judged.outcome, Accepted):
            return Judgement(Unknown(self._words(ended.error)), OutcomeClass.RATE_LIMITED)
        return judged

    def _empty_success(self, ended: Ended) -> Judgement | None:
        """Find an answer that ccxt took and that lacks the venue's own envelope (`{}` for a balance)."""
        for attempt in ended.attempts:
            small = attempt.error is None and attempt.status is not None and len(attempt.body) < _SMALL
            if self._tested and small:
                judged = self._attempt(attempt, "query", ended)
                if not isinstance(judged.outcome, Accepted):
                    return judged
        return None

    def _attempt(self, attempt: Attempt, operation: str, ended: Ended) -> Judgement:
        if attempt.status is None:
            broken = meaning_of(attempt)
            return Judgement(broken.outcome, broken.evidence)
        # Masked before it is read: a secret that was cut in two would not be found any more.
        body = self._scrub.known(attempt.body)
        outcome = classify(venue=self._ccxt_id, operation=operation, http_status=attempt.status, body=body)
        if not self._tested:
            outcome = self._by_ccxt(attempt, operation, ended)
        identity = _id_of(ended.value)
        if isinstance(outcome, Accepted) and not outcome.order_id and identity:
            outcome = Accepted(identity)
        evidence = outcome_class(outcome)
        if operation == "place" and isinstance(outcome, Rejected) and says_id_taken(self._ccxt_id, outcome):
            outcome = Unknown(f"the venue has an order with this client id: {outcome.code} {outcome.text}")
        return Judgement(self._clean(outcome), evidence)

    def _by_ccxt(self, attempt: Attempt, operation: str, ended: Ended) -> Outcome:
        """Without a table only a success that ccxt could read whole is believed; every refusal is unknown."""
        good = ended.error is None and attempt.status is not None and 200 <= attempt.status < 300
        if good and (operation != "place" or _id_of(ended.value)):
            return Accepted(_id_of(ended.value))
        return Unknown(f"HTTP {attempt.status}, no outcome table for {self._ccxt_id}")

    def _never_sent(self, ended: Ended) -> Judgement:
        """Judge a call whose order or cancel never left this machine."""
        if ended.waited_only:
            return Judgement(NotSent("no budget left before the deadline"), OutcomeClass.RATE_LIMITED)
        if ended.attempts:
            last = self._attempt(ended.attempts[-1], "query", ended)
            if not isinstance(last.outcome, Accepted):
                return Judgement(NotSent(f"a question before it failed: {last.cause}"), last.evidence)
        # ccxt or this border refused the arguments: no evidence either way, and no taint on our network.
        return Judgement(NotSent(self._words(ended.error)), OutcomeClass.RATE_LIMITED)

    def _clean(self, outcome: Outcome) -> Outcome:
        match outcome:
            case Rejected():
                code, text = self._scrub(outcome.code), self._scrub(outcome.text)
                return dataclasses.replace(outcome, code=code, text=text)
            case Unknown():
                return Unknown(self._scrub(outcome.cause))
            case NotSent():
                return NotSent(self._scrub(outcome.cause))
            case Accepted():
                return outcome

    def _words(self, error: BaseException | None) -> str:
        if error is None:
            return "nothing was sent"
        name = "" if isinstance(error, NotOffered | Unreadable) else f"{type(error).__name__}: "
        return self._scrub(f"{name}{error}")


def _id_of(value: Any) -> str:
    identity = value.get("id") if isinstance(value, dict) else None
    return str(identity) if identity else ""
