"""Whom to remind of what in an incident, and when. All of it follows from where the incident stands, so it stops when that changes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo

from skills.core.incident import Incident, Role
from skills.core.rotation import Quiet

QUIET_FROM, QUIET_UNTIL = time(22), time(7)
"""In the organization's zone, unless oncall.yaml says otherwise. What does not wake people waits for the morning."""
_CALLS = 3
"""How often is called for somebody before the incident is left to those who look by themselves."""
_BEFORE_REVIEW = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """One word to some people, once for each `key`. `at` is UTC. `everybody` means those who own the service and those who lead, too."""

    key: str
    at: datetime
    text: str
    to: tuple[str, ...]
    everybody: bool = False


def reminders(incident: Incident, *, zone: tzinfo, quiet: Quiet | None = None) -> tuple[Reminder, ...]:
    """All there will be if nothing else happens, the next first. `quiet` are the hours that hold instead of the usual ones in `zone`."""
    found = [*_of_tasks(incident), *_of_review(incident)]
    if incident.open:
        found += [*_unacknowledged(incident), *_of_update(incident)]
    hours = quiet or Quiet(start=QUIET_FROM, end=QUIET_UNTIL, zone=zone)
    waits = not incident.severity.wakes
    return tuple(
        sorted((replace(each, at=hours.over(each.at)) if waits else each for each in found), key=lambda each: each.at)
    )


def _unacknowledged(incident: Incident) -> Iterator[Reminder]:
    within = incident.severity.acknowledge_within
    if incident.acknowledged_at or within is None:
        return
    for call in range(1, _CALLS + 1):
        text = f"Nobody is on incident #{incident.id} yet ({incident.title}, {incident.severity}). Say “incident ack #{incident.id}”."
        at = incident.declared_at + within * call
        yield Reminder(key=f"unacknowledged:{call}", at=at, text=text, to=incident.people, everybody=True)


def _of_update(incident: Incident) -> Iterator[Reminder]:
    every = incident.severity.update_every
    if every is None:
        return
    last = incident.updates[-1][0] if incident.updates else incident.declared_at
    holders = [incident.roles[role][0] for role in (Role.COMMUNICATIONS, Role.COMMANDER) if role in incident.roles]
    text = f"Stakeholders of incident #{incident.id} wait for a word. “incident draft {incident.id}” makes a draft."
    to = (holders[0],) if holders else incident.people
    yield Reminder(key=f"update:{incident.severity}:{len(incident.updates)}", at=last + every, text=text, to=to)


def _of_tasks(incident: Incident) -> Iterator[Reminder]:
    for task in incident.tasks:
        if task.due and not task.done_at:
            text = f"Task {task.number} of incident #{incident.id} is due: {task.what}. “incident done #{incident.id} {task.number}” closes it."
            to = (task.owner,) if task.owner else incident.people
            yield Reminder(key=f"task:{task.number}", at=task.due, text=text, to=to)


def _of_review(incident: Incident) -> Iterator[Reminder]:
    if incident.review_on:
        text = (
            f"The review of incident #{incident.id} ({incident.title}) is at {incident.review_on:%Y-%m-%d %H:%M} UTC."
        )
        at = incident.review_on - _BEFORE_REVIEW
        yield Reminder(key=f"review:{incident.review_on:%Y%m%d%H%M}", at=at, text=text, to=incident.people)
