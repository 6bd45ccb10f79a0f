"""How access is looked through again: the access_review section of organization.yaml."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta

from bot.configuration.checking import unknown
from bot.configuration.problems import Problem
from bot.configuration.settings import ReviewSettings
from bot.configuration.shapes import ReviewShape
from skills.core.catalog import Person
from skills.core.names import Subject


def reviews(
    shape: ReviewShape,
    *,
    people: Sequence[Person],
    roles: AbstractSet[str],
    teams: AbstractSet[str],
    problems: list[Problem],
) -> ReviewSettings:
    """The settings; names of people, roles and teams that nobody knows are problems."""
    by_word = {word: each.actor.subject for each in people for word in (each.actor.subject, *each.aliases)}

    def check(kind: str, word: str, known: Collection[str], field: str) -> None:
        if word not in known:
            text = unknown(kind, word, sorted(known))
            problems.append(Problem(file="organization.yaml", line=0, field=f"access_review.{field}", text=text))

    def subjects(words: Sequence[str], field: str) -> tuple[Subject, ...]:
        for word in words:
            check("person", word, by_word, field)
        return tuple(by_word[word] for word in words if word in by_word)

    def named(given: Mapping[str, Sequence[str]], kind: str, known: AbstractSet[str]) -> dict[str, tuple[Subject, ...]]:
        for name in given:
            check(kind, name, known, f"{kind}s")
        return {name: subjects(words, f"{kind}s.{name}") for name, words in given.items()}

    for field, listed in (("open", shape.open), ("leads", shape.leads), ("otherwise", shape.otherwise)):
        for role in listed:
            check("role", role, roles, field)
    return ReviewSettings(
        open=tuple(shape.open),
        every=timedelta(days=shape.every_days) if shape.every_days else None,
        due=timedelta(days=shape.due_days),
        remind=timedelta(days=shape.remind_days),
        unanswered=shape.unanswered,
        roles=named(shape.roles, "role", roles),
        teams=named(shape.teams, "team", teams),
        leads=tuple(shape.leads),
        otherwise=tuple(shape.otherwise),
    )
