"""The composition root: with `bot.ports`, `bot.clusters`, `bot.telemetry`, `bot.measuring` and `bot.costs`, the only place that knows both a port and its adapter."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import structlog

from bot.audit.anchoring import Anchoring
from bot.audit.keeper import Keeper
from bot.auditing import make_anchoring, make_keeper
from bot.clusters import Clock, Sleep, connected
from bot.configuration import Configuration, EnvironmentSettings, load
from bot.costs import CostDesk, make_costs, measured_prices
from bot.engine.lock import EngineLock
from bot.keeping import make_grants, make_locks
from bot.language_model import LanguageModel, make_model
from bot.measuring import make_metrics
from bot.model_log import ModelLog
from bot.nl.embedded import EmbeddedInterpreter
from bot.nl.model import Trouble
from bot.on_call import Standby, make_standby
from bot.ports import make_ports, make_releases
from bot.pricing import Pricing
from bot.reviews import make_reviews
from bot.rule_engine import Evaluator, make_evaluator, make_judge, make_surroundings
from bot.settings import Settings
from bot.store import Database, Store
from bot.telemetry import connect
from bot.usecases.checkups import Checkups
from bot.usecases.door import Door
from bot.usecases.limits import Limits
from bot.usecases.memberships import UpToDate
from bot.usecases.reviewing import Reviewing
from bot.usecases.run import Runner
from integrations.by_environment import ByEnvironment, Cluster, MetricsByEnvironment
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Service
from skills.core.errors import Anticipated
from skills.core.policy import Policy
from skills.core.ports.releases import Releases
from skills.core.ports.workloads import Workloads
from skills.core.registry import Skills, discover

if TYPE_CHECKING:
    from bot.engine.engine import Engine

log = structlog.get_logger()

LAST_ANCHORS_SECONDS = 3.0
"""What anchors may take when a process ends."""


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that `doctor` looked at; `text` says how to mend it where it is not well."""

    what: str
    ok: bool
    text: str


