"""Every url that the installed ccxt classes know is turned to loopback."""

from collections.abc import Iterator, Mapping
from typing import Any

import ccxt.pro  # type: ignore[import-untyped]
import pytest

from riskguard.simulation.wire.endpoints import URLS, ccxt_config

pytestmark = pytest.mark.wire


def leaves(urls: Mapping[str, Any]) -> Iterator[str]:
    for value in urls.values():
        if isinstance(value, str):
            yield value
        else:
            yield from leaves(value)


@pytest.mark.parametrize("face", sorted(URLS))
def test_tables_name_what_ccxt_names(face: str) -> None:
    plain = getattr(ccxt.pro, face)()
    hostname = plain.hostname or ""
    expected = {url.replace("{hostname}", hostname) for url in leaves(plain.urls["api"])}
    assert set(leaves(URLS[face])) == expected


@pytest.mark.parametrize("face", sorted(URLS))
def test_nothing_is_left_that_points_elsewhere(face: str) -> None:
    client = getattr(ccxt.pro, face)(ccxt_config(face, 12345))
    for url in leaves(client.urls["api"]):
        scheme, _, rest = url.partition("://")
        assert scheme in ("http", "ws")
        assert rest.startswith("127.0.0.1:12345/")
        assert "." in rest.split("/")[1]


@pytest.mark.parametrize("face", sorted(URLS))
def test_configuration_is_plain_data(face: str) -> None:
    def plain(value: object) -> bool:
        if isinstance(value, dict):
            return all(isinstance(key, str) and plain(item) for key, item in value.items())
        return isinstance(value, str)

    assert plain(ccxt_config(face, 1))
