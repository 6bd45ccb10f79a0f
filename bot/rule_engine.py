"""Policy as configured: the bundle, who evaluates it, and the judge in front."""

import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from bot.configuration import Configuration
from bot.policy import Judge
from bot.policy.bundle import Bundle, bundle
from bot.policy.circumstances import Surroundings
from bot.policy.facts import FIELDS
from bot.store import Store
from bot.usecases.alike import Alike
from bot.usecases.error_budgets import ErrorBudgets, Unmeasured
from bot.usecases.surroundings import StoredSurroundings
from integrations.rego import Outcome, RegoEngine, mentioned, run_tests, takes_all
from skills.core.calendar import Calendar
from skills.core.canonical import digest
from skills.core.errors import BadInput, Unavailable
from skills.core.ports.metrics import Metrics
from skills.core.ports.rego import Undecided

if TYPE_CHECKING:
    from integrations.opa import OpaServer

Evaluator: TypeAlias = "RegoEngine | OpaServer"


def make_bundle(configuration: Configuration) -> Bundle:
    """What decides: shipped modules, the organization's own, rules as data."""
    settings = configuration.policy
    return bundle(settings.rules, settings.modules, settings.tests)


def make_evaluator(configuration: Configuration, stack: AsyncExitStack) -> Evaluator:
    """Who evaluates it; `stack` closes it. Nothing is compiled and nobody called until the first question."""
    server = configuration.policy.server
    if server:
        from integrations.opa import OpaServer  # noqa: PLC0415 - a tenth of a second that only a world with a policy server pays

        token = server.token.get_secret_value() if server.token else ""
        opa = OpaServer(server.url, token=token, seconds=server.timeout_seconds)
        stack.push_async_callback(opa.close)
        return opa
    found = make_bundle(configuration)
    fingerprint = digest({"configuration": configuration.policy.fingerprint, "bundle": found.fingerprint})
    engine = RegoEngine(found.modules, found.data, fingerprint=fingerprint, shipped=found.shipped, fields=FIELDS)
    stack.callback(engine.close)
    return engine


def make_judge(configuration: Configuration, evaluator: Evaluator, surroundings: Surroundings) -> Judge:
    """The policy of this organization."""
    return Judge(
        rego=evaluator,
        rules=configuration.policy.rules,
        catalog=configuration.catalog,
        calendar=configuration.policy.calendar,
        surroundings=surroundings,
        open_ended=configuration.policy.server is not None
        or any("allow contains" in source for source in configuration.policy.modules.values()),
    )


def make_survey(configuration: Configuration, evaluator: Evaluator) -> tuple[Judge, Alike]:
    """For looking at who could do what: the policy without what holds everybody off for a while (freezes, windows, locks), and what it
    cannot tell apart. Of a server, and of a module that takes all facts at once, nobody knows that.
    """
    calendar = Calendar(zone=configuration.policy.calendar.zone)
    judge = Judge(rego=evaluator, rules=configuration.policy.rules, catalog=configuration.catalog, calendar=calendar)
    modules = configuration.policy.modules
    if configuration.policy.server is not None or takes_all(modules):
        return judge, Alike()
    return judge, Alike(rules=configuration.policy.rules, mentioned=mentioned(modules))


def make_surroundings(configuration: Configuration, store: Store, metrics: Metrics) -> StoredSurroundings:
    """What is told of the moment. Error budgets are measured only where a policy looks at them, or where a server may."""
    policy = configuration.policy
    looked_at = policy.server is not None or any("error_budget" in source for source in policy.modules.values())
    budgets = ErrorBudgets(metrics=metrics, catalog=configuration.catalog) if looked_at else Unmeasured()
    return StoredSurroundings(store, zone=configuration.organization.timezone, budgets=budgets)


def try_policies(configuration: Configuration) -> Sequence[Outcome]:
    """Run every test of the policies, the shipped ones included."""
    found = make_bundle(configuration)
    return run_tests(found.modules, found.tests, found.data, shipped=found.shipped, fields=FIELDS)


def facts_used(configuration: Configuration) -> Sequence[str]:
    """The paths below `input` that some policy looks at, as written."""
    return mentioned(make_bundle(configuration).modules)


def write_bundle(configuration: Configuration, folder: Path) -> Sequence[Path]:
    """Write what an OPA server loads: every module, and data.json. Raises `BadInput` unless the folder is new or empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is not an empty folder.", hint="Name one that does not exist yet.")
    found = make_bundle(configuration)
    files = {**found.modules, "data.json": json.dumps(dict(found.data), indent=2) + "\n"}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return [folder / name for name in files]


async def problems(evaluator: Evaluator) -> Sequence[str]:
    """What keeps the policies from deciding: every mistake in the files, or why the server gives no answer."""
    try:
        if isinstance(evaluator, RegoEngine):
            return [str(fault) for fault in await evaluator.faults()]
        await evaluator.evaluate({})
    except (Undecided, Unavailable) as problem:
        return [str(problem)]
    return []
