"""What is allowed but probably not meant; told as warnings."""

import math
from collections.abc import Callable, Iterator, Mapping

from riskguard.config.document import Document
from riskguard.config.explain import Finding
from riskguard.config.positions import Loc
from riskguard.config.problems import quoted
from riskguard.core.policy import Policy, Rule
from riskguard.core.types import Mode
from riskguard.core.watch.reading import stretch

NO_EFFECT_YET = (
    "http.listen",
    "quotes.*",
    "tell.heartbeat",
    "tell.telegram",
    "venue.account",
)
"""Keys that are accepted and checked but change nothing yet, as dotted names without list positions."""

MOST_STRETCHED = 3.0
"""A budget of reads that stretches their periods further is told."""

_INERT: tuple[object, ...] = ("off", "keep", "release", "auto", "", [], {}, None)
"""Values that ask for nothing, so nothing is missed while their key has no effect."""


def lint(policy: Policy, document: Document) -> list[Finding]:
    """Run every lint on a policy without problems."""
    return [*_no_effect(document), *(finding for run in _LINTS for finding in run(policy, document))]


def _no_effect(document: Document) -> Iterator[Finding]:
    """Name each such key once, where it first stands."""
    told: set[str] = set()
    for loc, value in _walk((), document.data):
        name = ".".join(part for part in loc if isinstance(part, str))
        named = name in NO_EFFECT_YET or f"{name.rpartition('.')[0]}.*" in NO_EFFECT_YET
        if named and isinstance(loc[-1], str) and name not in told and not _inert(value):
            told.add(name)
            yield Finding(loc, f"{quoted(name)} is accepted but has no effect yet", at_key=True)


def _walk(loc: Loc, value: object) -> Iterator[tuple[Loc, object]]:
    if loc:
        yield loc, value
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if key not in {"params", "ccxt_config"}:
                yield from _walk((*loc, key), entry)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _walk((*loc, index), entry)


def _inert(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_inert(entry) for entry in value.values())
    return value in _INERT


SLOW_TROUBLE = {"withdrawals": "withdrawals", "premium": "premium", "concentration": "share"}
"""Per word of a rule: the key of `[venue_risk]` without which it never fires."""


def _not_yet(policy: Policy, document: Document) -> Iterator[Finding]:
    """Name what is accepted as a value but does nothing yet."""
    if policy.mode is Mode.PAPER:
        yield Finding(("mode",), 'mode "paper" tells what it would send, but keeps no positions on paper yet')
    for loc, rule in zip(document.tables("rule"), policy.rules, strict=True):
        for word in rule.when:
            key = SLOW_TROUBLE.get(word)
            if key is not None and document.get("venue_risk", key) is None:
                message = f"{quoted(word)} never fires: [venue_risk] does not name {quoted(key)}"
                yield Finding((*loc, "when"), message)


def _ceilings(policy: Policy, document: Document) -> Iterator[Finding]:
    """Say which default bounds the money of a mode that sends orders."""
    if policy.mode not in {Mode.AUTO, Mode.CONFIRM}:
        return
    for key, bound in (("per_hedge", policy.limits.per_hedge), ("all_hedges", policy.limits.all_hedges)):
        if document.get("limits", key) is None:
            message = f"[limits] {quoted(key)} is not named: the default {bound.amount} {bound.ccy} binds"
            yield Finding(("mode",), message)


def _canaries(policy: Policy, document: Document) -> Iterator[Finding]:
    for loc, venue in zip(document.tables("venue"), policy.venues, strict=True):
        if venue.guarded and venue.canary is None:
            message = f"venue {quoted(venue.id)} names no canary: trouble while you do not trade is seen late"
            yield Finding(loc, message, 'canary = { rung = "cancel-unknown", every = "2s" }')


def _budgets(policy: Policy, document: Document) -> Iterator[Finding]:
    """Name a budget that makes the guard read a venue far less often than it means to."""
    named = {leg for asset in policy.assets for leg in (*asset.legs, *asset.hedge_on)}
    for loc, venue in zip(document.tables("venue"), policy.venues, strict=True):
        legs = sum(leg.venue == venue.id for leg in named)
        slower = stretch(legs, float(venue.budget.reads_per_s))
        if legs and slower > MOST_STRETCHED:
            enough = math.ceil(slower * float(venue.budget.reads_per_s))
            message = (
                f"venue {quoted(venue.id)} is read {slower:.0f} times less often than meant: what is"
                f" held there and its books may be {slower:.0f} s old"
            )
            yield Finding((*loc, "budget"), message, f'budget = {{ reads = "{enough}/s" }}')


def _withdraw_keys(_policy: Policy, document: Document) -> Iterator[Finding]:
    for loc in document.tables("venue"):
        if document.get(*loc, "allow_withdraw_key") is True:
            yield Finding(
                (*loc, "allow_withdraw_key"), "a key that may withdraw can lose everything to a thief"
            )


