"""Warnings: what is allowed but probably not meant, and what has no effect yet."""

from pathlib import Path

import pytest

from riskguard.config import parse
from riskguard.config.lints import NO_EFFECT_YET
from riskguard.config.policy_file import PolicyFile

RULE = '[[rule]]\nname = "r"\nwhen = ["dark", "trapped"]\n'

CANARY = 'canary = { rung = "cancel-unknown", every = "2s" }'
HEDGE = 'do = ["hedge"]\nhedge = { strategy = "hedge" }'
ETH = '[[asset]]\nname = "ETH"\n'

# Text added to the small policy from line 17, and the warnings.
ADDED = {
    RULE + 'do = ["tell"]': [],
    RULE + 'do = ["hedge"]\nhedge = { strategy = "hedge" }': [],
    RULE + 'do = ["hedge"]': [
        '20:6: rule "r" hedges by alert_only, which asks for nothing (hedge = { strategy = "hedge" })'
    ],
    RULE + 'do = ["tell"]\nhedge = { strategy = "hedge" }': [
        '20:6: rule "r" says how to hedge but not to hedge'
    ],
    RULE + 'do = ["tell"]\n[[rule]]\nname = "s"\nwhen = ["dark"]\ndo = ["tell"]\nveto = "0s"': [
        '22:8: rule "s" never fires: "r" above fits first'
    ],
    RULE + 'do = ["hedge"]\nvenues = ["bybit"]\nhedge = { strategy = "hedge" }': [
        '20:6: no backup can hedge trouble at "bybit"'
    ],
    '[limits]\nper_hedge = "9 USDT"\nall_hedges = "8 USDT"\nslippage = "6%"': [
        "18:13: one hedge may be larger than all hedges together",
        "20:12: a band above 5% is hardly a bound",
    ],
    '[[venue]]\nid = "x"\nccxt = "okx"\nrole = "both"\nkeys = "env:X"\nallow_withdraw_key = true': [
        f'17:1: venue "x" names no canary: trouble while you do not trade is seen late ({CANARY})',
        '18:6: no asset has a leg at "x"',
        "22:22: a key that may withdraw can lose everything to a thief",
    ],
    ETH + 'legs = ["main ETH/USDT", "main STETH/USDT"]\nhedge_on = ["bybit ETH/USDT:USDT"]': [
        '19:8: "ETH", "STETH" are added up as if they were one coin',
        '20:13: what is held in "bybit ETH/USDT:USDT" already does not count (add it to "legs")',
    ],
    ETH + 'legs = ["main ETH/USDT"]\n' + RULE + HEDGE: [
        '23:6: asset "ETH" has no leg at a backup to hedge on'
    ],
}  # fmt: skip


def _warnings(text: str) -> list[str]:
    return [str(warning) for warning in parse(text.encode(), Path("p.toml")).warnings]


@pytest.mark.parametrize("more", ADDED)
def test_what_is_warned_of(more: str, base: str) -> None:
    assert _warnings(base + more) == [f"p.toml:{said}" for said in ADDED[more]]


def test_a_default_ceiling_is_named_where_orders_may_be_sent(base: str) -> None:
    text = base.replace('"observe"', '"auto"') + '[limits]\nper_hedge = "1 USDT"\n' + RULE + HEDGE

    assert _warnings(text) == [
        'p.toml:2:8: [limits] "all_hedges" is not named: the default 100000 USDT binds',
    ]


def test_values_that_do_nothing_yet_are_named(base: str) -> None:
    rule = '[[rule]]\nname = "r"\nwhen = ["dark", "premium"]\ndo = ["tell"]\n'

    assert _warnings(base.replace('"observe"', '"paper"') + rule) == [
        'p.toml:2:8: mode "paper" tells what it would send, but keeps no positions on paper yet',
        'p.toml:19:8: "premium" never fires: [venue_risk] does not name "premium"',
    ]


def test_a_budget_too_small_for_what_the_guard_reads_is_warned_of(base: str) -> None:
    def budgeted(reads: str) -> str:
        return base.replace("canary = {}", f'canary = {{}}\nbudget = {{ reads = "{reads}" }}')

    assert _warnings(budgeted("2/s")) == []
    (said,) = _warnings(budgeted("1/s"))
    assert said.startswith('p.toml:9:10: venue "main" is read 5 times less often than meant')
    assert said.endswith('(budget = { reads = "5/s" })')


def test_auto_without_a_hedging_rule_is_warned_of(base: str) -> None:
    limits = '[limits]\nper_hedge = "1 USDT"\nall_hedges = "1 USDT"\n'

    assert _warnings(base.replace('"observe"', '"auto"') + limits) == [
        'p.toml:2:8: mode "auto" has no rule that hedges, so nothing is ever sent'
    ]


def test_a_token_in_the_file_and_an_open_port_are_warned_of(base: str) -> None:
    said = _warnings(base + '[tell]\nnow = ["https://x.org/T0KEN"]\n[http]\nlisten = "0.0.0.0:80"\n')

    assert "p.toml:18:8: such addresses often hold a token (env:NAME keeps it out of this file)" in said
    assert 'p.toml:20:10: "0.0.0.0" can be reached from other machines' in said
    assert "T0KEN" not in "".join(said)


def test_keys_without_effect_are_named_once_and_only_when_they_ask_for_something() -> None:
    """Checked against the list itself, so that pruning it needs no change here."""
    contract = Path(__file__).with_name("contract.toml").read_text("utf-8")
    named = {said.partition('"')[2].partition('"')[0] for said in _warnings(contract) if "no effect" in said}
    patterns = {name if name in NO_EFFECT_YET else f"{name.rpartition('.')[0]}.*" for name in named}

    assert patterns <= set(NO_EFFECT_YET)
    assert set(NO_EFFECT_YET) <= patterns


def test_every_pattern_of_the_list_names_a_key() -> None:
    schema = PolicyFile.model_json_schema()
    for pattern in NO_EFFECT_YET:
        table = schema
        for part in pattern.removesuffix(".*").split("."):
            table = _inside(table["properties"][part], schema["$defs"])


def _inside(entry: dict[str, object], definitions: dict[str, dict[str, object]]) -> dict[str, object]:
    """Follow a list, an alternative or a reference to the table that it means."""
    found: object = entry
    while isinstance(found, dict):
        if "$ref" in found:
            return definitions[str(found["$ref"]).rpartition("/")[2]]
        alternatives = found.get("anyOf")
        found = alternatives[0] if isinstance(alternatives, list) else found.get("items")
    return entry
