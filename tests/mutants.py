"""Plants each deliberate bug of `mutants.toml` in a scratch copy and says which seed or property catches it.

`python -m tests.mutants [--check] [--only WORDS] [--seeds N]`; exits 1 where one survives or fits no more.
"""

import argparse
import json
import os
import py_compile
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("riskguard", "strategies", "tests", "pyproject.toml")
PROPERTIES = (
    "tests/core/parts",
    "tests/venues/test_instrument_sizes.py",
    "tests/venues/test_spot_holdings.py",
    "tests/runtime/test_executor_sends_once.py",
    "tests/runtime/test_executor.py",
    "tests/core/test_dead_man.py",
    "tests/core/guard/test_guard_accounts.py",
    "tests/core/guard/test_guard_cancels.py",
    "tests/core/guard/test_guard_canaries.py",
    "tests/core/guard/test_guard_keeps_to.py",
    "tests/core/guard/test_guard_ghosts.py",
    "tests/core/guard/test_guard_ways_out.py",
    "tests/core/guard/test_guard_ceilings.py",
    "tests/core/guard/test_guard_release.py",
    "tests/core/guard/test_guard_words.py",
    "tests/core/guard",
)
"""What is run first, fastest first; seeds only where none of it sees the bug."""
ACCIDENTS = ("guard: TypeError", "guard: NameError", "guard: AttributeError", "guard: ImportError")
"""A bug that only crashes shows nothing about the checks."""


@dataclass(frozen=True)
class Mutant:
    """One deliberate bug: `old` is found exactly once in `file` and becomes `new`."""

    name: str
    file: str
    old: str
    new: str

    def problem(self, root: Path = ROOT) -> str:
        """Say why it cannot be planted; empty when it can."""
        path = root / self.file
        found = path.read_text().count(self.old) if path.is_file() else 0
        if found != 1:
            return f"{self.name}: its text is found {found} times in {self.file}"
        return "" if self.old != self.new else f"{self.name}: it changes nothing"

    def plant(self, root: Path) -> None:
        """Change the copy; raises where the result is no Python."""
        path = root / self.file
        path.write_text(path.read_text().replace(self.old, self.new))
        py_compile.compile(str(path), doraise=True)


def mutants() -> tuple[Mutant, ...]:
    """Read the list."""
    rows = tomllib.loads((ROOT / "tests" / "mutants.toml").read_text())["mutant"]
    return tuple(Mutant(**row) for row in rows)


def caught_by(mutant: Mutant, seeds: int) -> str:
    """Plant one bug and say what catches it; empty when nothing does."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as scratch:
        for name in COPIED:
            source, target = ROOT / name, Path(scratch) / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.db"))
            else:
                shutil.copy(source, target)
        mutant.plant(Path(scratch))
        return _property(Path(scratch)) or _seed(Path(scratch), seeds)


def _seed(root: Path, seeds: int) -> str:
    command = ["-m", "riskguard.simulation", "--json", "--stop", "--seeds", str(seeds)]
    told = _python(root, command)
    try:
        broken = json.loads(told.stdout)["broken"]
    except (ValueError, KeyError):
        return ""  # it did not even start; that is not a catch
    if not broken or broken[0]["what"].startswith(ACCIDENTS):
        return ""
    return f"seed {broken[0]['seed']}: {broken[0]['what']}"


def _property(root: Path) -> str:
    told = _python(root, ["-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", *PROPERTIES])
    failed = re.search(r"^FAILED (.+?)( - .*)?$", told.stdout, re.MULTILINE)
    if told.returncode != 1 or failed is None:
        return ""
    accident = re.search(r"(TypeError|NameError|AttributeError|ImportError)", failed[2] or "")
    return "" if accident else f"property {failed[1]}"


def _python(root: Path, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only see that every text is found once")
    parser.add_argument("--only", default="", metavar="WORDS", help="only bugs whose name holds these words")
    parser.add_argument("--seeds", type=int, default=300, help="how many histories to try (300)")
    chosen = parser.parse_args(arguments)
    listed = [mutant for mutant in mutants() if chosen.only in mutant.name]
    problems = [problem for mutant in listed if (problem := mutant.problem())]
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    if chosen.check or problems:
        return 1 if problems else 0
    survived = 0
    for mutant in listed:
        caught = caught_by(mutant, chosen.seeds)
        survived += not caught
        sys.stdout.write(f"{'caught  ' if caught else 'SURVIVED'}  {mutant.name}: {caught or 'by nothing'}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(listed)} bugs planted, {survived} survived\n")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
