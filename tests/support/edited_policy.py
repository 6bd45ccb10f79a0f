"""Policy that somebody edits while the bot runs."""

from collections.abc import Callable
from dataclasses import replace

from skills.core.policy import Policy, Request
from skills.core.skill import Kind
from skills.core.verdict import Outcome, Verdict


def edit_policy(policy: Policy, *, needs: Callable[[], int], frozen: Callable[[], bool] = lambda: False) -> None:
    """From now on each approval that policy asks for is asked of `needs()` people, and nothing may be changed while `frozen()`."""
    judged = policy.judge

    async def judge(request: Request) -> Verdict:
        verdict = await judged(request)
        if request.kind is Kind.CHANGE and request.services and frozen():
            return Verdict(outcome=Outcome.DENY, reasons=("Nothing is changed today.",), rules=("freeze",))
        return replace(verdict, requirements=tuple(replace(each, count=needs()) for each in verdict.requirements))

    policy.judge = judge  # type: ignore[method-assign]  # that is the edit
