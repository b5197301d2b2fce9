"""Every mistake is told at its line and column, with the likely intent, and all at once."""

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskguard.config import PolicyInvalid, Problem, load, parse

ComplainOf = Callable[[str], list[str]]


def test_unknown_key_bare_number_and_missing_venue_are_told_in_one_run(complain_of: ComplainOf) -> None:
    text = """\
version = 1
mode = "auto"

[limits]
per_hedge  = "60_000 USDT"
all_hedges = "100_000 USDT"
slippage   = 40

[[venue]]
id   = "main"
ccxt = "binanceusdm"
rol  = "primary"
keys = "env:RG_MAIN"

[[venue]]
id   = "bybit"
ccxt = "bybit"
role = "backup"
keys = "env:RG_BYBIT"

[[asset]]
name = "BTC"
legs = ["main BTC/USDT:USDT", "bybt BTC/USDT:USDT"]
"""
    assert complain_of(text) == [
        'p.toml:7:14: a bare number has no unit: 40 (as in "40bps")',
        'p.toml:12:1: unknown key "rol" (did you mean "role"?)',
        'p.toml:23:31: no venue "bybt" (did you mean "bybit"?)',
    ]


SAME_UNIT = "legs of one asset are added up, so all must count the same unit"

DARK = '[[rule]]\nname = "r"\nwhen = ["dark"]\n'
ETH = '[[asset]]\nname = "ETH"\n'

