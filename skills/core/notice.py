"""Something that is said once, unasked: to a person, or in a place that is known by what it is for.

Where a place is (which channel) is configured; where nothing is, a notice still stands in the list of them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from skills.core.canonical import Json
from skills.core.names import Subject
from skills.core.report import Report


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person, wherever they can be reached."""

    subject: Subject

    def __str__(self) -> str:
        return self.subject


@dataclass(frozen=True, kw_only=True)
class Place:
    """A channel, by what it is for ("costs", "incidents"). `channel` is one that an edge knows by its own id, such as that of a war room."""

    purpose: str
    channel: str = ""

    def __str__(self) -> str:
        return f"#{self.purpose}"


Recipient: TypeAlias = Person | Place


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What was said to whom. `number` counts within the organization; `at` is UTC, when it was decided to say it."""

    number: int
    key: str
    to: Recipient
    report: Report
    at: datetime


def recipient_to_json(to: Recipient) -> dict[str, Json]:
    if isinstance(to, Person):
        return {"person": to.subject}
    return {"place": to.purpose, **({"channel": to.channel} if to.channel else {})}


def recipient_from_json(value: dict[str, str]) -> Recipient:
    if "person" in value:
        return Person(subject=Subject(value["person"]))
    return Place(purpose=value["place"], channel=value.get("channel", ""))
