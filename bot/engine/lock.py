"""One of a kind in one data folder: a file lock that the kernel gives back when its process dies, however it dies."""

import fcntl
import os
from pathlib import Path
from typing import IO


class EngineLock:
    """An exclusive lock on `<data>/engine.lock`: who holds it runs what is approved. Not re-entrant."""

    name = "engine.lock"

    def __init__(self, folder: Path) -> None:
        self._path = folder / self.name
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free; tells whether it was."""
        opened = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii")
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            opened.close()
            return False
        opened.seek(0)
        opened.truncate()
        opened.write(f"{os.getpid()}\n")
        opened.flush()
        self._file = opened
        return True

    def holder(self) -> int | None:
        """The process id that last took the lock, for a sentence that names it."""
        try:
            return int(self._path.read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            return None

    def release(self) -> None:
        """Give it back; harmless when it is not held."""
        if self._file:
            self._file.close()
            self._file = None


class ServingLock(EngineLock):
    """The same on `<data>/serving.lock`: who holds it is the bot. What people leave running may be the engine meanwhile."""

    name = "serving.lock"
