"""What people are told about access reviews."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from bot.usecases.access import ALL, Access
from skills.core.campaign import Campaign, Question, Word
from skills.core.canonical import Json
from skills.core.report import Command, Report, Table, Text

BY_ITSELF = "It is time again."
GONE = "They are no longer there, or no longer have it."
NOBODY_ANSWERED = "Nobody answered in time."
BACK = "It counts again when people.yaml confirms them on a later day (“confirmed”)."
_MOST = 20
_SENTENCES = 8
_FEW = 3


def reason_of(text: str) -> str:
    """A reason as it was typed behind “because”."""
    return text.strip().removeprefix("of ").rstrip(".")


def lost(full: Sequence[Access], less: Sequence[Access]) -> tuple[str, ...]:
    """What somebody could no longer do: the rights of one list that are not in the other, a sentence for each place."""
    gone = {atom: None for atom in _atoms(full) if atom not in set(_atoms(less))}
    skills: dict[tuple[bool, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for approving, environment, services, skill in gone:
        if skill not in skills[approving, environment, services]:
            skills[approving, environment, services].append(skill)
    said = [_right(*place, names) for place, names in sorted(skills.items(), key=lambda each: each[0][1] == "")]
    return (*said[:_SENTENCES], *([f"and {len(said) - _SENTENCES} more"] if len(said) > _SENTENCES else ()))


def asked(campaign: Campaign, questions: Sequence[Question], why: str) -> Report:
    """To one of those who are asked."""
    people = len({each.person for each in questions})
    about = f"{_many(len(questions), 'role or team', 'roles and teams')} of {_many(people, 'person', 'people')}"
    begin = {
        "asked": f"You are asked about {about}: may they keep it?",
        "reminded": f"Still waiting for your answer: {about}.",
        "escalated": f"Nobody answered in time about {about}, so you are asked.",
    }[why]
    until = (
        "" if why == "escalated" else f" Until {campaign.due_at:%Y-%m-%d %H:%M} UTC; then what nobody answered is {_fate(campaign)}."
    )  # fmt: skip
    rows = tuple((str(each.number), each.person_name, each.membership.words) for each in questions[:_MOST])
    more = (Text(text=f"and {len(questions) - _MOST} more"),) if len(questions) > _MOST else ()
    return Report(
        title=campaign.title,
        summary=f"{begin}{until}",
        parts=(Table(columns=("question", "who", "has"), rows=rows), *more, Command(text="access", does="answer them")),
    )


def revoked(question: Question, by: str, reason: str) -> Report:
    """To whoever had it."""
    who = f"{by} revoked it" if by else "It was revoked"
    return Report(
        title=f"Access review {question.campaign}",
        summary=f"You no longer have {question.membership.words}. {who}: {reason.rstrip('.')}. {BACK}",
    )


def answered(question: Question) -> str:
    """That somebody was first."""
    who = question.by_name or "The clock"
    past = {Word.KEEP: "kept", Word.REVOKE: "revoked", Word.GONE: "settled"}
    word = past[question.word] if question.word else "answered"
    return f"{who} has {word} it already: {question.about}. {question.reason.rstrip('.')}."


def counted(questions: Sequence[Question]) -> dict[str, Json]:
    """For the log: how many of each."""
    found = Counter(each.word.value if each.word else "unanswered" for each in questions)
    silent = sum(each.word is Word.REVOKE and each.by == "clock" for each in questions)
    return {**dict(sorted(found.items())), "unanswered_revoked": silent}


def over(campaign: Campaign, questions: Sequence[Question]) -> Report:
    """To everybody, at the end."""
    found = Counter(each.word for each in questions)
    silent = sum(each.word is Word.REVOKE and each.by == "clock" for each in questions)
    because = f", {silent} of them because nobody answered in time" if silent else ""
    gone = f", {found[Word.GONE]} no longer there" if found[Word.GONE] else ""
    return Report(
        title=f"{campaign.title} is over",
        summary=f"{found[Word.KEEP]} kept, {found[Word.REVOKE]} revoked{because}{gone}.",
        parts=(Text(text=f"The list: countersign access campaign show {campaign.number} --csv"),),
    )


def overdue(campaign: Campaign, waiting: Sequence[Question]) -> Report:
    """To everybody, that the time is over and questions are not."""
    rows = tuple((str(each.number), each.person_name, each.membership.words) for each in waiting[:_MOST])
    return Report(
        title=f"{campaign.title} is overdue",
        summary=f"{_many(len(waiting), 'question is', 'questions are')} unanswered, and nothing was revoked for it. Others are asked now.",
        parts=(Table(columns=("question", "who", "has"), rows=rows),),
    )


def _fate(campaign: Campaign) -> str:
    return "revoked" if campaign.unanswered == "revoke" else "asked of others"


def _atoms(rows: Sequence[Access]) -> list[tuple[bool, str, tuple[str, ...], str]]:
    return [(row.approving, row.environment, row.services, skill) for row in rows for skill in row.skills]


def _right(approving: bool, environment: str, services: tuple[str, ...], skills: Sequence[str]) -> str:
    if not environment and len(skills) > _FEW:
        return f"use {len(skills)} skills that change nothing in a cluster, such as {', '.join(sorted(skills)[:_FEW])}"
    where = f" in {environment}" if environment else ""
    few = (
        f" of {', '.join(services[:5])}{', …' if len(services) > 5 else ''}" if services and services != (ALL,) else ""
    )
    return f"{'approve' if approving else 'use'} {', '.join(skills)}{few}{where}"


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
