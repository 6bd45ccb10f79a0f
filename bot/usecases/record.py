"""Writing our own records: judged like everything else, then written down by the skill in one transaction."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.usecases.judging import environments_of, judge_use, service_of
from bot.usecases.propose import Denied, validated
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.policy import Policy
from skills.core.report import Report
from skills.core.skill import Asked, Kind
from skills.core.skill import Record as RecordSkill
from skills.core.verdict import Outcome, Verdict


class Record:
    """The use case “record”."""

    def __init__(self, *, catalog: Catalog, policy: Policy, clock: Callable[[], datetime]) -> None:
        self._catalog = catalog
        self._policy = policy
        self._clock = clock

    async def __call__(self, skill: RecordSkill[Any], params: Mapping[str, Json], *, asked: Asked) -> Report:
        """What is the case now that it is written down. Raises `Denied` or an `Anticipated` error; nothing was written then.

        One that names no environment concerns all of them, so it has to be allowed in each.
        """
        said = validated(skill, params)
        for environment in environments_of(said, self._catalog):
            verdict = await judge_use(
                self._policy,
                asked.actor,
                skill.name,
                Kind.RECORD,
                self._clock(),
                environment=environment,
                services=service_of(said, self._catalog),
                edge=asked.origin.edge,
            )
            if verdict.outcome is not Outcome.ALLOW:
                raise Denied(_plain(verdict, skill.name))
        return await skill.record(said, asked=asked)


def _plain(verdict: Verdict, skill: str) -> Verdict:
    """A record has no plan that somebody could countersign, so a policy that wants approval for one is a refusal."""
    if verdict.outcome is Outcome.DENY:
        return verdict
    reason = (
        f"Policy asks for an approval of {skill}, and there is nothing to approve: it is written down or it is not."
    )
    return Verdict(outcome=Outcome.DENY, reasons=(reason,), rules=verdict.rules, policy=verdict.policy)
