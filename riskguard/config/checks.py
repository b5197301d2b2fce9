"""What no single key can tell: references, duplicates, roles and values that contradict each other."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from riskguard.config import units
from riskguard.config.document import Document
from riskguard.config.explain import KEYS_HINT, Finding, is_secret_key
from riskguard.config.positions import Loc
from riskguard.config.problems import Refused, did_you_mean, quoted

# 1000PEPE, 1MBABYDOGE and kPEPE are packs of a coin; 1INCH is not.
_PACK = re.compile(r"(10+|1M(?=[A-Z]{3})|k(?=[A-Z]))?(.+)")


def check(document: Document) -> list[Finding]:
    """Run every check; each tolerates a file that has other mistakes."""
    return [finding for run in _CHECKS for finding in run(document)]


def _duplicates(document: Document) -> Iterator[Finding]:
    for table, key in (("venue", "id"), ("asset", "name"), ("rule", "name")):
        seen: dict[str, str] = {}
        taken: set[str] = set()
        for loc in document.tables(table):
            name = document.text(*loc, key)
            first = seen.setdefault(name.casefold(), name) if name else name
            if first != name:
                yield Finding((*loc, key), f"{quoted(name)} differs from {quoted(first)} only in capitals")
            elif name and name in taken:
                yield Finding((*loc, key), f"{table} {quoted(name)} is there twice")
            taken.add(name)


def _references(document: Document) -> Iterator[Finding]:
    venues, assets = list(document.venues()), list(document.assets())
    for kind, known, uses in (
        ("venue", venues, _venue_uses(document)),
        ("asset", assets, _asset_uses(document)),
    ):
        for loc, name in uses:
            if known and name and name not in known:
                hint = did_you_mean(name, known) or f"there is {', '.join(map(quoted, known[:8]))}"
                yield Finding(loc, f"no {kind} {quoted(name)}", hint)


def _venue_uses(document: Document) -> Iterator[tuple[Loc, str]]:
    for asset in document.tables("asset"):
        for key in ("legs", "hedge_on"):
            for loc, leg in document.legs(*asset, key):
                yield loc, leg.venue
    for rule in document.tables("rule"):
        yield from document.texts(*rule, "venues")
        yield from document.texts(*rule, "hedge", "to")
    for window in document.tables("maintenance"):
        yield (*window, "venue"), document.text(*window, "venue")
    for loc, ref in document.texts("self_check", "refs"):
        if ref.startswith("venue:"):
            yield loc, ref.removeprefix("venue:")


def _asset_uses(document: Document) -> Iterator[tuple[Loc, str]]:
    for rule in document.tables("rule"):
        yield from document.texts(*rule, "assets")
    for asset in document.tables("asset"):
        yield (*asset, "proxy", "asset"), document.text(*asset, "proxy", "asset")


def _legs(document: Document) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for asset in document.tables("asset"):
        name = document.text(*asset, "name")
        packs: dict[str, str] = {}
        for loc, leg in document.legs(*asset, "legs"):
            if str(leg) in owners:
                where = "this asset" if owners[str(leg)] == name else f"asset {quoted(owners[str(leg)])}"
                yield Finding(loc, f"leg {quoted(leg)} already counts in {where}")
            owners.setdefault(str(leg), name)
            base = leg.symbol.split("/")[0]
            pack, coin = _pack_of(base)
            other = packs.setdefault(coin, base)
            if _pack_of(other)[0] != pack:
                why = "legs of one asset are added up, so all must count the same unit"
                yield Finding(loc, f"{quoted(base)} and {quoted(other)} are different packs of one coin", why)


def _pack_of(base: str) -> tuple[str, str]:
    match = _PACK.fullmatch(base)
    return (match[1] or "", match[2]) if match else ("", base)


def _hedge_venues(document: Document) -> Iterator[Finding]:
    hint = 'its role must be "backup" or "both"'
    for asset in document.tables("asset"):
        for loc, leg in document.legs(*asset, "hedge_on"):
            if document.role(leg.venue) == "primary":
                yield Finding(loc, f"venue {quoted(leg.venue)} is a primary and takes no hedge", hint)
    for rule in document.tables("rule"):
        primaries = [
            Finding(loc, f"venue {quoted(venue)} is a primary and takes no hedge", hint)
            for loc, venue in document.texts(*rule, "hedge", "to")
            if document.role(venue) == "primary"
        ]
        yield from primaries or _own_backup(document, rule)


def _own_backup(document: Document, rule: Loc) -> Iterator[Finding]:
    """Refuse a rule whose only backup is the venue in trouble."""
    to = [venue for _, venue in document.texts(*rule, "hedge", "to")]
    for loc, venue in document.texts(*rule, "venues"):
        if to and set(to) == {venue}:
            yield Finding(
                loc, f"a hedge for trouble at {quoted(venue)} cannot go to {quoted(venue)} itself", 'see "to"'
            )


def _amounts(document: Document) -> Iterator[Finding]:
    for asset in document.tables("asset"):
        name = document.text(*asset, "name")
        known = [name, *(leg.symbol.split("/")[0] for _, leg in document.legs(*asset, "legs"))]
        for key in ("guard", "keep", "elsewhere"):
            amount = _amount(document.get(*asset, key))
            if amount and name and amount.unit not in known:
                message = f"{quoted(key)} counts {quoted(amount.unit)} in an asset named {quoted(name)}"
                yield Finding((*asset, key), message, did_you_mean(amount.unit, known) or f"write {known[0]}")
            elif amount and key == "guard" and amount.value < 0:
                yield Finding((*asset, key), '"guard" must not be negative')


def _amount(raw: object) -> units.Amount | None:
    try:
        return units.amount(raw)
    except Refused:
        return None


def _limit_currencies(document: Document) -> Iterator[Finding]:
    same = [text for _, text in document.texts("quotes", "same")] or ["USDT", "USDC", "USD"]
    limits = [("limits", key) for key in ("per_hedge", "all_hedges", "loss")]
    for key in (
        *limits,
        ("limits", "per_day", "notional"),
        *((*v, "max_hedge") for v in document.tables("venue")),
    ):
        try:
            money = units.money(document.get(*key))
        except Refused:
            continue
        if money.ccy not in same:
            hint = did_you_mean(money.ccy, same) or f"{', '.join(same)}, or add it to [quotes] same"
            yield Finding(key, f"no quote currency {quoted(money.ccy)}", hint)


def _canaries(document: Document) -> Iterator[Finding]:
    legs = [leg for asset in document.tables("asset") for _, leg in document.legs(*asset, "legs")]
    for loc in document.tables("venue"):
        venue = document.text(*loc, "id")
        here = {leg.symbol for leg in legs if leg.venue == venue}
        symbol = document.text(*loc, "canary", "symbol")
        size = _amount(document.get(*loc, "canary", "size"))
        rung = document.text(*loc, "canary", "rung")
        if rung in {"place-cancel", "test-order"} and not symbol and not here:
            message = f"{quoted(rung)} needs a symbol: no asset has a leg at {quoted(venue)}"
            yield Finding((*loc, "canary"), message, 'symbol = "BTC/USDT:USDT"')
        base = (symbol or next((leg.symbol for leg in legs if leg.venue == venue), "")).split("/")[0]
        if size and base and size.unit != base:
            yield Finding((*loc, "canary", "size"), f"the canary's size must count {quoted(base)}")
        elif size and size.value < 0:
            yield Finding((*loc, "canary", "size"), "the canary's size must not be negative")


def _windows(document: Document) -> Iterator[Finding]:
    for loc in document.tables("maintenance"):
        begin, end = document.get(*loc, "from"), document.get(*loc, "to")
        if isinstance(begin, datetime) and isinstance(end, datetime):
            comparable = begin.tzinfo is not None and end.tzinfo is not None
            if comparable and begin >= end:
                yield Finding((*loc, "to"), "the window ends before it begins")


def _self_check(document: Document) -> Iterator[Finding]:
    refs, need = document.get("self_check", "refs"), document.get("self_check", "need")
    if isinstance(refs, list) and refs and isinstance(need, int) and need > len(refs):
        yield Finding(("self_check", "need"), f"needs {need} of {len(refs)} references")


def _secrets(document: Document) -> Iterator[Finding]:
    for loc in document.tables("venue"):
        yield from _secrets_in((*loc, "ccxt_config"), document.get(*loc, "ccxt_config"))


def _secrets_in(loc: Loc, table: object) -> Iterator[Finding]:
    if not isinstance(table, dict):
        return
    for key, value in table.items():
        if is_secret_key(key) and not isinstance(value, dict):
            message = f"no secret stands in this file: {quoted(key)}"
            yield Finding((*loc, key), message, f"{KEYS_HINT} in this [[venue]]", at_key=True)
        elif isinstance(value, dict):
            yield from _secrets_in((*loc, key), value)


_CHECKS: tuple[Callable[[Document], Iterator[Finding]], ...] = (
    _duplicates,
    _references,
    _legs,
    _hedge_venues,
    _amounts,
    _limit_currencies,
    _canaries,
    _windows,
    _self_check,
    _secrets,
)