# Text added to the small policy from line 17, and what is said of it.
ADDED = {
    # keys
    "[limts]\nx = 1": ['17:2: unknown key "limts" (did you mean "limits"?)'],
    '[limits]\nmode = "auto"': [
        '18:1: unknown key "mode" (it belongs at the top, above the first table)',
    ],
    '[limits]\n  order_ack = "2s"': ['18:3: unknown key "order_ack" (it belongs in [detect])'],
    '[limits]\n"slippage " = "40bps"': ['18:1: unknown key "slippage " (did you mean "slippage"?)'],
    "[http]\nzzz = 1": ['18:1: unknown key "zzz" (known here: listen)'],
    '[detect]\nrecover = { ack = 3, clean = "1s" }': ['18:13: unknown key "ack" (did you mean "acks"?)'],
    "[[limits]]": ['17:1: "limits" stands once (write [limits], with one bracket)'],
    '[rule]\nname = "x"': ['17:1: "rule" is a list of tables (write [[rule]], with two brackets)'],
    '[[rule]]\nname = "x"\nwhen = ["dark"]': ['17:1: [[rule]] needs "do" (as in ["tell", "hedge"])'],
    "[tell]\ntelegram = 3": [
        '18:12: expected a table for "tell.telegram" (as in { key = value })',
    ],
    # numbers
    "[limits]\nper_hedge = 60000": ['18:13: a bare number has no unit: 60000 (as in "60_000 USDT")'],
    '[limits]\nper_hedge = "60000"': ['18:13: a bare number has no unit: "60000" (as in "60_000 USDT")'],
    '[limits]\nloss = "2,000 usdt"': [
        '18:8: "2,000 usdt" is not an amount of money (did you mean "2_000 USDT"?)'
    ],
    '[limits]\nloss = "2000 EUR"': [
        '18:8: no quote currency "EUR" (USDT, USDC, USD, or add it to [quotes] same)'
    ],
    "[limits]\nmargin_left = 0.3": ['18:15: a bare number has no unit: 0.3 (as in "30%")'],
    '[limits]\nmargin_left = "130%"': ['18:15: must not be above 100% (as in "30%")'],
    '[limits]\nslippage = "40 bps"': ['18:12: "40 bps" is not a share (did you mean "40bps"?)'],
    '[limits]\nslippage = "-40bps"': ['18:12: "-40bps" is not a share (did you mean "40bps"?)'],
    '[limits]\ndata_age = "3sec"': ['18:12: "3sec" is not a duration (did you mean "3s"?)'],
    '[limits]\ndata_age = "0s"': ['18:12: must be longer than zero (as in "3s")'],
    '[limits]\norders = "1/h"': ['18:10: must be a whole number per minute (as in "30/min")'],
    '[limits]\norders = "30/m"': ['18:10: "30/m" is not a rate (did you mean "30/min"?)'],
    "[limits]\nper_day = { hedges = 1.5 }": ["18:22: expected a whole number without quotes (as in 5)"],
    "[limits]\nper_day = { hedges = -1 }": ["18:22: must be at least 0"],
    "[detect]\nfalse_alarms = 1": ['18:16: a bare number has no unit: 1 (as in "1/year")'],
    '[detect]\nfalse_alarms = "0/year"': [
        '18:16: must be above zero: a detector without false alarms never speaks (as in "1/year")'
    ],
    "[venue_risk]\nshare = true": ['18:9: expected a share in quotes (as in "60%")'],
    # words
    "[unwind]\nwhen = 1": ["18:8: expected a word in quotes (one of ask, auto)"],
    '[unwind]\nhow = "flaten"': ['18:7: unknown word "flaten" (did you mean "flatten"?)'],
    '[unwind]\nhow = "x\\u0007y"': ['18:7: unknown word "x\\x07y" (one of release, flatten)'],
    '[freeze]\nurl = "me"': ['18:7: expected an address (as in "https://example.org")'],
    '[http]\nlisten = "1.2.3.4"': [
        '18:10: "1.2.3.4" is no place to listen (as in "127.0.0.1:9187", or "off")'
    ],
    '[tell]\nnow = "x"': ['18:7: expected a list in brackets (as in ["env:RG_ALERT_URL"])'],
    '[tell]\ntelegram = { allow = ["me"] }': ["18:23: expected a whole number without quotes"],
    '[quotes]\nsame = ["usdt"]': ['18:9: "usdt" is not a currency (capitals and digits, as in "USDT")'],
    '[self_check]\nrefs = ["venue:bybt"]\nneed = 2': [
        '18:9: no venue "bybt" (did you mean "bybit"?)',
        "19:8: needs 2 of 1 references",
    ],
    # rules
    '[[rule]]\nname = "r"\nwhen = ["trapt"]\ndo = ["tel"]': [
        '19:9: unknown word "trapt" (did you mean "trapped"?)',
        '20:7: unknown word "tel" (did you mean "tell"?)',
    ],
    '[[rule]]\nname = "r"\nwhen = []\ndo = ["tell"]\nvenues = ["mian"]\nassets = ["BTX"]': [
        '19:8: must not be empty (as in ["trapped", "dark"])',
        '21:11: no venue "mian" (did you mean "main"?)',
        '22:11: no asset "BTX" (did you mean "BTC"?)',
    ],
    DARK + 'do = ["hedge"]\n[rule.hedge]\nto = ["main", "okx"]\nsize = "2%5"': [
        '22:7: venue "main" is a primary and takes no hedge (its role must be "backup" or "both")',
        '22:15: no venue "okx" (there is "main", "bybit")',
        '23:8: "2%5" is not a share (as in "100%")',
    ],
    DARK + 'do = ["hedge"]\nvenues = ["bybit"]\nhedge = { to = ["bybit"] }': [
        '21:11: a hedge for trouble at "bybit" cannot go to "bybit" itself (see "to")',
    ],
    DARK + 'do = ["tell"]\nhedge = { strategy = "a b", slices = 0 }': [
        '21:22: "a b" is not a strategy (as in "hedge" or "my_rules.py:my_hedge")',
        "21:38: must be at least 1",
    ],
    # venues
    '[[venue]]\nid = "x y"\nccxt = "ByBit"\nrole = "both"\nkeys = "env:X"': [
        '18:6: "x y" is not an id (letters, digits, - _ . and at most 32 of them)',
        '19:8: "ByBit" is not a ccxt id (did you mean "bybit"?)',
    ],
    '[[venue]]\nid = "main"\nccxt = "okx"\nrole = "bakcup"\nkeys = "env:X"': [
        '18:6: venue "main" is there twice',
        '20:8: unknown word "bakcup" (did you mean "backup"?)',
    ],
    '[[venue]]\nid = "Main"\nccxt = "okx"\nrole = "backup"\nkeys = "env:X"': [
        '18:6: "Main" differs from "main" only in capitals',
    ],
    '[[venue]]\nid = "z"\nccxt = "okx"\nrole = "backup"\nkeys = "env:X"\ndead_man = { after = "120s" }': [
        '22:12: [venue.dead_man] needs "accept" (write "cancels_my_stops")',
    ],
    '[[venue]]\nid = "z"\nccxt = "b"\nrole = "both"\nkeys = "env:X"\ncanary = { rung = "place-cancel" }': [
        '22:10: "place-cancel" needs a symbol: no asset has a leg at "z" (symbol = "BTC/USDT:USDT")',
    ],
    # assets
    ETH + 'legs = ["main ETH", "main BTC/USDT:USDT"]\nguard = "1 BTX"\nkeep = 1': [
        '19:9: "main ETH" is not "venue SYMBOL" (as in "main BTC/USDT:USDT")',
        '19:21: leg "main BTC/USDT:USDT" already counts in asset "BTC"',
        '20:9: "guard" counts "BTX" in an asset named "ETH" (did you mean "BTC"?)',
        '21:8: a bare number has no unit: 1 (as in "0 BTC")',
    ],
    '[[asset]]\nname = "PEPE"\nlegs = ["main 1000PEPE/USDT:USDT", "bybit PEPE/USDT:USDT"]': [
        f'19:36: "PEPE" and "1000PEPE" are different packs of one coin ({SAME_UNIT})',
    ],
    ETH + 'legs = ["main E/U:U"]\nhedge_on = ["main E/U:U"]\nproxy = { asset = "BTX", beta = 1.3 }': [
        '20:13: venue "main" is a primary and takes no hedge (its role must be "backup" or "both")',
        '21:19: no asset "BTX" (did you mean "BTC"?)',
        '21:33: expected text in quotes (as in "1.3")',
    ],
    ETH + 'legs = ["main ETH/USDT:USDT"]\nguard = "-1 ETH"': ['20:9: "guard" must not be negative'],
    # windows
    '[[maintenance]]\nvenue = "man"\nfrom = 2026-12-01T02:00:00Z\nto = 2026-12-01T01:00:00Z': [
        '18:9: no venue "man" (did you mean "main"?)',
        "20:6: the window ends before it begins",
    ],
    '[[maintenance]]\nvenue = "main"\nfrom = 2026-12-01T02:00:00\nto = "2026-12-01T03:00:00Z"': [
        "19:8: a date-time without a zone means another hour to everyone (add Z or an offset)",
        "20:6: expected a date-time without quotes (as in 2026-12-01T04:00:00Z)",
    ],
}


