"""Starting runs, and taking over those of processes that died.

The queue is the store itself: an approved proposal is work to do. The engine starts a DBOS workflow for each, under an id that is the
same in every process, so that however often and wherever it is started it exists once. A workflow whose executor is gone is recovered:
on SQLite every other executor is gone, because the engine lock is ours; on PostgreSQL those are whose lease has run out.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Protocol

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

from bot.engine import workflows
from bot.engine.lock import EngineLock
from bot.store import Store
from skills.core.errors import Unavailable
from skills.core.names import ProposalId
from skills.core.proposal import Status

SCAN_EVERY = 1.0
"""Seconds between two looks for work that other processes approved."""

LEASE = timedelta(seconds=8)
"""How long an executor counts as alive after its last sign of life. A zombie that wakes later is fenced off by its epoch."""

log = structlog.get_logger()


class Leases(Protocol):
    """Signs of life of executors, shared by all processes of a database."""

    async def beat(self, executor: str, ttl: timedelta) -> None: ...

    async def live(self) -> set[str]: ...

    async def drop(self, executor: str) -> None: ...


class Engine:
    """Runs what is approved in one organization. One engine a process: DBOS is a singleton.

    `check_up` looks at services that are due to be looked at after their runs; calling it twice is harmless. `lock`, already taken, is given where the database can have one engine only (SQLite); stopping gives it back.
    """

    def __init__(
        self,
        *,
        store: Store,
        runner: workflows.Advances,
        leases: Leases,
        executor: str,
        database_url: str,
        lock: EngineLock | None,
        check_up: Callable[[], Awaitable[int]],
    ) -> None:
        self._store = store
        self._runner = runner
        self._leases = leases
        self._executor = executor
        self._database_url = database_url
        self._lock = lock
        self._check_up = check_up
        self._mine: set[ProposalId] = set()
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.alive = False

    async def start(self) -> None:
        """Launch DBOS in the running loop and begin to look for work."""
        await self._leases.beat(self._executor, LEASE)
        if not self._lock:
            # Launching blocks the loop, and on PostgreSQL its migrations wait for every open transaction: also for ours, which could then
            # never end. In a thread, and before, they wait while the loop goes on.
            await asyncio.to_thread(DBOS.migrate, self._database_url)
        workflows.serve(self._store.organization, self._runner)
        DBOS(config=self._configuration())
        DBOS.launch()
        self.alive = True
        self._tasks = [asyncio.create_task(self._look_for_work()), asyncio.create_task(self._look_after())]
        if not self._lock:
            self._tasks.append(asyncio.create_task(self._keep_lease()))

    async def stop(self, grace: float) -> None:
        """Take no more work, give running workflows `grace` seconds, and let go. What is unfinished is recovered by the next engine."""
        if not self.alive:
            return
        self.alive = False
        workflows.end(self._store.organization)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=int(grace))
        # DBOS had made its threads the loop's own, and took them along.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        workflows.forget(self._store.organization)
        with contextlib.suppress(Unavailable):
            await self._leases.drop(self._executor)
        if self._lock:
            self._lock.release()

    def wake(self) -> None:
        """There may be work: look at once."""
        self._woken.set()

    async def _look_for_work(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self._recover()
                for proposal in await self._store.open():
                    if proposal.status is not Status.PENDING and proposal.id not in self._mine:
                        await self._begin(proposal.id)
            except Unavailable as down:
                log.warning("the store is out of reach; looking again", problem=str(down))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), SCAN_EVERY)

    async def _look_after(self) -> None:
        """Beside the runs, which must not wait for a slow metrics server."""
        while True:
            try:
                await self._check_up()
            except Unavailable as down:
                log.warning("the store is out of reach; looking again", problem=str(down))
            await asyncio.sleep(SCAN_EVERY)

    async def _begin(self, proposal_id: ProposalId) -> None:
        workflow_id = await self._free_id(f"run-{self._store.organization}-{proposal_id}")
        if workflow_id is None:
            return
        self._mine.add(proposal_id)
        with SetWorkflowID(workflow_id):
            handle = await DBOS.start_workflow_async(
                workflows.run_proposal, str(self._store.organization), int(proposal_id)
            )
        task = asyncio.create_task(self._await_end(proposal_id, handle.get_result()))
        self._tasks = [each for each in self._tasks if not each.done()] + [task]

    async def _await_end(self, proposal_id: ProposalId, result: object) -> None:
        try:
            await result  # type: ignore[misc]  # an awaitable, whatever DBOS calls it this release
        except Exception:
            log.exception("a run was interrupted", proposal=proposal_id)
        finally:
            self._mine.discard(proposal_id)

    async def _free_id(self, base: str) -> str | None:
        """The id to start a workflow under; None while one is alive. After one that ended without settling its proposal, a new one."""
        for attempt in range(100):
            workflow_id = base if attempt == 0 else f"{base}-again-{attempt}"
            status = await DBOS.get_workflow_status_async(workflow_id)
            if status is None:
                return workflow_id
            if status.status in {"PENDING", "ENQUEUED", "DELAYED"}:
                return None
        return None

    async def _recover(self) -> None:
        """Put the unfinished workflows of executors that are gone back into the queue; this engine, or another, dequeues them."""
        pending = await DBOS.list_workflows_async(status="PENDING", app_version=workflows.VERSION)
        executors = {str(workflow.executor_id) for workflow in pending} - {self._executor}
        gone = executors - (set() if self._lock else await self._leases.live())
        if gone:
            log.info("recovering runs of executors that are gone", executors=sorted(gone))
            # Private, and the only verb that checks the executor while it re-enqueues; a contract test watches it.
            await asyncio.to_thread(DBOS._recover_pending_workflows, sorted(gone))  # noqa: SLF001

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 4)
            try:
                await self._leases.beat(self._executor, LEASE)
            except Unavailable as down:
                log.warning("cannot renew my lease", problem=str(down))

    def _configuration(self) -> DBOSConfig:
        return {
            "name": "countersign",
            "system_database_url": self._database_url,
            "application_version": workflows.VERSION,
            "executor_id": self._executor,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "console_log_level": "CRITICAL",
            "notification_listener_polling_interval_sec": 0.2,
            "max_executor_threads": 8,
        }
