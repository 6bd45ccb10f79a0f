"""What happened in an incident, one entry after another, and where it stands because of them.

Entries are only ever added. Where an incident stands is what `after` makes of them, in their order; a correction is an entry, too. An entry that
makes no sense where it stands (a resolve of what is resolved) changes nothing, so that the order of two that came at the same moment does not matter much.

investigating -> identified -> monitoring -> resolved, and back; resolved -> investigating (reopened); anything open -> merged
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.names import Organization

IncidentId = NewType("IncidentId", int)
"""Counts from 1 within an organization."""


class Severity(StrEnum):
    """How bad it is, worst first."""

    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV4 = "sev4"

    @property
    def meaning(self) -> str:
        return _MEANING[self]

    @property
    def update_every(self) -> timedelta | None:
        """How long stakeholders may go without a word; None where nobody waits for one."""
        return _UPDATE_EVERY[self]

    @property
    def acknowledge_within(self) -> timedelta | None:
        """How long a page may go unanswered before the next one is called; None where nobody is."""
        return _ACKNOWLEDGE_WITHIN[self]

    @property
    def wakes(self) -> bool:
        """Is it bad enough to disturb people in their quiet hours?"""
        return self in (Severity.SEV1, Severity.SEV2)


_MEANING: Mapping[Severity, str] = {
    Severity.SEV1: "down for everybody",
    Severity.SEV2: "badly broken for many",
    Severity.SEV3: "broken for some",
    Severity.SEV4: "hardly noticed",
}
_UPDATE_EVERY: Mapping[Severity, timedelta | None] = {
    Severity.SEV1: timedelta(minutes=15),
    Severity.SEV2: timedelta(minutes=30),
    Severity.SEV3: timedelta(hours=2),
    Severity.SEV4: None,
}
_ACKNOWLEDGE_WITHIN: Mapping[Severity, timedelta | None] = {
    Severity.SEV1: timedelta(minutes=5),
    Severity.SEV2: timedelta(minutes=10),
    Severity.SEV3: None,
    Severity.SEV4: None,
}


class Phase(StrEnum):
    """Where an incident stands."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    MERGED = "merged"

    @property
    def over(self) -> bool:
        return self in (Phase.RESOLVED, Phase.MERGED)


class Role(StrEnum):
    """What one person at a time answers for."""

    COMMANDER = "commander"
    COMMUNICATIONS = "communications"
    OPERATIONS = "operations"
    SCRIBE = "scribe"


class Verb(StrEnum):
    """What an entry says. Those of the first group change where the incident stands; the others are told and nothing else."""

    DECLARED = "declared"
    ACKNOWLEDGED = "acknowledged"
    SEVERITY = "severity"
    PHASE = "phase"
    ROLE = "role"
    JOINED = "joined"
    TASK = "task"
    TASK_DONE = "task done"
    HYPOTHESIS = "hypothesis"
    HYPOTHESIS_SETTLED = "hypothesis settled"
    UPDATE = "update"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    LINKED = "linked"
    MERGED = "merged"
    REVIEW = "review"
    ROOM = "room"
    PULLED_IN = "pulled in"

    NOTE = "note"
    CORRECTION = "correction"
    ALERT = "alert"
    PAGE = "page"
    PROPOSAL = "proposal"
    DECISION = "decision"
    RUN = "run"
    HEALTH = "health"
    MESSAGE = "message"
    REMINDER = "reminder"

    @property
    def told_only(self) -> bool:
        return self in _TOLD_ONLY


