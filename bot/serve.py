"""The serving process: Slack in, approved proposals run, health and metrics out, and an orderly end.

On the first SIGTERM or SIGINT it says that it is not ready, lets load balancers notice, stops taking from Slack, gives what runs a while,
and ends; what is unfinished then is taken up by the next process. A second signal ends it at once, which loses nothing either.
"""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import Protocol, TypedDict

import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot import logs
from bot.bootstrap import World, open_world
from bot.metrics import Metrics, Snapshot
from bot.nl.model.sent import ANSWERING, READING
from bot.settings import Settings
from bot.sole import sole
from bot.ticking import every, ticker_of
from skills.core.errors import BadInput, Unavailable
from skills.core.proposal import Status

_log = logging.getLogger(__name__)

DRAIN = "COUNTERSIGN_DRAIN_SECONDS"
GRACE = "COUNTERSIGN_GRACE_SECONDS"
_PING_SECONDS = 2.0


class Edge(Protocol):
    """What serving needs of Slack."""

    def routes(self) -> Sequence[BaseRoute]:
        """Where Slack delivers; nothing in socket mode."""

    async def start(self) -> None:
        """Begin to take deliveries."""

    async def stop(self, grace: float) -> None:
        """Take no more, and finish what was begun within `grace` seconds."""

    def health(self) -> Mapping[str, object]:
        """`ok`, and whatever explains it."""


@dataclass(frozen=True, kw_only=True)
class Serving:
    """Where to listen; how long to be unready before stopping (`drain`) and what runs may take to end (`grace`), in seconds."""

    host: str
    port: int
    drain: float = 0.5
    grace: float = 20.0

    @classmethod
    def of(cls, world: World) -> "Serving":
        """From the configuration, COUNTERSIGN_DRAIN_SECONDS and COUNTERSIGN_GRACE_SECONDS. Raises `BadInput`."""
        environ, slack = world.settings.environ, world.configuration.slack
        return cls(
            host=slack.host,
            port=slack.port,
            drain=_seconds(environ, DRAIN, cls.drain),
            grace=_seconds(environ, GRACE, cls.grace),
        )


Beside = Callable[[World], AbstractAsyncContextManager[None]]
"""What else is done while it serves; it is ended before the engine is stopped."""


async def serve(settings: Settings, *, beside: Beside) -> int:
    """Serve until told to stop; returns 0. Raises `Anticipated` errors where it cannot start."""
    async with open_world(settings) as world:
        log = world.configuration.log
        logs.to_stream(logs.chosen_level(settings.environ, log.level), as_json=log.format == "json")
        metrics = Metrics()
        if world.model:
            world.model.line.hears.append(metrics.model_call)
        edge = slack_edge(world, metrics)
        serving = Serving.of(world)
        with logs.bound(organization=world.configuration.organization.name), sole(world), _listen(serving) as listening:
            await Server(world, metrics, edge, serving).run(listening, beside)
    return 0


def slack_edge(world: World, metrics: Metrics) -> Edge | None:
    """The Slack edge, or None where there are no tokens at all. Raises `BadInput` where some are missing."""
    slack = world.configuration.slack
    if not (slack.bot_token or slack.app_token or slack.signing_secret):
        _log.warning(
            "Slack is not configured: serving approvals, health and metrics only. Set SLACK_BOT_TOKEN to begin."
        )
        return None
    if slack.missing:
        raise BadInput(
            f"Slack in {slack.mode} mode also needs {' and '.join(slack.missing)}.", hint="Set it, or unset the others."
        )
    from bot.slack.edge import SlackEdge  # noqa: PLC0415 - a third of a second that only Slack needs

    edge: Edge = SlackEdge(world, metrics=metrics)
    return edge


