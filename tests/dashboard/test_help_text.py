"""The text that `riskguard` alone prints, and the tables made from the same source."""

from riskguard.dashboard.help_text import COMMANDS, EXIT_CODES, command_table, exit_code_table, welcome

CONTRACT = [
    *("demo", "init", "check", "doctor", "schema", "preflight", "run", "watch", "status", "why", "incidents"),
    *("report", "arm", "disarm", "veto", "hold", "hedge", "unwind", "adopt", "drill", "replay", "blips"),
]


def test_every_command_of_the_contract_has_one_line() -> None:
    assert sorted(COMMANDS) == sorted(CONTRACT)
    assert all(summary and "\n" not in summary and "|" not in summary for summary in COMMANDS.values())


def test_the_welcome_says_how_to_see_the_demo_and_fits_a_terminal() -> None:
    lines = welcome("1.2.3").splitlines()
    assert lines[0].startswith("riskguard 1.2.3: ")
    assert "  riskguard demo" in lines
    assert max(map(len, lines)) <= 100
    assert all(any(line.startswith(f"  {name} ") for line in lines) for name in CONTRACT)


def test_commands_that_do_not_exist_yet_can_be_left_out() -> None:
    said = welcome(names=["demo", "run"])
    assert "  adopt " not in said
    assert "  run " in said
    assert command_table(["run"]).count("\n") == 3


def test_exit_codes_are_those_of_the_contract() -> None:
    assert sorted(EXIT_CODES) == [0, 1, 2, 3, 4, 5, 10]
    assert "| 10 | " in exit_code_table()