@pytest.mark.parametrize("more", ADDED)
def test_what_is_said_of_a_mistake(more: str, base: str, complain_of: ComplainOf) -> None:
    assert complain_of(base + more) == [f"p.toml:{said}" for said in ADDED[more]]


WHOLE = {
    "": [
        '1:1: the file needs "version" (as in 1)',
        '1:1: the file needs "mode" (one of observe, paper, confirm, auto)',
        "1:1: the file needs at least one [[venue]]",
        "1:1: the file needs at least one [[asset]]",
    ],
    "x = ": ["1:5: not TOML: invalid value (text stands in quotes)"],
    "a = 1\na = 2": ["2:6: not TOML: cannot overwrite a value (this key is already set above)"],
    "a = 'b": ['1:7: not TOML: expected "\'"'],
    "a = " + "[" * 5_000: ["1:1: nested too deeply"],
    "a = " + "9" * 5_000: ["1:1: a number has too many digits"],
    "a = 1e99999999999999999999": ["1:1: number out of range: 1e99999999999999999999"],
    'version = 1\nmode = "Observe"\nvenue = 3\nasset = [1]': [
        '2:8: unknown word "Observe" (did you mean "observe"?)',
        "3:9: expected a list in brackets",
        '4:10: expected a table for "asset" (write [[asset]])',
    ],
}


@pytest.mark.parametrize("text", WHOLE, ids=lambda text: repr(text[:30]))
def test_what_is_said_of_a_whole_file(text: str, complain_of: ComplainOf) -> None:
    assert complain_of(text) == [f"p.toml:{said}" for said in WHOLE[text]]


def test_keys_above_the_tables_are_checked_too(base: str, complain_of: ComplainOf) -> None:
    head = 'version = 2\nmode = "auto"\ninstance = "abcd"\njournal = ""\n'
    text = head + base.removeprefix('version = 1\nmode = "observe"\n')

    assert complain_of(text) == [
        'p.toml:1:11: "version" must be 1, not "2"',
        'p.toml:3:12: "abcd" is not an instance (1 to 3 of a-z and 0-9)',
        'p.toml:4:11: "" is not a path (as in "riskguard.db")',
    ]


def test_positions_count_with_windows_line_ends_and_a_byte_order_mark(
    base: str, complain_of: ComplainOf
) -> None:
    text = "\ufeff" + base.replace("\n", "\r\n") + "[limits]\r\nslippage = 4\r\n"

    assert complain_of(text) == ['p.toml:18:12: a bare number has no unit: 4 (as in "40bps")']


def test_a_byte_that_is_no_text_has_a_place() -> None:
    with pytest.raises(PolicyInvalid) as caught:
        parse(b'version = 1\nmode = "\xff"', Path("p.toml"))

    assert str(caught.value) == "p.toml:2:9: this byte is not UTF-8 (save as UTF-8)"


