"""Anchors: signed heads elsewhere. One that is down or full is told; one that holds another history means safe mode."""

import asyncio
import base64
import errno
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import text

from bot.audit.anchoring import Anchoring
from bot.audit.anchors import Anchor, FileAnchor, Witness
from bot.audit.checkpoint import signature_line
from bot.audit.remembered import Remembered
from bot.audit.verify_audit import Key, consistent, read_checkpoint
from bot.store import Database, SafeMode, Store
from tests.support.audit import ORIGIN, a_keeper, a_private_key, a_public_key, another_history, note

WITNESS = Key("witness.example/w1", a_private_key(9).public_key().public_bytes_raw(), None, 4)


class WitnessServer:
    """A witness by the letter of the protocol. `known` is what it signed last."""

    def __init__(self) -> None:
        self.known: tuple[int, bytes] = (0, b"")
        self.answers: list[int] = []
        self.signs_with = 9
        self.url = ""

    async def add_checkpoint(self, request: web.Request) -> web.Response:
        answer = self._answer((await request.read()).decode())
        self.answers.append(answer.status)
        return answer

    def _answer(self, body: str) -> web.Response:
        above, _, signed = body.partition("\n\n")
        first, *proof = above.split("\n")
        old = int(first.removeprefix("old "))
        checkpoint = read_checkpoint(signed)
        if checkpoint.origin != ORIGIN:
            return web.Response(status=404)
        checkpoint.signer([a_public_key()])
        if old != self.known[0]:
            return web.Response(status=409, text=f"{self.known[0]}\n", content_type="text/x.tlog.size")
        if old == checkpoint.size and self.known[1] != checkpoint.root:
            return web.Response(status=409)
        if not consistent(
            old, self.known[1], checkpoint.size, checkpoint.root, [base64.b64decode(each) for each in proof]
        ):
            return web.Response(status=422)
        self.known = (checkpoint.size, checkpoint.root)
        time = 1_700_000_000
        cosigned = f"cosignature/v1\ntime {time}\n{checkpoint.text}".encode()
        signature = time.to_bytes(8, "big") + a_private_key(self.signs_with).sign(cosigned)
        return web.Response(text=signature_line(WITNESS, signature))


@pytest.fixture
async def server() -> AsyncIterator[WitnessServer]:
    """A witness on a free port."""
    server = WitnessServer()
    app = web.Application()
    app.router.add_post("/add-checkpoint", server.add_checkpoint)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


def anchoring(store: Store, folder: Path, *anchors: Anchor) -> Anchoring:
    return Anchoring(store=store, anchors=anchors, remembered=Remembered(folder / "head.json", origin=ORIGIN))


async def sign(store: Store, folder: Path, count: int, *, first: int = 1) -> None:
    await note(store, count, first=first)
    await a_keeper(store, folder).sign()


async def go_another_way(store: Store, database: Database, folder: Path, count: int) -> None:
    """The database, what is remembered of it and its checkpoints are replaced by another history: only anchors can tell."""
    async with database.writing() as connection:
        await connection.execute(text("DELETE FROM audit_checkpoints"))
    await another_history(database, count)
    (folder / "head.json").unlink()
    await a_keeper(store, folder).sign()


