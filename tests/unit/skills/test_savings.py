"""Where money could be saved, with amount, confidence, risk, and a request only where it would do what was measured."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import Unavailable, UnknownName
from skills.core.money import currency
from skills.core.names import EnvironmentName, Organization, ServiceName, Subject
from skills.core.ports.costs import Wanted, Whose
from skills.core.ports.usage import Consumption, Footprint, Measure, Need, Thing
from skills.core.ports.workloads import Container, Owner, Place, Size, Workload
from skills.core.report import Finding, Report
from skills.costing.prices import NO_PRICES, PriceSheet
from skills.costing.saving import smaller
from skills.savings import Params, Savings

SHEET = PriceSheet(
    currency=currency("EUR"), cpu_hour=Decimal("0.03"), memory_hour=Decimal("0.004"), error=Decimal("0.15"),
    storage_month={"default": Decimal("0.1")}, load_balancer_hour=Decimal("0.02"),
)  # fmt: skip
CATALOG = Catalog(
    declared=(Service(name=ServiceName("web"), owner="shop"),),
    environments=(
        Environment(name=EnvironmentName("production"), namespace="prod", protected=True),
        Environment(name=EnvironmentName("staging"), namespace="stage"),
    ),
    people=(),
)  # fmt: skip
ASKER = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"))


def need(measure: Measure, p95: str, most: str, *, samples: int = 4000, days: int = 14) -> Need:
    middle = Decimal(p95)
    return Need(
        measure=measure, p50=middle, p95=middle, p99=Decimal(most), most=Decimal(most), samples=samples, window=timedelta(days=days)
    )  # fmt: skip


def footprint(*needs: Need, cpu: str = "2", memory: str = "4", environment: str = "production") -> Footprint:
    whose = Whose(service="web", environment=environment, team="shop")
    return Footprint(whose=whose, size=Size(cpu=Decimal(cpu), memory=Decimal(memory)), replicas=3, needs=needs)


LITTLE = footprint(need(Measure.CPU_USED, "0.5", "1.5"), need(Measure.MEMORY_USED, "1", "2"))


class TheUsage:
    """Satisfies `Usage`."""

    def __init__(self, *footprints: Footprint, things: Sequence[Thing] = (), down: str = "") -> None:
        self._footprints = footprints
        self._things = things
        self._down = down

    async def consumption(self, wanted: Wanted) -> Consumption:
        raise AssertionError("nobody asks")

    async def footprints(self, environment: str) -> Sequence[Footprint]:
        if environment == self._down:
            raise Unavailable("The cluster does not answer.")
        return [each for each in self._footprints if each.whose.environment == environment]

    async def things(self, environment: str) -> Sequence[Thing]:
        return [each for each in self._things if each.whose.environment == environment]


class TheWorkloads:
    """Satisfies `Workloads` with web alone."""

    def __init__(self, *, containers: int = 1, owners: tuple[Owner, ...] = ()) -> None:
        self._containers = tuple(Container(name=f"c{n}", image="x:1") for n in range(containers))
        self._owners = owners

    async def list(self, environment: str) -> Sequence[Workload]:
        place = Place(environment=environment, namespace="any", name="web")
        return [
            Workload(place=place, uid="u", revision=1, containers=self._containers, template="t", replicas=3, owners=self._owners)
        ]  # fmt: skip

    async def get(self, place: Place) -> Workload:
        raise UnknownName("workload", place.name)

    async def revisions(self, place: Place) -> Sequence[object]:
        raise AssertionError("nobody asks")


async def ask(
    usage: TheUsage, workloads: TheWorkloads | None = None, sheet: PriceSheet = SHEET, **params: str
) -> Report:
    return await Savings(CATALOG, workloads or TheWorkloads(), sheet, usage).answer(Params(**params), asker=ASKER)


def findings(report: Report) -> list[Finding]:
    return [part for part in report.parts if isinstance(part, Finding)]


async def test_requests_beyond_what_is_needed_have_an_amount_a_risk_and_the_request_that_changes_them() -> None:
    report = await ask(TheUsage(LITTLE), environment="production")
    (finding,) = findings(report)
    # 2 → 0.58 cores (0.5 × 1.15, to the next 10m), 4 → 2.40625 GiB (2 × 1.2, to the next 16Mi), three times.
    assert finding.text == "web in production requests more than it needs: about €107 a month could be saved."
    assert finding.offer is not None
    assert finding.offer.text == "rightsize web in production --cpu 580m --memory 2464Mi"
    assert finding.confidence == "likely"
    assert finding.evidence == (
        "Why: it used CPU 0.5 of 2 cores in 95 of 100 measurements and memory 2 of 4 GiB at most, in 14 days",
        "Risk: a replica that needs more memory than that is killed",
    )
    assert report.summary == (
        "1 way to save was found for everything in production; the largest is about €107 a month (estimates, ±15 %, not reconciled)."
    )


@pytest.mark.parametrize(
    ("needs", "becomes"),
    [
        ((need(Measure.CPU_USED, "0.5", "1.5", samples=499),), ("2", "4")),  # measured too seldom
        ((need(Measure.CPU_USED, "0.5", "1.5", days=6),), ("2", "4")),  # and not for long enough
        ((need(Measure.CPU_USED, "1.6", "2"),), ("2", "4")),  # not worth a change
        ((need(Measure.CPU_USED, "3", "5"),), ("2", "4")),  # never more than it has
        ((need(Measure.CPU_USED, "0", "0"),), ("0.01", "4")),  # nor nothing
        ((), ("2", "4")),
    ],
)
def test_only_what_was_measured_well_is_believed(needs: tuple[Need, ...], becomes: tuple[str, str]) -> None:
    assert smaller(footprint(*needs)) == Size(cpu=Decimal(becomes[0]), memory=Decimal(becomes[1]))


async def test_a_short_measurement_makes_it_possible_and_not_likely() -> None:
    (finding,) = findings(
        await ask(TheUsage(footprint(need(Measure.CPU_USED, "0.5", "1", days=8))), environment="production")
    )
    assert finding.confidence == "possible"


@pytest.mark.parametrize(
    ("workloads", "said"),
    [
        (TheWorkloads(containers=2), "It has several containers"),
        (
            TheWorkloads(owners=(Owner(field="template", system="Argo CD", name="shop", reverts=True),)),
            "Argo CD (shop)",
        ),
    ],
)
async def test_nothing_is_offered_that_would_be_refused_or_would_change_something_else(
    workloads: TheWorkloads, said: str
) -> None:
    (finding,) = findings(await ask(TheUsage(LITTLE), workloads, environment="production"))
    assert finding.offer is None
    assert said in finding.remedy


async def test_what_nobody_uses_is_told_and_never_deleted_by_a_button() -> None:
    nobody = Whose(environment="production")
    things = [
        Thing(kind="volume", name="old", namespace="prod", whose=nobody, used=False, size=Decimal(80), item="ssd"),
        Thing(kind="load balancer", name="lb", namespace="prod", whose=nobody, used=False),
        Thing(kind="volume", name="data", namespace="prod", whose=nobody, used=True, size=Decimal(80)),
        Thing(kind="volume", name="riddle", namespace="prod", whose=nobody, used=None, size=Decimal(80)),
        Thing(kind="image", name="img", namespace="prod", whose=nobody, used=False, size=Decimal(8)),
    ]
    found = findings(await ask(TheUsage(things=things), environment="production"))
    assert [each.text for each in found] == [
        "Nobody uses the load balancer lb in production: about €14.60 a month could be saved.",
        "Nobody uses the volume old of 80 GiB in production: about €8.00 a month could be saved.",
    ]
    assert all(each.offer is None and "by hand" in each.remedy for each in found)


async def test_nights_and_weekends_are_for_what_is_not_protected() -> None:
    here = replace(LITTLE, needs=(), whose=Whose(service="web", environment="staging"))
    found = findings(await ask(TheUsage(here, replace(LITTLE, needs=()))))
    assert [each.text.partition(":")[0] for each in found] == ["staging runs at night and on weekends"]


async def test_nothing_known_is_a_sentence() -> None:
    assert (await ask(TheUsage(), sheet=NO_PRICES)).summary == "No prices are configured, so nobody can tell."
    down = await ask(TheUsage(down="production"), environment="production")
    assert down.summary == "Nothing to save was found for everything in production, as far as it could be looked at."
    assert [each.text for each in findings(down)] == ["production was not looked at: The cluster does not answer."]
    with pytest.raises(UnknownName, match="wbe"):
        await ask(TheUsage(), service="wbe")
