"""The forms of words in the file: ids, legs, references to keys, strategies and addresses."""

import re
from urllib.parse import urlsplit

from riskguard.config.problems import Refused, quoted
from riskguard.core.types import Leg

ID = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$"
CCXT_ID = r"^[a-z0-9]+$"
INSTANCE = r"^[a-z0-9]{1,3}$"
LEG = r"^\S+ \S+/\S+$"
CURRENCY = r"^[A-Z0-9]{2,12}$"
KEYS = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|keyring:[^/]+/.+)$"
STRATEGY = r"^([A-Za-z_][A-Za-z0-9_]*|.+\.py:[A-Za-z_][A-Za-z0-9_]*)$"
KEYS_FORMS = 'a reference: "env:PREFIX", "file:PATH" or "keyring:SERVICE/NAME"'


def venue_id(text: str) -> str:
    """Check an id: it becomes part of orders' records, references and file names."""
    if re.fullmatch(ID, text) is None:
        raise Refused(f"{quoted(text)} is not an id", "letters, digits, - _ . and at most 32 of them")
    return text


def asset_name(text: str) -> str:
    """Check an asset's name: one printable word, since it also stands behind amounts."""
    if not text.isprintable() or not 1 <= len(text) <= 32 or " " in text:
        raise Refused(f"{quoted(text)} is not an asset's name", 'one word, as in "BTC"')
    return text


def ccxt_id(text: str) -> str:
    """Check the shape of a ccxt exchange id; whether ccxt knows it is seen when it connects."""
    if re.fullmatch(CCXT_ID, text) is None:
        hint = f"did you mean {quoted(text.lower())}?" if re.fullmatch(CCXT_ID, text.lower()) else ""
        raise Refused(
            f"{quoted(text)} is not a ccxt id", hint or 'lower-case letters and digits, as in "binanceusdm"'
        )
    return text


def instance(text: str) -> str:
    """Check the instance: it is part of every order id, so it is short."""
    if re.fullmatch(INSTANCE, text) is None:
        raise Refused(f"{quoted(text)} is not an instance", "1 to 3 of a-z and 0-9")
    return text


def currency(text: str) -> str:
    """Check a currency's code."""
    if re.fullmatch(CURRENCY, text) is None:
        raise Refused(f"{quoted(text)} is not a currency", 'capitals and digits, as in "USDT"')
    return text


def leg(raw: object) -> Leg:
    """Read `"venue SYMBOL"`, the symbol in ccxt's unified form."""
    if not isinstance(raw, str):
        raise Refused("expected a leg in quotes", 'as in "main BTC/USDT:USDT"')
    venue, _, symbol = raw.partition(" ")
    if re.fullmatch(LEG, raw) is None or not raw.isprintable():
        raise Refused(f'{quoted(raw)} is not "venue SYMBOL"', 'as in "main BTC/USDT:USDT"')
    return Leg(venue, symbol)


def symbol(text: str) -> str:
    """Check the shape of a unified ccxt symbol."""
    if "/" not in text or not text.isprintable() or " " in text:
        raise Refused(f"{quoted(text)} is not a ccxt symbol", 'as in "BTC/USDT:USDT"')
    return text


def keys(text: str) -> str:
    """Check a reference to keys; the value is never shown, since it may be the key itself."""
    if re.fullmatch(KEYS, text) is None or not text.isprintable():
        raise Refused("keys are not written here", f"write {KEYS_FORMS}")
    return text


def strategy(text: str) -> str:
    """Check a strategy's reference: `NAME` or `file.py:function`."""
    if re.fullmatch(STRATEGY, text) is None or not text.isprintable():
        raise Refused(f"{quoted(text)} is not a strategy", 'as in "hedge" or "my_rules.py:my_hedge"')
    return text


def file_path(text: str) -> str:
    """Check that text can be a path; whether the file exists is asked when it is used."""
    if not text or not text.isprintable():
        raise Refused(f"{quoted(text)} is not a path")
    return text


def web_url(text: str) -> str:
    """Check an http or https address."""
    if not _is_url(text, ("http", "https")):
        raise Refused("expected an address", 'as in "https://example.org"')
    return text


def alert_url(text: str) -> str:
    """Check where an alert goes: `env:NAME` or an address; not shown, since such addresses hold tokens."""
    if re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*", text) is None and not _is_url(text, ()):
        raise Refused("expected an address or a variable that holds one", 'as in "env:RG_ALERT_URL"')
    return text


def self_check_ref(text: str) -> str:
    """Check a reference that tells our network's fault from a venue's: `venue:ID` or an address."""
    if re.fullmatch(r"venue:\S+", text) is None and not _is_url(text, ("http", "https")):
        raise Refused(f"{quoted(text)} is not a reference", 'as in "venue:bybit" or "https://example.org"')
    return text


def listen(text: str) -> str:
    """Check where to listen: `off` or `HOST:PORT`."""
    host, _, port = text.rpartition(":")
    if text != "off" and not (host and port.isascii() and port.isdigit() and int(port[:6]) < 65_536):
        raise Refused(f"{quoted(text)} is no place to listen", 'as in "127.0.0.1:9187", or "off"')
    return text


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port  # asking for it is what checks it
    except ValueError:
        return False
    known = parts.scheme in schemes if schemes else bool(parts.scheme)
    return known and bool(parts.netloc) and text.isprintable() and " " not in text
