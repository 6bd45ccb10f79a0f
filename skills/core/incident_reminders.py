"""Whom to remind of what in an incident, and when. All of it follows from where the incident stands, so it stops when that changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from skills.core.incident import Incident, Role

QUIET_FROM, QUIET_UNTIL = time(22), time(7)
"""In the organization's zone. What does not wake people waits for the morning."""
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


def reminders(incident: Incident, *, zone: tzinfo) -> tuple[Reminder, ...]:
    """All there will be if nothing else happens, the next first."""
    found = [*_of_tasks(incident), *_of_review(incident)]
    if incident.open:
        found += [*_unacknowledged(incident), *_of_update(incident)]
    quiet = not incident.severity.wakes
    return tuple(sorted((_postponed(each, zone) if quiet else each for each in found), key=lambda each: each.at))


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


def _postponed(reminder: Reminder, zone: tzinfo) -> Reminder:
    local = reminder.at.astimezone(zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return reminder
    day = local.date() + timedelta(days=1) if local.time() >= QUIET_FROM else local.date()
    morning = datetime.combine(day, QUIET_UNTIL, tzinfo=zone)
    return Reminder(
        key=reminder.key, at=morning.astimezone(reminder.at.tzinfo), text=reminder.text, to=reminder.to, everybody=reminder.everybody,
    )  # fmt: skip
