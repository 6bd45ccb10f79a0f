"""How long incidents took, as figures: median and 90th percentile by what they have in common."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from skills.core.incident import Incident
from skills.core.report import Table

_COLUMNS = ("", "incidents", "acknowledged in (median)", "(p90)", "restored in (median)", "(p90)")


def acknowledged_in(incident: Incident) -> timedelta | None:
    """From its declaration to somebody saying that they are on it."""
    return incident.acknowledged_at - incident.declared_at if incident.acknowledged_at else None


def restored_in(incident: Incident) -> timedelta | None:
    """From its beginning, or its declaration where nobody said when it began, to its mitigation."""
    if incident.merged_into or incident.mitigated_at is None:
        return None
    return incident.mitigated_at - (incident.began_at or incident.declared_at)


def percentile(lengths: Sequence[timedelta], share: float) -> timedelta | None:
    """The smallest one that at least this share is no longer than (nearest rank); None of none."""
    ranked = sorted(lengths)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else None


def figures(incidents: Sequence[Incident]) -> tuple[Table, ...]:
    """By severity, by service, and by cause where any was told. Merged ones are counted where they were merged into."""
    own = [each for each in incidents if each.merged_into is None]
    by: tuple[tuple[str, Callable[[Incident], str]], ...] = (
        ("By severity", lambda each: each.severity.value),
        ("By service", lambda each: each.service or "none"),
        ("By cause", lambda each: each.cause),
    )
    return tuple(table for title, key in by if (table := _table(title, own, key)).rows)


def _table(title: str, incidents: Iterable[Incident], key: Callable[[Incident], str]) -> Table:
    groups: dict[str, list[Incident]] = {}
    for each in incidents:
        if key(each):
            groups.setdefault(key(each), []).append(each)
    rows = [(name, str(len(group)), *_lengths(group)) for name, group in sorted(groups.items())]
    return Table(title=title, columns=_COLUMNS, rows=tuple(rows))


def _lengths(group: Sequence[Incident]) -> tuple[str, ...]:
    told = []
    for measure in (acknowledged_in, restored_in):
        lengths = [found for each in group if (found := measure(each)) is not None]
        told += [length(percentile(lengths, share)) for share in (0.5, 0.9)]
    return tuple(told)


def length(of: timedelta | None) -> str:
    """“1 h 5 min”; “—” for what is not known."""
    if of is None:
        return "—"
    minutes = max(0, round(of.total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
