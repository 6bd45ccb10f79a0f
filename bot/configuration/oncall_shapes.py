"""What oncall.yaml looks like, before names are checked against each other."""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from bot.configuration.shapes import Minutes, Name, Shape, SubjectName, Variable
from skills.core.catalog import shown

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_HTTPS = r"^https://[A-Za-z0-9.:\[\]-]{1,260}/?$"


def _clock(text: str) -> str:
    try:
        time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{shown(text)}” is not a time of the day; write it like 09:00.") from None
    return text


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{shown(text)}” is not a day; write it like 2026-11-02.") from None
    return text


Clock = Annotated[str, StringConstraints(pattern=r"^.{5}$"), AfterValidator(_clock)]
Day = Annotated[str, StringConstraints(pattern=r"^.{10}$"), AfterValidator(_day)]


class QuietShape(Shape):
    """Hours in which nobody is disturbed by what can wait, in the organization's time zone."""

    from_: Clock = Field(alias="from")
    until: Clock


class LayerShape(Shape):
    people: Annotated[list[SubjectName], Field(min_length=1, max_length=100)]
    start: Day
    handover: Clock = "09:00"
    days: Annotated[int, Field(ge=1, le=92)] = 7
    weekdays: Annotated[list[Weekday], Field(min_length=1)] = Field(default=list(WEEKDAYS))
    from_: Clock = Field(default="00:00", alias="from")
    until: Clock = "00:00"


class RotationShape(Shape):
    name: Name
    timezone: str = ""
    layers: Annotated[list[LayerShape], Field(min_length=1, max_length=20)]


class LevelShape(Shape):
    minutes: Minutes = 10
    rotations: list[Name] = Field(default=[])
    people: list[SubjectName] = Field(default=[])

    @model_validator(mode="after")
    def _somebody(self) -> "LevelShape":
        if not self.rotations and not self.people:
            raise ValueError("calls nobody; name rotations or people.")
        return self


class EscalationShape(Shape):
    name: Name
    services: list[Name] = Field(default=[])
    teams: list[Name] = Field(default=[])
    levels: Annotated[list[LevelShape], Field(min_length=1, max_length=10)]
    repeat: Annotated[int, Field(ge=0, le=10)] = 1


class PagerDutyServiceShape(Shape):
    """One service there. Its routing key, where it has an Events API v2 integration, is in the environment variable that is named."""

    service: Name
    id: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,32}$")]
    routing_key: Variable = ""


class PagerDutyShape(Shape):
    """PagerDuty. Its REST API token is in PAGERDUTY_TOKEN."""

    sender: Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,200}$")]
    services: Annotated[list[PagerDutyServiceShape], Field(min_length=1)]
    people: dict[SubjectName, Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,32}$")]] = Field(default={})
    api_url: Annotated[str, StringConstraints(pattern=_HTTPS)] = "https://api.pagerduty.com"
    events_url: Annotated[str, StringConstraints(pattern=_HTTPS)] = "https://events.pagerduty.com"


class OnCallShape(Shape):
    """oncall.yaml."""

    quiet: QuietShape | None = None
    rotations: list[RotationShape] = Field(default=[])
    escalations: list[EscalationShape] = Field(default=[])
    pagerduty: PagerDutyShape | None = None
