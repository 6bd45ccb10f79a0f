"""Traces made by hand."""

from datetime import UTC, datetime, timedelta

from skills.core.ports.traces import Span, Trace
from skills.core.untrusted import Untrusted

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def span(
    id: str, parent: str, service: str, operation: str, after: int, took: int, *, failed: bool = False, problem: str = "",
    peer: str = "",
) -> Span:  # fmt: skip
    """A span that begins `after` milliseconds and takes `took`."""
    return Span(
        id=id,
        parent=parent,
        service=Untrusted(service),
        operation=Untrusted(operation),
        started=NINE + timedelta(milliseconds=after),
        lasted=timedelta(milliseconds=took),
        failed=failed,
        problem=Untrusted(problem) if problem else None,
        peer=Untrusted(peer) if peer else None,
    )


def trace(id: str, *spans: Span) -> Trace:
    return Trace(id=id, spans=spans)
