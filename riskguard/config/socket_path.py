"""Where the guard's control socket lies: beside the journal, or in a private directory when that is too far.

A Unix socket's path must fit into 108 bytes with its closing zero (sun_path, unix(7)).
"""

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

_PATH_BYTES_MAX = 107


class SocketDirectoryUnsafe(Exception):  # noqa: N818 - named for the state it reports
    """The private directory belongs to someone else or is open to others."""


def socket_path(journal: Path, environ: Mapping[str, str] | None = None) -> Path:
    """Give the socket that a guard with this journal opens."""
    return socket_places(journal, environ)[0]


def find_socket(journal: Path, environ: Mapping[str, str] | None = None) -> Path | None:
    """Find the socket of a running guard, also when it was started from another kind of session."""
    return next((place for place in socket_places(journal, environ) if place.is_socket()), None)


def socket_places(journal: Path, environ: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Give every place where the socket may lie, the first choice first."""
    real = journal.parent.resolve() / journal.name
    beside = real.with_name(f"{real.name}.sock")
    if _fits(beside):
        return (beside,)
    name = f"{hashlib.sha256(os.fsencode(real)).hexdigest()[:24]}.sock"
    runtime = (os.environ if environ is None else environ).get("XDG_RUNTIME_DIR", "")
    # A service and a login shell of one user may see different runtime directories.
    homes = ([Path(runtime)] if Path(runtime).is_absolute() else []) + [Path(f"/run/user/{os.getuid()}")]
    places = [home / "riskguard" / name for home in homes if home.is_dir()]
    places.append(Path(f"/tmp/riskguard-{os.getuid()}") / name)  # noqa: S108 - made 0700 and its owner checked
    return tuple(dict.fromkeys(place for place in places if _fits(place)))


def make_private_directory(directory: Path) -> None:
    """Make a directory that only we can enter; raises `SocketDirectoryUnsafe` where it is not ours."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise SocketDirectoryUnsafe(f"{directory} must be a directory of yours with mode 0700")


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= _PATH_BYTES_MAX
