"""What policies may say, and nothing else: a field too many, a count that is text, an unknown key make the whole answer unusable."""

from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from skills.core.ports.rego import Undecided
from skills.core.verdict import Requirement

_MOST = 200
Word = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Said(_Shape):
    """One rule that speaks, and why."""

    rule: Word
    because: Sentence


class Needed(Said):
    """One requirement. `outside` are teams to none of which an approver may belong; null means that it does not matter."""

    count: Annotated[int, Field(ge=1, le=10)]
    roles: list[Word] = []
    teams: list[Word] = []
    owner: bool = False
    owner_of: str = ""
    outside: list[Word] | None = None
    step_up: bool = False
    unbreakable: bool = False

    def requirement(self) -> Requirement:
        """The same as the door knows it."""
        return Requirement(
            count=self.count,
            roles=tuple(sorted(self.roles)),
            teams=tuple(sorted(self.teams)),
            owner=self.owner,
            rule=self.rule,
            owner_of=self.owner_of,
            outside=None if self.outside is None else tuple(sorted(self.outside)),
            step_up=self.step_up,
            unbreakable=self.unbreakable,
        )


class Answer(_Shape):
    """Everything that was said. `could` are the roles that might have been allowed, for the sentence that refuses."""

    allow: Annotated[list[Said], Field(max_length=_MOST)]
    needs: Annotated[list[Needed], Field(max_length=_MOST)]
    deny: Annotated[list[Said], Field(max_length=_MOST)]
    could: list[Word] = []


S = TypeVar("S", bound=Said)


def read(value: object, order: Mapping[str, int]) -> Answer:
    """The answer, each part in the order of the rules in their files, what comes from elsewhere after that. Raises `Undecided`."""
    try:
        answer = Answer.model_validate(value)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        problem = first["msg"][:1].lower() + first["msg"][1:]
        raise Undecided(
            f"The policies gave an answer that makes no sense ({where or 'decision'}: {problem})."
        ) from None

    def placed(said: list[S]) -> list[S]:
        return sorted(said, key=lambda each: (order.get(each.rule, len(order)), each.model_dump_json()))

    return Answer(
        allow=placed(answer.allow), needs=placed(answer.needs), deny=placed(answer.deny), could=sorted(answer.could)
    )
