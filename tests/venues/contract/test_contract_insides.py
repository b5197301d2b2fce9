"""The insides of ccxt and aiohttp that this border touches by name must still be there, and do the same."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import ccxt.async_support  # type: ignore[import-untyped]
import ccxt.pro  # type: ignore[import-untyped]
import pytest

VENUES = Path(__file__).parents[3] / "riskguard" / "venues"
FAMILY = {
    "_binance": "binance",
    "_binance_usdm": "binanceusdm",
    "_kraken_futures": "krakenfutures",
    "_krakenfutures_pairs": "krakenfutures",
    "_kraken_pairs": "kraken",
    "_coinbase_products": "coinbase",
    "_okx_instruments": "okx",
    "_bybit_instruments": "bybit",
    "_kucoin_futures": "kucoinfutures",
    "BinanceUsdm": "binanceusdm",
    "KrakenFutures": "krakenfutures",
    "KucoinFutures": "kucoinfutures",
}
"""Functions and classes whose name is not the ccxt id."""
VERBS = ("Get", "Post", "Put", "Delete")


def implicit_calls() -> Iterator[tuple[str, str, str]]:
    """Find every endpoint that is called by ccxt's generated name: file, who calls, the name."""
    for path in sorted(VENUES.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for owner in tree.body:
            if not isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            for node in ast.walk(owner):
                if isinstance(node, ast.Attribute) and _generated(node.attr):
                    yield path.name, owner.name, node.attr


def _generated(name: str) -> bool:
    return any(verb in name for verb in VERBS) and name[0].islower() and "_" not in name


CALLS = sorted(set(implicit_calls()))


def test_endpoints_are_found() -> None:
    assert len(CALLS) >= 25


@pytest.mark.parametrize(("file", "owner", "name"), CALLS)
def test_each_endpoint_exists_by_its_generated_name(file: str, owner: str, name: str) -> None:
    ccxt_id = FAMILY.get(owner, owner.lower().strip("_"))
    assert ccxt_id in ccxt.async_support.exchanges, f"{file}: say in FAMILY which venue {owner} serves"
    assert callable(getattr(getattr(ccxt.async_support, ccxt_id)(), name)), f"{file}: {owner}"


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        # venues/strict.py: Strict overrides both
        ("Exchange", "fetch", "url method headers body"),
        ("Exchange", "on_rest_response", "code reason url method response_headers response_body"),
        ("Exchange", "set_markets_from_exchange", "sourceExchange"),  # venues/clients.py: Clients._load
        ("Exchange", "parse_order", "order market"),  # venues/quirks: find
        ("hyperliquid", "sign_l1_action", "action nonce vaultAdress"),  # venues/dead_man.py: _hyperliquid
        ("hyperliquid", "incrementing_nonce", ""),
        ("hyperliquid", "format_vault_address", "address"),
        ("hyperliquid", "handle_builder_fee_approval", ""),  # Hyperliquid.dress
        ("hyperliquid", "is_unified_enabled", "method"),  # Hyperliquid.warm
        ("kucoin", "is_uta_enabled", ""),  # Kucoin.warm
        ("kucoin", "load_migration_status", ""),
        ("gate", "load_unified_status", ""),  # Gate.warm
    ],
)
def test_each_method_takes_what_it_is_given(owner: str, name: str, parameters: str) -> None:
    method = getattr(getattr(ccxt.async_support, owner), name)
    taken = [one for one in inspect.signature(method).parameters if one != "self"]
    assert taken[: len(parameters.split())] == parameters.split()


def test_a_private_stream_logs_in_as_was_seen() -> None:
    """Bybit.dress and Okx.dress put the login on the venue's clock."""
    assert list(inspect.signature(ccxt.pro.bybit.authenticate).parameters) == ["self", "url", "params"]
    assert "self.seconds()" in inspect.getsource(ccxt.pro.okx.authenticate)


def test_a_client_keeps_the_answer_before_unless_told_not_to() -> None:
    """venues/client_factory.py: ClientFactory.make; kraken.cancel_order reads it."""
    kraken = ccxt.async_support.kraken({"enableLastHttpResponse": False})
    assert kraken.enableLastHttpResponse is False
    assert "last_http_response" in inspect.getsource(ccxt.async_support.kraken.cancel_order)


async def test_the_switch_against_a_silent_resend_is_there() -> None:
    """venues/session.py: StrictSession; aiohttp has no public one (its issue 10790)."""
    async with aiohttp.ClientSession() as session:
        assert session._retry_connection is True
    assert "_retry_connection" in inspect.getsource(aiohttp.ClientSession._request)


def test_ccxt_retries_only_when_told_to() -> None:
    """venues/client_factory.py: ClientFactory.make forces it to zero."""
    assert "maxRetriesOnFailure" in inspect.getsource(ccxt.async_support.Exchange.fetch2)