_TOLD_ONLY = frozenset({
    Verb.NOTE, Verb.CORRECTION, Verb.ALERT, Verb.PAGE, Verb.PROPOSAL, Verb.DECISION, Verb.RUN, Verb.HEALTH, Verb.MESSAGE,
    Verb.REMINDER,
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened. `seq` counts from 1 within the incident; `at` is UTC, and `text` one sentence fit to show.

    `source` says where it is known from ("slack", "cli", "alertmanager", "proposal/17", …) and `link` leads there, or is "". `by` is the
    subject of whoever did it, or "" for what nobody did. `facts` are what `after` needs, by the verb:
    declared: title, severity, service, confidential, alert · severity: to · phase: to · role: role, person, name · joined: person, name ·
    task: what, owner, owner_name, due · task done: number · hypothesis: what · hypothesis settled: number, holds · update: text ·
    linked: with or url · merged: into · resolved: cause · review: on · room: id, name, url · pulled in: team · correction: of
    """

    seq: int = 0
    at: datetime
    verb: Verb
    text: str
    by: str = ""
    by_name: str = ""
    source: str = ""
    link: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something that somebody does. `number` counts from 1; `owner` is "" while nobody has taken it; `due` is UTC."""

    number: int
    what: str
    owner: str = ""
    owner_name: str = ""
    due: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Hypothesis:
    """What might be the cause. `holds` is None until somebody knows."""

    number: int
    what: str
    holds: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where people meet: a channel, by its id, its name without “#”, and where to click."""

    id: str
    name: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Where an incident stands. Times are UTC. `last` is the number of its newest entry that changed anything.

    `people` are the subjects of those in it: whoever declared, joined, holds a role or owns a task. `teams` were pulled in.
    """

    id: IncidentId
    organization: Organization
    title: str
    severity: Severity
    declared_at: datetime
    declared_by: str
    declared_by_name: str
    service: str = ""
    alert: str = ""
    confidential: bool = False
    phase: Phase = Phase.INVESTIGATING
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_by_name: str = ""
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    began_at: datetime | None = None
    cause: str = ""
    roles: Mapping[Role, tuple[str, str]] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    updates: tuple[tuple[datetime, str], ...] = ()
    links: tuple[str, ...] = ()
    merged_into: IncidentId | None = None
    room: Place | None = None
    review_on: datetime | None = None
    last: int = 0

    @property
    def open(self) -> bool:
        return not self.phase.over

    @property
    def name(self) -> str:
        """“incident #3”, as people refer to it."""
        return f"incident #{self.id}"

    def seen_by(self, actor: Actor) -> bool:
        """May this person know of it? A confidential one is nobody's business but theirs who are in it."""
        return actor.organization == self.organization and (not self.confidential or actor.subject in self.people)


def fold(id: IncidentId, organization: Organization, entries: Iterable[Entry]) -> Incident | None:
    """Where the incident stands after these, which are in their order; None where the first one does not declare it."""
    incident: Incident | None = None
    for entry in entries:
        incident = _declared(id, organization, entry) if incident is None else after(incident, entry)
        if incident is None:
            return None
    return incident


def after(incident: Incident, entry: Entry) -> Incident:
    """Where it stands after one more entry."""
    if entry.verb.told_only or entry.verb is Verb.DECLARED:
        return incident
    changed = _CHANGES[entry.verb](incident, entry, entry.facts)
    return replace(changed, last=max(incident.last, entry.seq))


def _declared(id: IncidentId, organization: Organization, entry: Entry) -> Incident | None:
    if entry.verb is not Verb.DECLARED:
        return None
    facts = entry.facts
    began = facts.get("began")
    return Incident(
        id=id,
        organization=organization,
        title=str(facts["title"]),
        severity=Severity(str(facts["severity"])),
        service=str(facts.get("service") or ""),
        alert=str(facts.get("alert") or ""),
        confidential=bool(facts.get("confidential")),
        declared_at=entry.at,
        declared_by=entry.by,
        declared_by_name=entry.by_name,
        began_at=_moment(began),
        people=(entry.by,) if entry.by else (),
        last=entry.seq,
    )


def _acknowledged(incident: Incident, entry: Entry, _facts: Mapping[str, Json]) -> Incident:
    if incident.acknowledged_at:
        return incident
    joined = _with(incident, entry.by)
    return replace(
        joined, acknowledged_at=entry.at, acknowledged_by=entry.by, acknowledged_by_name=entry.by_name
    )  # fmt: skip


def _severity(incident: Incident, _entry: Entry, facts: Mapping[str, Json]) -> Incident:
    return replace(incident, severity=Severity(str(facts["to"])))


def _phase(incident: Incident, entry: Entry, facts: Mapping[str, Json]) -> Incident:
    to = Phase(str(facts["to"]))
    if not incident.open or to.over:
        return incident
    mitigated = incident.mitigated_at or entry.at if to is Phase.MONITORING else None
    return replace(incident, phase=to, mitigated_at=mitigated)


def _role(incident: Incident, _entry: Entry, facts: Mapping[str, Json]) -> Incident:
    person, name = str(facts["person"]), str(facts["name"])
    return replace(_with(incident, person), roles={**incident.roles, Role(str(facts["role"])): (person, name)})


def _joined(incident: Incident, _entry: Entry, facts: Mapping[str, Json]) -> Incident:
    return _with(incident, str(facts["person"]))


def _task(incident: Incident, _entry: Entry, facts: Mapping[str, Json]) -> Incident:
    owner = str(facts.get("owner") or "")
    task = Task(
        number=len(incident.tasks) + 1,
        what=str(facts["what"]),
        owner=owner,
        owner_name=str(facts.get("owner_name") or ""),
        due=_moment(facts.get("due")),
    )
    return replace(_with(incident, owner), tasks=(*incident.tasks, task))


def _task_done(incident: Incident, entry: Entry, facts: Mapping[str, Json]) -> Incident:
    tasks = tuple(
        replace(each, done_at=each.done_at or entry.at) if each.number == facts["number"] else each
        for each in incident.tasks
    )
    return replace(incident, tasks=tasks)


def _hypothesis(incident: Incident, _entry: Entry, facts: Mapping[str, Json]) -> Incident:
    one = Hypothesis(number=len(incident.hypotheses) + 1, what=str(facts["what"]))
    return replace(incident, hypotheses=(*incident.hypotheses, one))


def _settled(incident: Incident, _entry: Entry, facts: Mapping[str, Json]) -> Incident:
    number, holds = facts["number"], bool(facts["holds"])
    found = tuple(replace(each, holds=holds) if each.number == number else each for each in incident.hypotheses)
    return replace(incident, hypotheses=found)


def _update(incident: Incident, entry: Entry, facts: Mapping[str, Json]) -> Incident:
    return replace(incident, updates=(*incident.updates, (entry.at, str(facts["text"]))))


def _resolved(incident: Incident, entry: Entry, facts: Mapping[str, Json]) -> Incident:
    if not incident.open:
        return incident
    return replace(
        incident,
        phase=Phase.RESOLVED,
        resolved_at=entry.at,
        mitigated_at=incident.mitigated_at or entry.at,
        cause=str(facts.get("cause") or incident.cause),
    )


def _reopened(incident: Incident, _entry: Entry, _facts: Mapping[str, Json]) -> Incident:
    if incident.phase is not Phase.RESOLVED:
        return incident
    return replace(incident, phase=Phase.INVESTIGATING, resolved_at=None, mitigated_at=None)


def _linked(incident: Incident, _entry: Entry, facts: Mapping[str, Json]) -> Incident:
    other = str(facts["with"])
    return incident if other in incident.links else replace(incident, links=(*incident.links, other))


def _merged(incident: Incident, entry: Entry, facts: Mapping[str, Json]) -> Incident:
    if not incident.open:
        return incident
    into = IncidentId(int(str(facts["into"])))
    return replace(incident, phase=Phase.MERGED, merged_into=into, resolved_at=entry.at)


def _review(incident: Incident, _entry: Entry, facts: Mapping[str, Json]) -> Incident:
    return replace(incident, review_on=_moment(facts["on"]))


def _room(incident: Incident, _entry: Entry, facts: Mapping[str, Json]) -> Incident:
    return replace(incident, room=Place(id=str(facts["id"]), name=str(facts["name"]), url=str(facts.get("url") or "")))


def _pulled_in(incident: Incident, _entry: Entry, facts: Mapping[str, Json]) -> Incident:
    team = str(facts["team"])
    people = facts.get("people")
    for person in people if isinstance(people, Sequence) else ():
        incident = _with(incident, str(person))
    return incident if team in incident.teams else replace(incident, teams=(*incident.teams, team))


_CHANGES: Mapping[Verb, Callable[[Incident, Entry, Mapping[str, Json]], Incident]] = {
    Verb.ACKNOWLEDGED: _acknowledged,
    Verb.SEVERITY: _severity,
    Verb.PHASE: _phase,
    Verb.ROLE: _role,
    Verb.JOINED: _joined,
    Verb.TASK: _task,
    Verb.TASK_DONE: _task_done,
    Verb.HYPOTHESIS: _hypothesis,
    Verb.HYPOTHESIS_SETTLED: _settled,
    Verb.UPDATE: _update,
    Verb.RESOLVED: _resolved,
    Verb.REOPENED: _reopened,
    Verb.LINKED: _linked,
    Verb.MERGED: _merged,
    Verb.REVIEW: _review,
    Verb.ROOM: _room,
    Verb.PULLED_IN: _pulled_in,
}


def _with(incident: Incident, subject: str) -> Incident:
    if not subject or subject in incident.people:
        return incident
    return replace(incident, people=(*incident.people, subject))


def _moment(value: Json) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None
