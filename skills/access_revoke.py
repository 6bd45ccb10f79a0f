"""Answering a question of an access review: it may not stay."""

from pydantic import Field

from skills.core import skill
from skills.core.campaign import Word
from skills.core.ports.access import AccessReviews
from skills.core.report import Command, Report
from skills.core.skill import Asked, Record


class Params(skill.Params):
    """Which question."""

    question: skill.ProposalNumber = Field(ge=1, description="The number of the question")


class AccessRevoke(Record[Params]):
    """Take away a role or a team that an access review asks you about, at once."""

    name = "access-revoke"
    examples = ("access revoke 3 because they moved to another team",)

    def __init__(self, reviews: AccessReviews) -> None:
        self._reviews = reviews

    async def record(self, params: Params, *, asked: Asked) -> Report:
        question = await self._reviews.answer(params.question, Word.REVOKE, asked=asked)
        return Report(
            title=f"Access review {question.campaign}",
            summary=(
                f"{question.person_name} no longer has {question.membership.words}, from now on: {question.reason}. "
                "It counts again when people.yaml confirms them on a later day."
            ),
            parts=(Command(text="access", does="what else waits for you"),),
        )
