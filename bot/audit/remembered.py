"""The last head that was seen, kept outside the database: what a database restored from an old copy is compared with."""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skills.core.errors import Unavailable

Known = tuple[int, str]
"""What an alarm is known by: a size, and a root in hexadecimal or what stands for it."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """So many entries, and the Merkle root over them in hexadecimal."""

    size: int
    root: str


class Unreadable(Exception):
    """The file is there, and is not what was written."""


class Remembered:
    """A file that several processes share. Writing is atomic."""

    def __init__(self, path: Path, *, origin: str) -> None:
        self.path = path
        self._origin = origin

    def read(self) -> Head | None:
        """What was written last; None if nothing ever was. Raises `Unreadable`, and `Unavailable` for a disk that does not answer."""
        found = self._read()
        return found[0] if found else None

    def forgiven(self) -> list[Known]:
        """What a person acknowledged that the log does not continue. Raises as `read` does."""
        found = self._read()
        return found[1] if found else []

    def _read(self) -> tuple[Head, list[Known]] | None:
        try:
            said = json.loads(self.path.read_text(encoding="utf-8"))
            head = Head(size=int(said["size"]), root=str(said["root"]))
            forgiven = [(int(size), str(root)) for size, root in said["forgiven"]]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._out_of_reach(error) from error
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable from error
        if said["origin"] != self._origin:
            raise Unreadable
        return head, forgiven

    def grow(self, head: Head) -> None:
        """Remember `head`, unless a greater one was remembered meanwhile."""
        with self._alone():
            before = self._read()
            if before is None or before[0].size < head.size:
                self._write(head, before[1] if before else [])

    def replace(self, head: Head, forgiven: Sequence[Known]) -> None:
        """Remember `head`, whatever was there, and that it does not continue what is `forgiven`: a person said so."""
        with self._alone():
            try:
                before = self.forgiven()
            except Unreadable:
                before = []
            self._write(head, sorted({*before, *forgiven}))

    def _write(self, head: Head, forgiven: Sequence[Known]) -> None:
        said = {"origin": self._origin, "size": head.size, "root": head.root, "forgiven": forgiven}
        text = json.dumps(said) + "\n"
        new = self.path.with_name(f"{self.path.name}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Holds a lock on a file beside it. Raises `Unavailable`."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)
        except OSError as error:
            raise self._out_of_reach(error) from error

    def _out_of_reach(self, error: OSError) -> Unavailable:
        return Unavailable(
            f"The remembered head of the audit log in {self.path} is out of reach: {(error.strerror or '').lower()}.",
            hint="Check the disk and the permissions.",
        )
