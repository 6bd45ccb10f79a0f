"""Language models for tests: one that says what it is told to, and a server that nobody here wrote."""

import asyncio
import itertools
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.nl.embedded import EmbeddedInterpreter
from bot.nl.model import Ask, Breaker, Call, Chat, Limiter, Limits, ModelInterpreter, Price, Prompts, Reply, Trouble
from bot.nl.model.langchain_chat import LangChainChat, connect
from bot.nl.model.line import Line
from tests.support import words
from tests.support.peers import need
from tests.support.ports import free_port

PROGRAM = Path(__file__).parents[1] / "peers" / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


class Scripted:
    """A `Chat` that gives these answers in turn, the last one for ever, and remembers what it was asked."""

    def __init__(self, *answers: Reply | Trouble | Callable[[], Any]) -> None:
        self._answers = itertools.chain(answers[:-1], itertools.repeat(answers[-1]))
        self.asks: list[Ask] = []

    async def reply(self, ask: Ask, *, most_tokens: int) -> Reply:
        self.asks.append(ask)
        answer = next(self._answers)
        if isinstance(answer, Trouble):
            raise answer
        if isinstance(answer, Reply):
            return answer
        return await answer()  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Nothing to let go of."""


def calling(*calls: tuple[str, Mapping[str, Any] | None], **counted: int) -> Reply:
    """A reply that names skills with arguments."""
    return Reply(calls=tuple(Call(name=name, arguments=arguments) for name, arguments in calls), **counted)


class Seconds:
    """A clock of seconds, and one of dates that goes with it; both stand still until somebody waits."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return self.passed

    def date(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)


def interpreter(
    chat: Chat,
    *,
    limits: Limits | None = None,
    price: Price | None = None,
    seconds: float = 4.5,
    time: Seconds | None = None,
) -> ModelInterpreter:
    """A model interpreter over the demo's names and the real skills, described."""
    time = time or Seconds()
    price = price or Price()
    skills, catalog = words.skills(), words.catalog()
    line = Line(
        chat,
        name="a model",
        limiter=Limiter(limits or Limits(), price, clock=time.date),
        breaker=Breaker(failures=3, pause=30, clock=time),
        seconds=seconds,
        clock=time.date,
        sleep=time.sleep,
        chance=lambda: 0.5,
    )
    return ModelInterpreter(
        embedded=EmbeddedInterpreter(skills, catalog, clock=time.date),
        line=line,
        prompts=Prompts(),
        skills=skills,
        catalog=catalog,
        clock=time.date,
    )


class Aimock:
    """The server. Its fixtures say what it answers to which words."""

    def __init__(self, url: str) -> None:
        self.url = url

    def chat(self, *, seconds: float = 4.5) -> LangChainChat:
        return LangChainChat(
            connect("gpt-x", base_url=f"{self.url}/v1", key="k", seconds=seconds, answer_tokens=400, temperature=0.0)
        )


@contextmanager
def aimock(folder: Path, fixtures: Sequence[Mapping[str, Any]]) -> Iterator[Aimock]:
    """Start it with these fixtures, the first that matches counts; stop it on leaving."""
    need("aimock", PROGRAM.exists() and shutil.which("node") is not None, "run “make peers” (it needs npm)")
    (folder / "fixtures.json").write_text(json.dumps({"fixtures": list(fixtures)}))
    port = free_port()
    command = ["node", str(PROGRAM), "-p", str(port), "-f", str(folder / "fixtures.json"), "--log-level", "warn"]
    with (folder / "aimock.log").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            _wait_for(port, until=time.monotonic() + 20)
            yield Aimock(f"http://127.0.0.1:{port}")
        finally:
            process.kill()
            process.wait()


def _wait_for(port: int, *, until: float) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until, "aimock did not start"
            time.sleep(0.05)
        else:
            return
