"""What services cost, as they stand."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.cost_delta import percent
from skills.core.errors import Unavailable, UnknownName
from skills.core.money import Money, spoken, totals
from skills.core.ports.costs import Category
from skills.core.ports.prices import Prices
from skills.core.ports.workloads import Place, Size, Workload, Workloads
from skills.core.report import Finding, Part, Report, Table, Text
from skills.core.skill import Query
from skills.core.workload_change import place

NOBODYS = "(in no catalog)"
_FOOT = (
    "Worked out from what replicas request, as it stands now, by the prices in prices.yaml; a month is 730 hours. Storage, traffic and what nodes"
    " have idle are not in it, and neither is what was really billed, now or in the past."
)


class Params(skill.Params):
    """Nothing for everything; a service, an environment or both to narrow it down."""

    service: skill.Service | None = Field(default=None, description="Only this service")
    environment: skill.Environment | None = Field(default=None, description="Only this environment")


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A workload with what each of its replicas comes to. `service` is None for what belongs to nobody we know."""

    service: Service | None
    workload: Workload
    parts: Sequence[tuple[Category, Money]]

    @property
    def name(self) -> str:
        return self.service.name if self.service else f"{self.workload.place.name} {NOBODYS}"

    @property
    def team(self) -> str:
        return (self.service.owner if self.service else "") or "nobody"

    @property
    def month(self) -> Money | None:
        """None where it reserves nothing, or nothing of it has a price."""
        return totals(money for _, money in self.parts)[0] * self.workload.replicas if self.parts else None


class Cost(Query[Params]):
    """Estimate what services cost a month, as they stand now."""

    name = "cost"
    aliases = ("costs",)
    examples = ("cost", "cost checkout", "cost checkout in production")
    phrases = (
        "how much … cost|costs", "how much … pay|paying for", "what does|do … cost", "what is|are … cost|costs|price", "how expensive", "cost|costs of|for|in",
        "monthly cost|costs|bill|price", "running cost|costs", "show|list|get … cost|costs", "estimate … cost|costs of|for", "which|what … most|least expensive", "most|least expensive", "cost|costs … by", "price of|for",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, workloads: Workloads, prices: Prices) -> None:
        self._catalog = catalog
        self._workloads = workloads
        self._prices = prices

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        service = self._catalog.service(params.service) if params.service else None
        named = self._catalog.environment(params.environment) if params.environment else None
        title = _title(service, named)
        if not self._prices.configured:
            text = "Write them down in prices.yaml: an hour of a core, an hour of a GiB of memory, and the currency."
            return Report(
                title=title, summary="No prices are configured, so nobody can tell.", parts=(Text(text=text),)
            )
        environments = [named] if named else list(self._catalog.environments)
        found = await asyncio.gather(*(self._look(each, service) for each in environments))
        rows = [row for seen, _ in found for row in seen]
        troubles = [Finding(text=problem, severity="warning") for _, problem in found if problem]
        if service and not rows and not troubles:
            where = f" in {named.name}" if named else " anywhere"
            raise UnknownName("workload", service.workload_name, hint=f"{service.name} does not run{where}.")
        return Report(
            title=title, summary=self._summary(service, named, rows), parts=(*_parts(rows), *troubles, Text(text=_FOOT))
        )

    async def _look(self, environment: Environment, service: Service | None) -> tuple[list[_Row], str]:
        """What runs in an environment; or the sentence that says why it cannot be seen."""
        try:
            seen = list(await self._workloads.list(environment.name))
            seen += await self._elsewhere(environment, service, {each.place for each in seen})
        except Unavailable as problem:
            return [], f"{environment.name} is not in this sum: {problem}"
        owners = {place(each, environment): each for each in self._catalog.services}
        return [
            _Row(service=owner, workload=each, parts=self._prices.parts(each.size, environment.name))
            for each in seen
            if (owner := owners.get(each.place)) == service or service is None
        ], ""

    async def _elsewhere(self, environment: Environment, service: Service | None, seen: set[Place]) -> list[Workload]:
        """The workloads of services with a namespace of their own, where they are there."""
        wanted = [service] if service else [each for each in self._catalog.services if each.namespace]
        found = []
        for each in wanted:
            where = place(each, environment)
            if where not in seen:
                try:
                    found.append(await self._workloads.get(where))
                except UnknownName:
                    continue
        return found

    def _summary(self, service: Service | None, environment: Environment | None, rows: Sequence[_Row]) -> str:
        months = totals(row.month for row in rows if row.month)
        what = f"{service.name if service else 'Everything'}{f' in {environment.name}' if environment else ''}"
        if not months:
            return f"Nobody can tell what {what[:1].lower() + what[1:]} costs: nothing of it has a price."
        margin = f"estimate, ±{percent(self._prices.error)}, not reconciled"
        return f"{what} costs about {spoken(months)} a month as it stands ({margin})."


def _parts(rows: Sequence[_Row]) -> list[Part]:
    priced = sorted((row for row in rows if row.month), key=lambda row: (-_amount(row), row.name))
    parts: list[Part] = []
    if priced:
        parts.append(_by_workload(priced))
    if len({row.team for row in priced}) > 1:
        parts.append(_by_team(priced))
    left_out = [f"{row.name} in {row.workload.place.environment}" for row in rows if row.month is None]
    if left_out:
        text = f"Not in the sum, since it requests nothing that has a price: {', '.join(sorted(left_out))}."
        parts.append(Finding(text=text, severity="warning"))
    return parts


def _by_workload(rows: Sequence[_Row]) -> Table:
    columns = ("service", "environment", "replicas", "each reserves", "compute", "memory", "a month")
    return Table(columns=columns, rows=tuple(_cells(row) for row in rows))


def _cells(row: _Row) -> tuple[str, ...]:
    held = {category: str(money * row.workload.replicas) for category, money in row.parts}
    return (
        row.name,
        row.workload.place.environment,
        str(row.workload.replicas),
        _reserved(row.workload.size),
        held.get(Category.COMPUTE, "–"),
        held.get(Category.MEMORY, "–"),
        str(row.month),
    )


def _by_team(rows: Sequence[_Row]) -> Table:
    """Who owns it; what belongs to nobody is shown like everybody's."""
    whole = totals(_months(rows))
    cells = []
    for team in dict.fromkeys(row.team for row in rows):
        (month,) = totals(_months(row for row in rows if row.team == team))
        share = month.share(whole[0])
        cells.append((team, str(month), "–" if share is None else percent(share)))
    return Table(title="By team", columns=("team", "a month", "share"), rows=tuple(cells))


def _months(rows: Iterable[_Row]) -> list[Money]:
    return [row.month for row in rows if row.month]


def _amount(row: _Row) -> Decimal:
    return row.month.amount if row.month else Decimal()


def _reserved(size: Size) -> str:
    cpu = f"{size.cpu.normalize():f} CPU" if size.cpu is not None else "no CPU"
    memory = f"{size.memory.quantize(Decimal('0.01')).normalize():f} GiB" if size.memory is not None else "no memory"
    return f"{cpu}, {memory}"


def _title(service: Service | None, environment: Environment | None) -> str:
    what = service.name if service else "everything"
    return f"Cost of {what} in {environment.name}" if environment else f"Cost of {what}"
