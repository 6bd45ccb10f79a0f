"""What was done in the past, from everybody who keeps a record of it: our own proposals, the revisions in clusters, and what the simulation tells."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Protocol

from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import Anticipated
from skills.core.ports.ledger import Ledger
from skills.core.ports.past_changes import Done, PastChange
from skills.core.ports.workloads import Revision, Workloads
from skills.core.proposal import Proposal
from skills.core.workload_change import place

_LEDGER = 1000
_MOST_SERVICES = 20
"""Of so many services the revisions are read; each takes a question to a cluster."""


class Told(Protocol):
    """Somebody who knows more about an environment than can be seen in it."""

    async def changes(self, environment: str) -> Sequence[PastChange]:
        """Everything, oldest first."""


class RecordedChanges:
    """Satisfies `PastChanges`. `told` are those who know more, by environment."""

    def __init__(
        self, ledger: Ledger, workloads: Workloads, catalog: Catalog, told: Mapping[str, Told] | None = None
    ) -> None:
        self._ledger = ledger
        self._workloads = workloads
        self._catalog = catalog
        self._told = told or {}

    async def changes(
        self, *, since: datetime, until: datetime, services: Collection[str] = (), environments: Collection[str] = ()
    ) -> Sequence[PastChange]:
        """Oldest first. A deploy of ours that is a revision of the cluster, too, is told once."""
        ours = [change for each in await self._ledger.changes(limit=_LEDGER) for change in _of(each)]
        found = list(ours)
        for environment in self._catalog.environments:
            if environments and environment.name not in environments:
                continue
            if teller := self._told.get(environment.name):
                found += await teller.changes(environment.name)
            found += [each for each in await self._revisions(environment, services) if not _known(each, ours)]
        wanted = (
            each
            for each in found
            if since <= each.at < until
            and (not services or each.service in services)
            and (not environments or each.environment in environments)
        )
        return sorted(wanted, key=lambda each: (each.at, each.service, each.environment))

    async def _revisions(self, environment: Environment, services: Collection[str]) -> list[PastChange]:
        """The deploys that a cluster remembers; nothing where it does not answer."""
        known = [each for each in self._catalog.services if not services or each.name in services]
        found: list[PastChange] = []
        for service in known if len(known) <= _MOST_SERVICES else ():
            try:
                revisions = await self._workloads.revisions(place(service, environment))
            except Anticipated:
                continue
            found += _deploys(service, environment, sorted(revisions, key=lambda each: each.number))
        return found


def _deploys(service: Service, environment: Environment, revisions: Sequence[Revision]) -> Iterator[PastChange]:
    """One for each revision but the first that is known, which may always have been there."""
    for before, after in pairwise(revisions):
        if after.created_at:
            was, becomes = _release(before), _release(after)
            what = f"{was} → {becomes}" if was != becomes else "a new pod template"
            yield PastChange(
                at=after.created_at, service=service.name, environment=environment.name, done=Done.DEPLOY, what=what
            )  # fmt: skip


def _release(revision: Revision) -> str:
    images = [each.image.rsplit("/", 1)[-1] for each in revision.containers]
    return ", ".join(each.partition(":")[2] or each for each in images) or "nothing"


def _of(proposal: Proposal) -> Iterator[PastChange]:
    """What a proposal of ours did, step by step."""
    for step in proposal.plan.steps:
        if proposal.started_at is None:
            continue
        paths = " ".join(change.path for change in step.diff)
        if "replicas" in paths.lower():
            done = Done.SCALING
        elif ".image" in paths:
            done = Done.DEPLOY
        else:
            done = Done.RESIZING if ".resources." in paths else Done.OTHER
        yield PastChange(
            at=proposal.started_at, service=step.target.service, environment=step.target.environment, done=done,
            what=f"{step.before} → {step.after}", by=proposal.requester_name, proposal=proposal.id,
        )  # fmt: skip


def _known(revision: PastChange, ours: Sequence[PastChange]) -> bool:
    """Is this revision the trace that one of our own changes left? They are made within two minutes of its start."""
    return any(
        (each.service, each.environment) == (revision.service, revision.environment)
        and 0 <= (revision.at - each.at).total_seconds() < 120
        for each in ours
    )
