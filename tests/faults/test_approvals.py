"""An approval is worth exactly what was approved, once: one byte of it changed is void, and of sixteen workers one consumes it."""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.bootstrap import World
from skills.core.errors import Anticipated
from skills.core.names import ProposalId
from skills.core.plan import Plan
from skills.core.proposal import Status
from tests.support.databases import PostgreSQL
from tests.support.edited_policy import edit_policy
from tests.support.mutations import means_the_same, mutated, still_approved
from tests.support.worlds import Office, open_office

TRIES = 3_000
"""100,000 in `make bench`."""

THROUGH_THE_STORE = 40


async def approved(office: Office) -> Plan:
    await office.say("dev", "deploy checkout v42 to production")
    await office.say("sre", "approve 1")
    return (await office.proposal(1)).plan


async def test_no_byte_of_a_plan_can_be_another_one(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        plan = await approved(office)
    dice = random.Random(1)
    for _ in range(TRIES):
        stored = mutated(plan, dice)
        assert still_approved(stored, plan) is means_the_same(stored, plan), stored


async def test_a_changed_plan_is_never_carried_out(tmp_path: Path) -> None:
    dice = random.Random(2)
    async with open_office(tmp_path) as office:
        plan = await approved(office)
        for _ in range(THROUGH_THE_STORE):
            stored = mutated(plan, dice)
            if means_the_same(stored, plan):
                continue
            await _store(office, plan=stored, status="approved")
            try:
                await office.runner().advance(ProposalId(1))
                assert (await office.proposal(1)).status is Status.VOID
            except Anticipated as unreadable:
                assert "somebody changed it in the database" in str(unreadable)  # noqa: PT017 - one of two good ends
            assert office.cluster.effects == ()


def _other_diff(value: dict) -> None:
    value["steps"][0]["diff"][0]["after"] += "x"


def _other_target(value: dict) -> None:
    value["steps"][0]["target"]["uid"] = "another"


def _other_version(value: dict) -> None:
    value["params"]["version"] = "v43"


def _other_edit(value: dict) -> None:
    value["steps"][0]["edit"]["op"] = "replicas"


@pytest.mark.parametrize("change", [_other_diff, _other_target, _other_version, _other_edit])
async def test_what_was_approved_under_another_digest_does_not_count(
    tmp_path: Path, change: Callable[[dict], None]
) -> None:
    """Somebody who also writes the digest of their plan into the row still has nobody's approval of it."""
    async with open_office(tmp_path) as office:
        plan = await approved(office)
        value = json.loads(json.dumps(plan.to_json()))
        change(value)
        forged = Plan.from_json(value)
        await _store(office, plan=json.dumps(value), digest=forged.digest)
        done = await office.run(1)
        assert done.status is Status.VOID
        assert "Policy now needs" in done.outcome
        assert office.cluster.effects == ()


async def test_a_changed_policy_that_asks_for_more_voids_the_approval(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await approved(office)
        edit_policy(office.world.policy, needs=lambda: 2)
        done = await office.run(1)
        assert (done.status, office.cluster.effects) == (Status.VOID, ())
        assert done.outcome.startswith("Policy now needs")


async def test_a_verdict_that_was_made_milder_in_the_database_opens_nothing(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.say("dev", "deploy checkout v42 to production")
        mild = '{"outcome": "allow", "reasons": [], "rules": [], "requirements": []}'
        start_by = office.time.now.isoformat().replace("+00:00", ".000000Z").replace("09:00", "09:30")
        await _store(office, verdict=mild, status="approved", start_by=start_by)
        done = await office.run(1)
        assert (done.status, office.cluster.effects) == (Status.VOID, ())


async def test_of_sixteen_racing_workers_one_consumes_an_approval(tmp_path: Path, postgresql: PostgreSQL) -> None:
    environ = {"COUNTERSIGN_DATABASE_URL": postgresql.fresh()}
    async with AsyncExitStack() as stack:
        offices = [await stack.enter_async_context(open_office(tmp_path, environ=environ)) for _ in range(4)]
        await approved(offices[0])
        worlds: list[World] = [office.world for office in offices]
        runners = [worlds[number % 4].runner(executor=f"worker-{number}") for number in range(16)]
        went_on = await asyncio.gather(*[runner.advance(ProposalId(1)) for runner in runners])
        assert any(went_on)
        verbs = await offices[0].verbs(1)
        assert verbs.count("run:started") == verbs.count("effect:intended") == 1
        done = await offices[0].run(1)
        assert (done.status, len(offices[0].cluster.effects)) == (Status.SUCCEEDED, 1)
        assert (await offices[0].verbs(1)).count("run:started") == 1
        assert (await worlds[0].store.audit.verify()).ok


async def _store(office: Office, **columns: str) -> None:
    """What somebody with the database's password can do."""
    values = ", ".join(f"{name} = :{name}" for name in columns)
    async with office.world.database.writing() as connection:
        await connection.execute(text(f"UPDATE proposals SET {values} WHERE id = 1"), columns)
