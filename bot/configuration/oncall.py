"""oncall.yaml: who is on call when, and who is called for what."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, time, timedelta

from pydantic import SecretStr

from bot.configuration.checking import check, unknown
from bot.configuration.documents import Document
from bot.configuration.names import Claims
from bot.configuration.oncall_shapes import (
    WEEKDAYS,
    EscalationShape,
    LayerShape,
    LevelShape,
    OnCallShape,
    PagerDutyShape,
    RotationShape,
)
from bot.configuration.policies import time_zone
from bot.configuration.problems import Path, Problem
from bot.configuration.secrets import secret
from bot.configuration.settings import OrganizationSettings, PagerDutySettings
from skills.core.catalog import Person, Service, shown
from skills.core.names import Subject
from skills.core.rotation import Duty, Escalation, Hours, Layer, Level, Quiet, Rotation


def on_call(
    document: Document,
    *,
    organization: OrganizationSettings,
    people: Collection[Person],
    services: Sequence[Service],
    environ: Mapping[str, str],
    problems: list[Problem],
) -> tuple[Duty, PagerDutySettings | None]:
    """What the file says; a problem is noted for each mistake."""
    shape = check(document, OnCallShape, problems)
    if shape is None:
        return Duty(), None
    reading = _Duty(document, organization, people, services, problems)
    return reading.read(shape), reading.pagerduty(shape.pagerduty, environ) if shape.pagerduty else None


class _Duty:
    """One reading of the file."""

    def __init__(
        self,
        document: Document,
        organization: OrganizationSettings,
        people: Collection[Person],
        services: Sequence[Service],
        problems: list[Problem],
    ) -> None:
        self._document = document
        self._organization = organization
        self._people = {each.actor.subject for each in people}
        self._services = services
        self._problems = problems

    def read(self, shape: OnCallShape) -> Duty:
        names = Claims(kind="name", problems=self._problems)
        for index, each in enumerate(shape.rotations):
            names.claim(each.name, each.name, self._document, ("rotations", index, "name"))
        rotations = tuple(self._rotation(each, ("rotations", index)) for index, each in enumerate(shape.rotations))
        known = {each.name for each in rotations}
        covered = Claims(kind="service", problems=self._problems)
        for index, one in enumerate(shape.escalations):
            for position, name in enumerate(one.services):
                covered.claim(name, one.name, self._document, ("escalations", index, "services", position))
        escalations = tuple(
            self._escalation(each, ("escalations", index), known, covered)
            for index, each in enumerate(shape.escalations)
        )
        quiet = shape.quiet and Quiet(
            start=time.fromisoformat(shape.quiet.from_),
            end=time.fromisoformat(shape.quiet.until),
            zone=self._organization.timezone,
        )
        return Duty(rotations=rotations, escalations=escalations, quiet=quiet or None)

    def pagerduty(self, shape: PagerDutyShape, environ: Mapping[str, str]) -> PagerDutySettings:
        """Where pages go, with the secrets from the environment."""
        token = secret(environ, "PAGERDUTY_TOKEN", self._problems)
        if token is None:
            text = "the environment variable PAGERDUTY_TOKEN is not set, nor is PAGERDUTY_TOKEN_FILE."
            self._problem(("pagerduty",), text)
        known = sorted(each.name for each in self._services)
        keys: dict[str, SecretStr | None] = {}
        for index, each in enumerate(shape.services):
            path: Path = ("pagerduty", "services", index)
            if each.service not in known:
                self._problem((*path, "service"), unknown("service", each.service, known))
            keys[each.service] = secret(environ, each.routing_key, self._problems) if each.routing_key else None
            if each.routing_key and keys[each.service] is None:
                text = f"the environment variable {each.routing_key} is not set, nor is {each.routing_key}_FILE."
                self._problem((*path, "routing_key"), text)
        for name in shape.people:
            self._check_people([name], ("pagerduty", "people"))
        return PagerDutySettings(
            token=token or SecretStr(""),
            sender=shape.sender,
            services={each.service: each.id for each in shape.services},
            routing_keys=keys,
            people=dict(shape.people),
            api_url=shape.api_url.rstrip("/"),
            events_url=shape.events_url.rstrip("/"),
        )

    def _rotation(self, shape: RotationShape, path: Path) -> Rotation:
        zone_name = shape.timezone or self._organization.timezone_name
        zone = time_zone(zone_name)
        if zone is None:
            text = f"there is no time zone “{shown(zone_name)}”; write it like Europe/Berlin or UTC."
            self._problem((*path, "timezone"), text)
        layers = [self._layer(each, (*path, "layers", index)) for index, each in enumerate(shape.layers)]
        return Rotation(name=shape.name, zone=zone or UTC, zone_name=zone_name, layers=tuple(layers))

    def _layer(self, shape: LayerShape, path: Path) -> Layer:
        self._check_people(shape.people, (*path, "people"))
        always = len(set(shape.weekdays)) == len(WEEKDAYS) and shape.from_ == shape.until
        hours = Hours(
            weekdays=frozenset(WEEKDAYS.index(day) for day in shape.weekdays),
            start=time.fromisoformat(shape.from_),
            end=time.fromisoformat(shape.until),
        )
        return Layer(
            people=tuple(Subject(each) for each in shape.people),
            start=date.fromisoformat(shape.start),
            handover=time.fromisoformat(shape.handover),
            days=shape.days,
            hours=None if always else hours,
        )

    def _escalation(
        self, shape: EscalationShape, path: Path, rotations: Collection[str], covered: Claims
    ) -> Escalation:
        services, teams = {each.name for each in self._services}, {each.owner for each in self._services}
        for position, name in enumerate(shape.services):
            if name not in services:
                self._problem((*path, "services", position), unknown("service", name, sorted(services)))
        for position, name in enumerate(shape.teams):
            if name not in teams:
                self._problem((*path, "teams", position), unknown("team with services", name, sorted(teams)))
        owned = [each.name for each in self._services if each.owner in shape.teams and not covered.holder(each.name)]
        levels = [self._level(each, (*path, "levels", index), rotations) for index, each in enumerate(shape.levels)]
        return Escalation(
            name=shape.name,
            services=tuple(dict.fromkeys([*shape.services, *owned])),
            levels=tuple(levels),
            repeat=shape.repeat,
        )

    def _level(self, shape: LevelShape, path: Path, rotations: Collection[str]) -> Level:
        self._check_people(shape.people, (*path, "people"))
        for position, name in enumerate(shape.rotations):
            if name not in rotations:
                self._problem((*path, "rotations", position), unknown("rotation", name, sorted(rotations)))
        return Level(
            within=timedelta(minutes=shape.minutes),
            rotations=tuple(shape.rotations),
            people=tuple(Subject(each) for each in shape.people),
        )

    def _check_people(self, people: Sequence[str], path: Path) -> None:
        for position, name in enumerate(people):
            if name not in self._people:
                self._problem((*path, position), unknown("person", name, sorted(self._people)))

    def _problem(self, path: Path, text: str) -> None:
        self._problems.append(self._document.problem(path, text))
