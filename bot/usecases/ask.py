"""Answering a question: judged like everything else, then read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.usecases.judging import environments_of, judge_use, service_of
from bot.usecases.propose import Denied, validated
from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.policy import Policy
from skills.core.registry import AnySkill
from skills.core.report import Report
from skills.core.skill import Kind, Query
from skills.core.verdict import Outcome

ALWAYS = frozenset({"help"})
"""Help is for everybody: it says what a person may do, and for some that is nothing."""


class Ask:
    """The use case “ask”."""

    def __init__(self, *, catalog: Catalog, policy: Policy, clock: Callable[[], datetime]) -> None:
        self._catalog = catalog
        self._policy = policy
        self._clock = clock

    async def __call__(self, actor: Actor, skill: Query[Any], params: Mapping[str, Json]) -> Report:
        """The report. Raises `Denied` or an `Anticipated` error.

        A question that names no environment looks into all of them, so it has to be allowed in each.
        """
        asked = validated(skill, params)
        if skill.name not in ALWAYS:
            for environment in environments_of(asked, self._catalog):
                verdict = await judge_use(
                    self._policy,
                    actor,
                    skill.name,
                    Kind.QUERY,
                    self._clock(),
                    environment=environment,
                    services=service_of(asked, self._catalog),
                )
                if verdict.outcome is not Outcome.ALLOW:
                    raise Denied(verdict)
        return await skill.answer(asked, asker=actor)


class PolicyGuide:
    """Which skills a person may use somewhere, for `help`."""

    def __init__(self, types: Sequence[type[AnySkill]], policy: Policy) -> None:
        self._types = types
        self._policy = policy

    def usable(self, actor: Actor) -> Sequence[type[AnySkill]]:
        return tuple(each for each in self._types if each.name not in ALWAYS and self._policy.may_use(actor, each.name))