class Seen(Protocol):
    """What a real cluster says of itself."""

    @property
    def what(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def sentence(self) -> str: ...


@runtime_checkable
class Real(Protocol):
    """A cluster that can be explored and examined; the simulated one has no need of either."""

    async def discovered_services(self, environment: str) -> Sequence[Service]: ...

    async def check(self) -> Sequence[Seen]: ...


@dataclass(kw_only=True)
class World:
    """One organization's bot, put together. `executor` names this process uniquely."""

    settings: Settings
    configuration: Configuration
    catalog: Catalog
    skills: Skills
    policy: Policy
    evaluator: Evaluator
    database: Database
    store: Store
    door: Door
    clusters: Mapping[str, Cluster]
    workloads: Workloads
    metrics: MetricsByEnvironment
    clock: Clock
    sleep: Sleep
    executor: str
    keeper: Keeper
    anchoring: Anchoring
    standby: Standby
    costs: CostDesk
    reviews: Reviewing
    model: LanguageModel | None = None
    engine: "Engine | None" = field(default=None)
    keeping: "list[asyncio.Task[None]]" = field(default_factory=list)

    def actor(self, word: str) -> Actor:
        """The person of this subject or alias. Raises `UnknownName`."""
        return self.catalog.person(word).actor

    async def start_engine(self) -> "Engine | None":
        """Run what is approved, in this process, from now on. None where another process of this data folder does that already."""
        if self.engine:
            return self.engine
        embedded = self.database.url_kind == "sqlite"
        lock = EngineLock(self._folder()) if embedded else None
        if lock and not lock.acquire():
            return None
        # DBOS takes most of a second to import: a question that changes nothing does without it.
        from bot.engine.engine import Engine  # noqa: PLC0415

        engine = Engine(
            store=self.store,
            runner=self.runner(),
            check_up=self.checkups(),
            leases=self.database.leases,
            executor=self.executor,
            database_url=self._engine_file() if embedded else self._postgresql(),
            lock=lock,
        )
        try:
            await engine.start()
        except BaseException:
            if lock:
                lock.release()
            raise
        self.engine = engine
        self.keeping = [asyncio.create_task(self.keeper.run()), asyncio.create_task(self.anchoring.run())]
        self.door.wake = engine.wake
        return engine

    def runner(self, *, executor: str = "") -> Runner:
        """What runs approved proposals, as this process or under another name."""
        return Runner(
            skills=self.skills,
            catalog=self.catalog,
            policy=self.policy,
            store=self.store,
            clock=self.clock,
            executor=executor or self.executor,
            check_after=self.configuration.checkup.after,
            glass=self.configuration.break_glass,
            sleep=self.sleep,
        )

    def checkups(self, *, executor: str = "") -> Checkups:
        """What looks at services some time after their runs."""
        return Checkups(
            skills=self.skills,
            catalog=self.catalog,
            workloads=self.workloads,
            metrics=self.metrics,
            store=self.store,
            clock=self.clock,
            executor=executor or self.executor,
            before=self.configuration.checkup.before,
        )

    async def stop_engine(self, grace: float = 0.0) -> None:
        """Let go of what runs here, after `grace` seconds at most; the next engine goes on with it."""
        if self.engine:
            self.door.wake = lambda: None
            await self.engine.stop(grace)
            self.engine = None
            await self._sign_once_more()

    async def _sign_once_more(self) -> None:
        """End the watch over the audit log with a signature of all that happened."""
        for task in self.keeping:
            task.cancel()
        await asyncio.gather(*self.keeping, return_exceptions=True)
        self.keeping = []
        try:
            await self.keeper.sign()
            async with asyncio.timeout(LAST_ANCHORS_SECONDS):
                await self.anchoring.publish()
        except (Anticipated, TimeoutError) as problem:
            log.warning("the end of the audit log was not signed and published", problem=str(problem))

    async def discover(self) -> None:
        """Learn the services of the environments that are configured to be discovered. One that is out of reach is skipped, and logged."""
        found: dict[str, Service] = {}
        for each in self.configuration.environments:
            name = each.environment.name
            cluster = self.clusters[name]
            if not each.discover or not isinstance(cluster, Real):
                continue
            try:
                for service in await cluster.discovered_services(name):
                    found.setdefault(service.name, service)
            except Anticipated as problem:
                log.warning("discovery failed", environment=name, problem=str(problem))
        self.catalog.learn(found.values())

    async def check(self) -> list[Check]:
        """What `doctor` wants to know of the database and of each environment's cluster."""
        checks = [await self._check_database()]
        for each in self.configuration.environments:
            checks.extend(await self._check_cluster(each))
            checks.append(await self._check_metrics(each))
        if said := await self.standby.check():
            checks.append(Check(what="PagerDuty", ok=said[0], text=said[1]))
        return [*checks, *(Check(what=what, ok=ok, text=text) for what, ok, text in await self.costs.check())]

    async def check_model(self) -> Check:
        """Does the model answer? One that is configured and does not is no reason to stop: the embedded interpreter goes on."""
        if self.model is None:
            text = "not configured, which is fine: the embedded interpreter needs none"
            return Check(what="model", ok=True, text=text)
        try:
            return Check(what="model", ok=True, text=await self.model.interpreter.check())
        except Trouble as trouble:
            text = f"{trouble.sentence}. Check model in organization.yaml, and the key in COUNTERSIGN_MODEL_KEY or OPENAI_API_KEY."
            return Check(what="model", ok=False, text=text)

    async def _check_database(self) -> Check:
        what = f"database ({self.database.url_kind})"
        try:
            await self.database.ping()
        except Anticipated as problem:
            return Check(what=what, ok=False, text=str(problem))
        return Check(what=what, ok=True, text=self.database.place)

    async def _check_cluster(self, each: EnvironmentSettings) -> list[Check]:
        name = each.environment.name
        cluster = self.clusters[name]
        if isinstance(cluster, Real):
            return [
                Check(what=f"{name}: {seen.what}", ok=seen.ok, text=seen.sentence) for seen in await cluster.check()
            ]
        try:
            workloads = await cluster.list(name)
        except Anticipated as problem:
            return [Check(what=f"{name}: cluster", ok=False, text=str(problem))]
        return [Check(what=f"{name}: cluster", ok=True, text=f"simulated, {len(workloads)} workloads")]

    async def _check_metrics(self, each: EnvironmentSettings) -> Check:
        what = f"{each.environment.name}: metrics"
        try:
            return Check(what=what, ok=True, text=await self.metrics.check(each.environment.name))
        except Anticipated as problem:
            return Check(what=what, ok=False, text=str(problem))

    def _folder(self) -> Path:
        self.settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.settings.data.resolve()

    def _engine_file(self) -> str:
        """The engine's own SQLite file, for nobody else to read."""
        path = self._folder() / "engine.sqlite"
        path.touch(mode=0o600)
        return f"sqlite:///{path}"

    def _postgresql(self) -> str:
        return self.database.url.set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def open_world(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    sleep: Sleep = asyncio.sleep,
    clusters: Mapping[str, Cluster] | None = None,
    releases: Releases | None = None,
) -> AsyncIterator[World]:
    """Read the configuration, open the database, put the skills together. Whatever is given replaces what the configuration says.

    Raises `ConfigurationError`, or `Unavailable` when the database cannot be opened. On leaving, the engine is stopped and everything
    closed.
    """
    types = discover()
    environ = {**settings.environ, "COUNTERSIGN_DATA": str(settings.data)}
    configuration = load(settings.config, environ, skills=[each.name for each in types])
    configuration.catalog.clock = clock
    async with AsyncExitStack() as stack:
        database = await Database.open(configuration.store.url.get_secret_value(), clock=clock)
        stack.push_async_callback(database.close)
        store = database.store(configuration.organization.name)
        configuration = replace(configuration, prices=await measured_prices(configuration.prices, store))
        evaluator = make_evaluator(configuration, stack)
        reached = clusters or connected(stack, configuration.environments, settings, clock=clock, sleep=sleep)
        workloads = ByEnvironment(reached)
        metrics = make_metrics(stack, configuration, clusters=reached, clock=clock)
        judge = make_judge(configuration, evaluator, make_surroundings(configuration, store, metrics))
        policy = UpToDate(judge, catalog=configuration.catalog, store=store)
        reviews = make_reviews(configuration, store, evaluator, types, clock)
        standby = make_standby(stack, configuration, store, clock=clock)
        ports = make_ports(
            configuration,
            policy=policy,
            store=store,
            workloads=workloads,
            metrics=metrics,
            types=types,
            releases=releases or make_releases(configuration, settings),
            telemetry=connect(stack, configuration.environments, reached, clock=clock),
            locks=make_locks(configuration, store, clock),
            grants=make_grants(configuration, store, policy, types, clock),
            standby=standby,
            reviews=reviews,
            clock=clock,
        )
        costs = make_costs(stack, configuration, clusters=reached, workloads=workloads, store=store, clock=clock)
        skills = Skills.build(types, ports | costs.ports)
        model = make_model(configuration, types, clock=clock)
        if model:
            model.line.hears.append(ModelLog(settings.data).note)
            stack.push_async_callback(model.close)
        door = Door(
            skills=skills,
            catalog=configuration.catalog,
            policy=policy,
            store=store,
            interpreter=EmbeddedInterpreter(
                skills, configuration.catalog, clock=clock, zone=configuration.organization.timezone
            ),
            limits=Limits(
                pending=configuration.limits.pending,
                start=configuration.limits.start,
                open_per_person=configuration.limits.max_pending_per_person,
            ),
            clock=clock,
            reader=model.interpreter if model else None,
            explainer=model.agent if model else None,
            price=Pricing(configuration.prices, workloads.seen),
            glass=configuration.break_glass,
        )
        world = World(
            settings=settings,
            configuration=configuration,
            catalog=configuration.catalog,
            skills=skills,
            policy=policy,
            evaluator=evaluator,
            database=database,
            store=store,
            door=door,
            clusters=reached,
            workloads=workloads,
            metrics=metrics,
            clock=clock,
            sleep=sleep,
            executor=f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}",
            keeper=make_keeper(configuration, settings, database, store, clock=clock),
            anchoring=make_anchoring(configuration, store, clock=clock),
            standby=standby,
            costs=costs,
            reviews=reviews,
            model=model,
        )
        stack.push_async_callback(world.stop_engine)
        await _look_at_the_log(world)
        await policy.refresh()
        if any(each.discover for each in configuration.environments):
            await world.discover()
        yield world


async def _look_at_the_log(world: World) -> None:
    """Before anything is done: is this the log that is remembered? If not, safe mode begins here."""
    try:
        await world.keeper.look()
    except Anticipated as problem:
        world.keeper.trouble = str(problem)
        log.warning("the audit log was not compared with what is remembered of it", problem=str(problem))
