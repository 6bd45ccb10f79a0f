"""Policy as configured: the bundle, who evaluates it, and the judge in front."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TypeAlias

from bot.configuration import Configuration
from bot.policy import Judge
from bot.policy.bundle import Bundle, bundle
from bot.policy.facts import FIELDS
from integrations.rego import RegoEngine, Tested, mentioned, run_tests
from skills.core.canonical import digest

Evaluator: TypeAlias = RegoEngine


def make_bundle(configuration: Configuration) -> Bundle:
    """What decides: shipped modules, the organization's own, rules as data."""
    settings = configuration.policy
    return bundle(settings.rules, settings.modules, settings.tests)


def make_evaluator(configuration: Configuration, stack: AsyncExitStack) -> Evaluator:
    """Who evaluates it; `stack` closes it. Nothing is compiled and nobody called until the first question."""
    found = make_bundle(configuration)
    fingerprint = digest({"configuration": configuration.policy.fingerprint, "bundle": found.fingerprint})
    engine = RegoEngine(found.modules, found.data, fingerprint=fingerprint, shipped=found.shipped, fields=FIELDS)
    stack.callback(engine.close)
    return engine


def make_judge(configuration: Configuration, evaluator: Evaluator) -> Judge:
    """The policy of this organization."""
    return Judge(
        rego=evaluator,
        rules=configuration.policy.rules,
        catalog=configuration.catalog,
        calendar=configuration.policy.calendar,
        open_ended=any("allow contains" in source for source in configuration.policy.modules.values()),
    )


def try_policies(configuration: Configuration) -> Sequence[Tested]:
    """Run every test of the policies, the shipped ones included."""
    found = make_bundle(configuration)
    return run_tests(found.modules, found.tests, found.data, shipped=found.shipped, fields=FIELDS)


def facts_used(configuration: Configuration) -> Sequence[str]:
    """The paths below `input` that some policy looks at, as written."""
    return mentioned(make_bundle(configuration).modules)
