"""The world's state in one JSON file that several processes share.

A writer holds an exclusive lock on a file beside it, reads what is there, and puts a whole new file in its place, synced to disk; so a
process killed at any point leaves the old state or the new one. Readers take no lock.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from integrations.memory.state import FORMAT, World
from skills.core.errors import Unavailable

T = TypeVar("T")
_Stamp = tuple[int, int, int]


class StateFile:
    """Keeps one `World`. With no path it is kept in this process alone. `seed` makes the world that is there to begin with."""

    def __init__(self, path: Path | None, *, seed: Callable[[], World]) -> None:
        self._path = path
        self._seed = seed
        self._within = threading.Lock()
        self._stamp: _Stamp | None = None
        self._bytes = b""
        self._world: World | None = None

    @property
    def shared(self) -> bool:
        """Is it on disk, so that writing takes time?"""
        return self._path is not None

    def read(self) -> World:
        """The present state, not to be modified. Costs one `stat` while nothing changed. Raises `Unavailable` for a file it cannot read."""
        with self._within:
            world = self._fresh()
        return world if world is not None else self.change(lambda seeded: seeded)

    def change(self, edit: Callable[[World], T]) -> T:
        """Let `edit` modify the present state, and keep the outcome; if it raises, nothing is kept. Atomic among processes and threads."""
        with self._within, self._alone():
            world = self._copy() or self._seed()
            result = edit(world)
            self._keep(world)
        return result

    def _copy(self) -> World | None:
        return World.model_validate_json(self._bytes) if self._fresh() is not None else None

    def _fresh(self) -> World | None:
        """The state as it now is, read again only if the file is another; None if there is none yet."""
        if self._path is None:
            return self._world
        try:
            stamp = _stamp_of(self._path)
            if stamp != self._stamp:
                self._bytes = self._path.read_bytes()
                self._world, self._stamp = _parsed(self._path, self._bytes), stamp
        except FileNotFoundError:
            self._world = self._stamp = None
        except OSError as error:
            raise _unreadable(self._path, error) from error
        return self._world

    def _keep(self, world: World) -> None:
        content = world.model_dump_json().encode()
        if self._path is not None:
            try:
                _replace(self._path, content)
                self._stamp = _stamp_of(self._path)
            except OSError as error:
                raise _unreadable(self._path, error) from error
        self._bytes, self._world = content, world

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock among processes."""
        if self._path is None:
            yield
            return
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(_beside(self._path, ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _unreadable(self._path, error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _replace(path: Path, content: bytes) -> None:
    """Put a whole new file in the place of the old one, such that a crash leaves one or the other. Call it with the lock held."""
    draft = _beside(path, ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _parsed(path: Path, content: bytes) -> World:
    try:
        world = World.model_validate_json(content)
    except ValidationError as error:
        raise _corrupt(path) from error
    if world.format != FORMAT:
        raise _corrupt(path)
    return world


def _stamp_of(path: Path) -> _Stamp:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _corrupt(path: Path) -> Unavailable:
    return Unavailable(
        f"The state of the simulated cluster in {path} is damaged or of another version.",
        hint="Delete that file to start the embedded world afresh.",
    )


def _unreadable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(f"The state of the simulated cluster in {path} cannot be used: {error.strerror}.")
