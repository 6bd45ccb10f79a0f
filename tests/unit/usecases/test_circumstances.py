"""What policies are told of the moment: incidents, how the last changes went, and what is left of error budgets."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.policy.circumstances import Budget
from bot.usecases.error_budgets import ErrorBudgets
from bot.usecases.judging import plan_request
from bot.usecases.rejudging import Rejudging
from bot.usecases.surroundings import StoredSurroundings
from skills.core.catalog import Catalog, Environment, Objective, Service
from skills.core.errors import Unavailable
from skills.core.incident import Entry, Verb
from skills.core.names import EnvironmentName, ProposalId, ServiceName
from skills.core.ports.metrics import Measured, Query, Series, Signal, Window
from skills.core.proposal import Origin, Status
from tests.support.worlds import CONFIG, Office, open_office

DEPLOY = "deploy checkout v42 to production"
GRAVE = "incident declare checkout returns 500s sev1"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office


async def told(office: Office, number: int) -> Any:
    found = (await office.proposal(number)).told
    assert found is not None
    return found


async def test_where_nothing_is_going_on_that_is_what_is_told(office: Office) -> None:
    await office.say("dev", DEPLOY)
    assert await told(office, 1) == {
        "incident": {"open": [], "worst": "", "here": False},
        "history": [
            {
                "service": "checkout",
                "environment": "production",
                "last": None,
                "failures_in_24h": 0,
                "changes_today": 0,
            }
        ],
        "error_budget": [
            {
                "service": "checkout",
                "environment": "production",
                "known": False,
                "left_percent": None,
                "objective": "",
                "because": "The catalog has no objective for it.",
            }
        ],
    }


async def test_a_grave_incident_of_the_service_is_told_with_its_age_and_asks_for_operations(office: Office) -> None:
    await office.say("sre", GRAVE)
    office.time.pass_by(minutes=7, seconds=30)
    await office.say("dev", DEPLOY)
    await office.say("dev", "restart web in production")
    (incident,) = (await told(office, 1))["incident"]["open"]
    assert incident == {
        "number": 1, "service": "checkout", "severity": "sev1", "phase": "investigating", "minutes": 7, "here": False,
    }  # fmt: skip
    assert "grave-incident" in (await office.proposal(1)).verdict.rules
    assert (await told(office, 2))["incident"]["open"] == []


async def test_a_confidential_incident_is_told_to_no_policy(office: Office) -> None:
    await office.say("sre", "incident declare confidential checkout leaks names sev1")
    await office.say("dev", DEPLOY)
    assert (await told(office, 1))["incident"] == {"open": [], "worst": "", "here": False}


async def test_whoever_asks_in_the_room_of_the_incident_is_told_to_be_there(office: Office) -> None:
    await office.say("sre", GRAVE)
    entry = Entry(
        at=office.time(), verb=Verb.ROOM, text="The room.", facts={"id": "C0ROOM", "name": "inc-1", "url": ""}
    )
    async with office.world.store.begin() as tx:
        await tx.incidents.write(1, [entry], key="room")
    for key, channel in (("here", "C0ROOM"), ("elsewhere", "C0OTHER")):
        origin = Origin(edge="slack", place={"channel": channel})
        await office.world.door.request(office.world.actor("dev"), DEPLOY, origin=origin, key=key)
    assert [(await told(office, number))["incident"]["here"] for number in (1, 2)] == [True, False]
    assert ["grave-incident" in (await office.proposal(number)).verdict.rules for number in (1, 2)] == [False, True]


async def test_how_the_last_changes_went_is_told(office: Office) -> None:
    await office.say("dev", "deploy checkout v43 to staging")
    assert (await office.run(1)).status is Status.FAILED
    await office.say("dev", "restart checkout in staging")
    assert (await office.run(2)).status is Status.SUCCEEDED
    office.time.pass_by(minutes=90)
    await office.say("dev", "restart checkout in staging")
    (past,) = (await told(office, 3))["history"]
    assert (past["last"]["proposal"], past["last"]["outcome"], past["last"]["minutes"]) == (2, "succeeded", 90)
    assert (past["failures_in_24h"], past["changes_today"]) == (1, 2)
    office.time.pass_by(hours=30)
    await office.say("dev", "restart checkout in staging")
    (past,) = (await told(office, 4))["history"]
    assert (past["failures_in_24h"], past["changes_today"]) == (0, 0)


async def test_a_run_is_not_its_own_past(office: Office) -> None:
    await office.say("dev", "restart checkout in staging")
    await office.runner().advance(ProposalId(1))
    running = await office.proposal(1)
    assert running.status is Status.RUNNING
    surroundings = StoredSurroundings(office.world.store)
    request = plan_request(
        office.world.catalog, office.world.actor("dev"), running.plan, office.time() + timedelta(minutes=1), edge="cli"
    )
    (past,) = (await surroundings.around(request)).history
    assert (past.proposal, past.today) == (None, 0)


async def test_what_was_told_is_explained_as_it_was_and_simulated_by(office: Office) -> None:
    await office.say("sre", GRAVE)
    await office.say("dev", DEPLOY)
    await office.say("sre", "incident resolve #1 a bad index")
    world = office.world
    rejudging = Rejudging(
        catalog=world.catalog,
        policy=world.policy,
        calendar=world.configuration.policy.calendar,
        store=world.store,
        surroundings=StoredSurroundings(world.store),
    )
    explained = await rejudging.explain(ProposalId(1))
    assert explained.facts["incident"]["worst"] == "sev1"  # type: ignore[index,call-overload]  # it is a mapping
    assert not explained.different
    created = (await world.store.audit.entries(subject="proposal/1"))[0]
    assert created.facts["told"] == (await office.proposal(1)).told


async def test_it_is_asked_again_before_it_runs(office: Office) -> None:
    await office.say("dev", "scale checkout to 4 in production")
    await office.say("lead", "approve 1")
    config = office.world.configuration.folder
    assert config == CONFIG
    await office.say("sre", GRAVE)
    assert (await office.run(1)).status is Status.SUCCEEDED


async def test_an_incident_that_policy_does_not_want_changes_in_stops_what_was_approved_before(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    (config / "policies" / "still.rego").write_text(
        """package countersign.policy

