"""What skills need of logs: the lines that the pods of one workload wrote, wherever they are kept.

What a line says was written by software that anybody may have made say anything: it is `Untrusted`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from skills.core.ports.workloads import Place
from skills.core.untrusted import Untrusted

LONGEST_LINE = 16 * 1024
"""Characters of one line that a source keeps."""
_COLOUR = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")


@dataclass(frozen=True, kw_only=True)
class LogQuery:
    """Which lines. `pods` and `containers` narrow it down to those of these names, if any are given.

    `since` and `until` are aware, in UTC; `back` says instead for how long before `until`, or before now by the clock of the source. Without
    either, it is as far back as the source usually looks. `pattern` is literal text, sought without regard to case. `previous` asks for the
    containers that ran before the present ones. `limit` counts the last lines.
    """

    place: Place
    pods: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    back: timedelta | None = None
    pattern: str = ""
    previous: bool = False
    limit: int = 2000

    def span(self, now: datetime, *, usual: timedelta) -> tuple[datetime, datetime]:
        """From when to when, for a source that usually looks `usual` back."""
        until = self.until or now
        return self.since or until - (self.back or usual), until


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line. `at` is aware, in UTC, or None where nobody noted it. `level` and `trace_id` are "" where the source does not know them."""

    at: datetime | None
    pod: str
    container: str
    text: Untrusted
    level: str = ""
    trace_id: str = ""


@dataclass(frozen=True, kw_only=True)
class LogPage:
    """Lines in the order of their times, and a sentence for everything that was asked for and is not among them."""

    lines: tuple[LogLine, ...]
    partial: tuple[str, ...] = ()


class Logs(Protocol):
    """Where logs are kept."""

    async def read(self, query: LogQuery) -> LogPage:
        """The last `limit` lines that the query means; none is an answer, too.

        Raises `UnknownName` if there is no such workload where that can be known, `Unavailable` when the source does not answer or forbids.
        """


def text_of(raw: str) -> Untrusted:
    """A line as a source hands it on: without the colours of a terminal, and no longer than it may be."""
    return Untrusted(_COLOUR.sub("", raw[: 2 * LONGEST_LINE])[:LONGEST_LINE])


def lines_of(raw: str, *, pod: str, container: str) -> Iterator[LogLine]:
    """The lines of a container's log as Kubernetes gives it, each with the time that leads it, where one was asked for.

    Only a line feed ends a line: programs write anything else into theirs.
    """
    for piece in raw.split("\n"):
        stamp, _, rest = piece.partition(" ")
        at = _moment(stamp)
        text = (piece if at is None else rest).rstrip("\r")
        if text or at:
            yield LogLine(at=at, pod=pod, container=container, text=text_of(text))


def _moment(stamp: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(stamp) if 19 <= len(stamp) <= 40 and stamp.isascii() else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found and found.tzinfo else None


def newest(lines: Sequence[LogLine], limit: int) -> tuple[LogLine, ...]:
    """The last `limit` lines by time; a line without a time stays behind the one that it followed."""
    return tuple(in_order(lines)[-limit:])


def in_order(lines: Sequence[LogLine]) -> list[LogLine]:
    """The lines by time. Lines of one container keep their order."""
    last: dict[tuple[str, str], datetime] = {}
    timed: list[tuple[bool, datetime | None, int, LogLine]] = []
    for index, line in enumerate(lines):
        stream = (line.pod, line.container)
        at = max(filter(None, (line.at, last.get(stream))), default=None)
        if at is not None:
            last[stream] = at
        timed.append((at is not None, at, index, line))
    timed.sort(key=lambda each: (each[0], each[1].timestamp() if each[1] else 0.0, each[2]))
    return [line for *_, line in timed]
