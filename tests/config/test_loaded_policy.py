"""What a good file becomes: every key of the contract, the defaults, and what stands beside the policy."""

import hashlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from riskguard.config import Loaded, PolicyInvalid, load, locate_journal, parse, starter_text
from riskguard.config.policy_file import PolicyFile
from riskguard.core import policy as core
from riskguard.core.policy import Money
from riskguard.core.types import Leg, Mode

CONTRACT = Path(__file__).with_name("contract.toml")
EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def _read(text: str) -> Loaded:
    return parse(text.encode(), Path("p.toml"))


def test_every_key_of_the_contract_reaches_the_core() -> None:
    policy = load(CONTRACT).policy
    bybit = Leg("bybit", "BTC/USDT:USDT")

    assert policy == core.Policy(
        mode=Mode.OBSERVE,
        instance="a",
        limits=core.Limits(
            per_hedge=Money(Decimal(60_000), "USDT"),
            all_hedges=Money(Decimal(100_000), "USDT"),
            day_hedges=5,
            day_notional=Money(Decimal(250_000), "USDT"),
            slippage_bps=Decimal(40),
            orders_per_min=30,
            loss=Money(Decimal(2_000), "USDT"),
            hedge_liq=Decimal("0.15"),
            margin_left=Decimal("0.3"),
            data_age_s=3.0,
            position_age_s=86_400.0,
            preflight_age_s=604_800.0,
        ),
        venues=(
            core.VenuePolicy(
                id="main",
                ccxt="binanceusdm",
                role=core.Role.PRIMARY,
                account="sub-1",
                domain="aws-tokyo",
                canary=core.Canary(
                    core.Rung.PLACE_CANCEL, 2.0, "BTC/USDT:USDT", Decimal("0.05"), Decimal("0.002")
                ),
                dead_man=core.DeadMan(120.0, "cancels_my_stops"),
                max_hedge=Money(Decimal(30_000), "USDT"),
            ),
            core.VenuePolicy(id="spot", ccxt="binance", role=core.Role.BOTH),
            core.VenuePolicy(id="bybit", ccxt="bybit", role=core.Role.BACKUP),
        ),
        assets=(
            core.AssetPolicy(
                name="BTC",
                legs=(Leg("main", "BTC/USDT:USDT"), Leg("spot", "BTC/USDT"), bybit),
                hedge_on=(bybit,),
                guard=Decimal("0.05"),
                keep=Decimal("-1.5"),
                proxy=core.Proxy("BTC", Decimal("1.3")),
            ),
        ),
        rules=(
            core.Rule(
                name="trapped",
                when=(
                    "slow", "degraded", "trapped", "blind", "dark", "maintenance", "withdrawals", "premium",
                    "concentration",
                ),
                do=("tell", "freeze", "cancel", "hedge"),
                venues=("main",),
                assets=("BTC",),
                hedge=core.HedgeRule(
                    strategy="hedge", to=("bybit",), slices=2, params={"ratio": Decimal("0.5")}
                ),
            ),
        ),
        self_check=core.SelfCheck(("venue:bybit", "https://example.org", "https://example.net")),
        freeze=core.FreezePolicy(
            "frozen.json", ("./halt.sh", "{venue}"), "http://127.0.0.1:8080/api/v1/stop"
        ),
        maintenance=(core.Maintenance("main", 1_796_090_400_000, 1_796_097_600_000, 1800.0),),
        venue_risk=core.VenueRisk(1800.0, Decimal("0.01"), 300.0, Decimal("0.6")),
        tell=core.Tell(
            now=("env:RG_ALERT_URL",),
            run=("./tell.sh",),
            webhook="https://example.org/hook",
            heartbeat="env:RG_HEARTBEAT_URL",
            telegram_allow=(12345,),
        ),
        http_listen="127.0.0.1:9187",
    )  # fmt: skip


def test_tables_left_out_take_the_contracts_defaults(base: str) -> None:
    few, all_keys = _read(base).policy, load(CONTRACT).policy

    assert few.limits == all_keys.limits
    assert (few.quotes, few.detect, few.unwind) == (core.Quotes(), core.DetectPolicy(), core.Unwind())
    assert (few.venue_risk, few.tell, few.freeze) == (core.VenueRisk(), core.Tell(), core.FreezePolicy())
    assert (few.self_check, few.rules, few.http_listen) == (core.SelfCheck(), (), "off")
    assert few.venues[0].canary == core.Canary()
    assert few.venues[1].canary is None
    assert few.venues[1].budget == core.Budget()


def test_empty_tables_take_the_same_defaults(base: str) -> None:
    tables = "[limits]\nper_day = {}\n[quotes]\n[detect]\nrecover = {}\n[self_check]\n[freeze]\n[unwind]\n"
    more = "[venue_risk]\n[tell]\ntelegram = {}\n[http]\n"

    assert _read(base + tables + more).policy == _read(base).policy


def test_a_short_rule_is_filled_in(base: str) -> None:
    policy = _read(base + '[[rule]]\nname = "r"\nwhen = ["dark"]\ndo = ["tell"]\n').policy

    assert policy.rules == (
        core.Rule(name="r", when=("dark",), do=("tell",), venues=("main",), assets=("BTC",)),
    )
    assert policy.rules[0].hedge.strategy == "alert_only"


