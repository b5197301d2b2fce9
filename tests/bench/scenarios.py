"""The troubles that must be found, each with the exact CUSUM that knows it."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from riskguard.core.detect import OutcomeClass
from riskguard.core.types import Path

from . import faults
from .faults import Fault, Span
from .loop import Conditions
from .rivals import Oracle, Seen
from .world import WorldParameters, slower

ONE_PATH = frozenset({Path.CANCEL})
EVERY = frozenset({Path.PLACE, Path.CANCEL, Path.QUERY})
Make = Callable[[Span, random.Random], Conditions]
MakeOracle = Callable[[WorldParameters], Oracle]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One trouble: how it is made, who knows it exactly, and how long we look."""

    name: str
    make: Make
    oracle: MakeOracle | None = None
    horizon_s: float = 40.0
    traffic: tuple[tuple[str, float], ...] = ()
    """Changes to the world's traffic."""


def _of(fault: Callable[[Span, random.Random], Fault]) -> Make:
    return lambda span, rng: Conditions(fault=fault(span, rng))


def _dead(world: WorldParameters, paths: frozenset[Path] = EVERY) -> Oracle:
    """Every call fails at once: one failure is worth ln 1/p."""
    per_error = -math.log(world.calls["error"])
    return Oracle(lambda seen: per_error if seen.bad else -50.0, lambda _age: 0.0, paths)


def _cancel_dead(world: WorldParameters) -> Oracle:
    return _dead(world, ONE_PATH)


def _hole(world: WorldParameters, paths: frozenset[Path] = EVERY) -> Oracle:
    """No call is answered: one is worth -ln of its chance to be still out."""
    lost = world.calls["lost"]

    def censored(age_s: float) -> float:
        return -math.log(max(lost, slower(world, age_s) + lost))

    return Oracle(lambda seen: -math.log(lost) if seen.bad else -50.0, censored, paths)


def _partly(world: WorldParameters, share: float = 0.3) -> Oracle:
    good = math.log((1.0 - share) / (1.0 - world.calls["error"]))
    bad = math.log(share / world.calls["error"])
    return Oracle(lambda seen: bad if seen.bad else good, lambda _age: 0.0, EVERY)


def _late(world: WorldParameters, times: float = 20.0) -> Oracle:
    """Everything takes longer; against the worst of 1, 2 and 4 times, so that a busy market is no outage."""

    def density(t: float, factor: float) -> float:
        return max(1e-9, slower(world, t * 0.95, factor) - slower(world, t * 1.05, factor))

    def answered(seen: Seen) -> float:
        t = max(1e-3, seen.latency_s)
        return math.log(density(t, times) / max(density(t, factor) for factor in (1.0, 2.0, 4.0)))

    def censored(age_s: float) -> float:
        lost = world.calls["lost"]
        return math.log((slower(world, age_s, times) + lost) / (slower(world, age_s, 4.0) + lost))

    return Oracle(answered, censored, EVERY)


def _hard(span: Span, rng: random.Random) -> Conditions:
    return Conditions(fault=faults.errors(span, rng))


def _black_hole(span: Span, _rng: random.Random) -> Conditions:
    return Conditions(fault=faults.hangs(span))


def _with_silence(make: Make) -> Make:
    def made(span: Span, rng: random.Random) -> Conditions:
        conditions = make(span, rng)
        conditions.md_silent = span
        return conditions

    return made


def _two(make: Make) -> Make:
    def made(span: Span, rng: random.Random) -> Conditions:
        conditions = make(span, rng)
        conditions.elsewhere = conditions.fault
        return conditions

    return made


def _without_pings(make: Make) -> Make:
    def made(span: Span, rng: random.Random) -> Conditions:
        conditions = make(span, rng)
        conditions.pings_lost = span
        return conditions

    return made


TWO_VENUES = (("venues", 2.0),)
LIVE = (("market_data_per_s", 20.0),)
NO_USER = (("user_place_per_s", 0.0), ("user_cancel_per_s", 0.0))
NO_CANARY = (("canary_every_s", 0.0),)
CANARY_2 = (("canary_every_s", 2.0),)
PLACE = frozenset({Path.PLACE})

