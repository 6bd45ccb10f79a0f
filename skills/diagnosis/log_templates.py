"""Lines that differ only in their numbers and names are one template, found by the Drain algorithm.

He et al., “Drain: An Online Log Parsing Approach with Fixed Depth Tree”, ICWS 2017. The implementation is drain3, imported when it is first
used; nothing of it is stored, so its serializer is never called.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skills.core.untrusted import Shown
from skills.diagnosis.log_records import Level, Record

BLANK = "<*>"
_SIMILAR = 0.5
_DEPTH = 4
_MOST_TEMPLATES = 1000
_MOST_WORDS = 40
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), BLANK),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*"), BLANK),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b"), BLANK),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b"), BLANK),
    (re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?=(?:ns|us|µs|ms|s|m|h|%|[kKMG]i?B?)?(?![\w]))"), BLANK),
)


@dataclass(frozen=True, kw_only=True)
class Template:
    """Lines of one shape. `pattern` has `<*>` for what varies; `example` is the first of them. Both are for display."""

    pattern: Shown
    example: Shown
    level: Level
    count: int
    first: datetime | None
    last: datetime | None


def mined(records: Sequence[Record]) -> tuple[Template, ...]:
    """The templates of these records: the bad ones first, and of those the more frequent."""
    from drain3.drain import Drain  # noqa: PLC0415 - 80 ms that only a question about logs should cost

    drain: Any = Drain(sim_th=_SIMILAR, depth=_DEPTH, max_children=100, max_clusters=_MOST_TEMPLATES)
    members: dict[int, list[Record]] = {}
    patterns: dict[int, str] = {}
    for record in records:
        cluster, _ = drain.add_log_message(_masked(record.said))
        members.setdefault(cluster.cluster_id, []).append(record)
        patterns[cluster.cluster_id] = cluster.get_template()
    found = [_template(patterns[id], held) for id, held in members.items()]
    return tuple(sorted(found, key=lambda each: (-_rank(each.level), -each.count)))


def _template(pattern: str, held: Sequence[Record]) -> Template:
    times = [record.at for record in held if record.at]
    return Template(
        pattern=Shown(pattern),
        example=held[0].said,
        level=max(record.level for record in held),
        count=len(held),
        first=min(times, default=None),
        last=max(times, default=None),
    )


def _rank(level: Level) -> int:
    return level if level >= Level.WARNING else 0


def _masked(said: str) -> str:
    words = said.split()[:_MOST_WORDS]
    text = " ".join(words)
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text
