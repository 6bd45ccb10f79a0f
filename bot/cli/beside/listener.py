"""Answering the command lines of a data folder, for as long as this process is the one that runs what is approved there."""

import asyncio
import io
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from bot.cli import through
from bot.cli.asking import Progress, request, show
from bot.cli.beside import wire
from bot.cli.mishap import answer_to, told
from bot.cli.screen import Screen, terminal
from bot.usecases.card import Card
from skills.core.errors import Anticipated

if TYPE_CHECKING:
    from bot.bootstrap import World

LOOK_SECONDS = 0.2
GREETING_SECONDS = 5.0
MOST_AT_ONCE = 32
"""Whoever comes when so many are being answered does it by itself."""

Say = Callable[[dict[str, Any]], None]

log = structlog.get_logger()


@asynccontextmanager
async def answering(world: "World", fingerprint: str) -> AsyncIterator[None]:
    """Meanwhile this process answers command lines, from the moment that it holds the engine lock of the folder; not on PostgreSQL.

    `fingerprint` is `wire.world_of` from before the configuration was read. Whoever is being answered at the end is left without an answer,
    and asks again by itself. The engine must not be stopped before this has ended: the lock is what says whose the socket's file is.
    """
    if world.database.url_kind != "sqlite":
        yield
        return
    listening = asyncio.create_task(Listener(world, fingerprint).listen())
    try:
        yield
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


class Listener:
    """Answers on one world's socket."""

    def __init__(self, world: "World", fingerprint: str) -> None:
        self._world = world
        self._fingerprint = fingerprint
        self._answering: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Until cancelled. Where there can be no socket, that is logged, and command lines do without."""
        while self._world.engine is None:  # noqa: ASYNC110 - another process may hold its lock for hours, or may end now
            await asyncio.sleep(LOOK_SECONDS)
        folder = self._world.settings.data.resolve()
        try:
            with wire.address(folder) as address:
                listening = _bound(address)
        except OSError as problem:
            log.warning("command lines are not answered", problem=problem.strerror)
            return
        server = await asyncio.start_unix_server(self._connection, sock=listening, limit=wire.LONGEST)
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            (folder / wire.FILE).unlink(missing_ok=True)
            for task in self._answering:
                task.cancel()
            await asyncio.gather(*self._answering, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            asked = await asyncio.wait_for(self._greeted(reader, writer), GREETING_SECONDS)
            if asked:
                await self._answered(asked, reader, writer)
        except (OSError, ValueError, TypeError, KeyError, TimeoutError):
            pass  # not one of ours, or gone: nothing was asked, or somebody else does it
        except Exception:
            log.exception("a command line was not answered")
        finally:
            self._answering.discard(task)
            writer.close()

    async def _greeted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> wire.Asked | None:
        """What is asked, by somebody who may, of this release and in this world."""
        if wire.peer(writer.get_extra_info("socket")) not in (None, os.geteuid(), 0):
            return None
        hello = wire.heard(await reader.readline())
        known = (hello["countersign"], hello["world"]) == (wire.PROTOCOL, self._fingerprint)
        if not known or len(self._answering) > MOST_AT_ONCE:
            writer.write(wire.line({"no": "busy" if known else "not of one world"}))
            await writer.drain()
            return None
        writer.write(wire.line({"welcome": True}))
        return wire.Asked.from_json(wire.heard(await reader.readline())["ask"])

    async def _answered(self, asked: wire.Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(what: dict[str, Any]) -> None:
            writer.write(wire.line(what))

        answer = asyncio.create_task(self._answer(asked, say))
        beating = asyncio.create_task(_beating(say))
        gone = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                say({"end": answer.result()})
                await writer.drain()
        finally:
            for task in (answer, beating, gone):
                task.cancel()
            await asyncio.gather(answer, beating, gone, return_exceptions=True)

    async def _answer(self, asked: wire.Asked, say: Say) -> dict[str, Any]:
        """The exit code, and what is shown, after whatever was set going has come to its end or the person has waited long enough."""
        try:
            answer = await request(self._world, asked.person, asked.text, key=asked.key)
            if through.runs(answer):
                say({"runs": True})
                if asked.wait > 0:
                    answer = await through.see_through(self._world, answer, seconds=asked.wait, tell=_ticker(say))
        except Anticipated as problem:
            refused = answer_to(problem)
            out, err = told(refused, as_json=asked.json)
            return {"exit": int(refused.exit), "out": out, "err": err}
        papers = io.StringIO(), io.StringIO()
        out_screen, err_screen = (
            self._screen(asked, look, paper) for look, paper in zip((asked.out, asked.err), papers, strict=True)
        )
        show(answer, as_json=asked.json, out=out_screen, err=err_screen)
        out, err = (paper.getvalue() for paper in papers)
        return {"exit": int(through.exit_of(answer)), "out": out, "err": err}

    def _screen(self, asked: wire.Asked, look: wire.Look, paper: io.StringIO) -> Screen:
        """Lays things out on `paper` as the stream of whoever asked would show them."""
        console = (
            None if look.plain else terminal(paper, width=look.width, encoding=look.encoding, environ=asked.environ)
        )
        return Screen(plain=look.plain, clock=self._world.clock, stream=paper, console=console)


def _bound(address: str) -> socket.socket:
    """A listening socket for this user only. What a process that died left there is in the way, and nobody's: the engine lock is ours."""
    path = Path(address)
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(listening.fileno(), 0o600)  # before it has a name: there is no moment in which others may connect
        listening.bind(address)
        path.chmod(0o600)
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def _ticker(say: Say) -> Callable[[Card], None]:
    progress = Progress()

    def tell(card: Card) -> None:
        for line in progress(card):
            say({"progress": line})

    return tell


async def _beating(say: Say) -> None:
    while True:
        await asyncio.sleep(wire.STILL_SECONDS)
        say({"still": True})
