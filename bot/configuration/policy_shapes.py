"""What the YAML files of policies/ look like, before names are checked."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from bot.configuration.price_shapes import CurrencyCode, Price
from bot.configuration.shapes import Name, Sentence, Shape


class WhoShape(Shape):
    roles: list[Name] = Field(default=[])
    teams: list[Name] = Field(default=[])
    owner: bool = False

    @property
    def nobody(self) -> bool:
        return not (self.roles or self.teams or self.owner)


class ApproversShape(WhoShape):
    """Whose approval counts. `each_owner` stands alone: another rule says who else has to agree. `step_up` asks each for a code;
    what is `unbreakable` is needed in an emergency, too.
    """

    each_owner: bool = False
    outside_team: bool = False
    step_up: bool = False
    unbreakable: bool = False

    @property
    def nobody(self) -> bool:
        return super().nobody and not self.each_owner and not self.outside_team

    @model_validator(mode="after")
    def _owners_stand_alone(self) -> "ApproversShape":
        if self.each_owner and (self.roles or self.teams or self.owner or self.outside_team):
            raise ValueError("each_owner stands alone; say in a second rule who else has to agree.")
        return self


class AmountShape(Shape):
    """So much money."""

    amount: Price
    currency: CurrencyCode


class RuleShape(Shape):
    """One rule of a policy file."""

    name: Name
    because: Sentence
    who: WhoShape
    skills: list[Name] = Field(default=[])
    environments: list[Name] = Field(default=[])
    services: list[Name] = Field(default=[])
    risks: list[Literal["low", "medium", "high"]] = Field(default=[])
    deny: bool = False
    approvals: Annotated[int, Field(ge=0, le=10)] = 0
    approvers: ApproversShape = ApproversShape()
    monthly_cost_above: AmountShape | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> "RuleShape":
        if self.who.nobody:
            raise ValueError("who names nobody; give roles, teams or owner: true.")
        if self.deny and self.approvals:
            raise ValueError("a rule that denies cannot ask for approvals.")
        if self.approvals and self.approvers.nobody:
            raise ValueError("approvals are asked for, but approvers names nobody.")
        if not self.approvals and not self.approvers.nobody:
            raise ValueError("approvers are named, but approvals is 0; say how many are needed.")
        if self.monthly_cost_above and not (self.approvals or self.deny):
            raise ValueError("monthly_cost_above goes with approvals or deny: it is no reason to allow something.")
        return self


class PeriodShape(Shape):
    """One freeze or window. Times are written `2026-12-24 18:00`, or `Fri 16:00` for every week, in `timezone`, by default the organization's.

    Instead of times, `calendar` names an iCalendar file beside the policies.
    """

    name: Name
    because: Sentence
    start: str = Field(default="", alias="from")
    end: str = Field(default="", alias="until")
    timezone: str | None = None
    calendar: Annotated[str, StringConstraints(pattern=r"^(|[A-Za-z0-9][A-Za-z0-9._-]{0,100}\.ics)$")] = ""
    environments: list[Name] = Field(default=[])
    except_skills: list[Name] = Field(default=[], alias="except")


class PolicyShape(Shape):
    """One file of policies/."""

    rules: list[RuleShape] = Field(default=[])
    freezes: list[PeriodShape] = Field(default=[])
    windows: list[PeriodShape] = Field(default=[])
