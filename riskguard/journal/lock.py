"""One journal has one guard: a lock that ends with its process, however that ends."""

import fcntl
import os
from pathlib import Path

from riskguard.ports import JournalUnavailable


class JournalLocked(JournalUnavailable):
    """Another guard holds this journal."""

    def __init__(self, path: Path, pid: int | None) -> None:
        self.pid = pid
        holder = f"process {pid}" if pid else "another process"
        super().__init__(f"{path.name} is in use by {holder}")


class JournalLock:
    """Holds `<journal>.lock`; the file stays behind, because removing it would let two guards in."""

    def __init__(self, journal: Path) -> None:
        """Take the lock or raise `JournalLocked`; `JournalUnavailable` where no file can be made."""
        path = journal.with_name(journal.name + ".lock")
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise JournalUnavailable(f"{path.name}: {error.strerror}") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = _holder(self._fd)
            os.close(self._fd)
            raise JournalLocked(journal, pid) from error
        os.truncate(self._fd, 0)
        os.pwrite(self._fd, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let the next guard in."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _holder(fd: int) -> int | None:
    text = os.pread(fd, 32, 0).decode(errors="replace").strip()
    return int(text) if text.isdigit() else None
