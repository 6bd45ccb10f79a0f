"""What things cost as they stand: one row for each workload, and nothing hidden."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from skills.core.catalog import Environment, Service
from skills.core.cost_delta import percent
from skills.core.money import Money, spoken, totals
from skills.core.ports.costs import Category
from skills.core.ports.workloads import Size, Workload
from skills.core.report import Finding, Part, Table

NOBODYS = "(in no catalog)"
FOOT = (
    "Worked out from what replicas request, as it stands now, by the prices in prices.yaml; a month is 730 hours. Storage, traffic and what nodes"
    " have idle are not in it, and neither is what was really billed."
)


@dataclass(frozen=True, kw_only=True)
class Standing:
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


def summary(
    service: Service | None, environment: Environment | None, rows: Sequence[Standing], error: Decimal, *, reconciled: bool = False
) -> str:  # fmt: skip
    """The one sentence."""
    months = totals(row.month for row in rows if row.month)
    what = f"{service.name if service else 'Everything'}{f' in {environment.name}' if environment else ''}"
    if not months:
        return f"Nobody can tell what {what[:1].lower() + what[1:]} costs: nothing of it has a price."
    margin = f"estimate, ±{percent(error)}, {'reconciled against the bill' if reconciled else 'not reconciled'}"
    return f"{what} costs about {spoken(months)} a month as it stands ({margin})."


def parts(rows: Sequence[Standing]) -> list[Part]:
    """The tables, and what is not in them."""
    priced = sorted((row for row in rows if row.month), key=lambda row: (-_amount(row), row.name))
    found: list[Part] = []
    if priced:
        found.append(_by_workload(priced))
    if len({row.team for row in priced}) > 1:
        found.append(_by_team(priced))
    left_out = [f"{row.name} in {row.workload.place.environment}" for row in rows if row.month is None]
    if left_out:
        text = f"Not in the sum, since it requests nothing that has a price: {', '.join(sorted(left_out))}."
        found.append(Finding(text=text, severity="warning"))
    return found


def _by_workload(rows: Sequence[Standing]) -> Table:
    columns = ("service", "environment", "replicas", "each reserves", "compute", "memory", "a month")
    return Table(columns=columns, rows=tuple(_cells(row) for row in rows))


def _cells(row: Standing) -> tuple[str, ...]:
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


def _by_team(rows: Sequence[Standing]) -> Table:
    """Who owns it; what belongs to nobody is shown like everybody's."""
    whole = totals(_months(rows))
    cells = []
    for team in dict.fromkeys(row.team for row in rows):
        (month,) = totals(_months(row for row in rows if row.team == team))
        share = month.share(whole[0])
        cells.append((team, str(month), "–" if share is None else percent(share)))
    return Table(title="By team", columns=("team", "a month", "share"), rows=tuple(cells))


def _months(rows: Iterable[Standing]) -> list[Money]:
    return [row.month for row in rows if row.month]


def _amount(row: Standing) -> Decimal:
    return row.month.amount if row.month else Decimal()


def _reserved(size: Size) -> str:
    cpu = f"{size.cpu.normalize():f} CPU" if size.cpu is not None else "no CPU"
    memory = f"{size.memory.quantize(Decimal('0.01')).normalize():f} GiB" if size.memory is not None else "no memory"
    return f"{cpu}, {memory}"
