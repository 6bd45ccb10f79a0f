"""What the traces of a service say: where the time goes, and whose failure the others are.

The critical path is the chain of spans that a request waited for: from the end backwards, always into the call that ended last before
(Yang and Miller, “Critical Path Analysis for the Execution of Parallel and Distributed Programs”, ICDCS 1988).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from skills.core.ports.traces import Span, Trace
from skills.core.untrusted import Shown, Untrusted

_NAME = 80
_MOST_SPANS = 5_000


@dataclass(frozen=True, kw_only=True)
class Work:
    """One operation of one service over all traces. `typical` and `longest` count calls within it, `own` is the time without them, in all."""

    service: Shown
    operation: Shown
    count: int
    failed: int
    typical: timedelta
    longest: timedelta
    own: timedelta


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Where failures begin: an operation whose spans failed without a failed span below. `peer` is whom it called then, if it said so.

    `traces` are ids of some of the traces, the latest first.
    """

    service: Shown
    operation: Shown
    peer: Shown | None
    problem: Shown | None
    count: int
    first: datetime
    last: datetime
    traces: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A stretch of the critical path: who worked, from when after the beginning of the trace, and for how long."""

    service: Shown
    operation: Shown
    after: timedelta
    took: timedelta


@dataclass(frozen=True, kw_only=True)
class TraceStudy:
    """`work` has the most own time first, `failures` the most frequent, and `path` is that of the slowest trace, whose id is `slowest`."""

    traces: int
    failed: int
    work: tuple[Work, ...]
    failures: tuple[Failure, ...]
    slowest: str
    lasted: timedelta
    path: tuple[Leg, ...]


def study(traces: Sequence[Trace]) -> TraceStudy:
    """Look at all of these traces together."""
    trees = [_Tree(trace) for trace in traces if trace.spans]
    slowest = max(trees, key=lambda tree: tree.root.lasted, default=None)
    return TraceStudy(
        traces=len(trees),
        failed=sum(any(span.failed for span in tree.trace.spans) for tree in trees),
        work=_work(trees),
        failures=_failures(trees),
        slowest=slowest.trace.id if slowest else "",
        lasted=slowest.root.lasted if slowest else timedelta(),
        path=tuple(slowest.path()) if slowest else (),
    )


class _Tree:
    """A trace with its spans below each other. The root is the longest of those whose parent is not there."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._spans = {span.id: span for span in trace.spans[:_MOST_SPANS]}
        self.below: dict[str, list[Span]] = {}
        for span in self._spans.values():
            if span.parent in self._spans and span.parent != span.id:
                self.below.setdefault(span.parent, []).append(span)
        tops = [span for span in self._spans.values() if span.parent not in self._spans]
        self.root = max(tops or self._spans.values(), key=lambda span: span.lasted)

    @property
    def spans(self) -> Iterable[Span]:
        return self._spans.values()

    def own(self, span: Span) -> timedelta:
        """The time in which none of its calls was under way, as its own clock has it."""
        covered, reached = timedelta(), span.started
        for child in sorted(self.below.get(span.id, ()), key=lambda each: each.started):
            begins, ends = max(child.started, reached), min(child.ended, span.ended)
            if ends > begins:
                covered += ends - begins
                reached = ends
        return max(timedelta(), span.lasted - covered)

    def path(self) -> Iterator[Leg]:
        """The critical path, in the order of time. Spans that come back to themselves are followed once."""
        legs: list[Leg] = []
        waiting: list[tuple[Span, datetime, Iterator[Span]]] = [self._entered(self.root, self.root.ended)]
        seen = {self.root.id}
        while waiting:
            span, moment, calls = waiting.pop()
            called = next(
                (each for each in calls if each.id not in seen and span.started <= each.started < moment), None
            )
            if called is None:
                self._note(legs, span, span.started, moment)
                continue
            seen.add(called.id)
            ended = min(called.ended, moment)
            self._note(legs, span, ended, moment)
            waiting += [(span, called.started, calls), self._entered(called, ended)]
        return reversed(legs)

    def _entered(self, span: Span, until: datetime) -> tuple[Span, datetime, Iterator[Span]]:
        calls = sorted(self.below.get(span.id, ()), key=lambda each: each.ended, reverse=True)
        return span, until, iter(calls)

    def _note(self, legs: list[Leg], span: Span, begins: datetime, ends: datetime) -> None:
        if ends > begins:
            service, operation = _name(span.service), _name(span.operation)
            legs.append(Leg(service=service, operation=operation, after=begins - self.root.started, took=ends - begins))


def _work(trees: Sequence[_Tree]) -> tuple[Work, ...]:
    groups: dict[tuple[Untrusted, Untrusted], list[tuple[Span, timedelta]]] = {}
    for tree in trees:
        for span in tree.spans:
            groups.setdefault((span.service, span.operation), []).append((span, tree.own(span)))
    found = [_summed(service, operation, held) for (service, operation), held in groups.items()]
    return tuple(sorted(found, key=lambda each: (-each.own, each.service, each.operation)))


def _summed(service: Untrusted, operation: Untrusted, held: Sequence[tuple[Span, timedelta]]) -> Work:
    lengths = sorted(span.lasted for span, _ in held)
    return Work(
        service=_name(service),
        operation=_name(operation),
        count=len(held),
        failed=sum(span.failed for span, _ in held),
        typical=lengths[len(lengths) // 2],
        longest=lengths[-1],
        own=sum((own for _, own in held), timedelta()),
    )


def _failures(trees: Sequence[_Tree]) -> tuple[Failure, ...]:
    groups: dict[tuple[Untrusted, Untrusted, Untrusted | None], list[tuple[Span, str]]] = {}
    for tree in trees:
        for span in tree.spans:
            if span.failed and not any(child.failed for child in tree.below.get(span.id, ())):
                groups.setdefault((span.service, span.operation, span.peer), []).append((span, tree.trace.id))
    found = [_failure(key, held) for key, held in groups.items()]
    return tuple(sorted(found, key=lambda each: (-each.count, each.first)))


def _failure(key: tuple[Untrusted, Untrusted, Untrusted | None], held: Sequence[tuple[Span, str]]) -> Failure:
    service, operation, peer = key
    latest = sorted(held, key=lambda each: each[0].started, reverse=True)
    problem = next((span.problem for span, _ in latest if span.problem), None)
    return Failure(
        service=_name(service),
        operation=_name(operation),
        peer=_name(peer) if peer else None,
        problem=problem.shown(limit=200) if problem else None,
        count=len(held),
        first=latest[-1][0].started,
        last=latest[0][0].started,
        traces=tuple(dict.fromkeys(id for _, id in latest))[:5],
    )


def _name(text: Untrusted) -> Shown:
    return text.shown(limit=_NAME)
