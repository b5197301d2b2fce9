"""Promises about the code itself that no linter checks."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "riskguard"
CORE_MAY_IMPORT = frozenset(
    {
        "bisect", "collections", "dataclasses", "decimal", "enum", "functools", "heapq", "itertools", "json",
        "math", "operator", "riskguard", "statistics", "types", "typing",
    }
)  # fmt: skip
CLOCKS = frozenset({"time", "monotonic", "time_ns", "monotonic_ns", "perf_counter", "now", "utcnow", "today"})
MAY_READ_CLOCKS = ("runtime/", "venues/", "alerts/", "journal/", "simulation/", "cli/", "demo/", "dashboard/")
LONGEST_FILE = 400


def _modules(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_the_core_imports_from_a_short_list_only() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path, tree in _modules(PACKAGE / "core")
        for name in _imported(tree)
        if name not in CORE_MAY_IMPORT
    }

    assert found == set()


def test_clocks_are_read_at_the_border_only() -> None:
    found = set()
    for path, tree in _modules(PACKAGE):
        place = str(path.relative_to(PACKAGE))
        if place.startswith(MAY_READ_CLOCKS):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
                continue
            if node.attr in CLOCKS and node.value.id in {"time", "datetime", "date"}:
                found.add(f"{place}:{node.lineno}")

    assert found == set()


def test_no_file_is_longer_than_a_reader_bears() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for folder in (PACKAGE, ROOT / "strategies", ROOT / "tests")
        for path in sorted(folder.rglob("*.py"))
    }

    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_every_module_says_what_it_is() -> None:
    silent = {str(path.relative_to(ROOT)) for path, tree in _modules(PACKAGE) if not ast.get_docstring(tree)}

    assert silent == set()


def test_ci_runs_the_readme_s_test_command_verbatim() -> None:
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("```sh\n")[1:]
    commands = [block.partition("\n```")[0] for block in blocks]

    assert len(commands) == 2
    assert commands[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
