"""Taking turns: who is on call when, from people, hand-over times and time zones.

Hand-overs are wall-clock times, so a turn over the change to daylight saving time is an hour shorter and nobody's begins an hour late. A later layer
stands before an earlier one, whoever stands in stands before both, and of two who stand in the one who said so last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from skills.core.names import Subject

_MIDNIGHT = time()
_SHORTEST_LOOK, _LONGEST_LOOK = timedelta(days=8), timedelta(days=200)


@dataclass(frozen=True, kw_only=True)
class Hours:
    """When a layer counts: on these weekdays (Monday is 0) from `start` to just before `end`, over midnight where `end` is not later."""

    weekdays: frozenset[int] = frozenset(range(7))
    start: time = _MIDNIGHT
    end: time = _MIDNIGHT

    def window(self, day: date, zone: tzinfo) -> tuple[datetime, datetime] | None:
        """What begins on that day, in UTC."""
        if day.weekday() not in self.weekdays:
            return None
        last = day if self.end > self.start else day + timedelta(days=1)
        return _moment(day, self.start, zone), _moment(last, self.end, zone)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """People who take turns of `days` days each; the first has the first turn, which begins on `start` at `handover`. Before that nobody is on call.

    Without `hours` it counts all the time.
    """

    people: tuple[Subject, ...]
    start: date
    handover: time
    days: int = 7
    hours: Hours | None = None

    def turn(self, at: datetime, zone: tzinfo) -> tuple[Subject, datetime, datetime] | None:
        """Whose turn it is at a moment, and from when to when (UTC)."""
        number = (at.astimezone(zone).date() - self.start).days // self.days
        while at < self._begins(number, zone):
            number -= 1
        while at >= self._begins(number + 1, zone):
            number += 1
        if number < 0 or not self.people:
            return None
        return (
            self.people[number % len(self.people)],
            self._begins(number, zone),
            self._begins(number + 1, zone),
        )

    def counts(self, at: datetime, zone: tzinfo) -> bool:
        """Is this a moment at which the layer is to be asked?"""
        if self.hours is None:
            return True
        today = at.astimezone(zone).date()
        windows = (self.hours.window(day, zone) for day in (today - timedelta(days=1), today))
        return any(window and window[0] <= at < window[1] for window in windows)

    def edges(self, since: datetime, until: datetime, zone: tzinfo) -> Iterator[datetime]:
        """Moments between the two at which it may become somebody else."""
        number = (since.astimezone(zone).date() - self.start).days // self.days - 1
        while (edge := self._begins(number, zone)) < until:
            number += 1
            if edge > since:
                yield edge
        day = since.astimezone(zone).date() - timedelta(days=1)
        while self.hours and _moment(day, _MIDNIGHT, zone) < until:
            yield from (edge for edge in self.hours.window(day, zone) or () if since < edge < until)
            day += timedelta(days=1)

    def _begins(self, number: int, zone: tzinfo) -> datetime:
        return _moment(self.start + timedelta(days=number * self.days), self.handover, zone)


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """Somebody is on call instead, from `start` to just before `end` (UTC). The one with the highest `number` said so last."""

    number: int
    subject: Subject
    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A time (UTC) in which it is one person. `end` None: nobody knows until when, because it is the same one as far as one can see."""

    subject: Subject
    start: datetime
    end: datetime | None
    instead: bool = False


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """Who is on call when, by name. `zone` is that of its hand-overs, `zone_name` what people call it."""

    name: str
    zone: tzinfo
    zone_name: str
    layers: tuple[Layer, ...]

    def at(self, moment: datetime, stand_ins: Sequence[StandIn] = ()) -> Turn | None:
        """Who it is at a moment, since when and until when; None where it is nobody."""
        who = self._who(moment, stand_ins)
        if who is None:
            return None
        reach = self._reach()
        before = [edge for edge in self._edges(moment - reach, moment, stand_ins) if edge < moment]
        start = self._since(who, [*before, moment], stand_ins)
        later = (edge for edge in self._edges(moment, moment + reach, stand_ins) if edge > moment)
        end = next((edge for edge in later if self._who(edge, stand_ins) != who), None)
        return Turn(subject=who[0], start=start, end=end, instead=who[1])

    def after(self, moment: datetime, stand_ins: Sequence[StandIn] = ()) -> Turn | None:
        """The next turn of somebody after that moment, whether or not somebody is on call until then."""
        now = self._who(moment, stand_ins)
        for edge in self._edges(moment, moment + self._reach(), stand_ins):
            who = self._who(edge, stand_ins)
            if edge > moment and who is not None and who != now:
                turn = self.at(edge, stand_ins)
                return replace(turn, start=edge) if turn else None
            now = who
        return None

    def _since(self, who: tuple[Subject, bool], edges: Sequence[datetime], stand_ins: Sequence[StandIn]) -> datetime:
        start = edges[-1]
        for edge in reversed(edges):
            if self._who(edge, stand_ins) != who:
                break
            start = edge
        return start

    def _who(self, at: datetime, stand_ins: Sequence[StandIn]) -> tuple[Subject, bool] | None:
        """Who it is, and whether instead of somebody."""
        instead = [each for each in stand_ins if each.start <= at < each.end]
        if instead:
            return max(instead, key=lambda each: each.number).subject, True
        for layer in reversed(self.layers):
            if layer.counts(at, self.zone) and (turn := layer.turn(at, self.zone)):
                return turn[0], False
        return None

    def _edges(self, since: datetime, until: datetime, stand_ins: Sequence[StandIn]) -> list[datetime]:
        found = {edge for layer in self.layers for edge in layer.edges(since, until, self.zone)}
        found |= {edge for each in stand_ins for edge in (each.start, each.end) if since < edge < until}
        return sorted(found)

    def _reach(self) -> timedelta:
        """How far has to be looked to meet everybody's next turn."""
        longest = max((layer.days * (len(layer.people) + 1) for layer in self.layers), default=0)
        return min(timedelta(days=longest) + _SHORTEST_LOOK, _LONGEST_LOOK)


