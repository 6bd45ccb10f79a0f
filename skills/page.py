"""Calling for help."""

from pydantic import Field

from skills.core import skill
from skills.core.names import ServiceName, Subject
from skills.core.ports.pager import Paged
from skills.core.ports.pages import Pages
from skills.core.report import Command, Part, Report, Text
from skills.core.skill import Asked, Record


class Params(skill.Params):
    """For what, or whom."""

    service: skill.Service | None = Field(default=None, description="The service whose on-call people are called")
    person: skill.Person | None = Field(default=None, description="One person to be called, by name")


class Page(Record[Params]):
    """Call whoever is on call for a service, and the next one if nobody answers."""

    name = "page"
    examples = ("page checkout because payments fail", "page dev because the node is full")

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def record(self, params: Params, *, asked: Asked) -> Report:
        service = ServiceName(params.service) if params.service else None
        person = Subject(params.person) if params.person else None
        paged = await self._pages.call(service=service, person=person, asked=asked)
        return _told(paged)


def _told(paged: Paged) -> Report:
    names = ", ".join(each.name for each in paged.reached)
    about = f" for {paged.service}" if paged.service else ""
    then = f" If nobody answers by {paged.due_at:%H:%M} UTC, the next is called." if paged.due_at else ""
    said = f"Called {names}{about}: {paged.summary}." if names else f"Page {paged.number}{about} goes out at {paged.due_at:%H:%M} UTC."  # fmt: skip
    parts: list[Part] = [Text(text=each) for each in paged.troubles]
    parts.append(Command(text=f"ack {paged.number}", does="say that somebody is on it"))
    return Report(title=f"Page {paged.number}", summary=f"{said}{then if names else ''}", parts=tuple(parts))
