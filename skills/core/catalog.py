"""The names of this organization: services, environments, people, and what stands for what.

Descriptors come from Backstage files or are discovered in a cluster; either way they arrive here as these values. Names are ASCII DNS
labels. Look-alikes (Cyrillic “а” in “аpi”) are never matched to a real name: they are unknown, and the odd characters are shown.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from rapidfuzz import fuzz, process

from skills.core.actor import Actor
from skills.core.errors import UnknownName
from skills.core.membership import Membership, Withdrawn
from skills.core.names import EnvironmentName, ServiceName, Subject

DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_SHOWN = 60
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class MetricsHints:
    """How a service is measured, where that is not by convention. `selector` are label matchers of its request metrics; the others are
    whole queries: `traffic` in requests a second, `errors` and `saturation` from 0 to 1, `latency` in seconds.
    """

    selector: str = ""
    traffic: str = ""
    errors: str = ""
    latency: str = ""
    saturation: str = ""


@dataclass(frozen=True, kw_only=True)
class Objective:
    """Which share of the requests has to succeed, in percent, over so many days."""

    percent: Decimal
    days: int

    @property
    def may_fail(self) -> float:
        """The share that may fail; more than 0."""
        return float((100 - self.percent) / 100)

    def __str__(self) -> str:
        return f"{self.percent} % over {self.days}d"


@dataclass(frozen=True, kw_only=True)
class Service:
    """A deployed thing. `workload` is the Deployment's name, `namespace` where it lives if not where its environment says, `image` the
    repository its releases come from ("" if not known).

    `min_replicas` and `max_replicas` bound what may be asked for. `containers` may name the one that carries the release.
    `objective` is how much of it may fail; None where nobody said.
    """

    name: ServiceName
    title: str = ""
    description: str = ""
    owner: str = ""
    system: str = ""
    aliases: tuple[str, ...] = ()
    depends_on: tuple[ServiceName, ...] = ()
    workload: str = ""
    namespace: str = ""
    container: str = ""
    image: str = ""
    min_replicas: int = 1
    max_replicas: int = 20
    environments: tuple[EnvironmentName, ...] = ()
    metrics: MetricsHints = MetricsHints()
    objective: Objective | None = None
    discovered: bool = False

    @property
    def workload_name(self) -> str:
        return self.workload or self.name


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A world that services run in. `namespace` is where its workloads live; `protected` raises the risk of every change."""

    name: EnvironmentName
    namespace: str
    protected: bool = False
    aliases: tuple[str, ...] = ()
    cluster: str = ""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody known by name here. `slack` are the Slack user ids that are theirs, by explicit link only.

    `confirmed` is when somebody last said that the roles and teams are right (UTC); None where nobody did.
    """

    actor: Actor
    slack: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    confirmed: datetime | None = None


@dataclass(kw_only=True)
class Catalog:
    """Every name there is. `learn` and `withdraw` are the only things that change it: each replaces what was known, in one assignment.

    `people` are as configured; `everybody` and the look-ups give them as they count by `clock`. With a `membership`, roles and teams
    count for so long after they were confirmed, and not at all where that is unknown. What an access review revoked counts once the
    configuration confirms the person again.
    """

    declared: tuple[Service, ...]
    environments: tuple[Environment, ...]
    people: tuple[Person, ...]
    membership: timedelta | None = None
    clock: Callable[[], datetime] | None = None
    withdrawn: Withdrawn = field(default_factory=Withdrawn)
    _discovered: tuple[Service, ...] = field(default=())

    @property
    def services(self) -> tuple[Service, ...]:
        return self.declared + self._discovered

    @property
    def everybody(self) -> tuple[Person, ...]:
        return tuple(self._as_they_count(person) if self.counts(person) else _alone(person) for person in self.people)

    def counts(self, person: Person) -> bool:
        """Do this person's roles and teams still count?"""
        if self.membership is None:
            return True
        if self.clock is None or person.confirmed is None:
            return False
        return person.confirmed <= self.clock() < person.confirmed + self.membership

    def withdraw(self, withdrawn: Withdrawn) -> None:
        """Take note of all that was revoked."""
        self.withdrawn = withdrawn

    def as_they_count(self, actor: Actor) -> Actor:
        """Somebody as known a moment ago, without what was revoked since."""
        person = next((each for each in self.people if each.actor.subject == actor.subject), None)
        lost = self._lost(person) if person else frozenset()
        return _without(actor, lost) if lost else actor

    def _as_they_count(self, person: Person) -> Person:
        lost = self._lost(person)
        return replace(person, actor=_without(person.actor, lost)) if lost else person

    def _lost(self, person: Person) -> frozenset[Membership]:
        """What was revoked, and was not confirmed afterwards."""
        revoked = self.withdrawn.at.get(person.actor.subject)
        if not revoked:
            return frozenset()
        known = person.confirmed if self.clock and person.confirmed and person.confirmed <= self.clock() else None
        return frozenset(each for each, at in revoked.items() if known is None or known <= at)

    def learn(self, discovered: Iterable[Service]) -> None:
        """Take note of services seen in clusters. A declared service of the same name, workload or alias wins, and so does an environment."""
        taken = {word for service in self.declared for word in (service.name, service.workload_name, *service.aliases)}
        taken |= {word for environment in self.environments for word in (environment.name, *environment.aliases)}
        self._discovered = tuple(service for service in discovered if service.name not in taken)

    def service(self, word: str) -> Service:
        """The service of this name or alias. Raises `UnknownName` with the nearest."""
        return _lookup("service", word, {name: s for s in self.services for name in (s.name, *s.aliases)})

    def environment(self, word: str) -> Environment:
        """The environment of this name or alias. Raises `UnknownName` with the nearest."""
        return _lookup("environment", word, {name: e for e in self.environments for name in (e.name, *e.aliases)})

    def usual(self, word: str | None) -> Environment:
        """The environment that a question means: the named one, or the first protected one, or the first. Raises `UnknownName`."""
        if word:
            return self.environment(word)
        return next((each for each in self.environments if each.protected), self.environments[0])

    def person(self, word: str) -> Person:
        """The person of this subject or alias. Raises `UnknownName` with the nearest."""
        return _lookup("person", word, {name: p for p in self.everybody for name in (p.actor.subject, *p.aliases)})

    def by_slack(self, user_id: str) -> Person | None:
        """The person that this Slack account was linked to."""
        return next((person for person in self.everybody if user_id in person.slack), None)

    def by_subject(self, subject: Subject) -> Person | None:
        return next((person for person in self.everybody if person.actor.subject == subject), None)

    def dependents(self, service: ServiceName) -> tuple[ServiceName, ...]:
        """Who is hit when `service` is: everything that depends on it, directly or not, by name."""
        found: set[ServiceName] = set()
        frontier = {service}
        while frontier:
            frontier = {s.name for s in self.services if frontier & set(s.depends_on)} - found - {service}
            found |= frontier
        return tuple(sorted(found))


