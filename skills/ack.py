"""Answering a page."""

from pydantic import Field

from skills.core import skill
from skills.core.ports.pages import Pages
from skills.core.report import Report
from skills.core.skill import Asked, Record


class Params(skill.Params):
    """Which one."""

    page: skill.ProposalNumber | None = Field(default=None, ge=1, description="The number of the page; the one that called you if not said")  # fmt: skip


class Ack(Record[Params]):
    """Answer a page: you are on it, and nobody else has to be called."""

    name = "ack"
    aliases = ("acknowledge",)
    examples = ("ack", "ack 3")

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def record(self, params: Params, *, asked: Asked) -> Report:
        paged = await self._pages.answer(params.page, asked=asked)
        about = f" for {paged.service}" if paged.service else ""
        names = ", ".join(each.name for each in paged.acknowledged_by)
        return Report(
            title=f"Page {paged.number}", summary=f"{names} is on it{about}: {paged.summary}. Nobody else is called."
        )
