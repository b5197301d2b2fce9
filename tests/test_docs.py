"""What the documents promise is there: commands, keys, examples, and the lines that a newcomer copies."""

import argparse
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from riskguard.cli.arguments import parser
from riskguard.cli.dispatch import known
from riskguard.cli.exits import Exit
from riskguard.config import load
from riskguard.config.policy_file import PolicyFile
from riskguard.config.strategy_loader import load_strategies
from riskguard.core.hedge.strategy import Situation
from riskguard.dashboard.help_text import COMMANDS, EXIT_CODES, FIRST_STEPS, welcome

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
STRATEGIES = (ROOT / "strategies" / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("strategies/*.md")))
SECOND_LINE = ".venv/bin/python -m pytest -q"


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def _subcommands() -> Mapping[str, argparse.ArgumentParser]:
    (found,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(found.choices)


# ------------------------------------------------------------------ the lines that a newcomer copies


def test_the_first_two_lines_of_shell_are_one_command_each() -> None:
    first, second = _blocks("sh")
    assert first.count("\n") == second.count("\n") == 1
    assert first.rstrip().endswith(".venv/bin/riskguard demo")
    assert second.rstrip().endswith(SECOND_LINE)


def test_they_work_where_python_is_externally_managed_and_pip_is_not_in_the_venv() -> None:
    for line in _blocks("sh"):
        assert line.startswith(
            "python3 -m venv --without-pip .venv && python3 -m pip --python .venv/bin/python"
        )
        assert "-c constraints.txt" in line


def test_the_gate_calls_the_second_verbatim() -> None:
    gate = ROOT / ".ci" / "run"
    assert gate.is_file(), "there is no .ci/run"
    lines = gate.read_text(encoding="utf-8").splitlines()
    assert _blocks("sh")[1].rstrip("\n") in lines


# ------------------------------------------------------------------ commands


def test_every_command_has_its_line_of_help_and_is_shown() -> None:
    assert set(known()) == set(_subcommands()) <= set(COMMANDS)
    shown = re.findall(r"^  (\w+)  +\S", welcome("1.0", known()).partition("Commands (")[2], re.MULTILINE)
    assert sorted(shown) == sorted(known())


def test_every_command_says_what_it_does() -> None:
    for name, made in _subcommands().items():
        assert made.description == COMMANDS[name]


def _told() -> Iterator[tuple[str, str]]:
    """Yield every command line with a `riskguard COMMAND` in it, by the document that tells it."""
    texts = {_name(path): path.read_text(encoding="utf-8") for path in DOCUMENTS}
    texts["config.example.toml"] = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    texts["the welcome"] = FIRST_STEPS
    for name, text in texts.items():
        for line in re.findall(r"(?:^(?:  +|\$ |#+ +)|`|/)(riskguard(?: +[^\s`#|&]+)+)", text, re.MULTILINE):
            yield name, line.partition("   ")[0].strip()


@pytest.mark.parametrize(("document", "line"), sorted(set(_told())))
def test_every_command_line_in_the_documents_is_understood(document: str, line: str) -> None:
    words = line.split()[1:]
    command = _subcommands().get(words[0])
    assert command is not None, f"{document}: {line}"
    options = {option for action in command._actions for option in action.option_strings}
    assert {word for word in words[1:] if word.startswith("-")} <= options, f"{document}: {line}"


def test_exit_codes_are_told_as_they_are() -> None:
    assert sorted(EXIT_CODES) == sorted(int(code) for code in Exit)


# ------------------------------------------------------------------ keys


def _keys(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        here = f"{path}.{field.alias or name}".lstrip(".")
        yield here
        for inner in _models(field.annotation):
            yield from _keys(inner, here)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for argument in get_args(annotation):
        yield from _models(argument)


def _used(document: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, value in document.items():
        here = f"{path}.{name}".lstrip(".")
        yield here
        for table in value if isinstance(value, list) else [value]:
            if isinstance(table, dict):
                yield from _used(table, here)


FREE = ("venue.ccxt_config", "rule.hedge.params")
"""Tables whose keys are not ours."""
KEYS = frozenset(_keys(PolicyFile))
TABLES = frozenset(key.rpartition(".")[0] for key in KEYS)


def test_the_example_loads_with_its_strategies_and_shows_every_key() -> None:
    loaded = load(ROOT / "config.example.toml")
    load_strategies(loaded.policy, loaded.directory)
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    words = set(re.findall(r"^#?\[*([\w.]+)\]* *=?|[{,] *(\w+) *=", text, re.MULTILINE))
    shown = {word for pair in words for word in pair if word}
    assert {key.rpartition(".")[2] for key in KEYS} - {name.rpartition(".")[2] for name in shown} == set()


def test_the_examples_commented_keys_load_too() -> None:
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    uncommented = tomllib.loads(re.sub(r"^#(?=\S)(?!:)", "", text, flags=re.MULTILINE))
    ours = {key for key in _used(uncommented) if not key.startswith(FREE) or key in FREE}
    assert ours - KEYS == set()
    assert len(ours) > len(set(_used(tomllib.loads(text))))


def _named(text: str) -> set[str]:
    """Give what a document names as a key or table of the policy: `[table]`, `key = …` in backquotes."""
    quoted = re.findall(r"`([^`\n]+)`", text)
    tables = {word.strip("[]") for word in quoted if re.fullmatch(r"\[+[\w.]+\]+", word)}
    keys = {key for word in quoted for key in re.findall(r"(\w+) = ", word)}
    return tables | keys


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_every_key_that_a_document_names_exists(path: Path) -> None:
    last = {key.rpartition(".")[2] for key in KEYS}
    examples = {"ratio"}  # a parameter of the reader's own strategy
    assert _named(path.read_text(encoding="utf-8")) - last - TABLES - KEYS - examples == set()


def test_the_strategies_read_only_what_a_situation_has() -> None:
    fields = set(Situation.__dataclass_fields__)
    for path in sorted((ROOT / "strategies").glob("*.py")):
        assert set(re.findall(r"situation\.(\w+)", path.read_text(encoding="utf-8"))) <= fields, path.name
    assert set(re.findall(r"`situation\.(\w+)`", STRATEGIES)) <= fields


# ------------------------------------------------------------------ links and the workplace


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_every_link_leads_to_a_file(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (path.parent / link).exists()] == []