def _alone(person: Person) -> Person:
    """The same person without any role and team."""
    return replace(person, actor=replace(person.actor, roles=frozenset(), teams=frozenset()))


def _without(actor: Actor, lost: Iterable[Membership]) -> Actor:
    names = {str(each) for each in lost}
    return replace(
        actor,
        roles=frozenset(role for role in actor.roles if f"role/{role}" not in names),
        teams=frozenset(team for team in actor.teams if f"team/{team}" not in names),
    )


def nearest(word: str, names: Iterable[str], *, limit: int = 3) -> tuple[str, ...]:
    """Up to `limit` of `names` that a hurried person may have meant, best first; none where nothing is close."""
    matches = process.extract(word.lower()[:200], list(names), scorer=fuzz.WRatio, limit=limit, score_cutoff=60)
    return tuple(name for name, _, _ in matches)


def shown(word: str) -> str:
    """`word` fit to be quoted: short, and with every character that is not plain ASCII spelled out."""
    plain = "".join(c if " " <= c <= "~" else f"\\u{{{ord(c):x}}}" for c in word[:_LONGEST_SHOWN])
    return plain + ("…" if len(word) > _LONGEST_SHOWN else "")


def _lookup(kind: str, word: str, names: Mapping[str, T]) -> T:
    wanted = word.strip().lower()
    # Letters are checked as they were typed: lower-casing turns the Kelvin sign into a plain k.
    if word.isascii() and wanted in names:
        return names[wanted]
    if not word.isascii():
        odd = ", ".join(
            f"“{c}” is U+{ord(c):04X}"
            for c in dict.fromkeys(word[:_LONGEST_SHOWN])
            if not c.isascii() and c.isprintable()
        )
        hint = f"It has letters outside of ASCII{f' ({odd})' if odd else ''}; names here have none."
        raise UnknownName(kind, shown(word), hint=hint)
    raise UnknownName(
        kind, shown(word), nearest(wanted, names), hint="" if nearest(wanted, names) else _known(kind, tuple(names))
    )


def _known(kind: str, names: Sequence[str]) -> str:
    some = ", ".join(sorted(names)[:8])
    return f"Known: {some}{', …' if len(names) > 8 else ''}." if names else f"No {kind} is configured yet."
