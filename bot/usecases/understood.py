"""How a request was taken, in words that the person can check and correct."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.nl.fields import fields_of
from bot.nl.interpretation import Interpretation
from bot.nl.questions import spelled
from bot.nl.turns import BOT, Turn
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.names import SkillName
from skills.core.registry import Skills
from skills.core.skill import Kind

TYPED = "commands"
"""The interpreter of typed commands, which need no “what I understood”: they say it."""


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What the words were taken to mean; nothing where they were no request.

    `natural` says that they were a sentence and no typed command. `sentence` is the request as it would be typed, where it is
    complete, and `instead`, for a sentence, an example of how to correct it. `skill`, `params` and `candidates` are what a follow-up continues.
    """

    skill: str | None = None
    params: Mapping[str, Json] = field(default_factory=dict)
    candidates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    natural: bool = False
    sentence: str = ""
    instead: str = ""

    def to_json(self) -> dict[str, Json]:
        return {"skill": self.skill, "params": dict(self.params), "sentence": self.sentence, "in_words": self.natural}

    def turn(self) -> Turn:
        """What the bot contributes to the thread. Its own prose is never read again, so none is kept."""
        return Turn(who=BOT, text="", skill=self.skill, params=self.params, candidates=self.candidates)


def understood_as(meant: Interpretation, skills: Skills, catalog: Catalog) -> Understood:
    """What an interpretation leaves for the answer and for the thread.

    Talk about a change, and a decision, are nothing that “it” in a later turn could mean.
    """
    natural = meant.interpreter != TYPED
    skill = skills.get(SkillName(meant.skill)) if meant.skill else None
    if skill is None or meant.kind in ("chat", "none") or skill.kind is Kind.DECISION:
        return Understood(natural=natural)
    told = natural and meant.complete
    return Understood(
        skill=skill.name,
        params=dict(meant.params),
        candidates=dict(meant.candidates),
        natural=natural,
        sentence=spelled(skill, fields_of(skill), meant.params) if meant.complete else "",
        instead=correction(meant.params, catalog) if told else "",
    )


def correction(params: Mapping[str, Json], catalog: Catalog) -> str:
    """How somebody would correct one of these values: “no, checkout”; empty where there is nothing else it could be."""
    known = (
        [service.name for service in catalog.services],
        [environment.name for environment in catalog.environments],
    )
    for names in known:
        said = [value for value in params.values() if value in names]
        others = sorted(name for name in names if name not in said)
        if said and others:
            return f"no, {others[0]}"
    return ""
