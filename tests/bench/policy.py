"""How long policy takes to decide in process: the shipped rules, and an organization with many.

What is timed is everything between the question and the verdict: facts, JSON, the thread, Rego, the reading of the answer.
"""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime

from bot.configuration import load
from bot.policy import Judge
from skills.core.policy import Request
from skills.core.registry import discover
from skills.core.skill import Kind
from tests.bench.figures import percentile, show_times
from tests.support.policies import judge
from tests.support.proposals import a_plan
from tests.support.worlds import CONFIG

TIMES = 1_000


async def show_decisions(name: str, policy: Judge, request: Request) -> None:
    """Time `TIMES` decisions; the first, which compiles, is not among them. On a busy machine the processor time is what means something."""
    taken, busy = [], []
    await policy.judge(request)
    for _ in range(TIMES):
        started, worked = time.perf_counter(), time.process_time()
        await policy.judge(request)
        taken.append(time.perf_counter() - started)
        busy.append(time.process_time() - worked)
    show_times(name, taken, cpu_p99_ms=round(percentile(busy, 0.99) * 1000, 2))


async def main() -> None:
    configuration = load(CONFIG, {}, skills=[each.name for each in discover()])
    catalog, rules = configuration.catalog, configuration.policy.rules
    request = Request(
        actor=catalog.person("dev").actor,
        skill="deploy",
        kind=Kind.CHANGE,
        now=datetime.now(UTC),
        services=(catalog.service("checkout"),),
        environments=("production",),
        plan=a_plan(),
    )
    shipped = judge(*rules, catalog=catalog, modules=configuration.policy.modules)
    await show_decisions("policy: decision, shipped policies", shipped, request)
    many = tuple(
        replace(rule, name=f"{rule.name}-{copy}", environments=("production",) if copy == 0 else (f"region-{copy}",))
        for rule in rules
        for copy in range(5)
    )
    large = judge(*many, catalog=catalog, modules=configuration.policy.modules)
    await show_decisions(f"policy: decision, {len(many)} rules", large, request)


if __name__ == "__main__":
    asyncio.run(main())
