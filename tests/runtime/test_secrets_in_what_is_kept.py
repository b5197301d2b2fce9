"""What a guard keeps, tells and prints of a venue that echoes its requests holds none of the keys.

The calls and clients themselves are tried in `tests/venues/test_secrets_stay_inside.py`.
"""

import asyncio
import gc
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp.web
import pytest

from riskguard.app import run_guard
from riskguard.attach import question
from riskguard.config import load
from riskguard.core.facts import IncidentMoved
from riskguard.journal import JournalReader
from riskguard.report import FORMATS, incident_report
from riskguard.runtime.control_client import GuardUnreachable
from riskguard.runtime.socket_path import socket_path
from tests.e2e.stage import toml
from tests.venues.conftest import GOOD, KEY, PASSWORD, SECRET, loopback_urls
from tests.venues.loopback import Loopback
from tests.venues.test_secrets_stay_inside import MARK, Careless, in_base64, leaked, plainly

PATIENCE_S = 60.0
VENUES = {"main": "binanceusdm", "backup": "bybit"}
POLICY = """\
version = 1
mode = "auto"
journal = "riskguard.db"
[[asset]]
name = "BTC"
legs = ["main BTC/USDT:USDT", "backup BTC/USDT:USDT"]
[[rule]]
name = "trouble"
when = ["trapped", "blind", "dark", "degraded", "slow"]
venues = ["main"]
do = ["tell", "freeze"]
[freeze]
file = "frozen.json"
"""
VENUE = """\
[[venue]]
id = "{name}"
ccxt = "{ccxt_id}"
role = "{role}"
keys = "env:RG_{name}"
canary = {{ rung = "cancel-unknown", every = "1s" }}
ccxt_config = {config}
{more}
"""
SWITCH = ("POST", "/fapi/v1/countdownCancelAll")


def environ() -> Mapping[str, str]:
    """Plant the keys of both venues."""
    kinds = {"KEY": KEY, "SECRET": SECRET, "PASSWORD": PASSWORD}
    return {f"RG_{name}_{kind}": value for name in VENUES for kind, value in kinds.items()}


def answers(ccxt_id: str) -> dict[tuple[str, str], Any]:
    """Give the scripted answers with a trader's order in them: a second guard's would disarm this one."""
    return {
        key: json.loads(json.dumps(answer).replace("rga0001h", "trader1"))
        for key, answer in GOOD[ccxt_id].items()
    }


async def until_told(journal: Path) -> dict[str, Any]:
    """Wait for an incident and give all that the running guard says of itself."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                status = await question(socket_path(journal), {"do": "status"})
            except GuardUnreachable:
                status = {"incidents": []}
            if status["incidents"]:
                incidents = await question(socket_path(journal), {"do": "incidents"})
                return {"status": status, "incidents": incidents}
            await asyncio.sleep(0.1)


def kept(directory: Path) -> dict[str, str]:
    """Give every file of a guard as text, and every incident's report in every format."""
    files = [file for file in directory.rglob("*") if file.is_file()]
    texts = {file.name: file.read_bytes().decode("utf-8", "replace") for file in files}
    with JournalReader(directory / "riskguard.db") as reader:
        facts = list(reader.facts())
    texts["facts"] = "\n".join(repr(fact) for fact in facts)
    for _, fact in facts:
        if isinstance(fact, IncidentMoved) and fact.event == "opened":
            for form in FORMATS:
                texts[f"report {fact.incident} {form}"] = incident_report(facts, fact.incident, form)
    return texts


async def test_nothing_that_is_kept_or_told_holds_a_key(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    places = {name: Loopback(good=answers(ccxt_id)) for name, ccxt_id in VENUES.items()}
    text = POLICY
    for name, ccxt_id in VENUES.items():
        await places[name].start()
        config = toml({"urls": loopback_urls(ccxt_id, places[name].port)})
        role = "primary" if name == "main" else "backup"
        more = 'dead_man = { after = "120s", accept = "cancels_my_stops" }' if name == "main" else ""
        text += VENUE.format(name=name, ccxt_id=ccxt_id, role=role, config=config, more=more)
    policy = tmp_path / "riskguard.toml"
    policy.write_text(text, "utf-8")
    stop = asyncio.Event()
    main, careless, asked = places["main"], Careless("binanceusdm"), asyncio.Event()

    async def refused(request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        asked.set()
        return await careless.echo(400, plainly, secrets=True)(request)

    main.bad[SWITCH] = refused
    guard = asyncio.create_task(run_guard(load(policy), stop, arm=True, environ=environ()))
    async with asyncio.timeout(PATIENCE_S):
        await asked.wait()
    main.everything = careless.echo(500, plainly, secrets=True)
    places["backup"].everything = Careless("bybit").echo(400, in_base64, secrets=True)
    said = await until_told(tmp_path / "riskguard.db")
    stop.set()
    assert await guard == 0
    for place in places.values():
        await place.stop()
    gc.unfreeze()
    out, err = capfd.readouterr()
    texts = {**kept(tmp_path), "said": json.dumps(said), "log": caplog.text, "out": out, "err": err}
    texts.pop("riskguard.toml")
    assert {"riskguard.db", "frozen.json"} <= set(texts)
    assert any(name.startswith("report") for name in texts)
    assert MARK in "".join(texts.values()), "the echo never came through: nothing is proved"
    for name, written in texts.items():
        for place in places.values():
            assert leaked(written, place.seen, (KEY, SECRET, PASSWORD)) == [], name