@pytest.mark.parametrize(
    ("role", "legs", "expected"),
    [
        ("backup", '"bybit BTC/USDT:USDT", "bybit BTC/USDT"', [Leg("bybit", "BTC/USDT:USDT")]),
        ("both", '"bybit BTC/USD:BTC"', [Leg("bybit", "BTC/USD:BTC")]),
        ("backup", '"bybit BTC/USDT"', []),
        ("primary", '"bybit BTC/USDT:USDT"', []),
    ],
)
def test_hedges_go_to_the_derivative_legs_of_backups(
    role: str, legs: str, expected: list[Leg], base: str
) -> None:
    text = base.replace('"bybit BTC/USDT:USDT"', legs).replace('"backup"', f'"{role}"')

    assert list(_read(text).policy.assets[0].hedge_on) == expected


def test_amounts_may_count_the_coin_of_a_leg(base: str) -> None:
    text = base.replace('name = "BTC"', 'name = "bitcoin"\nguard = "0.5 BTC"\nkeep = "-1 bitcoin"')
    asset = _read(text).policy.assets[0]

    assert (asset.guard, asset.keep) == (Decimal("0.5"), Decimal(-1))


def test_connections_hold_references_and_plain_numbers_for_ccxt() -> None:
    loaded = load(CONTRACT)
    main = loaded.connections["main"]

    assert (main.ccxt, main.keys, main.probe_keys) == ("binanceusdm", "env:RG_MAIN", "env:RG_MAIN2")
    assert main.ccxt_config == {
        "timeout": 5000,
        "rateLimit": 12.5,
        "urls": {"api": {"public": "http://127.0.0.1:1/x"}},
    }
    assert isinstance(main.ccxt_config["rateLimit"], float)
    assert "127.0.0.1" not in repr(main)
    assert list(loaded.connections) == ["main", "spot", "bybit"]


def test_the_file_itself_is_described(base: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(base + "", "utf-8")
    path.chmod(0o600)
    loaded = load(path)

    assert loaded.path == path
    assert loaded.directory == tmp_path
    assert loaded.hash == hashlib.sha256(path.read_bytes()).hexdigest()
    assert loaded.journal == tmp_path / "riskguard.db"
    assert loaded.warnings == ()
    path.chmod(0o606)
    assert "anyone may change this file" in str(load(path).warnings[0])


def test_the_journal_of_a_broken_file_is_still_found(base: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    for text, journal in (
        ("journal = 'j.db'\n" + base, "j.db"),
        ('journal  = "j.db" # here\nmode = [', "j.db"),
        ("mode = [", "riskguard.db"),
    ):
        path.write_text(text, "utf-8")
        assert locate_journal(path) == tmp_path / journal
    path.unlink()
    assert locate_journal(path) == tmp_path / "riskguard.db"


def test_the_example_has_no_problems_and_no_lint_but_missing_effects() -> None:
    loaded = load(EXAMPLE)

    assert all(" yet" in warning.message for warning in loaded.warnings)
    assert loaded.policy.mode is Mode.OBSERVE


def test_the_examples_optional_keys_can_be_switched_on() -> None:
    """Lines that begin with "#" and no blank are keys, as the example's head says."""
    assert all(" yet" in warning.message for warning in _read(_switched_on(EXAMPLE)).warnings)


def _switched_on(path: Path) -> str:
    lines = path.read_text("utf-8").splitlines()
    return "\n".join(line[1:] if line[:1] == "#" and line[1:2] not in " :" else line for line in lines)


def test_the_example_and_the_contract_show_every_key() -> None:
    known = set(_keys_of_model(PolicyFile))

    assert len(known) > 100
    assert set(_keys_of_data(tomllib.loads(CONTRACT.read_text("utf-8")))) == known
    assert set(_keys_of_data(tomllib.loads(_switched_on(EXAMPLE)))) == known


def _keys_of_data(table: Mapping[str, object], name: str = "") -> Iterator[str]:
    """Give every dotted key, without positions in lists and without what is free text inside."""
    for key, value in table.items():
        yield f"{name}{key}"
        if key in {"params", "ccxt_config"}:
            continue
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict):
                yield from _keys_of_data(entry, f"{name}{key}.")


def _keys_of_model(model: type[BaseModel], name: str = "") -> Iterator[str]:
    for field_name, field in model.model_fields.items():
        key = f"{name}{field.alias or field_name}"
        yield key
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from _keys_of_model(inner, f"{key}.")


def test_the_starter_has_no_problems_and_no_warnings() -> None:
    assert _read(starter_text()).warnings == ()


def test_reading_policies_loads_neither_ccxt_nor_aiohttp() -> None:
    code = "import sys, riskguard.config; print([m for m in ('ccxt', 'aiohttp', 'rich') if m in sys.modules])"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout == "[]\n"


@pytest.mark.parametrize("limit", ["per_hedge", "all_hedges"])
def test_a_ceiling_of_zero_is_a_ceiling(limit: str, base: str) -> None:
    policy = _read(f'{base}[limits]\n{limit} = "0 USDC"\n').policy

    assert getattr(policy.limits, limit) == Money(Decimal(0), "USDC")


def test_problems_are_told_in_the_order_of_the_file(base: str) -> None:
    text = base.replace('"primary"', '"primry"') + "[limits]\nslippage = 1\nloss = 2\n[http]\nx = 1\n"
    with pytest.raises(PolicyInvalid) as caught:
        _read(text)

    assert [(problem.line, problem.col) for problem in caught.value.problems] == [
        (6, 8), (18, 12), (19, 8), (21, 1),
    ]  # fmt: skip