class Server:
    """One serving process. `stopping` is set by the first signal."""

    def __init__(self, world: World, metrics: Metrics, edge: Edge | None, serving: Serving) -> None:
        self._world = world
        self._metrics = metrics
        self._edge = edge
        self._serving = serving
        self._stopping = asyncio.Event()
        self._started = False

    def app(self) -> Starlette:
        """The HTTP face."""
        routes: list[BaseRoute] = [
            Route("/livez", self._livez),
            Route("/readyz", self._readyz),
            Route("/metrics", self._show_metrics),
            *(self._edge.routes() if self._edge else ()),
        ]
        return Starlette(routes=routes)

    async def run(self, listening: socket.socket, beside: Beside) -> None:
        """Serve on this socket until a signal comes, then end in order."""
        self._catch_signals()
        http = _Http(uvicorn.Config(self.app(), log_config=None, access_log=False, lifespan="off", proxy_headers=False))
        answering = asyncio.create_task(http.serve(sockets=[listening]))
        ticker = ticker_of(self._world, self._edge)
        every(ticker, 5, _Ends(self._world, self._metrics).look, "counting runs")
        try:
            await self._world.start_engine()
            if self._edge:
                await self._edge.start()
            ticker.start()
            self._started = True
            host, port = listening.getsockname()[:2]
            _log.info("ready", extra={"address": f"{host}:{port}", "database": self._world.database.place})
            async with beside(self._world):
                await _first(self._stopping.wait(), answering)
        finally:
            await self._end(ticker, http)
            await answering

    async def _end(self, ticker: AsyncIOScheduler, http: "_Http") -> None:
        self._stopping.set()
        _log.info("stopping")
        await asyncio.sleep(self._serving.drain)
        if ticker.running:
            ticker.shutdown(wait=False)
        if self._edge:
            await self._edge.stop(self._serving.grace)
        await self._world.stop_engine(self._serving.grace)
        http.should_exit = True
        _log.info("stopped")

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()

        def stop(number: int) -> None:
            if self._stopping.is_set():
                os._exit(128 + number)
            self._stopping.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop, number)

    async def _livez(self, _request: Request) -> Response:
        """The event loop turns; nothing else is asked, or an outage elsewhere would have this process killed."""
        return PlainTextResponse("ok\n")

    async def _readyz(self, _request: Request) -> Response:
        parts = {
            "serving": self._serving_part(),
            "database": await self._database_part(),
            "engine": self._engine_part(),
            "audit": await self._audit_part(),
        }
        if self._edge:
            parts["slack"] = dict(self._edge.health())
        ready = all(part["ok"] for part in parts.values())
        return JSONResponse({"ready": ready, **parts}, status_code=200 if ready else 503)

    async def _show_metrics(self, _request: Request) -> Response:
        try:
            snapshot = await self._snapshot()
        except Unavailable:
            snapshot = Snapshot(engine_running=self._engine_runs())
        return Response(self._metrics.text(snapshot), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def _snapshot(self) -> Snapshot:
        statuses = [proposal.status.value for proposal in await self._world.store.open()]
        size, _ = await self._world.store.audit.head()
        signed = await self._world.store.checkpoints.latest()
        return Snapshot(
            proposals={status: statuses.count(status) for status in ("pending", "approved", "running")},
            audit_size=size,
            audit_signed=signed.size if signed else 0,
            safe_mode=bool(await self._world.store.alarms.open()),
            anchors={
                anchor.name: anchor.name not in self._world.anchoring.trouble
                for anchor in self._world.anchoring.anchors
            },
            leases=len(await self._world.database.leases.live()),
            engine_running=self._engine_runs(),
            slack_healthy=bool(self._edge.health()["ok"]) if self._edge else None,
            **_model_figures(self._world),
        )

    def _serving_part(self) -> dict[str, object]:
        if self._stopping.is_set():
            return {"ok": False, "text": "stopping"}
        return {"ok": self._started, "text": "serving" if self._started else "starting"}

    async def _database_part(self) -> dict[str, object]:
        try:
            async with asyncio.timeout(_PING_SECONDS):
                await self._world.database.ping()
        except TimeoutError:
            return {"ok": False, "text": f"no answer within {_PING_SECONDS:g} s"}
        except Unavailable as problem:
            return {"ok": False, "text": str(problem)}
        return {"ok": True, "text": self._world.database.url_kind}

    async def _audit_part(self) -> dict[str, object]:
        """Safe mode does not make it unready: questions are answered, and a restart would not help."""
        try:
            async with asyncio.timeout(_PING_SECONDS):
                alarms = await self._world.store.alarms.open()
        except (TimeoutError, Unavailable):
            return {"ok": True, "text": "unknown while the database does not answer"}
        if alarms:
            return {"ok": True, "text": f"safe mode: {alarms[0].problem}"}
        return {"ok": True, "text": self._world.keeper.trouble or "kept"}

    def _engine_part(self) -> dict[str, object]:
        running = self._engine_runs()
        return {
            "ok": running,
            "text": "running" if running else "another process on this data folder runs what is approved",
        }

    def _engine_runs(self) -> bool:
        return self._world.engine is not None and self._world.engine.alive


class _ModelFigures(TypedDict, total=False):
    model_used: dict[str, float]
    model_allowed: dict[tuple[str, str], float]
    model_refused: dict[str, float]
    model_resting: bool


def _model_figures(world: World) -> _ModelFigures:
    """How much of the model was used, and how much may be; nothing without one."""
    if world.model is None:
        return {}
    line, limits, seconds = world.model.line, world.model.limits, world.model.seconds
    used = line.used
    allowed: dict[tuple[str, str], float] = {}
    for whose, allowance in (("organization", limits.organization), ("person", limits.person)):
        allowed[whose, "calls"] = allowance.calls_per_hour
        allowed[whose, "tokens"] = allowance.tokens_per_day
        allowed[whose, "money"] = allowance.money_per_day
    for whose, bounds in ((READING, limits.reading), (ANSWERING, limits.answering)):
        allowed[whose, "calls"] = bounds.calls
        allowed[whose, "tokens"] = bounds.tokens
        allowed[whose, "money"] = bounds.money
        allowed[whose, "seconds"] = seconds[whose]
    return {
        "model_used": {"calls": used.calls, "tokens": used.tokens, "money": used.money},
        "model_allowed": allowed,
        "model_refused": dict(line.refused),
        "model_resting": not line.closed,
    }


class _Http(uvicorn.Server):
    """Uvicorn without its own signal handling: when it stops is decided by `Server`."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # a context manager as well
        return nullcontext()


class _Ends:
    """Counts runs as they come to their end, in whichever process, from what has changed since the last look."""

    def __init__(self, world: World, metrics: Metrics) -> None:
        self._store = world.store
        self._metrics = metrics
        self._seen: int | None = None

    async def look(self) -> None:
        """The first look only finds out where to begin."""
        counting, seen = self._seen is not None, self._seen or 0
        while changed := await self._store.changed_since(seen):
            seen = changed[-1][0]
            for _, number in changed if counting else ():
                proposal = await self._store.proposal(number)
                if proposal and proposal.status in (Status.SUCCEEDED, Status.FAILED, Status.UNKNOWN):
                    self._metrics.settled(proposal.status.value)
        self._seen = seen


def _listen(serving: Serving) -> socket.socket:
    """A listening socket, taken before anything is started. Raises `BadInput` if the address is not to be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            serving.host, serving.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except OSError as problem:
        reason = (
            os.strerror(problem.errno).lower() if problem.errno and problem.errno > 0 else "there is no such address"
        )
        raise BadInput(
            f"Cannot listen on {serving.host}:{serving.port}: {reason}.",
            hint="Choose another address in organization.yaml (slack.listen) or with COUNTERSIGN_LISTEN.",
        ) from problem
    listening.setblocking(False)
    return listening


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    with suppress(ValueError):
        if 0 <= (seconds := float(text)) <= 3600:
            return seconds
    raise BadInput(f"{name} is “{text}”.", hint="Give seconds, from 0 to 3600.")


async def _first(*awaited: Awaitable[object]) -> None:
    """Until the first of these is done; what is a task already is left running."""
    tasks = [asyncio.ensure_future(each) for each in awaited]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task, each in zip(tasks, awaited, strict=True):
        if task is not each:
            task.cancel()
