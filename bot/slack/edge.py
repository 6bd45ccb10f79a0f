"""The Slack edge, put together: one Bolt app, an inbox worker, a projector, and how well they are."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import structlog
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Route

from bot.charts.drawing import FONTS, Pictures
from bot.configuration import Configuration
from bot.slack.app import bolt_app, http_route
from bot.slack.boards import SlackBoards
from bot.slack.client import Slack
from bot.slack.deliveries import STOPPED
from bot.slack.desk import Desk
from bot.slack.feedback import Feedback
from bot.slack.gate import Gate
from bot.slack.illustrations import Illustrations
from bot.slack.ingest import Identity, Ingest
from bot.slack.listeners import deal
from bot.slack.notices import Notices
from bot.slack.offers import Offers
from bot.slack.outbox import Outbox
from bot.slack.pace import Pace
from bot.slack.people import People
from bot.slack.projector import Projector
from bot.slack.rooms import SlackRooms
from bot.slack.stopping import Stops
from bot.slack.streaming import Streams
from bot.slack.thinking import Delays, Thinking
from bot.slack.threads import Threads
from bot.slack.worker import Worker
from bot.store import Delivery, Store
from bot.usecases.door import Door
from skills.core.catalog import Catalog
from skills.core.errors import Anticipated, BadInput

log = structlog.get_logger()

SLACK_API = "https://slack.com/api/"
_TIMEOUT_SECONDS = 10
_LOOK_SECONDS = 0.02


class World(Protocol):
    """What the edge needs of the composition root."""

    @property
    def configuration(self) -> Configuration: ...
    @property
    def catalog(self) -> Catalog: ...
    @property
    def store(self) -> Store: ...
    @property
    def door(self) -> Door: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...
    @property
    def executor(self) -> str: ...


class Meter(Protocol):
    """What counts deliveries and calls."""

    def acknowledged(self, seconds: float) -> None: ...

    def delivery(self, outcome: str) -> None: ...

    def slack_call(self, method: str, status: str) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Tempo:
    """How long things are waited for, in seconds: `between` two updates of a card, before a card that could not be shown is tried `again`,
    for another process's half-sent message (`patience`), between two pings of the socket, and after Slack did not accept us (`learn_again`);
    `delays` are those of what is shown while an answer is made.
    """

    between: float = 1.2
    again: float = 5.0
    patience: float = 15.0
    ping: float = 10.0
    learn_again: float = 5.0
    delays: Delays = field(default=Delays())


class SlackEdge:
    """Takes deliveries, has them dealt with, and keeps cards up to date. Raises `BadInput` where a token is missing.

    Without `dates`, times are written in UTC, for a server that does not show each reader their own.
    """

    def __init__(
        self,
        world: World,
        *,
        metrics: Meter | None = None,
        dates: bool = True,
        tempo: Tempo = Tempo(),
    ) -> None:
        slack = world.configuration.slack
        self._mode = slack.mode
        self._app_token = _secret(slack.app_token, "SLACK_APP_TOKEN") if slack.mode == "socket" else ""
        self._tempo = tempo
        self._configured_team = slack.team
        self._identity = Identity(team=slack.team)
        web = AsyncWebClient(
            token=_secret(slack.bot_token, "SLACK_BOT_TOKEN"),
            base_url=slack.api_url or SLACK_API,
            timeout=_TIMEOUT_SECONDS,
            retry_handlers=[],
        )
        self._slack = Slack(web, pace=Pace(now=time.monotonic), metrics=metrics, dates=dates)
        outbox = Outbox(self._slack, world.store.messages, now=time.monotonic, patience=tempo.patience)
        self.rooms = SlackRooms(self._slack, world.store.messages, world.catalog)
        self.boards = SlackBoards(self._slack, outbox, world.store, world.catalog, world.clock)
        self._projector = Projector(
            world.store,
            world.catalog,
            outbox,
            breakable=world.door.breakable,
            between=tempo.between,
            again=tempo.again,
        )
        telling = partial(Notices, world.store, world.catalog, outbox, slack.channels, clock=world.clock)
        self._notices, self._urgent_notices = telling(), telling(urgent=True, between=0.0)
        self._desk = Desk(
            door=world.door,
            store=world.store,
            slack=self._slack,
            outbox=outbox,
            people=People(world.catalog, self._slack, lambda: self._identity.team),
            projector=self._projector,
            threads=Threads(world.store, world.clock),
            feedback=Feedback(world.store, world.clock),
            offers=Offers(world.door, world.store, world.clock),
            illustrations=Illustrations(Pictures(world.configuration.data / FONTS), outbox),
            thinking=self._thinking(world, outbox),
            clock=world.clock,
        )
        self._worker = Worker(world.store.inbox, self._deal, executor=world.executor, clock=world.clock, urgent=STOPPED)
        ingest = Ingest(world.store.inbox, self._identity, stored=self._worker.wake, metrics=metrics)
        self._app = bolt_app(web, ingest)
        self._gate = (
            Gate(_secret(slack.signing_secret, "SLACK_SIGNING_SECRET"), world.clock) if slack.mode == "http" else None
        )
        self._socket: AsyncSocketModeHandler | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._problem = "not started"

    def routes(self) -> Sequence[Route]:
        """Where Slack delivers; nothing in socket mode."""
        return (http_route(self._app, self._gate),) if self._gate else ()

    async def start(self) -> None:
        """Begin to take deliveries. Returns at once; where Slack is out of reach it goes on trying, and `health` says so."""
        self._problem = "Slack has not answered yet."
        begun = {
            "introduction": self._introduce(),
            "worker": self._worker.run(),
            "projector": self._projector.run(),
            "notices": self._notices.run(),
            "urgent notices": self._urgent_notices.run(),
        }
        self._tasks = [asyncio.create_task(work, name=name) for name, work in begun.items()]
        for task in self._tasks:
            task.add_done_callback(self._ended)

    async def stop(self, grace: float) -> None:
        """Take no more, and finish what was begun within `grace` seconds. What is left is taken up by the next process."""
        self._problem = "stopping"
        if self._socket:
            with suppress(Exception):  # whatever the SDK meets while it hangs up, we are leaving
                await self._socket.client.close()  # type: ignore[no-untyped-call]  # the SDK annotates none of it
            self._socket = None
        await asyncio.gather(self._worker.stop(grace), self._projector.stop(grace))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def connected(self) -> None:
        """Returns when `health` is good."""
        while not self.health()["ok"]:  # noqa: ASYNC110 - the SDK's socket has no event to wait for
            await asyncio.sleep(_LOOK_SECONDS)

    def health(self) -> Mapping[str, object]:
        """`ok`, and one sentence that explains it."""
        problem = self._problem or self._silence()
        return {"ok": not problem, "text": problem or f"connected to workspace {self._identity.team} by {self._mode}"}

    def _thinking(self, world: World, outbox: Outbox) -> Thinking:
        model = world.configuration.model
        name = model.name if model else "A language model"
        streams = Streams(self._slack, outbox, now=time.monotonic, model=name)
        return Thinking(self._slack, outbox, Stops(world.store, world.clock), streams, delays=self._tempo.delays)

    async def _deal(self, delivery: Delivery) -> None:
        await deal(self._desk, delivery)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A part that ends by an exception is a bug; readiness says so, so that this process is replaced."""
        if not task.cancelled() and (bug := task.exception()):
            log.error("bug", part=task.get_name(), exc_info=bug)
            self._problem = f"The {task.get_name()} stopped because of a bug; see the log."

    async def _introduce(self) -> None:
        """Ask Slack who we are, until it says; then let it in."""
        while self._problem:
            try:
                self._learn(await self._slack.auth_test())
            except Anticipated as problem:
                self._problem = str(problem)
                log.warning("slack does not know us yet", problem=self._problem)
                await asyncio.sleep(self._tempo.learn_again)
        if self._mode == "socket":
            await self._connect()

    def _learn(self, told: Mapping[str, Any]) -> None:
        team = str(told.get("team_id", ""))
        if self._configured_team and team != self._configured_team:
            raise BadInput(
                f"The bot token belongs to workspace {team}, and organization.yaml says {self._configured_team}."
            )
        self._identity.team = team
        self._identity.app = str(told.get("app_id") or "")
        self._identity.bot_user = str(told.get("user_id") or "")
        self._desk.bot_name = str(told.get("user") or self._desk.bot_name)
        self._problem = ""
        log.info("slack knows us", team=team, mode=self._mode)

    async def _connect(self) -> None:
        self._socket = AsyncSocketModeHandler(self._app, self._app_token, ping_interval=self._tempo.ping)
        await self._socket.client.connect()  # type: ignore[no-untyped-call]  # the SDK annotates none of it

    def _silence(self) -> str:
        """Why no delivery can come by socket right now, or ""."""
        if self._mode != "socket":
            return ""
        client = self._socket.client if self._socket else None
        session = getattr(client, "current_session", None)
        if client is None or session is None or session.closed or client.closed or client.stale:
            return "The socket to Slack is not open; it is being opened again."
        return ""


def _secret(value: SecretStr | None, name: str) -> str:
    if value is None:
        raise BadInput(f"Slack needs {name}.", hint="Set it in the environment.")
    return value.get_secret_value()
