"""Who changed what, when, by which proposal."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import Unavailable, UnknownName
from skills.core.images import version_of
from skills.core.ports.ledger import Ledger
from skills.core.ports.workloads import Revision, Workloads
from skills.core.proposal import Proposal
from skills.core.report import Command, Finding, Part, Report, Table
from skills.core.skill import Query
from skills.core.workload_change import place


class Params(skill.Params):
    """Of what, where, and since when; all environments and all times if none is named."""

    service: skill.Service = Field(description="The service whose history is wanted")
    environment: skill.Environment | None = Field(default=None, description="Only this environment")
    since: skill.Since | None = Field(default=None, description="Only what was changed from then on")


class History(Query[Params]):
    """Show who changed a service, when, and by which proposal."""

    name = "history"
    aliases = ("changes", "log")
    examples = ("history checkout in production", "history search", "history web since yesterday")
    phrases = (
        "change log", "changelog", "audit trail", "deploys|deployments|releases|rollbacks|rollouts", "who|when … {changed}",
        "what was|were|did|has|have|got … {changed}", "what {changed}", "what happened|changed|new", "what is new", "how often … {changed}",
        "has|have|did anyone|anybody|somebody|someone|we|they … {changed}", "has|have|did|was|were {service} … {changed}", "was|were … {changed}",
        "who is responsible", "who … did|made|caused|broke|messed|screwed", "last|recent|past|previous|latest|all {changes}",
        "deploy|deployment|release|rollback {changes}", "which|what|previous|past|earlier|older|last revision|versions|releases",
        "revisions", "list|show|get … revisions", "what versions|revisions … before|back", "which|what version|release|revision … before|previously|earlier", "revision|release|deploy history", "what … went out",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, workloads: Workloads, ledger: Ledger) -> None:
        self._catalog = catalog
        self._workloads = workloads
        self._ledger = ledger

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        service = self._catalog.service(params.service)
        environments = (
            (self._catalog.environment(params.environment),) if params.environment else self._catalog.environments
        )
        environment = environments[0].name if params.environment else None
        since = params.since
        past = await self._ledger.changes(service=service.name, environment=environment)
        past = [each for each in past if since is None or (each.started_at or each.created_at) >= since]
        parts: list[Part] = [_changes(past)] if past else []
        for each in environments:
            parts.extend(await self._revisions(service, each, since))
        if past and environment:
            parts.append(Command(text=f"rollback {service.name} in {environment}", does="go back to the last good one"))
        where = f" in {environment}" if environment else ""
        when = f" since {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if since else ""
        count = f"{len(past)} change{'s' if len(past) != 1 else ''}" if past else "no changes"
        return Report(
            title=f"History of {service.name}{where}{when}",
            summary=f"{service.name}{where}: {count} by proposals of mine{when}.",
            parts=tuple(parts),
        )

    async def _revisions(self, service: Service, environment: Environment, since: datetime | None) -> tuple[Part, ...]:
        try:
            revisions = await self._workloads.revisions(place(service, environment))
        except UnknownName:
            return ()
        except Unavailable as problem:
            return (Finding(text=f"{environment.name}: {problem}", severity="warning"),)
        # The one that runs now says what is there, however old it is.
        wanted = [
            each
            for each in revisions
            if since is None or each.current or (each.created_at and each.created_at >= since)
        ]
        return (_table(environment, wanted),) if wanted else ()


def _changes(past: Sequence[Proposal]) -> Table:
    rows = tuple(
        (
            f"#{proposal.id}",
            f"{proposal.started_at:%Y-%m-%d %H:%M} UTC" if proposal.started_at else "",
            proposal.plan.summary,
            proposal.status.value,
            proposal.requester_name,
            ", ".join(decision.name for decision in proposal.approvals) or "policy",
        )
        for proposal in past
    )
    columns = ("proposal", "when", "what", "outcome", "asked by", "approved by")
    return Table(title="Changes", columns=columns, rows=rows)


def _table(environment: Environment, revisions: Sequence[Revision]) -> Table:
    rows = tuple(
        (
            str(revision.number),
            ", ".join(version_of(container.image) for container in revision.containers),
            f"{revision.created_at:%Y-%m-%d %H:%M} UTC" if revision.created_at else "unknown",
            "now" if revision.current else "",
        )
        for revision in revisions
    )
    return Table(title=f"Revisions in {environment.name}", columns=("revision", "version", "created", ""), rows=rows)
