"""How long an access review takes in an organization with many people and services, beside asking about each request by itself."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice, product

from bot.configuration import load
from bot.rule_engine import make_survey
from bot.usecases.access import review
from skills.core.catalog import Catalog
from skills.core.names import ServiceName, Subject
from skills.core.plan import Risk
from skills.core.policy import Request
from skills.core.registry import Skills, discover
from skills.core.skill import Kind
from tests.bench.figures import show
from tests.support.policies import engine
from tests.support.worlds import CONFIG

PEOPLE, SERVICES, ASKED = 300, 100, 300


def grown(catalog: Catalog) -> Catalog:
    """The shipped catalog with hundreds of people of its three kinds, and a hundred services of its owners."""
    people = [replace(each, actor=replace(each.actor, subject=Subject(f"{each.actor.subject}{n}")), slack=()) for n, each in zip(range(PEOPLE), catalog.people[:3] * PEOPLE, strict=False)]  # fmt: skip
    services = [replace(each, name=ServiceName(f"{each.name}-{n}"), aliases=(), depends_on=()) for n, each in zip(range(SERVICES), catalog.declared * SERVICES, strict=False)]  # fmt: skip
    return replace(catalog, people=tuple(people), declared=tuple(services))


async def main() -> None:
    configuration = load(CONFIG, {}, skills=[each.name for each in discover()])
    configuration = replace(configuration, catalog=grown(configuration.catalog))
    catalog, policy = configuration.catalog, configuration.policy
    judge, alike = make_survey(configuration, engine(*policy.rules, modules=policy.modules))
    skills = Skills.described(discover()).values()
    changes = [each.name for each in skills if each.kind is Kind.CHANGE]
    all_of_them = product(catalog.everybody, changes, catalog.environments, catalog.services, Risk)
    requests = [
        Request(actor=person.actor, skill=skill, kind=Kind.CHANGE, now=datetime.now(UTC), services=(service,), environments=(place.name,), risk=risk)
        for person, skill, place, service, risk in islice(all_of_them, ASKED)
    ]  # fmt: skip
    await judge.judge(requests[0])
    started = time.perf_counter()
    for request in requests:
        await judge.judge(request)
    each = (time.perf_counter() - started) / ASKED
    there = PEOPLE * len(changes) * len(catalog.environments) * SERVICES * len(Risk)
    started = time.perf_counter()
    rows = await review(judge, catalog, skills, datetime.now(UTC), alike=alike)
    took = time.perf_counter() - started
    show(
        "access review", people=PEOPLE, services=SERVICES, requests=there, rows=len(rows), seconds=round(took, 2),
        one_by_one_seconds=round(each * there, 1), times_faster=round(each * there / took),
    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
