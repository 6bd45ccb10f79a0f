"""Put an earlier revision of a service back."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import Field

from skills.core import skill
from skills.core.catalog import Catalog
from skills.core.errors import Anticipated, NothingToDo, UnknownName
from skills.core.images import version_of
from skills.core.plan import Plan, Risk
from skills.core.ports.ledger import Ledger
from skills.core.ports.workloads import Edits, Revision, Rollouts, TemplateEdit, Workload, Workloads
from skills.core.proposal import Proposal, Status
from skills.core.workload_change import WorkloadChange, refuse_owned, refuse_paused, risk_of, step_of


class NoEarlierRevision(Anticipated):
    """There is no earlier revision to go back to."""


class Params(skill.Params):
    """What to roll back, where, and how far."""

    service: skill.Service = Field(description="The service to roll back")
    environment: skill.Environment = Field(description="The environment to roll it back in")
    revision: skill.Revision | None = Field(
        default=None, ge=1, description="The revision to restore; the last good one if not given"
    )
    as_of: skill.Moment | None = Field(
        default=None, description="Instead of a revision: the newest that was there at this time"
    )


class Rollback(WorkloadChange[Params]):
    """Roll a service back to its last good revision, or to a given one."""

    name = "rollback"
    aliases = ("revert", "undo")
    examples = ("rollback checkout in production", "rollback checkout in production to revision 7")
    phrases = (
        "roll back", "roll … back", "go back", "go … back", "put … back", "get … back", "take … back", "bring … back", "bring back",
        "switch … back", "set … back", "move … back", "have … back", "back out", "back … out", "have|put … previous|prior|old version|release|build", "reverse {service}", "restore {service}", "restore {revision}", "return {service}", "downgrade",
        "put|get|bring|move|take|set|switch|have|go {revision}", "a rollback",
    )  # fmt: skip

    def __init__(
        self, catalog: Catalog, workloads: Workloads, edits: Edits, rollouts: Rollouts, ledger: Ledger
    ) -> None:
        super().__init__(catalog, workloads, edits, rollouts)
        self._ledger = ledger

    async def plan(self, params: Params) -> Plan:
        service, environment, workload = await self._find(params.service, params.environment)
        notes = refuse_owned(workload, "template", service=service.name)
        refuse_paused(workload, service=service.name)
        revisions = await self._workloads.revisions(workload.place)
        where = f"{service.name} in {environment.name}"
        if params.revision is not None:
            chosen = _numbered(revisions, params.revision, where)
        elif params.as_of is not None:
            chosen = _newest_at(revisions, params.as_of, where)
            notes = (*notes, f"Asked for as of {params.as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC.")
        else:
            past = await self._ledger.changes(service=service.name, environment=environment.name)
            chosen, skipped = _last_good(revisions, workload, past, where)
            notes = (*notes, *skipped)
        if chosen.template == workload.template:
            raise NothingToDo(f"{where} already is at revision {chosen.number} ({_versions(chosen)}).")
        edit = TemplateEdit(before=workload.template, after=chosen.template)
        now, then = (
            f"revision {workload.revision} ({_versions(workload)})",
            f"revision {chosen.number} ({_versions(chosen)})",
        )
        step = step_of(workload, edit, action="restore revision", service=service, before=now, after=then)
        back = step_of(workload, edit.inverse(), action="restore revision", service=service, before=then, after=now)
        dependents = self._catalog.dependents(service.name)
        risk = risk_of(environment, dependents, base=Risk.LOW, why="it restores what ran here before")
        return await self._planned(
            step,
            back,
            params={"service": service.name, "environment": environment.name, "revision": chosen.number},
            summary=f"Roll {service.name} in {environment.name} back to {then} from {now}",
            risk=risk,
            notes=notes,
        )


def _numbered(revisions: Sequence[Revision], number: int, where: str) -> Revision:
    found = next((revision for revision in revisions if revision.number == number), None)
    if found is None:
        known = tuple(str(revision.number) for revision in revisions)
        raise UnknownName("revision", str(number), known, hint=f"{where} has: {_listed(revisions)}.")
    return found


def _newest_at(revisions: Sequence[Revision], moment: datetime, where: str) -> Revision:
    """The newest revision that had been made by then. One that was restored since counts from when it was first made."""
    earlier = [each for each in revisions if each.created_at and each.created_at <= moment and not each.current]
    if not earlier:
        raise NoEarlierRevision(
            f"{where} has no earlier revision from before {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC.",
            hint=f"It has: {_listed(revisions)}.",
        )
    return max(earlier, key=lambda each: each.number)


def _last_good(
    revisions: Sequence[Revision], workload: Workload, past: Sequence[Proposal], where: str
) -> tuple[Revision, tuple[str, ...]]:
    """The newest revision that is not the present one and is not known to have failed here, and notes on those passed over."""
    failed = _failed_templates(past)
    skipped: list[str] = []
    for revision in sorted(revisions, key=lambda revision: revision.number, reverse=True):
        if revision.current or revision.template == workload.template:
            continue
        culprit = next((failed[image] for c in revision.containers if (image := c.image) in failed), None)
        if culprit is None:
            return revision, tuple(skipped)
        skipped.append(f"Revision {revision.number} ({_versions(revision)}) is passed over: it failed in #{culprit}.")
    raise NoEarlierRevision(
        f"There is no earlier revision of {where} to go back to.",
        hint=" ".join(skipped) or "Its history holds only the present one.",
    )


def _failed_templates(past: Sequence[Proposal]) -> dict[str, int]:
    """Images whose latest deployment failed, with the proposal that found out. `past` is newest first."""
    verdicts: dict[str, tuple[Status, int]] = {}
    for proposal in past:
        for step in proposal.plan.steps:
            if step.edit.get("op") == "image":
                verdicts.setdefault(str(step.edit["after"]), (proposal.status, proposal.id))
    return {image: number for image, (status, number) in verdicts.items() if status is Status.FAILED}


def _versions(of: Revision | Workload) -> str:
    return ", ".join(version_of(container.image) for container in of.containers)


def _listed(revisions: Sequence[Revision]) -> str:
    return ", ".join(f"{revision.number} ({_versions(revision)})" for revision in revisions) or "none"
