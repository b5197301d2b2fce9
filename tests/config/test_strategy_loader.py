"""Strategies are found, loaded and checked against their signature before anything runs."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from riskguard.config import load
from riskguard.config.strategy_loader import StrategyUnusable, load_strategies

POLICY = """version = 1
mode = "observe"
[[venue]]
id = "main"
ccxt = "binanceusdm"
role = "primary"
keys = "env:A"
[[venue]]
id = "alpha"
ccxt = "bybit"
role = "backup"
keys = "env:B"
[[asset]]
name = "BTC"
legs = ["main BTC/USDT:USDT", "alpha BTC/USDT:USDT"]
[[rule]]
name = "trouble"
when = ["dark"]
do = ["hedge"]
hedge = {{ strategy = "{name}", params = {{ {params} }} }}
"""
MINE = """
from decimal import Decimal
from riskguard import Situation, Target
def mine(situation: Situation, ratio: Decimal = Decimal(1), times: int = 1, pause_s: float = 1.0,
         eager: bool = False, word: str | None = None, odd=None) -> Target | None:
    return (ratio, times, pause_s, eager, word, odd)
"""

Write = Callable[..., Any]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def writes(params: str = "", *, name: str = "mine", code: str = MINE) -> Any:
        (tmp_path / "strategies").mkdir(exist_ok=True)
        (tmp_path / "strategies" / "mine.py").write_text(code)
        (tmp_path / "riskguard.toml").write_text(POLICY.format(name=name, params=params))
        return load(tmp_path / "riskguard.toml")

    return writes


def called(loaded: Any) -> Any:
    found = load_strategies(loaded.policy, loaded.directory, file=loaded.path)
    rule = loaded.policy.rules[0]
    return found.functions[rule.hedge.strategy](None, **rule.hedge.params)  # type: ignore[arg-type]  # this one looks at nothing


def test_numbers_arrive_in_the_types_that_the_signature_names(write: Write) -> None:
    ratio, times, pause_s, eager, word, odd = called(
        write('ratio = 2, times = 3, pause_s = 0.5, eager = true, word = "x", odd = 0.1')
    )
    assert (ratio, times, pause_s, eager, word, odd) == (Decimal(2), 3, 0.5, True, "x", Decimal("0.1"))
    assert (type(ratio), type(pause_s)) == (Decimal, float)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ('ratio = "2"', '"ratio" must be a number, not text'),
        ("ratio = true", '"ratio" must be a number, not true or false'),
        ("ratio = inf", '"ratio" must be a number, not Infinity'),
        ("times = 1.5", '"times" must be a whole number, not 1.5'),
        ("eager = 1", '"eager" must be true or false, not 1'),
        ("word = 1", '"word" must be text in quotes, not 1'),
        ("ratio = [1]", '"ratio" must be a number, not a list'),
        ("raito = 1", 'no parameter "raito" (did you mean "ratio"?)'),
    ],
)
def test_a_parameter_that_does_not_fit_is_told_at_its_place(write: Write, params: str, said: str) -> None:
    loaded = write(params)
    with pytest.raises(StrategyUnusable) as error:
        load_strategies(loaded.policy, loaded.directory, file=loaded.path)
    col = len('hedge = { strategy = "mine", params = { ') + params.index("=") + 3
    assert str(error.value) == f'{loaded.path}:20:{col}: rule "trouble": strategy mine: {said}'


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def mine(situation, *, ratio): ...", '"ratio" must be given'),
        ("def other(situation): ...", "has no function 'mine'"),
        ("mine = 3", "has no function 'mine'"),
        ("def mine(): ...", "its first argument must be the situation"),
        ("async def mine(situation): ...", "must be a plain function"),
        ("def mine(situation: Nowhere): ...", "name 'Nowhere' is not defined"),
        ("raise ValueError('no')", "does not load: ValueError: no"),
        ("import sys; sys.exit(0)", "does not load: SystemExit: 0"),
        ("def mine(", "does not load: SyntaxError"),
    ],
)
def test_code_that_cannot_be_a_strategy_stops_the_start(write: Write, code: str, said: str) -> None:
    loaded = write(code=code)
    with pytest.raises(StrategyUnusable, match=r"riskguard\.toml:20:"):
        load_strategies(loaded.policy, loaded.directory, file=loaded.path)
    with pytest.raises(StrategyUnusable) as error:
        load_strategies(loaded.policy, loaded.directory)
    assert said in str(error.value)


def test_any_name_goes_to_a_strategy_that_takes_any(write: Write) -> None:
    code = "def mine(situation, **params): return params"
    assert called(write("a = 1.5, b = 2", code=code)) == {"a": Decimal("1.5"), "b": 2}


def test_a_file_beside_the_policy_hides_the_built_in_one_of_its_name(write: Write, tmp_path: Path) -> None:
    loaded = write(name="hedge")
    built_in = load_strategies(loaded.policy, loaded.directory).hashes["hedge"]
    content = b"def hedge(situation): return None\n"
    (tmp_path / "strategies" / "hedge.py").write_bytes(content)
    own = load_strategies(loaded.policy, loaded.directory).hashes["hedge"]
    assert own == hashlib.sha256(content).hexdigest() != built_in


def test_two_rules_share_a_function_and_keep_their_own_parameters(write: Write) -> None:
    loaded = write("ratio = 2")
    rule = loaded.policy.rules[0]
    second = replace(rule, name="second", hedge=replace(rule.hedge, params={"ratio": "3"}))
    policy = replace(loaded.policy, rules=(rule, second))
    with pytest.raises(StrategyUnusable, match='rule "second"'):
        load_strategies(policy, loaded.directory)


@pytest.mark.parametrize(
    "name", ["alert_only", "hedge", "hedge_partly", "shadow_stops", "flatten_on_recovery"]
)
def test_every_built_in_strategy_loads(write: Write, name: str) -> None:
    loaded = write(name=name)
    assert set(load_strategies(loaded.policy, loaded.directory).functions) == {name}
