"""Looking at the service of a run once more, some time after it ended: does it do as well as before?

What is due stands in the store, so a crash loses none of it: whoever runs next looks. Looking changes nothing and may happen twice; what
was found is written down once, with its audit entry. Nothing is ever undone because of it; a person gets an offer.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.store import Store
from skills.core.catalog import Catalog
from skills.core.checkup import Checkup, Condition, Health
from skills.core.errors import Anticipated, Unavailable, UnknownName
from skills.core.images import version_of
from skills.core.plan import Step
from skills.core.ports.metrics import Measured, Metrics, Signal, Window
from skills.core.ports.workloads import Workloads
from skills.core.proposal import Proposal, Status
from skills.core.registry import Skills
from skills.core.report import Command
from skills.core.skill import Change, Seen
from skills.core.workload_change import place_of
from skills.signals.compared import Side
from skills.signals.golden import golden
from skills.signals.verdict import Evidence, Standing, judge

log = structlog.get_logger()


class Checkups:
    """The use case “check up”. `before` is how long before a run counts as before. The engine calls it, and so may anybody, at any time."""

    def __init__(
        self,
        *,
        skills: Skills,
        catalog: Catalog,
        workloads: Workloads,
        metrics: Metrics,
        store: Store,
        clock: Callable[[], datetime],
        executor: str,
        before: timedelta,
    ) -> None:
        self._skills = skills
        self._catalog = catalog
        self._workloads = workloads
        self._metrics = metrics
        self._store = store
        self._clock = clock
        self._executor = executor
        self._before = before

    async def __call__(self) -> int:
        """Look at whatever is due; returns at how many. Raises `Unavailable` when the store cannot be used."""
        due = await self._store.checkups_due(self._clock())
        await asyncio.gather(*(self._look(proposal) for proposal in due))
        return len(due)

    async def _look(self, proposal: Proposal) -> None:
        assert proposal.checkup is not None
        try:
            health = await self._health(proposal, proposal.checkup)
        except Exception:
            # A bug in looking must not keep the others from being looked at, nor come back every second.
            reference = secrets.token_hex(4)
            log.exception("bug in a checkup", proposal=proposal.id, reference=reference)
            why = f"An internal error stopped the look at it (reference {reference})."
            health = Health(condition=Condition.UNCLEAR, text="", reasons=(why,))
        offer = _offer(proposal) if health.worse else None
        checkup = Checkup(due_at=proposal.checkup.due_at, health=health, offer=offer)
        async with self._store.begin() as tx:
            if await tx.conclude_checkup(proposal.id, checkup):
                verb = f"health:{health.condition.value.replace(' ', '-')}"
                facts = {**checkup.to_json(), "detail": health.text or " ".join(health.reasons)}
                tx.record(verb, f"proposal/{proposal.id}", facts, actor=self._executor)

    async def _health(self, proposal: Proposal, checkup: Checkup) -> Health:
        step = _last_step(proposal)
        standing = await self._standing(proposal, step)
        environment = step.target.environment
        finest = self._metrics.finest(environment)
        if finest is None:
            return judge(Evidence(standing=standing, unmeasured=f"metrics are not configured for {environment}"))
        try:
            before, after = await self._measured(proposal, checkup, step, finest)
        except Anticipated as problem:
            return judge(Evidence(standing=standing, problem=str(problem)))
        return judge(Evidence(standing=standing, before=before, after=after))

    async def _standing(self, proposal: Proposal, step: Step) -> Standing:
        """How the pods are, if the workload is still as the run left it."""
        skill = self._skills[proposal.skill]
        assert isinstance(skill, Change)
        try:
            workload = await self._workloads.get(place_of(step.target))
            seen = await skill.observe(step)
        except UnknownName:
            return Standing(moved=True)
        except Unavailable as problem:
            return Standing(problem=str(problem))
        return Standing(
            ready=workload.ready,
            wanted=workload.replicas,
            settled=workload.settled,
            trouble=workload.trouble,
            moved=(seen is not Seen.AFTER and proposal.status is not Status.UNKNOWN)
            or await self._another_run(proposal, step),
        )

    async def _another_run(self, proposal: Proposal, step: Step) -> bool:
        """Did another run of ours begin there before the time was over? It may even have put everything back since."""
        past = await self._store.changes(service=step.target.service, environment=step.target.environment)
        assert proposal.settled_at is not None
        assert proposal.checkup is not None
        return any(
            proposal.settled_at <= other.started_at <= proposal.checkup.due_at
            for other in past
            if other.id != proposal.id and other.started_at
        )

    async def _measured(self, proposal: Proposal, checkup: Checkup, step: Step, finest: timedelta) -> tuple[Side, Side]:
        """The signals before the run began, and after it ended. Raises `Anticipated` errors."""
        assert proposal.started_at is not None
        assert proposal.settled_at is not None
        service = self._catalog.service(step.target.service)
        queries = golden(service, self._catalog.environment(step.target.environment))
        windows = (
            Window(start=proposal.started_at - self._before, end=proposal.started_at, step=finest),
            Window(start=proposal.settled_at, end=checkup.due_at, step=finest),
        )
        sides = []
        for window in windows:
            measured = await self._metrics.measure(queries, window)
            _check_complete(measured)
            series = {each.query.signal: each.series for each in measured if each.series}
            sides.append(Side(series=series, length=window.length, step=window.step))
        return sides[0], sides[1]


def _check_complete(measured: Sequence[Measured]) -> None:
    """Raises `Unavailable` for a signal that is judged and could not be had, so that it does not pass for one that is not there."""
    for each in measured:
        if each.query.signal in _JUDGED and each.series is None and each.partial:
            raise Unavailable(each.partial[0])


_JUDGED = (Signal.TRAFFIC, Signal.ERRORS, Signal.LATENCY)


def _last_step(proposal: Proposal) -> Step:
    """The step that left the workload as it was when the run ended."""
    last = proposal.effects[-1]
    return (proposal.plan.on_failure if last.compensating else proposal.plan.steps)[last.index]


def _offer(proposal: Proposal) -> Command | None:
    """The request that would take the change back, where a skill can do that."""
    step = proposal.plan.steps[-1]
    if proposal.status is not Status.SUCCEEDED:
        return None
    where = f"{step.target.service} in {step.target.environment}"
    match step.edit.get("op"):
        case "image":
            return Command(text=f"rollback {where}", does=f"go back to {version_of(step.before)}")
        case "replicas":
            before = step.edit["before"]
            text = f"scale {step.target.service} to {before} in {step.target.environment}"
            return Command(text=text, does=f"go back to {step.before}")
        case _:
            return None