FOUND: tuple[Scenario, ...] = (
    Scenario("hard down", _hard, _dead),
    Scenario("black hole", _black_hole, _hole),
    Scenario("30 % errors", _of(lambda s, r: faults.errors(s, r, 0.3)), _partly, 60.0),
    Scenario("cancel only", _of(lambda s, r: faults.errors(s, r, 1.0, ONE_PATH)), _cancel_dead),
    Scenario("place only", _of(lambda s, r: faults.errors(s, r, 1.0, PLACE)), lambda w: _dead(w, PLACE)),
    Scenario("orders hang, reads fine", _of(lambda s, _r: faults.hangs(s, faults.ORDERS)),
             lambda w: _hole(w, faults.ORDERS)),
    Scenario("latency x20", _of(lambda s, _r: faults.slow(s, 20.0)), _late),
    Scenario("flapping 5 s / 5 s", _of(lambda s, _r: faults.flapping(s, 5.0, 5.0)), None, 60.0),
    Scenario("hard down, no user flow", _hard, _dead, 40.0, NO_USER),
    Scenario("black hole, no user flow", _black_hole, _hole, 40.0, NO_USER),
    Scenario("hard down, no canary", _hard, _dead, 60.0, NO_CANARY),
    Scenario("black hole, no canary", _black_hole, _hole, 60.0, NO_CANARY),
    Scenario("hard down, canary 2 s", _hard, _dead, 40.0, CANARY_2),
    Scenario("black hole, canary 2 s", _black_hole, _hole, 40.0, CANARY_2),
    Scenario("hard down, market data stops", _with_silence(_hard), _dead, 40.0, LIVE),
    Scenario("black hole, market data stops", _with_silence(_black_hole), _hole, 40.0, LIVE),
    Scenario("hard down, market data stays", _hard, _dead, 40.0, LIVE),
    Scenario("black hole, market data stays", _black_hole, _hole, 40.0, LIVE),
    Scenario("two venues at once, errors", _two(_hard), _dead, 40.0, TWO_VENUES),
    Scenario("two venues at once, black hole", _two(_black_hole), _hole, 40.0, TWO_VENUES),
    Scenario("hard down, reference pings silent", _without_pings(_hard), _dead),
    Scenario("black hole, reference pings silent", _without_pings(_black_hole), _hole),
)  # fmt: skip


def _own_loss(span: Span, rng: random.Random) -> Conditions:
    cut = faults.own_network(span, rng, 0.3)
    return Conditions(fault=cut, elsewhere=cut, net_down=span, md_silent=span)


def _loss_for(seconds: float, *, silent: bool = False) -> Make:
    def made(span: Span, rng: random.Random) -> Conditions:
        conditions = _own_loss(Span(span.start, span.start + seconds), rng)
        conditions.silent_references = silent
        return conditions

    return made


def _stall(span: Span, rng: random.Random) -> Conditions:
    return Conditions(stall=Span(span.start, span.start + rng.uniform(0.5, 5.0)))


def _lossy(share: float) -> Make:
    def made(span: Span, rng: random.Random) -> Conditions:
        lossy = faults.packet_loss(span, rng, share)
        return Conditions(fault=lossy, elsewhere=lossy, reference_loss=share)

    return made


def _dns(span: Span, _rng: random.Random) -> Conditions:
    lost = Span(span.start, span.start + 60.0)
    return Conditions(dns_lost=lost, net_down=lost)


def _limited(span: Span, _rng: random.Random) -> Conditions:
    return Conditions(fault=faults.outcome_for(span, OutcomeClass.RATE_LIMITED))


def _users_only(outcome: OutcomeClass) -> Make:
    return _of(lambda s, _r: faults.outcome_for(s, outcome, users_only=True))


NOT_FOUND: tuple[Scenario, ...] = (
    Scenario("own network lost 1 s", _loss_for(1.0), None, 15.0),
    Scenario("own network lost 10 s", _loss_for(10.0), None, 30.0),
    Scenario("own network lost 60 s", _loss_for(60.0), None, 80.0),
    Scenario("own network lost 600 s", _loss_for(600.0), None, 620.0),
    Scenario("own network lost 60 s, pings unreported", _loss_for(60.0, silent=True), None, 80.0),
    Scenario("own network lost 60 s, market data live", _loss_for(60.0), None, 80.0, LIVE),
    Scenario("loop stalled 0.5 to 5 s", _stall, None, 15.0),
    Scenario("rate limits 300 s", _limited, None, 300.0),
    Scenario("one symbol halted, errors", _users_only(OutcomeClass.VENUE_FAULT), None, 300.0),
    Scenario("DNS lost 60 s", _dns, None, 80.0),
    Scenario("clock jumps 30 s", lambda s, _r: Conditions(stall=Span(s.start, s.start + 30.0)), None, 45.0),
    Scenario("market data reconnects, 5 s",
             lambda s, _r: Conditions(md_silent=Span(s.start, s.start + 5.0)), None, 20.0, LIVE),
    Scenario("latency x3 for 300 s",
             lambda _s, _r: Conditions(latency_times=3.0, error=0.01), None, 300.0),
    Scenario("own packets lost 5 %, 300 s", _lossy(0.05), None, 300.0),
    Scenario("own packets lost 20 %, 300 s", _lossy(0.20), None, 300.0),
    Scenario("reference pings silent 300 s", _without_pings(lambda _s, _r: Conditions()), None, 300.0),
)  # fmt: skip
