"""Where the socket lies and where strategies are looked for."""

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskguard.config import (
    SocketDirectoryUnsafe,
    StrategySource,
    find_socket,
    make_private_directory,
    socket_path,
    strategy_sources,
)
from riskguard.config.socket_path import socket_places
from riskguard.config.strategy_sources import built_in_directory


def _journal_of_length(directory: Path, length: int) -> Path:
    """Give a journal whose socket beside it has a path of that many bytes."""
    beside = f"{directory.resolve()}/"
    return directory / ("j" * (length - len(beside) - len(".sock")))


def test_the_socket_lies_beside_the_journal_while_its_path_fits() -> None:
    journal = _journal_of_length(Path("/var"), 107)

    assert socket_path(journal) == Path(f"/var/{journal.name}.sock")
    assert len(os.fsencode(socket_path(journal))) == 107


def test_beyond_that_it_lies_in_a_private_directory_under_a_hash() -> None:
    journal = _journal_of_length(Path("/var"), 108)
    found = socket_path(journal, {"XDG_RUNTIME_DIR": "/var"})

    assert found.parent == Path("/var/riskguard")
    assert found != socket_path(journal.with_name("k" * 200), {"XDG_RUNTIME_DIR": "/var"})
    assert all(len(os.fsencode(place)) < 108 for place in socket_places(journal, {}))


def test_sessions_without_a_runtime_directory_find_the_same_socket() -> None:
    journal = _journal_of_length(Path("/var"), 150)
    with_one = socket_places(journal, {"XDG_RUNTIME_DIR": "/var"})
    without = socket_places(journal, {"XDG_RUNTIME_DIR": ""})

    assert with_one[1:] == without
    assert without[-1].parent == Path(f"/tmp/riskguard-{os.getuid()}")  # noqa: S108 - the rule under test


def test_a_journal_named_by_a_link_has_the_same_socket(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    assert socket_path(tmp_path / "link" / "j.db", {}) == socket_path(tmp_path / "real" / "j.db", {})


@pytest.fixture
def short_directory() -> Iterator[Path]:
    """Give a directory whose path leaves room for a socket's name; pytest's own may not."""
    with tempfile.TemporaryDirectory(prefix="rg") as name:
        yield Path(name)


def test_a_running_guard_is_found_by_its_socket(short_directory: Path) -> None:
    journal = short_directory / ("long" * 30) / "j.db"
    environ = {"XDG_RUNTIME_DIR": str(short_directory)}
    place = socket_path(journal, environ)
    assert find_socket(journal, environ) is None
    make_private_directory(place.parent)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))

        assert find_socket(journal, environ) == place


def test_a_private_directory_is_ours_alone(tmp_path: Path) -> None:
    make_private_directory(tmp_path / "a")
    make_private_directory(tmp_path / "a")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700

    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    (tmp_path / "link").symlink_to("a")
    for name in ("open", "link"):
        with pytest.raises(SocketDirectoryUnsafe):
            make_private_directory(tmp_path / name)


def test_a_strategy_named_by_file_is_looked_for_there_only() -> None:
    assert strategy_sources("my/rules.py:my_hedge", Path("/p")) == (
        StrategySource(Path("/p/my/rules.py"), "my_hedge"),
    )


def test_a_strategy_named_by_word_is_looked_for_beside_the_policy_and_then_built_in() -> None:
    assert strategy_sources("hedge", Path("/p")) == (
        StrategySource(Path("/p/strategies/hedge.py"), "hedge"),
        StrategySource(built_in_directory() / "hedge.py", "hedge", built_in=True),
    )
    assert built_in_directory().is_dir()
