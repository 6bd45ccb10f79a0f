"""Answering a question of an access review: it may stay."""

from pydantic import Field

from skills.core import skill
from skills.core.campaign import Word
from skills.core.ports.access import AccessReviews
from skills.core.report import Command, Report
from skills.core.skill import Asked, Record


class Params(skill.Params):
    """Which question."""

    question: skill.ProposalNumber = Field(ge=1, description="The number of the question")


class AccessKeep(Record[Params]):
    """Let somebody keep a role or a team that an access review asks you about."""

    name = "access-keep"
    examples = ("access keep 3 because they are on call for it",)

    def __init__(self, reviews: AccessReviews) -> None:
        self._reviews = reviews

    async def record(self, params: Params, *, asked: Asked) -> Report:
        question = await self._reviews.answer(params.question, Word.KEEP, asked=asked)
        return Report(
            title=f"Access review {question.campaign}",
            summary=f"{question.person_name} keeps {question.membership.words}: {question.reason}.",
            parts=(Command(text="access", does="what else waits for you"),),
        )
