"""What services cost as they stand: one number with its currency and its error, and nothing hidden."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import Unavailable, UnknownName
from skills.core.money import currency
from skills.core.names import EnvironmentName, Organization, ServiceName, Subject
from skills.core.ports.workloads import Place, Size, Workload
from skills.core.report import Finding, Report, Table
from skills.cost import Cost, Params
from skills.costing.prices import NO_PRICES, PriceSheet
from tests.support.books import TheBooks, TheDays, ThePast

SHEET = PriceSheet(
    currency=currency("EUR"), cpu_hour=Decimal("0.03"), memory_hour=Decimal("0.004"), error=Decimal("0.15"), factors={"staging": Decimal("0.5")}
)  # fmt: skip
CATALOG = Catalog(
    declared=(Service(name=ServiceName("web"), owner="shop"), Service(name=ServiceName("pay"), owner="money", namespace="vault")),
    environments=(Environment(name=EnvironmentName("production"), namespace="prod"), Environment(name=EnvironmentName("staging"), namespace="stage")),
    people=(),
)  # fmt: skip
ASKER = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"))


def workload(
    environment: str, namespace: str, name: str, replicas: int, cpu: str | None, memory: str | None
) -> Workload:
    size = Size(cpu=Decimal(cpu) if cpu else None, memory=Decimal(memory) if memory else None)
    place = Place(environment=environment, namespace=namespace, name=name)
    return Workload(place=place, uid=name, revision=1, containers=(), template="t", replicas=replicas, size=size)


class Running:
    """A cluster in which these run; what is in no environment's namespace has to be asked for by name."""

    def __init__(self, *there: Workload, down: str = "") -> None:
        self._there = there
        self._down = down

    async def list(self, environment: str) -> Sequence[Workload]:
        if environment == self._down:
            raise Unavailable("The cluster does not answer.")
        return [
            each for each in self._there if each.place.environment == environment and each.place.namespace != "vault"
        ]

    async def get(self, place: Place) -> Workload:
        found = next((each for each in self._there if each.place == place), None)
        if found is None:
            raise UnknownName("workload", place.name)
        return found

    async def revisions(self, place: Place) -> Sequence[object]:
        raise AssertionError("nobody asks")


WEB = workload("production", "prod", "web", 4, "2", "4")
THERE = (
    WEB,
    workload("staging", "stage", "web", 2, "2", "4"),
    workload("production", "vault", "pay", 1, "1", None),
    workload("production", "prod", "stray", 1, "1", "1"),
)


async def ask(*there: Workload, sheet: PriceSheet = SHEET, down: str = "", **params: str) -> Report:
    skill = Cost(CATALOG, Running(*there, down=down), sheet, books=TheBooks(), past=ThePast(), days=TheDays())
    return await skill.answer(Params(**params), asker=ASKER)


def rows(report: Report, title: str = "") -> list[tuple[str, ...]]:
    return [row for part in report.parts if isinstance(part, Table) and part.title == title for row in part.rows]


def warnings(report: Report) -> list[str]:
    return [part.text for part in report.parts if isinstance(part, Finding)]


async def test_a_service_has_one_number_with_its_currency_and_error() -> None:
    report = await ask(*THERE, service="web", environment="production")
    assert report.title == "Cost of web in production"
    assert (
        report.summary == "web in production costs about €222 a month as it stands (estimate, ±15 %, not reconciled)."
    )
    assert rows(report) == [("web", "production", "4", "2 CPU, 4 GiB", "€175.20", "€46.72", "€221.92")]


async def test_what_belongs_to_nobody_is_shown_among_the_others() -> None:
    report = await ask(*THERE)
    assert [row[0] for row in rows(report)] == ["web", "web", "stray (in no catalog)", "pay"]
    assert rows(report, "By team") == [
        ("shop", "€277.40", "86 %"), ("nobody", "€24.82", "7.7 %"), ("money", "€21.90", "6.8 %")
    ]  # fmt: skip
    assert report.summary.startswith("Everything costs about €324 a month")


async def test_an_environment_pays_its_own_share_of_the_prices() -> None:
    report = await ask(*THERE, environment="staging")
    assert [row[-1] for row in rows(report)] == ["€55.48"]


async def test_a_service_in_a_namespace_of_its_own_is_found() -> None:
    assert [row[:4] for row in rows(await ask(*THERE, service="pay"))] == [
        ("pay", "production", "1", "1 CPU, no memory")
    ]


async def test_what_reserves_nothing_is_named_and_in_no_sum() -> None:
    report = await ask(WEB, workload("staging", "stage", "web", 2, None, None), service="web")
    assert warnings(report) == ["Not in the sum, since it requests nothing that has a price: web in staging."]
    nothing = await ask(workload("staging", "stage", "web", 2, None, None), service="web")
    assert nothing.summary == "Nobody can tell what web costs: nothing of it has a price."


async def test_a_cluster_that_is_down_is_said_to_be_missing_from_the_sum() -> None:
    report = await ask(*THERE, service="web", down="staging")
    assert warnings(report) == ["staging is not in this sum: The cluster does not answer."]
    assert rows(report)[0][1] == "production"


async def test_without_prices_it_says_where_they_belong() -> None:
    report = await ask(*THERE, sheet=NO_PRICES)
    assert report.summary == "No prices are configured, so nobody can tell."


async def test_a_service_that_runs_nowhere_and_one_that_nobody_knows_are_told_apart() -> None:
    with pytest.raises(UnknownName, match="web does not run anywhere"):
        await ask(service="web")
    with pytest.raises(UnknownName, match="I know no service called"):
        await ask(*THERE, service="wbe")
