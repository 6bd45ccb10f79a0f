"""An incident: its beginning."""

from skills.core import incident_words
from skills.core.catalog import Catalog
from skills.core.incident import Incident, Severity, Verb
from skills.core.incident_record import TOPIC, Said, entry_of, told
from skills.core.ports.incidents import IncidentBook
from skills.core.report import Command, Report, Text
from skills.core.skill import Asked, Record


class IncidentDeclare(Record[Said]):
    """Declare an incident: a room, the right people and the facts, in seconds."""

    name = "incident-declare"
    aliases = ("declare-incident", "open-incident", "incident-open")
    topic = TOPIC
    examples = ("incident declare checkout returns 500s sev2", "declare an incident: search is slow, sev3")

    def __init__(self, book: IncidentBook, catalog: Catalog) -> None:
        self._book = book
        self._catalog = catalog

    async def record(self, params: Said, *, asked: Asked) -> Report:
        severity, rest = incident_words.severity(params.said)
        began, rest = incident_words.began(rest, self._book.now())
        title, confidential, another = incident_words.title(rest)
        service = incident_words.service(title, self._catalog)
        facts = {
            "title": title, "severity": (severity or Severity.SEV3).value, "service": service, "confidential": confidential,
            "began": began.isoformat() if began else None,
        }  # fmt: skip
        text = f"{asked.actor.name} declared it: {title} ({severity or Severity.SEV3})."
        # Whoever declares a confidential one must not learn that there is another of the kind.
        of = asked.key if another or confidential else service or incident_words.alike(title)
        entry = entry_of(asked, Verb.DECLARED, text, facts, book=self._book)
        written = await self._book.declare(entry, key=asked.key, of=of)
        if not written.new and written.incident.declared_by != asked.actor.subject:
            return _join(written.incident)
        return _declared(written.incident, assumed=severity is None)


def _declared(incident: Incident, *, assumed: bool) -> Report:
    where = f" The room is #{incident.room.name}." if incident.room else " Its people and the first facts follow."
    notes = [] if not assumed else [Text(text=f"I took it for sev3. Say “incident severity #{incident.id} sev1” if it is worse.")]  # fmt: skip
    if incident.confidential:
        notes.append(Text(text=f"It is confidential, so nobody is paged: “incident join #{incident.id} @name” brings somebody in."))  # fmt: skip
    elif not incident.service:
        notes.append(Text(text="It names no service that I know, so nobody is on call for it by themselves."))
    return told(
        incident, f"Incident #{incident.id} is declared: {incident.title} ({incident.severity}).{where}", *notes
    )


def _join(incident: Incident) -> Report:
    summary = (
        f"Incident #{incident.id} is about that already: {incident.title} ({incident.severity}, {incident.phase})."
    )
    other = Text(text="If yours is something else, say “incident declare another …”.")
    return Report(
        title=f"Incident #{incident.id}",
        summary=summary,
        parts=(Command(text=f"incident join #{incident.id}", does="join it"), other),
    )