def _rules(policy: Policy, document: Document) -> Iterator[Finding]:
    hedging = [rule for rule in policy.rules if "hedge" in rule.do]
    if policy.mode in {Mode.AUTO, Mode.CONFIRM} and not hedging:
        yield Finding(
            ("mode",), f"mode {quoted(policy.mode)} has no rule that hedges, so nothing is ever sent"
        )
    for index, (loc, rule) in enumerate(zip(document.tables("rule"), policy.rules, strict=True)):
        shadow = next((earlier for earlier in policy.rules[:index] if _shadows(earlier, rule)), None)
        if shadow:
            message = f"rule {quoted(rule.name)} never fires: {quoted(shadow.name)} above fits first"
            yield Finding((*loc, "name"), message)
        if "hedge" in rule.do and rule.hedge.strategy == "alert_only":
            message = f"rule {quoted(rule.name)} hedges by alert_only, which asks for nothing"
            yield Finding((*loc, "do"), message, 'hedge = { strategy = "hedge" }')
        elif document.get(*loc, "hedge") is not None and "hedge" not in rule.do:
            yield Finding((*loc, "do"), f"rule {quoted(rule.name)} says how to hedge but not to hedge")


def _shadows(earlier: Rule, later: Rule) -> bool:
    return (
        set(earlier.when) >= set(later.when)
        and set(earlier.venues) >= set(later.venues)
        and set(earlier.assets) >= set(later.assets)
    )


def _backups(policy: Policy, document: Document) -> Iterator[Finding]:
    """Name what a rule would hedge but cannot: no backup besides the venue in trouble, or no leg there."""
    for loc, rule in zip(document.tables("rule"), policy.rules, strict=True):
        if "hedge" not in rule.do:
            continue
        able = set(rule.hedge.to) or {venue.id for venue in policy.venues if venue.can_hedge}
        for venue in rule.venues:
            if not able - {venue}:
                yield Finding((*loc, "do"), f"no backup can hedge trouble at {quoted(venue)}")
        for name in rule.assets:
            asset = next(entry for entry in policy.assets if entry.name == name)
            proxy = asset.proxy.asset if asset.proxy is not None else ""
            legs = [leg for a in policy.assets if a.name in (name, proxy) for leg in a.hedge_on]
            if able and not any(leg.venue in able for leg in legs):
                yield Finding((*loc, "do"), f"asset {quoted(name)} has no leg at a backup to hedge on")


def _assets(policy: Policy, document: Document) -> Iterator[Finding]:
    for loc, asset in zip(document.tables("asset"), policy.assets, strict=True):
        bases = dict.fromkeys(leg.symbol.split("/")[0] for leg in asset.legs)
        if len(bases) > 1:
            names = ", ".join(map(quoted, bases))
            yield Finding((*loc, "legs"), f"{names} are added up as if they were one coin")
        for place, leg in document.legs(*loc, "hedge_on"):
            if leg not in asset.legs:
                hint = 'add it to "legs"'
                yield Finding(place, f"what is held in {quoted(leg)} already does not count", hint)
    used = {leg.venue for asset in policy.assets for leg in (*asset.legs, *asset.hedge_on)}
    for loc, venue in zip(document.tables("venue"), policy.venues, strict=True):
        if venue.id not in used:
            yield Finding((*loc, "id"), f"no asset has a leg at {quoted(venue.id)}")


def _proxies(policy: Policy, document: Document) -> Iterator[Finding]:
    for loc, asset in zip(document.tables("asset"), policy.assets, strict=True):
        proxy = asset.proxy
        if proxy is None:
            continue
        if proxy.asset == asset.name:
            yield Finding((*loc, "proxy"), f"{quoted(asset.name)} cannot stand in for itself")
        elif not proxy.beta:
            yield Finding((*loc, "proxy"), "a beta of zero hedges nothing")


def _limits(policy: Policy, _document: Document) -> Iterator[Finding]:
    limits = policy.limits
    if limits.per_hedge.amount > limits.all_hedges.amount:
        yield Finding(("limits", "per_hedge"), "one hedge may be larger than all hedges together")
    if limits.slippage_bps > 500:
        yield Finding(("limits", "slippage"), "a band above 5% is hardly a bound")


def _words(policy: Policy, document: Document) -> Iterator[Finding]:
    for loc, text in document.texts("tell", "now"):
        if not text.startswith("env:"):
            yield Finding(loc, "such addresses often hold a token", "env:NAME keeps it out of this file")
    host = policy.http_listen.rpartition(":")[0]
    if host not in {"", "127.0.0.1", "localhost", "[::1]"}:
        yield Finding(("http", "listen"), f"{quoted(host)} can be reached from other machines")


_LINTS: tuple[Callable[[Policy, Document], Iterator[Finding]], ...] = (
    _not_yet,
    _ceilings,
    _canaries,
    _budgets,
    _withdraw_keys,
    _rules,
    _backups,
    _assets,
    _proxies,
    _limits,
    _words,
)
