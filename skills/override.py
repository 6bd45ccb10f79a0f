"""Standing in for whoever is on call."""

from datetime import UTC

from pydantic import Field

from skills.core import oncall_words, skill
from skills.core.catalog import Catalog
from skills.core.ports.stand_ins import StandIns
from skills.core.report import Command, Report
from skills.core.skill import Asked, Record


class Params(skill.Params):
    """What was said."""

    said: skill.FreeText = Field(max_length=300, description="The service or rotation, who (“with ana”), and from when to when")  # fmt: skip


class Override(Record[Params]):
    """Put somebody on call for a while, instead of whoever it would be."""

    name = "override"
    aliases = ("cover", "stand-in")
    examples = (
        "override checkout with sre from 18:00 to tomorrow 08:00",
        "override shop until friday 09:00",
        "cover checkout for 4h",
    )

    def __init__(self, stand_ins: StandIns, catalog: Catalog) -> None:
        self._stand_ins = stand_ins
        self._catalog = catalog

    async def record(self, params: Params, *, asked: Asked) -> Report:
        subject, rest = oncall_words.stand_in(params.said, self._catalog, asker=asked.actor.subject)
        now = self._stand_ins.now()
        # The times are meant in the zone of the rotation, which is known when the rest has been taken off.
        _, _, name = oncall_words.span(rest, now, UTC)
        rotation = oncall_words.rotation_of(oncall_words.one_word(name, what="service or rotation"), self._stand_ins.duty, self._catalog)  # fmt: skip
        start, end, _ = oncall_words.span(rest, now, rotation.zone)
        taken = await self._stand_ins.take(rotation.name, subject, start=start, end=end, asked=asked)
        since, until = (oncall_words.told(each, rotation.zone_name) for each in (taken.start, taken.end))
        covers = [service for each in self._stand_ins.duty.escalations for service in each.services if any(rotation.name in level.rotations for level in each.levels)]  # fmt: skip
        about = f" ({', '.join(dict.fromkeys(covers))})" if covers else ""
        return Report(
            title=f"Override {taken.number}",
            summary=f"{taken.name} is on call for {rotation.name}{about} from {since} to {until}.",
            parts=(Command(text=f"override-cancel {taken.number}", does="take it back"),),
        )