@pytest.mark.parametrize("name", ["absent.toml", "", "nul\0.toml"])
def test_a_file_that_cannot_be_read_is_a_problem_too(name: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid, match="cannot be read"):
        load(tmp_path / name)


def test_misplaced_secrets_are_named_but_never_shown(base: str) -> None:
    more = """\
[[venue]]
id = "x"
ccxt = "okx"
role = "backup"
keys = "S3CR3T"
probe_keys = "S3CR3T"
apiKey = "S3CR3T"
ccxt_config = { apiKey = "S3CR3T", timeout = 5, options = { private_key = "S3CR3T", a = 1 } }
[tell]
now = ["S3CR3T"]
"""
    try:
        parse((base + more).encode(), Path("p.toml"))
    except PolicyInvalid as caught:
        shown = "".join(traceback.format_exception(caught)) + repr(caught)
        said = [str(problem) for problem in caught.problems]
    forms = '"env:PREFIX", "file:PATH" or "keyring:SERVICE/NAME"'
    where = f"write keys = {forms}"

    assert "S3CR3T" not in shown
    assert said == [
        f"p.toml:21:8: keys are not written here (write a reference: {forms})",
        f"p.toml:22:14: keys are not written here (write a reference: {forms})",
        f'p.toml:23:1: unknown key "apiKey" (no secret stands in this file: {where})',
        f'p.toml:24:17: no secret stands in this file: "apiKey" ({where} in this [[venue]])',
        f'p.toml:24:61: no secret stands in this file: "private_key" ({where} in this [[venue]])',
        'p.toml:26:8: expected an address or a variable that holds one (as in "env:RG_ALERT_URL")',
    ]


def _reads_or_refuses(content: bytes) -> None:
    """Parse; anything but a policy or problems with a place in the file fails the test."""
    lines = content.count(b"\n") + 1
    for problem in _problems(content):
        assert "\n" not in str(problem)
        assert 1 <= problem.line <= lines
        assert problem.col >= 1


def _problems(content: bytes) -> tuple[Problem, ...]:
    try:
        parse(content, Path("p.toml"))
    except PolicyInvalid as invalid:
        return invalid.problems or (Problem(Path("p.toml"), 0, 0, "refused without a reason"),)
    return ()


@settings(deadline=None, derandomize=True)
@given(st.binary(max_size=200))
def test_no_bytes_give_anything_but_a_policy_or_problems(content: bytes) -> None:
    _reads_or_refuses(content)


@settings(deadline=None, derandomize=True)
@given(st.data())
def test_no_change_of_a_policy_gives_anything_but_a_policy_or_problems(data: st.DataObject) -> None:
    """Cut a piece out of a good file and put in another, TOML or not."""
    example = (Path(__file__).parents[2] / "config.example.toml").read_text("utf-8")
    begin = data.draw(st.integers(0, len(example)))
    end = data.draw(st.integers(begin, min(len(example), begin + 40)))
    piece = data.draw(
        st.sampled_from(
            ["", "=", "[", "]", "{}", "[]", "[[]]", "1", "1.5", "true", '"x"', "'", '"', "\n[limits]\n"]
        )
        | st.sampled_from(
            ["inf", "-nan", "2026-12-01", "07:32:00", '"env:"', '"1_000_000_000_000_000_000_000 USDT"']
        )
        | st.text(max_size=8)
    )
    _reads_or_refuses((example[:begin] + piece + example[end:]).encode("utf-8", errors="replace"))


_VALUES = st.recursive(
    st.sampled_from([0, -1, 10**30, True, "", "x", "1 BTC", "3s", "5%", "env:A", "main A/B", "a\x00b"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["id", "to", "every", "a"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return '"' + value.replace("\x00", "\\u0000") + '"'
        case list():
            return "[" + ", ".join(_toml(entry) for entry in value) + "]"
        case dict():
            return "{" + ", ".join(f"{key} = {_toml(entry)}" for key, entry in value.items()) + "}"
        case _:
            raise AssertionError(value)


@settings(deadline=None, derandomize=True)
@given(line=st.integers(0, 200), value=_VALUES)
def test_any_value_for_any_key_is_taken_or_explained(line: int, value: object) -> None:
    """Replace the value of one key of the example by a value of another shape."""
    lines = (Path(__file__).parents[2] / "config.example.toml").read_text("utf-8").splitlines()
    keyed = [number for number, text in enumerate(lines) if text[:1].isalpha()]
    number = keyed[line % len(keyed)]
    lines[number] = f"{lines[number].partition('=')[0]}= {_toml(value)}"
    _reads_or_refuses("\n".join(lines).encode())
