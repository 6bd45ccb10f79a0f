"""What two processes of one data folder say to each other: JSON, a line each, over a socket in that folder.

    → {"countersign": 1, "world": …}                         the protocol, and the world it is asked in
    ← {"welcome": true}                                      or {"no": "why"}: the command line does it by itself
    → {"ask": …}                                             `Asked`
    ← {"still": true}                                        every two seconds: silence means that nobody is there any more
    ← {"runs": true}, {"progress": "…"}                      a change goes on; how far it is
    ← {"end": {"exit": 0, "out": "…", "err": "…"}}

Imports next to nothing, because the command line that uses it is done in a tenth of a second.
"""

import hashlib
import json
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.settings import Settings

PROTOCOL = 1
FILE = "countersign.sock"
STILL_SECONDS = 2.0
"""Between two signs of life."""

LONGEST = 1024 * 1024
"""Bytes of a line. Nobody types that much, and the door refuses it."""

_TERMINAL = ("COLORTERM", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR", "TERM", "TTY_COMPATIBLE")
_DATABASE = ("COUNTERSIGN_DATABASE_URL", "COUNTERSIGN_DATABASE_URL_FILE")
_CODE = Path(__file__).resolve().parents[3]
_ROOMS = ("bot", "skills", "integrations", "prompts")
_ADDRESS_BYTES = 100
"""What fits into a socket's address everywhere."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a stream of the command line shows things: plainly or on a terminal of that many columns."""

    plain: bool
    width: int
    encoding: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as typed. `environ` is what a terminal's looks depend on; `wait` is in seconds; `key` makes asking again harmless."""

    person: str
    text: str
    key: str
    wait: float
    json: bool
    out: Look
    err: Look
    environ: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Asked":
        """Raises `TypeError` for what is not exactly one."""
        return cls(**{**given, "out": Look(**given["out"]), "err": Look(**given["err"])})


def of_a_terminal(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that colours and widths depend on."""
    return {name: environ[name] for name in _TERMINAL if name in environ}


def world_of(settings: "Settings") -> str:
    """A fingerprint of all that decides what is answered, and by whom: the code, the configuration's files and the database.

    Whoever runs has read the files some time ago; where one was written since, the two are not of one world. Raises `OSError`.
    """
    told = hashlib.sha256()
    for name in _DATABASE:
        told.update(f"{name}={settings.environ.get(name, '')}\n".encode("utf-8", "surrogateescape"))
    for folder in (settings.config.resolve(), *(_CODE / name for name in _ROOMS)):
        for file in sorted(_files(os.fspath(folder))):
            told.update(file)
    return told.hexdigest()


def _files(folder: str) -> Iterator[bytes]:
    """Each file below with what changes when it is written."""
    for entry in os.scandir(folder):
        if not entry.is_dir():
            seen = entry.stat()
            yield os.fsencode(entry.path) + f"\0{seen.st_ino}:{seen.st_size}:{seen.st_mtime_ns}\n".encode()
        elif entry.name != "__pycache__":
            yield from _files(entry.path)


@contextmanager
def address(folder: Path) -> Iterator[str]:
    """The socket's address while this is open. A path that is too long for one is reached through the folder, where the system lets us.

    Raises `OSError` where the folder is not there or its path is too long.
    """
    path = os.fspath(folder / FILE)
    if len(os.fsencode(path)) <= _ADDRESS_BYTES:
        yield path
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}/{FILE}"
    finally:
        os.close(opened)


def peer(connection: socket.socket) -> int | None:
    """The user id of the process at the other end; None where the system does not tell, and only the file's mode says who may."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None
    _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i")))
    return int(uid)


def line(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said).encode() + b"\n"


def heard(said: bytes) -> dict[str, Any]:
    """One whole line. Raises `ValueError` for anything else, an end in the middle included."""
    if not said.endswith(b"\n"):
        raise ValueError("the other end has gone")
    found = json.loads(said)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - for whoever reads the line it is one mistake, like any other
    return found
