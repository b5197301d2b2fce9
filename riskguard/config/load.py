"""Reads a policy file: every problem at once at file:line:col, or the checked policy."""

import hashlib
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, DecimalException
from pathlib import Path

from pydantic import ValidationError

from riskguard.config import build
from riskguard.config.build import Connection
from riskguard.config.checks import check
from riskguard.config.document import Document
from riskguard.config.explain import Finding, findings
from riskguard.config.lints import lint
from riskguard.config.policy_file import PolicyFile
from riskguard.config.positions import Positions, line_col
from riskguard.config.problems import PolicyInvalid, Problem
from riskguard.core.policy import Policy
from riskguard.core.types import VenueId

_SYNTAX_HINTS = {
    "cannot overwrite a value": "this key is already set above",
    "invalid value": "text stands in quotes",
    "invalid statement": 'as in key = "value" or [table]',
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A policy file that may be used."""

    policy: Policy
    connections: Mapping[VenueId, Connection]
    path: Path
    directory: Path
    """The file's own directory, absolute; everything relative in the file is meant from here."""
    hash: str
    """SHA-256 of the file's bytes, in hex."""
    warnings: tuple[Problem, ...]
    journal: Path


def load(path: Path) -> Loaded:
    """Read and check a policy file; raises `PolicyInvalid` with all its problems."""
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the name cannot be a path"
        hint = "riskguard init writes a starter" if isinstance(error, FileNotFoundError) else ""
        raise PolicyInvalid([Problem(path, 0, 0, f"cannot be read: {reason}", hint)]) from None
    loaded = parse(content, path)
    if path.stat().st_mode & stat.S_IWOTH:
        warning = Problem(
            path, 0, 0, "anyone may change this file, and it names commands to run", "chmod o-w"
        )
        loaded = replace(loaded, warnings=(warning, *loaded.warnings))
    return loaded


def parse(content: bytes, path: Path) -> Loaded:
    """Check the bytes of a policy file that stands, or would stand, at `path`."""
    text = _decode(content, path)
    data = _document(text, path)
    positions = Positions(text)
    document = Document(data)
    try:
        file = PolicyFile.model_validate(data)
    except ValidationError as error:
        wrong = findings(error)
    else:
        wrong = []
    wrong += [found for found in check(document) if not any(_covers(known, found) for known in wrong)]
    if wrong:
        # From None: pydantic's error quotes the file's values, and one of them may be a misplaced secret.
        raise PolicyInvalid(_at_lines(wrong, positions, path)) from None
    policy = build.policy(file)
    directory = path.absolute().parent
    journal = directory / Path(file.journal).expanduser()
    return Loaded(
        policy=policy,
        connections={table.id: build.connection(table) for table in file.venue},
        path=path,
        directory=directory,
        hash=hashlib.sha256(content).hexdigest(),
        warnings=tuple(_at_lines(lint(policy, document), positions, path)),
        journal=journal,
    )


def locate_journal(path: Path) -> Path:
    """Find the journal of a file that may be broken: `veto` must reach a guard that still runs."""
    try:
        return load(path).journal
    except PolicyInvalid:
        text = path.read_bytes().decode(errors="replace") if path.is_file() else ""
    match = re.search(r"^journal[ \t]*=[ \t]*([\"'])([^\"'\n]+)\1", text, re.MULTILINE)
    name = match[2] if match and match[2].isprintable() else "riskguard.db"
    return path.absolute().parent / Path(name).expanduser()


def _decode(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        line, col = line_col(before, len(before))
        raise PolicyInvalid([Problem(path, line, col, "this byte is not UTF-8", "save as UTF-8")]) from None


def _document(text: str, path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except RecursionError:
        raise PolicyInvalid([Problem(path, 1, 1, "nested too deeply")]) from None
    except ValueError as error:
        raise PolicyInvalid([_syntax_problem(text, str(error), path)]) from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except DecimalException:
        raise ValueError(f"number out of range: {text[:40]}") from None


def _syntax_problem(text: str, message: str, path: Path) -> Problem:
    """Place a message of tomllib, which ends in "(at line 3, column 7)" or "(at end of document)"."""
    match = re.fullmatch(
        r"(.*) \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)", message, re.DOTALL
    )
    if match is None:
        # Python's own limit on digits is the only message without a place.
        return Problem(
            path, 1, 1, message if message.startswith("number") else "a number has too many digits"
        )
    line, col = (int(match[2]), int(match[3])) if match[2] else line_col(text, len(text.rstrip("\n")))
    said = f"{match[1][:1].lower()}{match[1][1:]}"
    return Problem(path, line, col, f"not TOML: {said}", _SYNTAX_HINTS.get(said, ""))


def _covers(known: Finding, found: Finding) -> bool:
    """Tell whether a location, or something it stands in, is already complained of."""
    return bool(known.loc) and found.loc[: len(known.loc)] == known.loc


def _at_lines(found: Iterable[Finding], positions: Positions, path: Path) -> list[Problem]:
    placed = [
        Problem(
            path, *(positions.key if entry.at_key else positions.value)(entry.loc), entry.message, entry.hint
        )
        for entry in found
    ]
    return sorted(dict.fromkeys(placed), key=lambda problem: (problem.line, problem.col))
