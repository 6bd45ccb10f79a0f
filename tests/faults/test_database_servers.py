"""A real PostgreSQL that restarts under load, and one whose last transactions are lost in a fail-over."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bot.usecases.answers import Answer, Decided, Proposed, Refused
from skills.core.errors import Unavailable, Unclear
from skills.core.names import ProposalId
from skills.core.proposal import Status
from tests.support.servers import PostgresServer, Stop, postgres_server
from tests.support.serving import Serving
from tests.support.shell import Shell
from tests.support.worlds import Office, open_office

CHANGES, WRITERS, RESTARTS = 6, 4, 3
_TRIES = 200


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.mark.parametrize("how", ["fast", "immediate"])
async def test_a_server_that_restarts_again_and_again_under_load_loses_and_doubles_nothing(
    tmp_path: Path, server: PostgresServer, how: Stop
) -> None:
    async with open_office(tmp_path, environ={"COUNTERSIGN_DATABASE_URL": server.url}) as office:
        restarting = asyncio.create_task(_restarts(server, how))
        async with _load(office) as delivered:
            number = 0
            while number < CHANGES or not restarting.done():
                number += 1
                await _one_change(office, number)
        await restarting
        assert len(office.cluster.effects) == number
        for each in range(1, number + 1):
            verbs = await office.verbs(each)
            assert verbs.count("proposal:created") == verbs.count("proposal:approved") == 1
            assert verbs.count("effect:intended") == verbs.count("run:succeeded") == 1
        # Each writer may have had one under way at the end, which was stored and not told any more.
        assert 0 < len(delivered) <= await office.world.store.inbox.depth() <= len(delivered) + WRITERS
        verified = await office.world.store.audit.verify()
        assert verified.ok, verified.problem


async def _restarts(server: PostgresServer, how: Stop) -> None:
    for _ in range(RESTARTS):
        await asyncio.sleep(0.5)
        await asyncio.to_thread(server.restart, how)


async def _one_change(office: Office, number: int) -> None:
    service = ("checkout", "web")[number % 2]
    proposed = await _answered(office, "dev", f"restart {service} in production", f"ask {number}")
    assert isinstance(proposed, Proposed)
    # Where the answer got lost, the same word under the same key may meet what it has brought about.
    decided = await _answered(office, "sre", f"approve {number}", f"approve {number}")
    assert isinstance(decided, Decided | Refused)
    runner = office.runner(executor=f"runner-{number}")
    for _ in range(_TRIES):
        with contextlib.suppress(Unavailable, Unclear):
            if not await runner.advance(ProposalId(number)):
                break
        await asyncio.sleep(0.05)
    while True:
        with contextlib.suppress(Unavailable):
            assert (await office.proposal(number)).status is Status.SUCCEEDED
            return
        await asyncio.sleep(0.05)


async def _answered(office: Office, who: str, words: str, key: str) -> Answer:
    for _ in range(_TRIES):
        answer = await office.say(who, words, key=key)
        if answer.kind != "error":
            return answer
        assert "PostgreSQL database" in answer.text
        await asyncio.sleep(0.05)
    raise AssertionError(answer.text)


@contextlib.asynccontextmanager
async def _load(office: Office) -> AsyncIterator[list[str]]:
    """Deliveries from several sides meanwhile; those that were stored, as their senders were told."""
    stored: list[str] = []

    async def deliver(writer: int) -> None:
        number = 0
        while True:
            key = f"{writer}:{number}"
            with contextlib.suppress(Unavailable):
                await office.world.store.inbox.put(key, "event", {"text": key})
                stored.append(key)
                number += 1
            await asyncio.sleep(0.02)

    writers = [asyncio.create_task(deliver(writer)) for writer in range(WRITERS)]
    try:
        yield stored
    finally:
        for writer in writers:
            writer.cancel()
        await asyncio.gather(*writers, return_exceptions=True)


def test_a_fail_over_to_a_standby_that_lacks_the_last_transactions_means_safe_mode(
    tmp_path: Path, bytecode: Path, server: PostgresServer
) -> None:
    shell = Shell(tmp_path / "data", bytecode=bytecode, COUNTERSIGN_DATABASE_URL=server.url)
    with contextlib.closing(Serving(shell)) as serving:
        serving.wait_for("ready")
        assert shell.ask("dev", "deploy checkout v42 to production").code == 0
        standby = server.copied("standby")
        assert shell.ask("dev", "deploy web v42 to production").code == 0
        _until_remembered(shell, 2)
        server.stop("immediate")
        standby.port = server.port
        standby.start()
        standby.promote()
        told = serving.wait_for("safe mode")
        assert told["problem"].startswith("it counts 1 entries, and 2 were there before.")
        refused = shell.ask("dev", "deploy search v42 to production")
        assert (refused.code, refused.json["text"][:22]) == (4, "I am in safe mode and ")
        assert shell.ask("dev", "status").code == 0


def test_a_fail_over_that_lost_nothing_is_nobodys_business(
    tmp_path: Path, bytecode: Path, server: PostgresServer
) -> None:
    shell = Shell(tmp_path / "data", bytecode=bytecode, COUNTERSIGN_DATABASE_URL=server.url)
    with contextlib.closing(Serving(shell)) as serving:
        serving.wait_for("ready")
        standby = server.copied("standby")
        standby.start()
        assert shell.ask("dev", "deploy checkout v42 to production").code == 0
        _until(lambda: standby.follows(1))
        server.stop("immediate")
        standby.stop("fast")
        standby.port = server.port
        standby.start()
        standby.promote()
        assert shell.ask("sre", "approve 1").json["proposal"]["status"] == "succeeded"
        assert [line for line in serving.lines if line["event"] == "safe mode"] == []
        assert shell("audit", "verify").code == 0


def _until_remembered(shell: Shell, size: int) -> None:
    file = shell.data / "audit-head.json"
    _until(lambda: file.exists() and json.loads(file.read_text())["size"] >= size)


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)
