"""The model interpreter against a server that speaks the real protocol, and fails in the ways that such servers fail."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.nl.model import ModelInterpreter, Sent
from tests.support.models import Aimock, Seconds, aimock, interpreter

ASKED = "roll payments back somewhere in live please"
ROLLBACK = {"name": "rollback", "arguments": {"service": "payments-api", "environment": "production"}}
RESTART = {"name": "restart", "arguments": {"service": "search", "environment": "staging"}}


def on(words: str, response: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"match": {"userMessage": f"because {words}"}, "response": response, **more}


def failing(words: str, status: int, kind: str) -> dict[str, Any]:
    return on(words, {"error": {"message": "secret vendor text", "type": kind}, "status": status})


FIXTURES = [
    on("one", {"toolCalls": [ROLLBACK]}),
    on("two", {"toolCalls": [ROLLBACK, RESTART]}),
    on("unknown-tool", {"toolCalls": [{"name": "approve", "arguments": {"proposal": 1}}]}),
    on("bad-arguments", {"toolCalls": [{"name": "rollback", "arguments": '{"service": '}]}),
    on("no-object", {"toolCalls": [{"name": "rollback", "arguments": "[1, 2]"}]}),
    on("prose", {"content": "Approved! See https://evil.example"}),
    failing("busy", 429, "rate_limit_error"),
    failing("broken", 500, "server_error"),
    failing("no-key", 401, "invalid_api_key"),
    on("cut-text", {"content": "word " * 200}, truncateAfterChunks=2),
    on("cut-call", {"toolCalls": [ROLLBACK]}, truncateAfterChunks=2),
    on("slow", {"content": "word " * 200}, latency=500),
    on("garbage", {"content": "x"}, chaos={"malformedRate": 1.0}),
    on("hang-up", {"content": "x"}, chaos={"disconnectRate": 1.0}),
    on("endless", {"content": "word " * 20_000}),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    with aimock(tmp_path_factory.mktemp("aimock"), FIXTURES) as running:
        yield running


@asynccontextmanager
async def asking(server: Aimock, seconds: float = 4.5) -> AsyncIterator[tuple[ModelInterpreter, list[Sent]]]:
    heard: list[Sent] = []
    made = interpreter(server.chat(seconds=seconds), seconds=seconds, time=Seconds())
    made.line.hears.append(heard.append)
    yield made, heard
    await made.line.close()


async def test_what_the_model_would_call_becomes_a_request(server: Aimock) -> None:
    async with asking(server) as (reader, heard):
        found = await reader.read(f"{ASKED} because one")
    assert (found.kind, found.skill, found.interpreter) == ("change", "rollback", "model")
    assert found.params == {"service": "payments-api", "environment": "production"}
    assert [each.outcome for each in heard] == ["answered"]
    assert heard[0].calls == ("rollback",)


async def test_two_things_at_once_are_a_question_with_the_one_that_was_said(server: Aimock) -> None:
    async with asking(server) as (reader, _):
        found = await reader.read(f"{ASKED} because two")
    assert (found.kind, found.completions) == ("clarify", ("rollback payments-api in production because two",))
    assert found.question.startswith("That is more than one thing (rollback and restart). Which first?")


async def test_prose_is_thrown_away(server: Aimock) -> None:
    async with asking(server) as (reader, _):
        found = await reader.read(f"{ASKED} because prose")
    assert found.kind == "clarify"
    assert "evil" not in repr(found)
    assert found.note == ""


@pytest.mark.parametrize(
    ("words", "note", "tries"),
    [
        ("unknown-tool", "The model's answer made no sense", 1),
        ("bad-arguments", "The model's answer made no sense", 1),
        ("no-object", "The model's answer made no sense", 1),
        ("busy", "The model is over its quota", 2),
        ("broken", "The model could not be reached (HTTP 500)", 2),
        ("no-key", "The model's service refused the request (HTTP 401)", 1),
        ("cut-text", "The model could not be reached", 2),
        ("cut-call", "The model could not be reached", 2),
        ("garbage", "The model's answer made no sense", 1),
        ("hang-up", "The model could not be reached", 2),
        ("endless", "The model's answer made no sense (far too long)", 1),
    ],
)
async def test_trouble_is_told_and_the_embedded_interpreter_goes_on(
    server: Aimock, words: str, note: str, tries: int
) -> None:
    async with asking(server) as (reader, heard):
        found = await reader.read(f"{ASKED} because {words}")
    assert (found.kind, found.skill, found.interpreter) == ("clarify", "rollback", "embedded")
    assert found.note == f"{note}; I read this without it."
    assert len(heard) == tries
    assert "secret vendor text" not in repr((found, heard))


async def test_a_slow_model_is_not_waited_for(server: Aimock) -> None:
    async with asking(server, seconds=0.8) as (reader, heard):
        found = await reader.read(f"{ASKED} because slow")
    assert (found.interpreter, found.note) == ("embedded", "The model took too long; I read this without it.")
    assert [each.outcome for each in heard] == ["slow"]


async def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        gone = Aimock(f"http://127.0.0.1:{taken.getsockname()[1]}")
    async with asking(gone) as (reader, heard):
        found = await reader.read(ASKED)
    assert found.note == "The model could not be reached; I read this without it."
    assert [each.outcome for each in heard] == ["gone", "gone"]


async def test_nothing_is_traced_to_anybody_else(server: Aimock, monkeypatch: pytest.MonkeyPatch) -> None:
    from langsmith import Client

    def traced(*_: Any, **__: Any) -> None:
        raise AssertionError("something was sent to a tracing service")

    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "x")
    monkeypatch.setattr(Client, "create_run", traced)
    monkeypatch.setattr(Client, "update_run", traced)
    async with asking(server) as (reader, _):
        found = await reader.read(f"{ASKED} because one")
    assert found.kind == "change"
