"""The deliberate bugs still fit the code: a list that fits no more would prove nothing."""

from .mutants import main, mutants


def test_every_deliberate_bug_can_be_planted() -> None:
    assert main(["--check"]) == 0


def test_names_are_told_apart() -> None:
    names = [mutant.name for mutant in mutants()]
    assert len(names) == len(set(names))
    assert len(names) >= 20