async def test_a_file_gets_every_signed_head_once(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "anchor"
    anchors = anchoring(store, tmp_path, FileAnchor(path))
    await anchors.publish()
    assert not path.exists()
    for first in (1, 3):
        await sign(store, tmp_path, 2, first=first)
        await anchors.publish()
        await anchors.publish()
    await anchoring(store, tmp_path, FileAnchor(path)).publish()
    assert [read_checkpoint(json.loads(line)["note"]).size for line in path.read_text().splitlines()] == [2, 4]
    assert anchors.trouble == {}


@pytest.mark.parametrize("count", [2, 3, 9])
async def test_a_file_that_holds_another_history_means_safe_mode_until_it_is_acknowledged(
    store: Store, database: Database, tmp_path: Path, count: int
) -> None:
    path = tmp_path / "anchor"
    await sign(store, tmp_path, 3)
    await anchoring(store, tmp_path, FileAnchor(path)).publish()
    await go_another_way(store, database, tmp_path, count)
    anchors = anchoring(store, tmp_path, FileAnchor(path))
    await anchors.publish()
    problem = (
        f"he file {path} holds another history of 3 entries, and the log of {count} entries does not continue that."
    )
    assert list(anchors.trouble.values()) == [f"T{problem}"]
    with pytest.raises(SafeMode, match="another history"):
        await note(store)
    keeper = a_keeper(store, tmp_path)
    await keeper.acknowledge("lead", "moved to another cluster")
    await sign(store, tmp_path, 1)
    await anchors.publish()
    await sign(store, tmp_path, 1)
    await anchors.publish()
    assert anchors.trouble == {}
    assert await store.alarms.open() == []
    assert len(path.read_text().splitlines()) == 3


async def test_a_file_that_cannot_be_written_or_read_is_told_and_no_alarm(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign(store, tmp_path, 1)
    (tmp_path / "spoiled").write_text("nonsense\n")
    full, spoiled = FileAnchor(tmp_path / "full"), FileAnchor(tmp_path / "spoiled")
    anchors = anchoring(store, tmp_path, full, spoiled)

    def no_space(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("bot.audit.anchors.os.fsync", no_space)
        await anchors.publish()
    assert anchors.trouble == {
        full.name: f"The {full.name} cannot be written: no space left on device.",
        spoiled.name: f"The {spoiled.name} ends in something that is no checkpoint. Keep it, and name another file.",
    }
    assert await store.alarms.open() == []


async def test_a_witness_signs_what_continues_and_its_signature_is_kept(
    store: Store, tmp_path: Path, server: WitnessServer
) -> None:
    anchors = anchoring(store, tmp_path, Witness(server.url, WITNESS))
    for first in (1, 4):
        await sign(store, tmp_path, 3, first=first)
        await anchors.publish()
        last = await store.checkpoints.latest()
        assert last is not None
        assert read_checkpoint(last.note).cosigned([WITNESS]) == ["witness.example/w1"]
        assert read_checkpoint(last.note).signer([a_public_key()]) == a_public_key()
    # A process that starts anew does not know how far the witness is; it is told.
    await sign(store, tmp_path, 3, first=7)
    again = anchoring(store, tmp_path, Witness(server.url, WITNESS))
    await again.publish()
    assert (anchors.trouble, again.trouble) == ({}, {})
    assert server.answers == [200, 200, 409, 200]


@pytest.mark.parametrize("count", [2, 3, 9])
async def test_a_witness_of_another_history_means_safe_mode(
    store: Store, database: Database, tmp_path: Path, server: WitnessServer, count: int
) -> None:
    await sign(store, tmp_path, 3)
    await anchoring(store, tmp_path, Witness(server.url, WITNESS)).publish()
    await go_another_way(store, database, tmp_path, count)
    anchors = anchoring(store, tmp_path, Witness(server.url, WITNESS))
    await anchors.publish()
    problem = f"the witness witness.example/w1 holds another history of 3 entries, and the log of {count} entries does not continue that."
    assert [alarm.problem for alarm in await store.alarms.open()] == [problem]
    await a_keeper(store, tmp_path).acknowledge("lead", "a new cluster")
    await anchors.publish()
    assert await store.alarms.open() == []
    assert anchors.trouble["witness witness.example/w1"].endswith(" That was acknowledged.")


async def test_a_witness_that_is_down_does_not_know_us_or_signs_with_another_key_is_told(
    store: Store, tmp_path: Path, server: WitnessServer
) -> None:
    await sign(store, tmp_path, 1)
    down = anchoring(store, tmp_path, Witness("http://127.0.0.1:1", WITNESS))
    await down.publish()
    assert list(down.trouble.values()) == [
        "The witness witness.example/w1 did not answer. Check that its URL can be reached from here."
    ]
    elsewhere = anchoring(store, tmp_path, Witness(f"{server.url}/nowhere", WITNESS))
    await elsewhere.publish()
    assert list(elsewhere.trouble.values()) == [
        "The witness witness.example/w1 answered 404. It has to be told of this log (audit.origin in organization.yaml)."
    ]
    server.signs_with = 8
    other = anchoring(store, tmp_path, Witness(server.url, WITNESS))
    await other.publish()
    assert next(iter(other.trouble.values())).startswith("The witness witness.example/w1 did not sign with its key.")
    assert await store.alarms.open() == []


async def test_a_running_watch_publishes_and_one_anchor_that_hangs_holds_up_no_other(
    store: Store, tmp_path: Path
) -> None:
    class Hangs(FileAnchor):
        async def publish(self, *_: object, **__: object) -> str:
            await asyncio.Event().wait()
            raise AssertionError

    path = tmp_path / "anchor"
    await sign(store, tmp_path, 1)
    running = asyncio.create_task(anchoring(store, tmp_path, Hangs(tmp_path / "hangs"), FileAnchor(path)).run())
    async with asyncio.timeout(10):
        while not path.exists():
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
