"""Who was called for what."""

from skills.core import skill
from skills.core.actor import Actor
from skills.core.ports.pager import Paged, PageState
from skills.core.ports.pages import Pages as Port
from skills.core.report import Command, Part, Report, Table
from skills.core.skill import Query


class Params(skill.Params):
    """All of them."""


class Pages(Query[Params]):
    """Show who is being called for what, and who answered."""

    name = "pages"
    examples = ("pages",)
    phrases = ("open|current|unanswered pages", "who was|is paged|called", "who got paged")

    def __init__(self, pages: Port) -> None:
        self._pages = pages

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        found = await self._pages.open()
        if not found:
            return Report(title="Pages", summary="Nobody is being called.")
        waiting = [each for each in found if each.state is PageState.TRIGGERED]
        columns = ("", "since (UTC)", "for", "why", "called", "stands")
        parts: list[Part] = [Table(columns=columns, rows=tuple(map(_row, found)))]
        parts += [Command(text=f"ack {each.number}", does="say that I am on it") for each in waiting[:3]]
        said = f"{len(waiting)} of {len(found)} wait for an answer." if waiting else "Somebody is on each of them."
        return Report(title="Pages", summary=said, parts=tuple(parts))


def _row(paged: Paged) -> tuple[str, ...]:
    by = ", ".join(each.name for each in paged.acknowledged_by)
    if by:
        stands = f"{by} is on it"
    elif paged.due_at:
        stands = f"the next is called at {paged.due_at:%H:%M} UTC"
    else:
        stands = "everybody was called"
    called = ", ".join(each.name for each in paged.reached) or "nobody yet"
    since = f"{paged.opened_at:%Y-%m-%d %H:%M}" if paged.opened_at else ""
    return (str(paged.number), since, paged.service or "—", paged.summary, called, stands)
