"""Where the control socket of a journal lies: beside it where the path is short enough, else in /tmp."""

import hashlib
import os
import stat
from pathlib import Path

LONGEST = 107
"""Bytes that a Unix socket's path may have on Linux, without the closing zero (unix(7))."""


def socket_path(journal: Path) -> Path:
    """Give the control socket's path; the same for guard and client, whatever their environment."""
    journal = journal.resolve()
    beside = journal.parent / ".riskguard" / f"{journal.name}.sock"
    if len(os.fsencode(beside)) <= LONGEST:
        return beside
    digest = hashlib.sha256(os.fsencode(journal)).hexdigest()[:24]
    return Path(f"/tmp/riskguard-{os.getuid()}") / f"{digest}.sock"  # noqa: S108 - made private below


def make_private_folder(folder: Path) -> None:
    """Make the socket's folder, open to nobody else; raises `PermissionError` where somebody else owns it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)
