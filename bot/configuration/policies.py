"""policies/: rules, freezes and windows, with every name in them checked against what exists."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bot.configuration.checking import check, unknown
from bot.configuration.documents import Document
from bot.configuration.names import Claims
from bot.configuration.policy_shapes import AmountShape, PeriodShape, PolicyShape, RuleShape, WhoShape
from bot.configuration.problems import Path, Problem
from skills.core.calendar import Calendar, Once, Period, Span, Times, Weekly
from skills.core.catalog import shown
from skills.core.money import Money, currency
from skills.core.plan import Risk
from skills.core.policy import Approvers, Rule, Who

Calendars: TypeAlias = Callable[[str, tzinfo], Times]
"""The times in an iCalendar file of this name; days without a time zone are in the given one. Raises `ValueError` with a sentence."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKLY = re.compile(
    r"(?P<day>mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6} (?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9])", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Every name that a policy may use. None means that such names are not known here and pass unchecked."""

    roles: Collection[str] | None
    teams: Collection[str] | None
    environments: Collection[str] | None
    services: Collection[str] | None
    skills: Collection[str] | None
    timezone: tzinfo


@dataclass(frozen=True, kw_only=True)
class Policies:
    """What all files together say, in the order of file names."""

    rules: tuple[Rule, ...]
    calendar: Calendar


def policies(
    documents: Sequence[Document], vocabulary: Vocabulary, calendars: Calendars, problems: list[Problem]
) -> Policies:
    """Every rule, freeze and window. `calendars` reads the iCalendar files that they name."""
    rules: list[Rule] = []
    freezes: list[Period] = []
    windows: list[Period] = []
    names = Claims(kind="name", problems=problems)
    for document in documents:
        shape = check(document, PolicyShape, problems)
        if shape is None:
            continue
        for index, rule in enumerate(shape.rules):
            names.claim(rule.name, "another rule", document, ("rules", index, "name"))
            _Checked(document, ("rules", index), vocabulary, problems).rule(rule)
            rules.append(_rule(rule))
        for key, shapes, found in (("freezes", shape.freezes, freezes), ("windows", shape.windows, windows)):
            for index, period in enumerate(shapes):
                names.claim(period.name, "another rule or freeze", document, (key, index, "name"))
                times = _Checked(document, (key, index), vocabulary, problems).times(period, calendars)
                if times:
                    found.append(_period(period, times))
    calendar = Calendar(zone=vocabulary.timezone, freezes=tuple(freezes), windows=tuple(windows))
    return Policies(rules=tuple(rules), calendar=calendar)


def time_zone(name: str) -> tzinfo | None:
    """The time zone of this IANA name, or None."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return None


@dataclass(frozen=True)
class _Checked:
    """One rule or freeze, and where it stands."""

    document: Document
    path: Path
    vocabulary: Vocabulary
    problems: list[Problem]

    def rule(self, rule: RuleShape) -> None:
        self._who("who", rule.who)
        self._who("approvers", rule.approvers)
        self._names("skill", rule.skills, self.vocabulary.skills, "skills")
        self._names("environment", rule.environments, self.vocabulary.environments, "environments")
        self._names("service", rule.services, self.vocabulary.services, "services")

    def times(self, period: PeriodShape, calendars: Calendars) -> Times | None:
        """When it is; None, with a problem noted, where that makes no sense."""
        self._names("environment", period.environments, self.vocabulary.environments, "environments")
        self._names("skill", period.except_skills, self.vocabulary.skills, "except")
        zone = time_zone(period.timezone) if period.timezone else self.vocabulary.timezone
        if zone is None:
            self._wrong(("timezone",), f"there is no time zone “{shown(period.timezone or '')}”.")
            return None
        if period.calendar:
            return self._from_file(period, calendars, zone)
        missing = [key for key, text in (("from", period.start), ("until", period.end)) if not text]
        for key in missing:
            self._wrong((key,), "is missing.")
        return None if missing else self._written(period, zone)

    def _from_file(self, period: PeriodShape, calendars: Calendars, zone: tzinfo) -> Times | None:
        if period.start or period.end:
            self._wrong(("calendar",), "is named, so leave from and until out.")
            return None
        try:
            return calendars(period.calendar, zone)
        except ValueError as error:
            self._wrong(("calendar",), str(error))
            return None

    def _written(self, period: PeriodShape, zone: tzinfo) -> Times | None:
        weekly = _WEEKLY.fullmatch(period.start.strip()), _WEEKLY.fullmatch(period.end.strip())
        if weekly[0] and weekly[1]:
            (start_day, start), (end_day, end) = _weekly(weekly[0]), _weekly(weekly[1])
            if (start_day, start) == (end_day, end):
                self._wrong(("until",), "should be another time than from.")
                return None
            return Weekly(start_day=start_day, start=start, end_day=end_day, end=end, zone=zone)
        if weekly[0] or weekly[1]:
            self._wrong(("until",), "should be written like from: both with a weekday, or both with a date.")
            return None
        start_at, end_at = self._time("from", period.start, zone), self._time("until", period.end, zone)
        if start_at is None or end_at is None:
            return None
        if end_at <= start_at:
            self._wrong(("until",), "should be later than from.")
            return None
        return Once(span=Span(start=start_at, end=end_at))

    def _who(self, key: str, who: WhoShape) -> None:
        self._names("role", who.roles, self.vocabulary.roles, key, "roles")
        self._names("team", who.teams, self.vocabulary.teams, key, "teams")

    def _names(self, kind: str, words: Sequence[str], known: Collection[str] | None, *path: str) -> None:
        for index, word in enumerate(words):
            if known is not None and word not in known:
                self._wrong((*path, index), unknown(kind, word, sorted(known)))

    def _time(self, key: str, text: str, zone: tzinfo) -> datetime | None:
        """UTC. A time that the clock shows twice is its first occurrence."""
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self._wrong(
                (key,),
                f"“{shown(text)}” is not a time; write it like 2026-12-24 18:00, or like Fri 16:00 for every week.",
            )
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)

    def _wrong(self, path: Path, text: str) -> None:
        self.problems.append(self.document.problem((*self.path, *path), text))


def _rule(shape: RuleShape) -> Rule:
    return Rule(
        name=shape.name,
        because=shape.because,
        who=_people(shape.who),
        skills=tuple(shape.skills),
        environments=tuple(shape.environments),
        services=tuple(shape.services),
        risks=tuple(Risk(risk) for risk in shape.risks),
        deny=shape.deny,
        approvals=shape.approvals,
        approvers=Approvers(
            who=_people(shape.approvers),
            each_owner=shape.approvers.each_owner,
            outside_team=shape.approvers.outside_team,
            step_up=shape.approvers.step_up,
            unbreakable=shape.approvers.unbreakable,
        ),
        monthly_cost_above=_amount(shape.monthly_cost_above),
    )


def _amount(shape: AmountShape | None) -> Money | None:
    return Money(amount=shape.amount, currency=currency(shape.currency)) if shape else None


def _period(shape: PeriodShape, times: Times) -> Period:
    return Period(
        name=shape.name,
        because=shape.because,
        times=times,
        environments=tuple(shape.environments),
        except_skills=tuple(shape.except_skills),
    )


def _weekly(match: re.Match[str]) -> tuple[int, time]:
    return _DAYS.index(match["day"].lower()[:3]), time(int(match["hour"]), int(match["minute"]))


def _people(shape: WhoShape) -> Who:
    return Who(roles=frozenset(shape.roles), teams=frozenset(shape.teams), owner=shape.owner)
