"""Several reads in one question, with a server that speaks the real protocol and fails as such servers fail; and as people meet it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import Settings, World, open_world
from bot.nl.model import Sent
from bot.usecases.answers import Explained, Stopped
from skills.core.proposal import Origin
from tests.integration.model.test_model_in_use import ROOT, configured, run
from tests.support.agents import Listening
from tests.support.models import Aimock, aimock
from tests.support.shell import PROGRAM
from tests.support.terminal import Terminal

READS, ANSWERS = "You read requests", "You answer questions"
STAGING = {"name": "status", "arguments": {"service": "checkout", "environment": "staging"}}
PRODUCTION = {"name": "status", "arguments": {"service": "checkout", "environment": "production"}}
HISTORY = {"name": "history", "arguments": {"service": "checkout"}}
BOTH = {"toolCalls": [STAGING, PRODUCTION]}
WORDS = "Both run **v41** in staging and production. See [this](https://evil.example) or ask <!channel>."
CLEAN = "Both run v41 in staging and production. See (this) or ask ."


def asked(word: str) -> str:
    return f"compare checkout in staging and production because {word}"


def answering(word: str, response: dict[str, Any], **more: Any) -> dict[str, Any]:
    match = {"userMessage": f"because {word}", "systemMessage": ANSWERS, **more.pop("match", {})}
    return {"match": match, "response": response, **more}


def failing(word: str, status: int) -> dict[str, Any]:
    return answering(word, {"error": {"message": "secret vendor text", "type": "server_error"}, "status": status})


FIXTURES = [
    {"match": {"userMessage": "because one-more", "systemMessage": READS}, "response": BOTH},
    {"match": {"userMessage": "because change", "systemMessage": READS}, "response": {"toolCalls": [STAGING, {"name": "restart", "arguments": {"service": "checkout", "environment": "staging"}}]}},
    {"match": {"userMessage": "because", "systemMessage": READS}, "response": BOTH},
    answering("two", {"content": WORDS}),
    answering("more", {"toolCalls": [HISTORY]}, match={"turnIndex": 1}),
    answering("more", {"content": "It was deployed."}, match={"turnIndex": 2}),
    answering("parallel", {"toolCalls": [HISTORY, {"name": "status", "arguments": {"service": "search"}}, {"name": "pending", "arguments": {}}]}, match={"turnIndex": 1}),
    answering("parallel", {"content": "All of it."}, match={"turnIndex": 2}),
    answering("no-tool", {"toolCalls": [{"name": "deploy", "arguments": {"service": "checkout", "release": "v42"}}, {"name": "approve", "arguments": {"proposal": 1}}]}, match={"turnIndex": 1}),
    answering("no-tool", {"content": "I cannot."}, match={"turnIndex": 2}),
    answering("wrong", {"toolCalls": [{"name": "status", "arguments": '{"service": '}, {"name": "history", "arguments": {"service": "evil.example"}}]}, match={"turnIndex": 1}),
    answering("wrong", {"content": "Sorry."}, match={"turnIndex": 2}),
    answering("endless", {"toolCalls": [HISTORY]}),
    failing("busy", 429),
    failing("broken", 500),
    answering("cut", {"content": "word " * 200}, truncateAfterChunks=2),
    answering("slow", {"content": "word " * 200}, latency=2_000),
    answering("waiting", {"content": "word " * 200}, latency=20_000),
    answering("garbage", {"content": "x"}, chaos={"malformedRate": 1.0}),
    answering("long", {"content": "word " * 20_000}),
]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    with aimock(tmp_path_factory.mktemp("aimock"), FIXTURES) as running:
        yield running


@asynccontextmanager
async def world(server: Aimock, folder: Path, limits: str = "") -> AsyncIterator[tuple[World, list[Sent]]]:
    config = configured(folder / "config", server.url)
    with (config / "organization.yaml").open("a") as file:
        file.write(f"  price_per_million_tokens: {{asked: 1, answered: 1}}\n{limits}")
    heard: list[Sent] = []
    async with open_world(Settings.from_environ({}, config=config, data=folder / "data")) as opened:
        assert opened.model is not None
        opened.model.line.hears.append(heard.append)
        yield opened, heard


async def ask(opened: World, word: str, listening: Listening | None = None) -> Any:
    return await opened.door.request(
        opened.actor("dev"), asked(word), origin=Origin(edge="test"), key=word, audience=listening or Listening()
    )


async def test_two_reads_become_one_answer_with_its_sources(server: Aimock, tmp_path: Path) -> None:
    listening = Listening()
    async with world(server, tmp_path) as (opened, heard):
        answer = await ask(opened, "two", listening)
    assert isinstance(answer, Explained)
    assert answer.text == "I asked status checkout in staging, status checkout in production."
    assert (answer.prose.model, answer.prose.text) == ("gpt-x", CLEAN)
    assert listening.told == CLEAN
    assert [each.report.title for each in answer.sources] == [
        "Status of checkout in staging",
        "Status of checkout in production",
    ]
    assert [(each.purpose, each.outcome) for each in heard] == [("reading", "answered"), ("answering", "answered")]
    assert all(each.tokens_in and each.money for each in heard)


async def test_calls_come_one_after_the_other_and_several_at_once(server: Aimock, tmp_path: Path) -> None:
    async with world(server, tmp_path) as (opened, _):
        more, parallel = await ask(opened, "more"), await ask(opened, "parallel")
    assert [each.asked for each in more.sources] == [
        "status checkout in staging",
        "status checkout in production",
        "history checkout",
    ]
    assert [each.asked for each in parallel.sources[2:]] == ["history checkout", "status search", "pending"]
    assert (more.prose.text, parallel.prose.text) == ("It was deployed.", "All of it.")


async def test_what_is_no_read_is_not_done(server: Aimock, tmp_path: Path) -> None:
    async with world(server, tmp_path) as (opened, _):
        for word, prose in (("no-tool", "I cannot."), ("wrong", "Sorry.")):
            answer = await ask(opened, word)
            assert (answer.prose.text, len(answer.sources)) == (prose, 2)
        change = await ask(opened, "change")
        assert change.kind == "clarify"
        assert await opened.store.open() == ()


@pytest.mark.parametrize(
    ("word", "note"),
    [
        ("endless", "The limit for the model is used up (calls in one request)"),
        ("busy", "The model is over its quota"),
        ("broken", "The model could not be reached (HTTP 500)"),
        ("cut", "The model could not be reached"),
        ("garbage", "The model's answer made no sense"),
        ("long", "The model's answer made no sense (far too long)"),
    ],
)
async def test_trouble_loses_nothing_that_was_read(server: Aimock, tmp_path: Path, word: str, note: str) -> None:
    async with world(server, tmp_path) as (opened, heard):
        answer = await ask(opened, word)
    assert isinstance(answer, Explained)
    assert (answer.prose.text, answer.note) == ("", f"{note}; here is what was read.")
    assert len(answer.sources) >= 2
    assert len(heard) <= 7
    assert "secret vendor text" not in repr((answer, heard))


async def test_a_slow_model_is_not_waited_for(server: Aimock, tmp_path: Path) -> None:
    async with world(server, tmp_path, "  limits: {answering: {seconds: 1}}\n") as (opened, heard):
        answer = await ask(opened, "slow")
    assert (answer.prose.text, answer.note) == ("", "The model took too long; here is what was read.")
    assert heard[-1].outcome == "slow"


async def test_over_the_budget_it_is_not_asked_and_what_was_read_is_given(server: Aimock, tmp_path: Path) -> None:
    async with world(server, tmp_path, "  limits: {answering: {money: 0.0000001}}\n") as (opened, heard):
        answer = await ask(opened, "two")
    assert answer.note == "The limit for the model is used up (money in one request); here is what was read."
    assert len(answer.sources) == 2
    assert [each.purpose for each in heard] == ["reading"]


async def test_stopping_stops_at_once(server: Aimock, tmp_path: Path) -> None:
    listening = Listening()
    async with world(server, tmp_path) as (opened, heard):
        asking = asyncio.create_task(ask(opened, "waiting", listening))
        async with asyncio.timeout(10):
            while "thinking about what was read" not in listening.phrases:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        listening.stop.set()
        assert isinstance(await asyncio.wait_for(asking, 10), Stopped)
        assert heard[-1].outcome == "stopped"
        assert (await ask(opened, "two")).prose.text == CLEAN


def test_the_command_line_shows_it_and_what_was_sent(server: Aimock, tmp_path: Path) -> None:
    config, data = configured(tmp_path / "config", server.url), tmp_path / "data"
    as_json = json.loads(run(config, data, "ask", "--as", "dev", "--json", asked("two")).stdout)
    assert (as_json["kind"], as_json["prose"]) == ("explained", {"model": "gpt-x", "text": CLEAN})
    assert [each["asked"] for each in as_json["sources"]] == [
        "status checkout in staging",
        "status checkout in production",
    ]
    plain = run(config, data, "ask", "--as", "dev", "--plain", f"{asked('two')} password=hunter2").stdout
    assert plain.index("Status of checkout in staging") < plain.index(
        "In the words of gpt-x, which nobody has checked:\nBoth run v41"
    )
    kept = run(config, data, "model", "last").stdout
    assert "gpt-x  for dev: reading, answered with status, status" in kept
    assert "gpt-x  for dev: answering, answered  (" in kept
    assert "  status: <report>" in kept
    assert "hunter2" not in kept


def test_a_conversation_shows_what_is_done_and_ctrl_c_stops_the_answer_and_nothing_else(
    server: Aimock, tmp_path: Path
) -> None:
    config = configured(tmp_path / "config", server.url)
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    words = ("--config", str(config), "--data", str(tmp_path / "data"), "chat", "--as", "dev")
    with Terminal(PROGRAM, *words, environ=environ) as terminal:
        terminal.wait_for("dev ›")
        terminal.say(asked("waiting"))
        terminal.wait_for("… asking status checkout in staging (Ctrl-C stops)")
        terminal.wait_for("… thinking about what was read")
        terminal.press("\x03")
        terminal.wait_for("⏹ Stopped, as you asked. Nothing was changed.")
        terminal.say(asked("two"))
        terminal.wait_for("+- In the words of gpt-x, which nobody has checked")
        terminal.wait_for("dev ›", after="which nobody has checked")
        terminal.press("\x04")
        assert terminal.ended() == 0