import rego.v1

deny contains {"rule": "stand-still", "because": "Nothing else is changed in a sev1."} if {
	input.request.kind == "change"
	input.incident.worst == "sev1"
	not input.incident.here
}
"""
    )
    async with open_office(tmp_path / "data", config=config) as office:
        await office.say("dev", DEPLOY)
        await office.say("sre", "approve 1")
        await office.say("sre", GRAVE)
        run = await office.run(1)
        assert (run.status, run.outcome) == (Status.VOID, "Policy now says no: Nothing else is changed in a sev1.")


# Error budgets.

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OBJECTIVE = Objective(percent=Decimal("99.9"), days=30)


class Measurements:
    """What a metrics server says of everything: shares of errors and requests a second, a value for each moment."""

    def __init__(self, errors: Sequence[float | None] | None, traffic: Sequence[float | None] | None) -> None:
        self.values = {Signal.ERRORS: errors, Signal.TRAFFIC: traffic}
        self.asked = 0
        self.problem: Exception | None = None
        self.slow = False

    def finest(self, environment: str) -> timedelta | None:
        return timedelta(minutes=1)

    def latest(self, environment: str, length: timedelta) -> Window | None:
        return None if environment == "blind" else Window.latest(NOON, length, finest=timedelta(minutes=1), points=10)

    async def measure(self, queries: Sequence[Query], window: Window) -> Sequence[Measured]:
        self.asked += 1
        if self.problem:
            raise self.problem
        if self.slow:
            await asyncio.Event().wait()
        moments = list(window.moments())
        return [
            Measured(query=query, series=Series(points=tuple(zip(moments, values, strict=True))) if values else None)
            for query in queries
            for values in [self.values[query.signal]]
        ]


def budgets(metrics: Measurements, *, objective: Objective | None = OBJECTIVE) -> ErrorBudgets:
    places = ("production", "blind")
    catalog = Catalog(
        declared=(Service(name=ServiceName("checkout"), objective=objective),),
        environments=tuple(Environment(name=EnvironmentName(name), namespace=name) for name in places),
        people=(),
    )
    return ErrorBudgets(metrics=metrics, catalog=catalog, now=lambda: 0.0)


async def budget(metrics: Measurements, environment: str = "production", **more: Any) -> Budget:
    (found,) = await budgets(metrics, **more).of(["checkout"], [environment])
    return found


@pytest.mark.parametrize(
    ("errors", "traffic", "left"),
    [
        ([0.0] * 10, [5.0] * 10, 100),
        ([0.0005] * 10, [5.0] * 10, 50),
        ([0.001] * 10, [5.0] * 10, 0),
        ([0.002] * 10, [5.0] * 10, -100),
        ([0.5] + [0.0] * 9, [0.01] + [100.0] * 9, 99),
        ([None] + [0.0] * 9, [0.0] + [100.0] * 9, 100),
    ],
)
async def test_what_is_left_is_weighed_by_traffic(errors: list[float], traffic: list[float], left: int) -> None:
    found = await budget(Measurements(errors, traffic))
    assert found.left is not None
    assert abs(found.left - left) <= 1
    assert found.objective == "99.9 % over 30d"


async def test_what_nobody_can_tell_is_unknown_and_says_why() -> None:
    whole = Measurements([0.0] * 10, [5.0] * 10)
    down, slow = Measurements([0.0] * 10, [5.0] * 10), Measurements([0.0] * 10, [5.0] * 10)
    down.problem, slow.slow = Unavailable("Prometheus does not answer."), True
    found = {
        "no objective": await budget(whole, objective=None),
        "nothing measured there": await budget(whole, "blind"),
        "no such metric": await budget(Measurements(None, [5.0] * 10)),
        "gaps": await budget(Measurements([None] * 5 + [0.0] * 5, [5.0] * 10)),
        "no traffic": await budget(Measurements([0.0] * 10, [0.0] * 10)),
        "down": await budget(down),
        "slow": await budget(slow),
    }
    assert {name: each.left for name, each in found.items()} == dict.fromkeys(found)
    assert {name: each.because for name, each in found.items()} == {
        "no objective": "The catalog has no objective for it.",
        "nothing measured there": "Nothing is measured there.",
        "no such metric": "Its errors and its traffic are not both measured.",
        "gaps": "Only 5 of 10 parts of the time were measured.",
        "no traffic": "It had no traffic.",
        "down": "Prometheus does not answer.",
        "slow": "The measurements took too long.",
    }


async def test_what_was_measured_is_kept_for_a_while_and_what_was_not_is_asked_for_again() -> None:
    metrics = Measurements([0.0] * 10, [5.0] * 10)
    asking = budgets(metrics)
    metrics.problem = Unavailable("Prometheus does not answer.")
    (first,) = await asking.of(["checkout"], ["production"])
    metrics.problem = None
    (second,) = await asking.of(["checkout"], ["production"])
    (third,) = await asking.of(["checkout"], ["production"])
    assert [each.left for each in (first, second, third)] == [None, 100, 100]
    assert metrics.asked == 2


async def test_an_objective_of_the_catalog_is_one_that_policies_see(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    file = config / "catalog" / "services.yaml"
    shown = "countersign.dev/aliases: shop-checkout\n"
    assert shown in file.read_text()
    file.write_text(file.read_text().replace(shown, f"{shown}    countersign.dev/slo: 99.5 over 1d\n"))
    async with open_office(tmp_path / "data", config=config) as office:
        await office.say("dev", DEPLOY)
        (found,) = (await told(office, 1))["error_budget"]
        assert found["objective"] == "99.5 % over 1d"
