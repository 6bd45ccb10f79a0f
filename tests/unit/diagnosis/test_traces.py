"""What a study of traces finds: own time, whose failure it is, and the path that a request waited for."""

from skills.diagnosis.traces import TraceStudy, study
from tests.support.spans import NINE, span, trace


def path(seen: TraceStudy) -> list[tuple[str, float, float]]:
    return [(leg.operation, leg.after.total_seconds() * 1000, leg.took.total_seconds() * 1000) for leg in seen.path]


def test_the_critical_path_goes_through_the_call_that_ended_last() -> None:
    seen = study(
        [
            trace(
                "a" * 16,
                span("1", "", "web", "root", 0, 100),
                span("2", "1", "a", "short", 10, 20),
                span("3", "1", "b", "long", 10, 60),
                span("4", "3", "c", "inner", 20, 30),
                span("5", "1", "d", "last", 75, 20),
            )
        ]
    )

    assert path(seen) == [
        ("root", 0, 10), ("long", 10, 10), ("inner", 20, 30), ("long", 50, 20), ("root", 70, 5), ("last", 75, 20), ("root", 95, 5),
    ]  # fmt: skip
    assert sum(took for *_, took in path(seen)) == 100


def test_own_time_leaves_out_calls_that_overlap_only_once() -> None:
    seen = study(
        [
            trace(
                "a" * 16,
                span("1", "", "web", "root", 0, 100),
                span("2", "1", "a", "x", 10, 40),
                span("3", "1", "b", "y", 30, 40),
            )
        ]
    )

    assert {work.operation: work.own.total_seconds() * 1000 for work in seen.work} == {"root": 40, "x": 40, "y": 40}


def test_a_failure_is_blamed_on_where_it_begins() -> None:
    one = trace(
        "a" * 16,
        span("1", "", "web", "GET /", 0, 100, failed=True),
        span("2", "1", "checkout", "POST /orders", 10, 80, failed=True),
        span("3", "2", "checkout", "SELECT", 20, 10, failed=True, problem="refused", peer="orders-db"),
    )
    fine = trace("b" * 16, span("1", "", "web", "GET /", 0, 10))

    seen = study([one, fine])

    (failure,) = seen.failures
    assert (failure.service, failure.operation, failure.peer, failure.problem) == ("checkout", "SELECT", "orders-db", "refused")  # fmt: skip
    assert (failure.count, failure.traces, failure.first) == (1, ("a" * 16,), NINE.replace(microsecond=20_000))
    assert (seen.traces, seen.failed) == (2, 1)


def test_clocks_that_differ_and_parents_that_are_missing_do_no_harm() -> None:
    seen = study(
        [
            trace(
                "a" * 16,
                span("1", "gone", "web", "root", 0, 50),
                span("2", "1", "a", "before", -500, 20),
                span("3", "1", "b", "beyond", 40, 900),
                span("4", "lost", "c", "stray", 0, 10),
            )
        ]
    )

    assert all(took > 0 for *_, took in path(seen))
    assert sum(took for *_, took in path(seen)) == 50


def test_spans_that_go_round_in_circles_come_to_an_end() -> None:
    circle = trace(
        "a" * 16, span("1", "2", "a", "x", 0, 10), span("2", "1", "b", "y", 0, 10), span("3", "3", "c", "z", 0, 5)
    )

    seen = study([circle])

    assert seen.traces == 1
    assert len(seen.work) == 3


def test_no_traces_are_an_answer() -> None:
    seen = study([trace("a" * 16)])

    assert (seen.traces, seen.work, seen.failures, seen.path, seen.slowest) == (0, (), (), (), "")
