"""Where money could be saved."""

from collections.abc import Sequence

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment
from skills.core.cost_delta import percent
from skills.core.errors import Unavailable
from skills.core.money import Money, totals
from skills.core.ports.prices import Prices
from skills.core.ports.usage import Usage
from skills.core.ports.workloads import Size, Workload, Workloads
from skills.core.report import Command, Finding, Report, Table, Text
from skills.core.skill import Query
from skills.core.workload_change import place
from skills.costing.asking import scope_of
from skills.costing.saving import Saving, resting, rightsizing, unused

_MOST = 12
_FOOT = (
    "Requests: CPU as the 95th percentile needs and 15 % more, memory as the most that was needed and 20 % more. A month is 730 hours. These do not add up where"
    " one undoes another, and they save money only if nodes go with them. What belongs to whom is read as it stands; images, previews and spot prices are not looked at."
)


class Params(skill.Params):
    """Nothing for everything; the rest to narrow it down."""

    service: skill.Service | None = Field(default=None, description="Only this service")
    environment: skill.Environment | None = Field(default=None, description="Only this environment")


class Savings(Query[Params]):
    """Find where money could be saved: requests beyond what is needed, and what nobody uses."""

    name = "savings"
    examples = ("savings", "savings checkout in production", "cheapest way to run checkout")
    offered = "find savings"
    phrases = (
        "cheapest|cheaper way", "cheapest|cheaper … run|running|host|hosting", "run|running … cheaper|cheapest", "save|saving|saved money|costs|cost", "where|how|what … save|saving", "could|can we save", "where|how|what … save money|cost|costs|anything|something", "reduce|cut|lower|bring … cost|costs|bill|spend|spending",
        "savings|saving of|for|in", "wasting|wasted money", "waste … money", "idle|orphaned|unused … resources|volumes|volume|disks|things", "over-provisioned|overprovisioned|oversized", "which|what … over-provisioned|overprovisioned|oversized",
        "make … cheaper", "optimize|optimise … cost|costs|spend|spending|bill", "cost|costs optimization|optimisation|reduction",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, workloads: Workloads, prices: Prices, usage: Usage) -> None:
        self._catalog = catalog
        self._workloads = workloads
        self._prices = prices
        self._usage = usage

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        scope = scope_of(self._catalog, service=params.service, environment=params.environment, team=None)
        title = f"Savings for {scope}"
        if not self._prices.configured:
            text = "Write them down in prices.yaml: an hour of a core, an hour of a GiB of memory, and the currency."
            return Report(
                title=title, summary="No prices are configured, so nobody can tell.", parts=(Text(text=text),)
            )
        found: list[Saving] = []
        troubles: list[str] = []
        for environment in self._catalog.environments:
            if scope.environment in ("", environment.name):
                try:
                    found += await self._look(environment, scope.service)
                except Unavailable as problem:
                    troubles.append(f"{environment.name} was not looked at: {problem}")
        found.sort(key=lambda each: (-each.amount.amount, each.what))
        return Report(
            title=title,
            summary=self._summary(str(scope), found, troubles),
            parts=(
                *(_finding(each) for each in found[:_MOST]),
                *((_table(found),) if found else ()),
                *(Finding(text=text, severity="warning") for text in troubles),
                Text(text=_FOOT),
            ),
        )

    async def _look(self, environment: Environment, service: str) -> list[Saving]:
        def month(size: Size, where: str) -> Money | None:
            parts = totals(money for _, money in self._prices.parts(size, where))
            return parts[0] if parts else None

        footprints = [
            each for each in await self._usage.footprints(environment.name) if service in ("", each.whose.service)
        ]
        running = {each.place.name: each for each in await self._workloads.list(environment.name)}
        found = [_kept_apart(each, self._of(each, environment, running)) for each in rightsizing(footprints, month)]
        if not service:
            found += unused(await self._usage.things(environment.name), self._prices.thing)
            if not environment.protected:
                found += resting(footprints, month, environment.name)
        return found

    def _of(self, saving: Saving, environment: Environment, running: dict[str, Workload]) -> Workload | None:
        """The workload that a saving is about."""
        service = self._catalog.service(saving.command.split()[1])
        return running.get(place(service, environment).name)

    def _summary(self, scope: str, found: Sequence[Saving], troubles: Sequence[str]) -> str:
        if not found:
            return f"Nothing to save was found for {scope}{', as far as it could be looked at' if troubles else ''}."
        best = found[0]
        margin = f"estimates, ±{percent(self._prices.error)}, not reconciled"
        one = len(found) == 1
        return f"{len(found)} way{'' if one else 's'} to save {'was' if one else 'were'} found for {scope}; the largest is about {best.amount.brief} a month ({margin})."


def _kept_apart(saving: Saving, workload: Workload | None) -> Saving:
    """Without the button where it would be refused, or would change something else than was measured."""
    if workload is None:
        return _by_hand(saving, "I did not find the workload, so that is for you to do.")
    owner = next((each for each in workload.owners if each.field == "template" and each.reverts), None)
    if owner:
        return _by_hand(
            saving, f"{owner.system} ({owner.name}) looks after it: make the change in the source that it applies."
        )
    if len(workload.containers) > 1:
        return _by_hand(saving, "It has several containers, and what was measured is all of them: divide it by hand.")
    return saving


def _by_hand(saving: Saving, remedy: str) -> Saving:
    return Saving(
        what=saving.what,
        amount=saving.amount,
        confidence=saving.confidence,
        risk=saving.risk,
        why=saving.why,
        remedy=remedy,
    )


def _finding(saving: Saving) -> Finding:
    offer = Command(text=saving.command, does="propose it") if saving.command else None
    return Finding(
        text=f"{saving.what}: about {saving.amount.brief} a month could be saved.",
        evidence=(f"Why: {saving.why}", f"Risk: {saving.risk}"),
        confidence=saving.confidence,
        remedy=saving.remedy,
        offer=offer,
    )


def _table(found: Sequence[Saving]) -> Table:
    rows = tuple((each.what, str(each.amount), each.confidence, each.risk) for each in found)
    return Table(title="All of them", columns=("what", "a month", "confidence", "risk"), rows=rows)
