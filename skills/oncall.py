"""Who is on call, until when, and who comes next."""

from collections.abc import Sequence

from pydantic import Field

from skills.core import oncall_words, skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.errors import NotAllowed
from skills.core.names import ServiceName
from skills.core.ports.pager import OnCall as Port
from skills.core.ports.pager import Rota, Shift
from skills.core.ports.stand_ins import StandIns
from skills.core.report import Part, Report, Table, Text
from skills.core.skill import Query


class Params(skill.Params):
    """For what."""

    service: skill.Service | None = Field(default=None, description="The service; all of them if not said")
    about: skill.FreeText = Field(default="", max_length=100, description="A team or a rotation instead of a service")


class OnCall(Query[Params]):
    """Show who is on call, until when, and who comes next."""

    name = "oncall"
    aliases = ("on-call",)
    examples = ("oncall", "oncall checkout", "who is on call for checkout")
    phrases = ("who … on call", "who … on-call", "who … oncall", "on call … for", "next on call")
    offered = "say who is on call"

    def __init__(self, oncall: Port, stand_ins: StandIns, catalog: Catalog) -> None:
        self._oncall = oncall
        self._stand_ins = stand_ins
        self._catalog = catalog

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        now = self._stand_ins.now()
        about = params.about.strip(" ?.!").lower().removeprefix("for ")
        named = {word: each.name for each in self._catalog.services for word in (each.name, *each.aliases)}
        if service := params.service or named.get(about):
            return _one(await self._oncall.rota(ServiceName(service), at=now), asker)
        names = (
            [ServiceName(each) for each in oncall_words.services_of(about, self._stand_ins.duty, self._catalog)]
            if about
            else await self._oncall.covered()
        )
        rotas = []
        for name in names:
            try:
                rotas.append(await self._oncall.rota(name, at=now))
            except NotAllowed:
                continue
        return _many(rotas, about)


def _one(rota: Rota, asker: Actor) -> Report:
    first = rota.first
    columns = ("level", "who", "until", "then")
    table = Table(columns=columns, rows=tuple(_row(each, rota) for each in sorted(rota.now, key=lambda one: one.level)))
    parts: list[Part] = [table] if rota.now else []
    if not first:
        following = min(rota.next, key=lambda each: (each.level, each.start), default=None)
        then = f" {following.responder} is, from {_told(following, start=True)} on." if following else ""
        return Report(title=f"On call for {rota.service}", summary=f"Nobody is on call for {rota.service} now.{then}")
    if first.responder.subject != asker.subject:
        parts.append(Text(text=f"“page {rota.service} because …” calls {first.responder}."))
    instead = ", standing in," if first.override else ""
    until = f" until {_told(first)}" if first.end else ""
    return Report(
        title=f"On call for {rota.service}",
        summary=f"{first.responder}{instead} is on call for {rota.service}{until}.",
        parts=tuple(parts),
    )


def _many(rotas: Sequence[Rota], about: str) -> Report:
    if not rotas:
        where = f" for {about}" if about else ""
        return Report(
            title="On call", summary=f"Nobody is ever on call{where}: oncall.yaml has no escalation that says so."
        )
    rows = tuple(
        (
            str(rota.service),
            str(rota.first.responder) if rota.first else "nobody",
            _told(rota.first) if rota.first else "",
            _next(rota.first, rota),
        )
        for rota in rotas
    )
    missing = [str(rota.service) for rota in rotas if rota.first is None]
    people = list(dict.fromkeys(str(rota.first.responder) for rota in rotas if rota.first))
    said = f"On call now: {', '.join(people)}." if people else "Nobody is on call now."
    said += f" Nobody is for {', '.join(missing)}." if missing and people else ""
    return Report(title="On call", summary=said, parts=(Table(columns=("service", "who", "until", "then"), rows=rows),))


def _row(shift: Shift, rota: Rota) -> tuple[str, ...]:
    return (
        str(shift.level),
        f"{shift.responder}{' (standing in)' if shift.override else ''}",
        _told(shift),
        _next(shift, rota),
    )


def _told(shift: Shift, *, start: bool = False) -> str:
    moment = shift.start if start else shift.end
    return oncall_words.told(moment, shift.zone) if moment else "always" if not start else ""


def _next(shift: Shift | None, rota: Rota) -> str:
    level, schedule = (shift.level, shift.schedule) if shift else (1, "")
    found = next((each for each in rota.next if each.level == level and schedule in ("", each.schedule)), None)
    return str(found.responder) if found else ""
