"""What the logs of a workload say, without a model: what went wrong first, what is known about it, and the shapes of all the rest.

Pure, and bounded in time and memory whatever was logged: each line counts by its beginning, and only so many lines count. Everything that
leaves here is either a fact of a checked syntax or `Shown`: redacted, on one line, and refused where requests and plans are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from skills.core.ports.logs import LogLine, in_order
from skills.core.untrusted import Shown
from skills.diagnosis.log_records import Level, Record, read
from skills.diagnosis.log_signatures import Endpoint, Match, matches, recognised
from skills.diagnosis.log_stacks import Language, Stack, belongs, stacks
from skills.diagnosis.log_templates import Template, mined

__all__ = ["Endpoint", "Language", "Level", "LogStudy", "Match", "Said", "Stack", "Template", "study"]

_CONTEXT = 3
_TRACES = 20


@dataclass(frozen=True, kw_only=True)
class Said:
    """A line as it may be shown."""

    at: datetime | None
    pod: str
    container: str
    level: Level
    text: Shown


@dataclass(frozen=True, kw_only=True)
class LogStudy:
    """What there is to know.

    `first_error` is the earliest line that tells of an error, with the cause instead where it heads a stack trace; `before` and `after` are
    its neighbours in the same container. `traces` are ids of traces that bad lines belong to, earliest first. `tail` are the last lines.
    """

    lines: int
    errors: int
    warnings: int
    templates: tuple[Template, ...]
    first_error: Said | None
    before: tuple[Said, ...]
    after: tuple[Said, ...]
    stacks: tuple[Stack, ...]
    signatures: tuple[Match, ...]
    traces: tuple[str, ...]
    tail: tuple[Said, ...]
    partial: tuple[str, ...] = ()


def study(lines: Sequence[LogLine], *, most: int = 2000, tail: int = 10, shapes: bool = True) -> LogStudy:
    """Read these lines, the last `most` of them, and of those the last `tail` also as they are.

    Takes about 0.15 ms a line; a fifth of that without `shapes`, which leaves the templates out.
    """
    ordered = in_order(lines)
    partial = (f"I looked at the last {most} of {len(ordered)} lines.",) if len(ordered) > most else ()
    records = list(read(ordered[-most:]))
    inner = belongs(records)
    known = [(record, recognised(record)) for record in records]
    own = [record for position, record in enumerate(records) if position not in inner]
    bad = [
        position
        for position, (record, found) in enumerate(known)
        if position not in inner and (record.bad or (found and record.level is Level.UNKNOWN))
    ]
    traces = stacks(records)
    first = bad[0] if bad else None
    return LogStudy(
        lines=len(ordered),
        errors=len(bad),
        warnings=sum(record.level is Level.WARNING for record in own),
        templates=mined([record for record in own if record.said]) if shapes else (),
        first_error=None if first is None else _first(records[first], traces),
        before=() if first is None else _neighbours(records, first, before=True),
        after=() if first is None else _neighbours(records, first, before=False),
        stacks=traces,
        signatures=matches(known),
        traces=tuple(dict.fromkeys(records[at].trace for at in bad if records[at].trace))[:_TRACES],
        tail=tuple(_said(record) for record in records[-tail:]),
        partial=partial,
    )


def _first(record: Record, traces: Sequence[Stack]) -> Said:
    """The first error; where a stack trace begins there, its cause says more than its head."""
    where = (record.at, record.pod, record.container)
    headed = next((stack for stack in traces if (stack.first, stack.pod, stack.container) == where), None)
    return replace(_said(record), text=headed.cause) if headed else _said(record)


def _neighbours(records: Sequence[Record], position: int, *, before: bool) -> tuple[Said, ...]:
    """The lines next to one, of the same container, in their order."""
    where = (records[position].pod, records[position].container)
    candidates = records[max(0, position - 200) : position] if before else records[position + 1 : position + 200]
    same = [_said(record) for record in candidates if (record.pod, record.container) == where]
    return tuple(same[-_CONTEXT:] if before else same[:_CONTEXT])


def _said(record: Record) -> Said:
    return Said(at=record.at, pod=record.pod, container=record.container, level=record.level, text=record.said)
