"""How the access review stands, and what waits for the asker's answer."""

from collections import Counter
from collections.abc import Sequence

from skills.core import skill
from skills.core.actor import Actor
from skills.core.campaign import Question, Word
from skills.core.ports.access import AccessReviews, Standing
from skills.core.report import Command, Part, Report, Table, Text
from skills.core.skill import Query

_BUTTONS = 5
_ROWS = 50


class Params(skill.Params):
    """Nothing to say."""


class Access(Query[Params]):
    """Show how the access review stands, and which questions wait for your answer."""

    name = "access"
    aliases = ("access-review", "recertification")
    examples = ("access",)
    phrases = (
        "access review|reviews|campaign|recertification",
        "review of access",
        "whose access … review|answer",
        "what|which access … answer|review",
    )
    offered = "tell how the access review stands"

    def __init__(self, reviews: AccessReviews) -> None:
        self._reviews = reviews

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        standing = await self._reviews.standing(asker=asker)
        if standing is None:
            return Report(title="Access review", summary="There was none yet.")
        campaign = standing.campaign
        parts: list[Part] = [*_mine(standing)]
        if revoked := [each for each in standing.questions if each.word is Word.REVOKE]:
            parts.append(_table("Revoked", revoked[:_ROWS], by=True))
        return Report(
            title=campaign.title, summary=f"{_stands(standing)} {_yours(standing)}".strip(), parts=tuple(parts)
        )


def _stands(standing: Standing) -> str:
    campaign, found = standing.campaign, Counter(each.word for each in standing.questions)
    told = f"{found[Word.KEEP]} kept, {found[Word.REVOKE]} revoked"
    if campaign.closed_at:
        return f"Over since {campaign.closed_at:%Y-%m-%d %H:%M} UTC: {told}."
    due = f"due {campaign.due_at:%Y-%m-%d %H:%M} UTC" if campaign.escalated_at is None else "overdue"
    return f"Open, {due}: {told}, {found[None]} of {len(standing.questions)} unanswered."


def _yours(standing: Standing) -> str:
    if standing.campaign.closed_at:
        return ""
    count = len(standing.mine)
    return f"{count} wait{'s' if count == 1 else ''} for you." if count else "None waits for you."


def _mine(standing: Standing) -> list[Part]:
    """What waits for whoever asks, and a way to answer the first of them."""
    if not standing.mine:
        return []
    parts: list[Part] = [_table("For you to answer", standing.mine[:_ROWS])]
    for each in standing.mine[:_BUTTONS]:
        parts.append(
            Command(text=f"access keep {each.number} because it is still needed", does=f"{each.about}: keep it")
        )
        parts.append(
            Command(text=f"access revoke {each.number} because it is no longer needed", does=f"{each.about}: revoke it")
        )
    parts.append(Text(text="Or in your own words: access keep 3 because …, access revoke 3 because …"))
    return parts


def _table(title: str, questions: Sequence[Question], *, by: bool = False) -> Table:
    last = "why" if by else "gives them"
    rows = tuple(
        (
            str(each.number),
            each.person_name,
            each.membership.words,
            _why(each) if by else "; ".join(each.gives) or "nothing that the rest does not",
        )
        for each in questions
    )
    return Table(title=title, columns=("question", "who", "has", last), rows=rows)


def _why(question: Question) -> str:
    return f"{question.by_name or 'by itself'}: {question.reason}"
