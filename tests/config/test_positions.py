"""The position scanner finds every key and value that `tomllib` finds, and nothing else."""

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskguard.config.positions import Loc, Positions

DOCUMENT = """\
# a comment with [brackets] = "and quotes
a = 1 # [x]
"b.c" = 'lit#eral'
d.e = {f = "}", g = [1, [2, "]"], # note
  { h = 1979-05-27 07:32:00 }], "i\\"j" = true }
k = \"\"\"
[no.header]
q = "x" \\\"\"\"\"\"\"
l = '''
it's''''

[ m . "n" ] # header
o = -1_0.5e3
[[p]]
[[ p ]]
q.r = [
  # nothing yet
  1,
  "two",
]
[p.s.t]
u = {}
[[p.v]]
w = []
[[p.v]]
[m]
x = "last"
"""


def _locations(value: object, loc: Loc = ()) -> Iterator[tuple[Loc, object]]:
    if loc:
        yield loc, value
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _locations(entry, (*loc, key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _locations(entry, (*loc, index))


def test_marks_cover_a_document_of_all_forms() -> None:
    assert set(Positions(DOCUMENT).marks) == {loc for loc, _ in _locations(tomllib.loads(DOCUMENT))}


@pytest.mark.parametrize(
    ("loc", "key", "value"),
    [
        (("a",), (2, 1), (2, 5)),
        (("b.c",), (3, 1), (3, 9)),
        (("d",), (4, 1), (4, 1)),
        (("d", "e"), (4, 3), (4, 7)),
        (("d", "e", "g", 1, 1), (4, 29), (4, 29)),
        (("d", "e", "g", 2, "h"), (5, 5), (5, 9)),
        (("d", "e", 'i"j'), (5, 33), (5, 42)),
        (("m",), (26, 2), (26, 1)),
        (("m", "n"), (12, 7), (12, 1)),
        (("m", "n", "o"), (13, 1), (13, 5)),
        (("p",), (14, 3), (14, 1)),
        (("p", 1), (15, 4), (15, 1)),
        (("p", 1, "q", "r", 1), (19, 3), (19, 3)),
        (("p", 1, "v", 1), (25, 5), (25, 1)),
        (("p", 1, "v", 1, "absent"), (25, 5), (25, 1)),
        (("absent",), (1, 1), (1, 1)),
        (("m", "x"), (27, 1), (27, 5)),
    ],
)
def test_line_and_column(loc: Loc, key: tuple[int, int], value: tuple[int, int]) -> None:
    positions = Positions(DOCUMENT)

    assert (positions.key(loc), positions.value(loc)) == (key, value)


_KEYS = st.text(st.sampled_from("ab-_1"), min_size=1, max_size=3) | st.text(
    st.sampled_from("a.\"'#= é\n]"), max_size=3
)
_SCALARS = st.sampled_from(
    [
        "1",
        "-0.5",
        "0x1F",
        "inf",
        "true",
        '"a\\"]}#"',
        "'[#'",
        "1979-05-27T07:32:00Z",
        "07:32:00",
        "1979-05-27 07:32:00",
    ]
)
_MULTI_LINE = st.sampled_from(['"""\n[x]\n\\""""""', "'''a\n'b''''", '"""a = 1"""'])
_SPACE = st.sampled_from(["", " ", "\n", " # ]}\n", "\r\n\t"])


def _key(text: str) -> str:
    if text and all(c in "ab-_1" for c in text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@st.composite
def _value(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(st.integers(0, 3)) if depth else 0
    if kind < 2:
        return draw(_SCALARS if kind == 0 else _MULTI_LINE)
    if kind == 2:
        parts = [
            draw(_SPACE) + draw(_value(depth - 1)) + draw(_SPACE) for _ in range(draw(st.integers(0, 3)))
        ]
        return (
            "[" + ",".join(parts) + (draw(st.sampled_from(["", ","])) if parts else "") + draw(_SPACE) + "]"
        )
    names = draw(st.lists(_KEYS, max_size=3, unique=True))
    return "{" + ", ".join(f"{_key(name)} = {draw(_value(depth - 1))}" for name in names) + "}"


@st.composite
def _document(draw: st.DrawFn) -> str:
    lines = []
    for _ in range(draw(st.integers(0, 6))):
        keys = ".".join(_key(name) for name in draw(st.lists(_KEYS, min_size=1, max_size=3)))
        form = draw(st.sampled_from(["{} = ", "{} = ", "[{}]", "[[{}]]"])).format(keys)
        lines.append(form + draw(_value()) if form.endswith("= ") else form)
        lines.append(draw(st.sampled_from(["", " # x = 1", "\n"])))
    return draw(st.sampled_from(["\n", "\r\n"])).join(
        "".join(pair) for pair in zip(lines[::2], lines[1::2], strict=True)
    )


@settings(deadline=None, derandomize=True, max_examples=300)
@given(_document())
def test_marks_are_the_locations_and_values_stand_where_they_are_marked(text: str) -> None:
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # pieces that contradict each other, such as a key set twice
    found = dict(_locations(parsed))
    marks = Positions(text).marks

    assert set(marks) == set(found)
    for loc, mark in marks.items():
        if isinstance(found[loc], str | bool | int):
            rest = text[mark.value :].replace("\r\n", "\n")
            assert _first_value(rest) == found[loc]


def _first_value(rest: str) -> object:
    """Parse the value that `rest` begins with: the shortest piece that TOML accepts with this meaning."""
    for end in range(1, len(rest) + 1):
        if end == len(rest) or rest[end] in " \n#,]}\t\r":
            try:
                value: object = tomllib.loads(f"v = {rest[:end]}")["v"]
            except tomllib.TOMLDecodeError:
                continue
            return value
    return None
