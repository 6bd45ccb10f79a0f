"""Core stories as the world outside tells them, and a whole process of the bot that lives through them one thing after the other.

What lasts beside the store (what people still have to say, the wall clock, what stands in Slack) is a file too, so that a copy of the folder
is all that a process killed at that moment would leave.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.slack.client import Slack
from bot.slack.outbox import Outbox, Spot
from bot.slack.pace import Pace
from bot.slack.projector import CURSOR, Projector
from bot.slack.views.answers import simple
from bot.slack.worker import LEASE
from bot.store import Delivery
from bot.usecases.answers import Decided, Proposed
from skills.core.proposal import EffectState, Origin, Proposal, Status
from tests.support.boundaries import CLOCK, SEND, Boundaries
from tests.support.worlds import Office, SlowTime, open_office

CHANNEL = "C02DEPLOYS"
_WHILE = 20.0
"""Seconds between two looks of a process that has nothing to do."""

_ACCOUNTS = {"dev": "U01DEV", "sre": "U02SRE", "lead": "U03LEAD"}


@dataclass(frozen=True, kw_only=True)
class Story:
    """What people say (who, words), or how many minutes nobody says anything; how each proposal ends; how often the cluster is changed."""

    name: str
    script: tuple[tuple[str, str] | float, ...]
    ends: tuple[Status, ...]
    effects: int = 0


_DEPLOY = ("dev", "deploy checkout v42 to production")
STORIES = (
    Story(name="a release that works", script=(_DEPLOY, ("sre", "approve 1")), ends=(Status.SUCCEEDED,), effects=1),
    Story(
        name="a release that goes back",
        script=(("dev", "deploy checkout v43 to production"), ("sre", "approve 1")),
        ends=(Status.FAILED,),
        effects=2,
    ),
    Story(name="rejected", script=(_DEPLOY, ("sre", "reject 1 not during the sale")), ends=(Status.REJECTED,)),
    Story(name="withdrawn", script=(_DEPLOY, ("dev", "cancel 1")), ends=(Status.CANCELLED,)),
    Story(name="expired", script=(_DEPLOY, 16.0, ("sre", "approve 1")), ends=(Status.EXPIRED,)),
    Story(name="denied by policy", script=(("guest", _DEPLOY[1]),), ends=()),
)


class Outside(SlowTime):
    """People, the wall clock and Slack, in a file. It is the clock, and it is what Slack's client calls."""

    base_url = "https://slack.com/api/"

    def __init__(self, folder: Path, boundaries: Boundaries) -> None:
        super().__init__()
        self.boundaries = boundaries
        self.said = 0
        self.messages: list[dict[str, Any]] = []
        self.retry_handlers: list[Any] = []
        self.down_until: datetime | None = None
        self.calls: list[tuple[datetime, str]] = []
        self._path = folder / "outside.json"
        if self._path.exists():
            kept = json.loads(self._path.read_text())
            self.now = datetime.fromisoformat(kept["now"])
            self.said, self.messages = kept["said"], kept["messages"]

    def __call__(self) -> datetime:
        self.boundaries.cross(f"before {CLOCK}")
        now = self.now
        self.boundaries.cross(f"after {CLOCK}")
        return now

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        self.save()

    def monotonic(self) -> float:
        return self.now.timestamp()

    def save(self) -> None:
        """Atomic, as what it stands for is."""
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps({"now": self.now.isoformat(), "said": self.said, "messages": self.messages}))
        beside.replace(self._path)

    async def api_call(self, method: str, **sent: Mapping[str, Any]) -> "Answer":
        """What Slack does, as far as cards need it."""
        (arguments,) = sent.values()
        self.calls.append((self.now, method))
        if self.down_until and self.now < self.down_until:
            raise aiohttp.ServerTimeoutError
        if method in ("conversations.history", "conversations.replies"):
            there = [each for each in self.messages if each["channel"] == arguments["channel"]]
            return Answer({"ok": True, "messages": there})
        self.boundaries.cross(f"before {SEND}")
        message = self._posted(arguments) if method == "chat.postMessage" else self._updated(arguments)
        self.save()
        self.boundaries.cross(f"after {SEND}")
        return Answer({"ok": True, "channel": message["channel"], "ts": message["ts"]})

    def with_key(self, key: str) -> list[dict[str, Any]]:
        """The messages that were posted under this key."""
        return [each for each in self.messages if each["blocks"][0]["block_id"].rpartition("|")[0] == key]

    def _posted(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        message = {"user": "U0BOT", "ts": f"{len(self.messages) + 1}.0", "updates": 0, **arguments}
        self.messages.append(message)
        return message

    def _updated(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        message = next(each for each in self.messages if each["ts"] == arguments["ts"])
        message.update(text=arguments["text"], blocks=arguments["blocks"], updates=message["updates"] + 1)
        return message


@dataclass(frozen=True)
class Answer:
    """As Slack's client returns it."""

    data: dict[str, Any]


class Life:
    """One process of the bot: takes deliveries, decides, runs, sweeps, checks up and shows, until there is nothing left to do or be said."""

    def __init__(self, office: Office, outside: Outside, story: Story, *, executor: str) -> None:
        self._office = office
        self._outside = outside
        self._story = story
        self._executor = executor
        self._runner = office.runner(executor=executor)
        store = office.world.store
        self.outbox = Outbox(slack_of(outside), store.messages, now=outside.monotonic, patience=0.0)
        self._projector = Projector(store, office.world.catalog, self.outbox, sleep=outside.sleep)

    async def __call__(self) -> None:
        await self.settle()
        while self._outside.said < len(self._story.script):
            await self._next(self._story.script[self._outside.said])
            await self.settle()

    async def settle(self) -> None:
        """Do whatever there is to do, and wait for what becomes due."""
        while await self._busy() or await self._awaited():
            await self._outside.sleep(_WHILE)

    async def _next(self, event: tuple[str, str] | float) -> None:
        if isinstance(event, float):
            self._outside.pass_by(minutes=event)
        else:
            who, text = event
            # Slack delivers again until it is acknowledged, which happens when this is committed.
            body = {"who": who, "text": text}
            await self._office.world.store.inbox.put(f"event:{self._outside.said}", "mention", body)
        self._outside.said += 1
        self._outside.save()

    async def _busy(self) -> bool:
        world = self._office.world
        claimed = await world.store.inbox.claim(self._executor, 10, LEASE)
        for delivery in claimed:
            await self._deal(delivery)
        expired = await world.door.sweep()
        ran = 0
        for proposal in await world.store.open():
            while proposal.status is not Status.PENDING and await self._runner.advance(proposal.id):
                ran += 1
        looked = await self._office.check_up(executor=self._executor)
        return bool(claimed or expired or ran or looked) | await self._show()

    async def _deal(self, delivery: Delivery) -> None:
        who, text = str(delivery.body["who"]), str(delivery.body["text"])
        account = _ACCOUNTS.get(who, "")
        place = {"team": "T01TEST", "channel": CHANNEL, "thread": "", "user": account}
        origin = Origin(edge="slack", words=text, place=place)
        world = self._office.world
        answer = await world.door.request(world.actor(who), text, origin=origin, key=delivery.key)
        if not isinstance(answer, Proposed | Decided):
            await self.outbox.post(f"answer:{delivery.key}", Spot(channel=CHANNEL), simple(answer.text))
        await world.store.inbox.done(delivery.key)

    async def _show(self) -> bool:
        store = self._office.world.store
        cursor = await store.cursor(CURSOR)
        changes = await store.changed_since(cursor)
        for _, id in changes:
            await self._projector.show(id)
        if changes:
            await store.set_cursor(CURSOR, changes[-1][0])
        return bool(changes)

    async def _awaited(self) -> bool:
        store = self._office.world.store
        unlooked = [each for each in await store.changes() if each.checkup and not each.checkup.health]
        return bool(unlooked) or await store.inbox.depth() > 0


def slack_of(outside: Outside) -> Slack:
    """The client that the bot uses, calling what stands in for Slack."""
    pace = Pace(now=outside.monotonic, sleep=outside.sleep)
    return Slack(outside, pace=pace, sleep=outside.sleep)  # type: ignore[arg-type]  # stands in for the web client


@asynccontextmanager
async def living(
    folder: Path,
    story: Story,
    *,
    boundaries: Boundaries,
    executor: str = "first",
    environ: dict[str, str] | None = None,
) -> AsyncIterator[tuple[Office, Outside, Life]]:
    """A process on this folder, which has not begun to do anything. Again with the same folder is a restart, a second later."""
    outside = Outside(folder, boundaries)
    outside.pass_by(seconds=1)
    async with open_office(folder, environ=environ, time=outside) as office:
        yield office, outside, Life(office, outside, story, executor=executor)


async def told_once(office: Office, outside: Outside, story: Story) -> None:
    """Asserts everything that has to be true at the end of a story, however often the process died on the way."""
    assert outside.said == len(story.script)
    store = office.world.store
    assert await store.inbox.depth() == 0
    proposals = sorted(await store.proposals(), key=lambda each: each.id)
    assert tuple(each.status for each in proposals) == story.ends
    assert len(office.cluster.effects) == story.effects
    verified = await store.audit.verify()
    assert verified.ok, verified.problem
    entries = await store.audit.entries(limit=10_000)
    assert [entry.seq for entry in entries] == list(range(1, verified.size + 1))
    for proposal in proposals:
        _in_order(proposal, [entry.verb for entry in entries if entry.subject == f"proposal/{proposal.id}"])
        (card,) = outside.with_key(f"card:{proposal.id}")
        assert outside.with_key(f"final:{proposal.id}")[1:] == []
        assert outside.with_key(f"final:{proposal.id}")[0]["text"] == card["text"]
    assert len(outside.messages) == 2 * len(proposals) + _answers(story)


def _answers(story: Story) -> int:
    """Those who cannot have what they ask for are told so, in one message."""
    return int(story.name in ("expired", "denied by policy"))


def _in_order(proposal: Proposal, verbs: list[str]) -> None:
    """At most one effect of each step, none without its intent, no intent without the approval that was consumed."""
    made = [(effect.compensating, effect.index) for effect in proposal.effects]
    assert len(set(made)) == len(made)
    assert all(effect.state in (EffectState.VERIFIED, EffectState.FAILED) for effect in proposal.effects)
    assert verbs[0] == "proposal:created"
    runs = [verb for verb in verbs if verb.startswith("run:")]
    if not proposal.effects:
        assert runs == []
        assert verbs.count(f"proposal:{proposal.status.value}") <= 1
        return
    assert runs == ["run:started", f"run:{proposal.status.value}"]
    assert verbs.index("proposal:approved") < verbs.index("run:started") < verbs.index("effect:intended")
    intents = [number for number, verb in enumerate(verbs) if verb == "effect:intended"]
    applied = [number for number, verb in enumerate(verbs) if verb == "effect:applied"]
    assert len(intents) == len(applied) == len(made)
    assert all(intent < after for intent, after in zip(intents, applied, strict=True))
    assert [verb for verb in verbs if verb.startswith("health:")] == verbs[-1:]