@dataclass(frozen=True, kw_only=True)
class Level:
    """Whom a page reaches together, and how long they have to answer: whoever is on call in these rotations, and these people."""

    within: timedelta
    rotations: tuple[str, ...] = ()
    people: tuple[Subject, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """Who is called, one level after another while nobody answers, for these services; all over again `repeat` times. `name` is often a team's."""

    name: str
    services: tuple[str, ...]
    levels: tuple[Level, ...]
    repeat: int = 0

    def level(self, step: int) -> Level | None:
        """Whom to call in the step of this number, from 0; None after the last."""
        return self.levels[step % len(self.levels)] if step < len(self.levels) * (self.repeat + 1) else None


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """Hours in which nobody is disturbed by what can wait, in `zone`; none where both ends are the same."""

    start: time
    end: time
    zone: tzinfo

    def over(self, moment: datetime) -> datetime:
        """The first moment from then on at which people may be disturbed, in UTC."""
        if self.start == self.end:
            return moment
        local = moment.astimezone(self.zone)
        hours = Hours(start=self.start, end=self.end)
        for day in (local.date() - timedelta(days=1), local.date()):
            window = hours.window(day, self.zone)
            if window and window[0] <= moment < window[1]:
                return window[1]
        return moment


@dataclass(frozen=True, kw_only=True)
class Duty:
    """Everything there is about being on call."""

    rotations: tuple[Rotation, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    quiet: Quiet | None = None

    def rotation(self, name: str) -> Rotation | None:
        return next((each for each in self.rotations if each.name == name), None)

    def of(self, service: str) -> Escalation | None:
        """What covers a service."""
        return next((each for each in self.escalations if service in each.services), None)


def _moment(day: date, clock: time, zone: tzinfo) -> datetime:
    """A wall-clock time in UTC. One that daylight saving skips is as much later; of two with the same name, the first."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
