"""Handing a request to the process that runs beside this one, and showing what it answers."""

import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, NoReturn, TextIO

from bot.cli.beside import wire
from bot.cli.plainly import reads_plainly

if TYPE_CHECKING:
    from bot.settings import Settings

GREETING_SECONDS = 1.0
SILENCE_SECONDS = 10.0
"""How long nothing may be heard before the other process counts as gone. Paused is as good as gone."""

GOES_ON = "\nThe change goes on without this terminal. “countersign ask --as PERSON pending” says how far it is."


def look(stream: TextIO, *, plain: bool) -> wire.Look:
    """How this stream shows things; plainly where that is wanted, too."""
    return wire.Look(
        plain=plain or reads_plainly(stream),
        width=shutil.get_terminal_size().columns,
        encoding=stream.encoding or "utf-8",
    )


def hand_over(asked: wire.Asked, settings: "Settings") -> int | None:
    """The exit code, once the answer is on the screen; None where nobody answered, and asking under the same key again is safe and needed.

    Raises `KeyboardInterrupt` when it is stopped; a change that runs goes on then.
    """
    with _stoppable():
        try:
            with _connected(settings) as (said, connection):
                connection.sendall(wire.line({"ask": asked.to_json()}))
                end = _end(said)
        except (OSError, ValueError):
            return None
        return _show(end)


@contextmanager
def _connected(settings: "Settings") -> Iterator[tuple[IO[bytes], socket.socket]]:
    """A process that runs, of this release and of this world. Raises `OSError` or `ValueError` where there is none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(GREETING_SECONDS)
        with wire.address(settings.data) as address:
            connection.connect(address)
        # Whoever owns the folder could answer by changing the database just as well.
        if wire.peer(connection) not in (None, os.geteuid(), settings.data.stat().st_uid):
            raise ValueError("somebody else listens")
        with connection.makefile("rb") as said:
            connection.sendall(wire.line({"countersign": wire.PROTOCOL, "world": wire.world_of(settings)}))
            if not wire.heard(said.readline(wire.LONGEST)).get("welcome"):
                raise ValueError("not of one world")
            connection.settimeout(SILENCE_SECONDS)
            yield said, connection


def _end(said: IO[bytes]) -> dict[str, Any]:
    """The answer, after everything that was said before it."""
    runs = False
    try:
        while True:
            heard = wire.heard(said.readline())
            runs = bool(heard.get("runs", runs))
            if "progress" in heard and sys.stderr.isatty():
                print(heard["progress"], file=sys.stderr, flush=True)
            if "end" in heard:
                return dict(heard["end"])
    except KeyboardInterrupt:
        if runs:
            print(GOES_ON, file=sys.stderr)
        raise


def _show(end: Mapping[str, Any]) -> int:
    print(end["err"], end="", file=sys.stderr, flush=True)
    print(end["out"], end="", flush=True)
    return int(end["exit"])


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM and a closed terminal stop this as Ctrl-C does, which does so also where whoever started this had it ignored."""

    def stop(_number: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt

    before = {}
    with suppress(ValueError):  # not in the main thread, where no signals arrive
        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
