"""Every place that keeps signed heads: a file, a witness, a bucket, a channel. Each is the real protocol on loopback, and held to the same."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.audit.anchoring import Anchoring
from bot.audit.anchors import Anchor, Different, FileAnchor, NotYet, Witness
from bot.audit.channel_anchor import ChannelAnchor
from bot.audit.object_anchor import ObjectAnchor
from bot.audit.remembered import Remembered
from bot.audit.verify_audit import read_checkpoint
from bot.store import Database, SafeMode, Store
from integrations.s3 import LockedBucket
from integrations.slack_channel import SlackChannel
from skills.core.errors import Unavailable
from skills.core.names import Organization
from tests.integration.audit.test_anchors import WITNESS, WitnessServer, go_another_way, sign
from tests.support.audit import ORIGIN, Elapsed, note
from tests.support.slack import BOT_TOKEN, GENERAL, SRE, LocalSlack, local_slack
from tests.support.slack_strict import StrictSlack, strict_slack

HOUR = timedelta(hours=1)


@dataclass(kw_only=True)
class Place:
    """A kind of anchor. `anchor` is what a new process makes of it; `fails` has it be down; `held` are the sizes it has, oldest first.

    `forgives` says whether it keeps another history beside the one that it has, once a person acknowledged that.
    """

    anchor: Callable[[], Anchor]
    fails: Callable[[], Awaitable[None]]
    held: Callable[[], Awaitable[list[int]]]
    forgives: bool = True


@asynccontextmanager
async def a_file(folder: Path) -> AsyncIterator[Place]:
    path = folder / "anchor"

    async def fails() -> None:
        path.unlink(missing_ok=True)
        path.mkdir(parents=True)

    async def held() -> list[int]:
        import json

        return [read_checkpoint(json.loads(line)["note"]).size for line in path.read_text().splitlines()]

    yield Place(anchor=lambda: FileAnchor(path), fails=fails, held=held)


@asynccontextmanager
async def a_witness(folder: Path) -> AsyncIterator[Place]:
    from aiohttp import web

    server = WitnessServer()
    app = web.Application()
    app.router.add_post("/add-checkpoint", server.add_checkpoint)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url, seen = f"http://127.0.0.1:{runner.addresses[0][1]}", list[int]()

    async def held() -> list[int]:
        return sorted({*seen, *([server.known[0]] if server.known[0] else [])})

    class Noting(Witness):
        async def publish(self, *given: object, **more: object) -> str:
            kept: str = await super().publish(*given, **more)  # type: ignore[arg-type]
            seen.append(server.known[0])
            return kept

    yield Place(anchor=lambda: Noting(url, WITNESS), fails=runner.cleanup, held=held, forgives=False)
    await runner.cleanup()


@asynccontextmanager
async def a_bucket(folder: Path) -> AsyncIterator[Place]:
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    name = folder.parent.name.replace("_", "-").lower().strip("-")[:40] + "-heads"
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)

    def anchor() -> Anchor:
        bucket = LockedBucket(
            name, mode="compliance", days=400, clock=lambda: datetime.now(UTC), endpoint=endpoint, region="us-east-1"
        )
        return ObjectAnchor(bucket, prefix="heads/")

    async def held() -> list[int]:
        listed = client.list_objects_v2(Bucket=name).get("Contents", [])
        return sorted(int(each["Key"].split("-")[1]) for each in listed)

    async def fails() -> None:
        await asyncio.to_thread(server.stop)

    yield Place(anchor=anchor, fails=fails, held=held)
    client.close()
    await asyncio.to_thread(server.stop)


@asynccontextmanager
async def a_channel(folder: Path) -> AsyncIterator[Place]:
    async with local_slack(folder / "slack") as slack, strict_slack(slack.url) as strict:

        async def fails() -> None:
            strict.faults.down = True

        async def held() -> list[int]:
            said = [each["text"] for each in await slack.from_bot(GENERAL)]
            return sorted(int(text.split("```")[1].split("\n")[2]) for text in said if "```" in text)

        def anchor() -> Anchor:
            return ChannelAnchor(_channel(strict), every=timedelta(0))

        yield Place(anchor=anchor, fails=fails, held=held)
        assert strict.broken == []


KINDS = {"file": a_file, "witness": a_witness, "bucket": a_bucket, "channel": a_channel}


@pytest.fixture(params=KINDS)
async def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    async with KINDS[request.param](tmp_path / "place") as place:
        yield place


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(f"sqlite:///{tmp_path / 'store.sqlite'}", clock=lambda: datetime.now(UTC))
    yield database
    await database.close()


@pytest.fixture
def store(database: Database) -> Store:
    return database.store(Organization("acme"))


async def publish(store: Store, anchor: Anchor, *, whatever: bool = False) -> str:
    last = await store.checkpoints.latest()
    assert last is not None
    return await anchor.publish(last.note, read_checkpoint(last.note), store.tree, whatever=whatever)


async def test_it_keeps_every_head_once_over_restarts(place: Place, store: Store, tmp_path: Path) -> None:
    for first in (1, 3):
        await sign(store, tmp_path, 2, first=first)
        for _ in range(2):
            kept = read_checkpoint(await publish(store, place.anchor()))
        assert kept.size == first + 1
    assert await place.held() == [2, 4]


@pytest.mark.parametrize("count", [2, 3, 9])
async def test_another_history_is_told_whatever_its_size(
    place: Place, store: Store, database: Database, tmp_path: Path, count: int
) -> None:
    await sign(store, tmp_path, 3)
    await publish(store, place.anchor())
    await go_another_way(store, database, tmp_path, count)
    with pytest.raises(Different) as different:
        await publish(store, place.anchor())
    assert different.value.size == 3
    if place.forgives:
        await publish(store, place.anchor(), whatever=True)
        assert sorted(await place.held()) == sorted([3, count])
        await publish(store, place.anchor(), whatever=True)


async def test_one_that_is_down_is_a_sentence_with_its_name(place: Place, store: Store, tmp_path: Path) -> None:
    await sign(store, tmp_path, 1)
    await place.fails()
    anchor = place.anchor()
    with pytest.raises(Unavailable) as down:
        await publish(store, anchor)
    assert anchor.name in str(down.value)


# What only a channel has.


def _channel(strict: StrictSlack, channel: str = GENERAL, token: str = BOT_TOKEN) -> SlackChannel:
    return SlackChannel(channel, token=token, api_url=f"http://127.0.0.1:{strict.port}/api")


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[tuple[LocalSlack, StrictSlack]]:
    async with local_slack(tmp_path / "slack") as slack, strict_slack(slack.url) as strict:
        yield slack, strict
        assert strict.broken == []


async def test_a_person_reads_in_the_channel_what_to_compare(
    slack: tuple[LocalSlack, StrictSlack], store: Store, tmp_path: Path
) -> None:
    await sign(store, tmp_path, 2)
    await publish(store, ChannelAnchor(_channel(slack[1]), every=HOUR))
    size, root = await store.audit.head()
    (message,) = await slack[0].from_bot(GENERAL)
    words, quoted = (block["text"]["text"] for block in message["blocks"])
    assert words == (
        f"The audit log {ORIGIN} has 2 entries. A log that does not begin with them was changed; to compare: "
        f"countersign audit verify --expect {size}:{root}"
    )
    last = await store.checkpoints.latest()
    assert last is not None
    assert quoted == f"```\n{last.note}```"


async def test_however_fast_the_log_grows_one_message_comes_at_a_time_and_the_last_head_in_the_end(
    slack: tuple[LocalSlack, StrictSlack], store: Store, tmp_path: Path
) -> None:
    elapsed = Elapsed()
    anchor = ChannelAnchor(_channel(slack[1]), every=HOUR, elapsed=elapsed)
    remembered = Remembered(tmp_path / "head.json", origin=ORIGIN)
    anchors = Anchoring(store=store, anchors=[anchor], remembered=remembered, elapsed=elapsed)
    for first in range(1, 10, 3):
        await sign(store, tmp_path, 3, first=first)
        await anchors.publish()
    assert len(await slack[0].from_bot(GENERAL)) == 1
    with pytest.raises(NotYet):
        await publish(store, anchor)
    assert anchors.trouble == {}
    elapsed.seconds += HOUR.total_seconds()
    await anchors.publish()
    said = [each["text"] for each in await slack[0].from_bot(GENERAL)]
    assert [text.split(" has ")[1].split(" entries")[0] for text in said] == ["3", "9"]


async def test_another_history_in_the_channel_means_safe_mode_and_what_others_write_there_does_not(
    slack: tuple[LocalSlack, StrictSlack], store: Store, database: Database, tmp_path: Path
) -> None:
    remembered = Remembered(tmp_path / "head.json", origin=ORIGIN)
    await sign(store, tmp_path, 3)

    def anchors() -> Anchoring:
        return Anchoring(store=store, anchors=[ChannelAnchor(_channel(slack[1]), every=HOUR)], remembered=remembered)

    last = await store.checkpoints.latest()
    assert last is not None
    await slack[0].say(SRE, f"```\n{last.note.replace('3', '9999', 1)}```")
    await anchors().publish()
    assert not await store.alarms.open()
    await go_another_way(store, database, tmp_path, 5)
    later = anchors()
    await later.publish()
    assert later.trouble[f"Slack channel {GENERAL}"].startswith(
        f"The Slack channel {GENERAL} holds another history of 3 entries, and the log of 5 entries does not continue that."
    )
    with pytest.raises(SafeMode):
        await note(store)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("not_in_channel", "says not_in_channel to conversations.history. Invite it: /invite in that channel."),
        ("ratelimited", "says ratelimited to conversations.history. It is tried again."),
        ("missing_scope", "says missing_scope to conversations.history. It needs chat:write, and channels:history or groups:history."),
    ],
)  # fmt: skip
async def test_what_slack_refuses_is_a_sentence_that_says_what_to_do(
    slack: tuple[LocalSlack, StrictSlack], store: Store, tmp_path: Path, error: str, expected: str
) -> None:
    await sign(store, tmp_path, 1)
    slack[1].faults.errors["conversations.history"] = error
    with pytest.raises(Unavailable) as refused:
        await publish(store, ChannelAnchor(_channel(slack[1]), every=HOUR))
    assert str(refused.value) == f"The Slack channel {GENERAL} {expected}"


async def test_an_answer_that_got_lost_posts_nothing_twice(
    slack: tuple[LocalSlack, StrictSlack], store: Store, tmp_path: Path
) -> None:
    await sign(store, tmp_path, 1)
    slack[1].faults.lost["chat.postMessage"] = 1
    anchor = ChannelAnchor(_channel(slack[1]), every=HOUR)
    with pytest.raises(Unavailable, match="did not answer"):
        await publish(store, anchor)
    await publish(store, anchor)
    assert len(await slack[0].from_bot(GENERAL)) == 1


async def test_without_a_token_it_says_so(store: Store, tmp_path: Path) -> None:
    await sign(store, tmp_path, 1)
    with pytest.raises(Unavailable, match=r"there is no token\. Set SLACK_BOT_TOKEN\."):
        await publish(store, ChannelAnchor(SlackChannel(GENERAL, token=""), every=HOUR))
