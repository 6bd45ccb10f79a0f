"""Who stands in for whom."""

from pydantic import Field

from skills.core import oncall_words, skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.ports.stand_ins import Override, StandIns
from skills.core.report import Command, Part, Report, Table
from skills.core.skill import Query


class Params(skill.Params):
    """All of them, or those of one service."""

    service: skill.Service | None = Field(default=None, description="Only those that concern this service")


class Overrides(Query[Params]):
    """Show who stands in for whoever is on call, now and later."""

    name = "overrides"
    examples = ("overrides", "overrides checkout")
    phrases = ("who … standing in", "show|list … overrides", "which|what overrides")

    def __init__(self, stand_ins: StandIns, catalog: Catalog) -> None:
        self._stand_ins = stand_ins
        self._catalog = catalog

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        found = list(await self._stand_ins.planned())
        if params.service:
            covering = self._stand_ins.duty.of(params.service)
            names = {name for level in covering.levels for name in level.rotations} if covering else set()
            found = [each for each in found if each.rotation in names]
        if not found:
            where = f" for {params.service}" if params.service else ""
            return Report(title="Overrides", summary=f"Nobody stands in{where}.")
        table = Table(columns=("", "who", "rotation", "from", "to", "by"), rows=tuple(map(self._row, found)))
        own = [each for each in found if asker.subject in (each.subject, each.by)]
        parts: list[Part] = [table, *(Command(text=f"override-cancel {each.number}", does="end it") for each in own)]
        count = "One override" if len(found) == 1 else f"{len(found)} overrides"
        return Report(title="Overrides", summary=f"{count}, now or to come.", parts=tuple(parts))

    def _row(self, override: Override) -> tuple[str, ...]:
        rotation = self._stand_ins.duty.rotation(override.rotation)
        zone = rotation.zone_name if rotation else "UTC"
        start, end = oncall_words.told(override.start, zone), oncall_words.told(override.end, zone)
        return (str(override.number), override.name, override.rotation, start, end, override.by_name)
