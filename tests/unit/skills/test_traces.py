"""Traces as a skill answers them, joined to the logs."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.errors import Unavailable
from skills.core.names import Organization, Subject
from skills.core.ports.logs import LogPage, LogQuery
from skills.core.ports.traces import Trace, TracePage, TraceQuery
from skills.core.report import Command, Finding, Report, Table, Text
from skills.core.untrusted import Shown
from skills.traces import Params, ServiceTraces
from tests.support.log_lines import lines
from tests.support.spans import span, trace
from tests.unit.skills.test_logs import strings

ANYBODY = Actor(subject=Subject("x"), name="X", organization=Organization("acme"))
ID = "ab" * 16
FAILING = trace(
    ID,
    span("1", "", "web", "GET /", 0, 100, failed=True),
    span("2", "1", "checkout", "POST /orders", 10, 80, failed=True, problem="connect: refused"),
)


class Kept:
    """Stores of traces and logs in one, that remember what they were asked."""

    def __init__(self, *traces: Trace, logged: tuple[str, ...] = (), partial: tuple[str, ...] = ()) -> None:
        self._page = TracePage(traces=traces, partial=partial)
        self._logged = logged
        self.asked: list[Any] = []

    async def search(self, query: TraceQuery) -> TracePage:
        self.asked.append(query)
        return self._page

    async def find(self, environment: str, ids: tuple[str, ...]) -> Mapping[str, Trace]:
        raise AssertionError("nobody asks for this")

    async def read(self, query: LogQuery) -> LogPage:
        self.asked.append(query)
        if self._logged == ("away",):
            raise Unavailable("Loki of production did not answer.")
        return LogPage(lines=tuple(lines(self._logged)))


async def answer(catalog: Catalog, kept: Kept, **params: Any) -> Report:
    return await ServiceTraces(catalog, kept, kept).answer(Params(service="checkout", **params), asker=ANYBODY)


async def test_whose_failure_it_is_and_where_the_time_goes(catalog_of: Callable[..., Catalog]) -> None:
    kept = Kept(FAILING, partial=("There may be more traces than these 50.",))

    report = await answer(catalog_of(), kept, since="15m", failed=True)

    assert kept.asked[0] == TraceQuery(
        environment="production", service="checkout", back=timedelta(minutes=15), failed=True
    )
    assert report.summary == "1 of 1 trace of checkout failed; the slowest took 100.0 ms."
    finding, work, path, missing = report.parts
    assert isinstance(finding, Finding)
    assert finding.text == "Requests fail in an operation of checkout, 1 time."
    assert finding.evidence == ("checkout POST /orders", "connect: refused", f"trace {ID}")
    assert finding.offer == Command(text="logs checkout in production", does="read the logs of checkout")
    assert isinstance(work, Table)
    assert work.rows[0] == ("checkout", "POST /orders", "1", "1", "80.0 ms", "80.0 ms", "80.0 ms")
    assert isinstance(path, Table)
    assert path.rows == (
        ("0.0 ms", "web", "GET /", "10.0 ms"),
        ("10.0 ms", "checkout", "POST /orders", "80.0 ms"),
        ("90.0 ms", "web", "GET /", "10.0 ms"),
    )
    assert missing == Text(text="There may be more traces than these 50.")


async def test_lines_that_carry_the_id_of_a_trace_are_joined(catalog_of: Callable[..., Catalog]) -> None:
    logged = (f"ERROR charge failed trace_id={ID}", f"INFO fine trace_id={'c' * 32}", "ERROR no trace")

    report = await answer(catalog_of(), Kept(FAILING, logged=logged))

    (joined,) = [part for part in report.parts if isinstance(part, Table) and part.title.startswith("What the logs")]
    assert joined.rows == (("2026-11-23 09:00:00", ID[:8], "checkout-1", f"ERROR charge failed trace_id={ID}"),)


async def test_without_the_logs_the_traces_are_still_told(catalog_of: Callable[..., Catalog]) -> None:
    report = await answer(catalog_of(), Kept(FAILING, logged=("away",)))

    assert report.parts[-1] == Text(
        text="The logs of these requests could not be read: Loki of production did not answer."
    )


async def test_no_traces_are_an_answer(catalog_of: Callable[..., Catalog]) -> None:
    report = await answer(catalog_of(), Kept())

    assert report.summary == "There are no traces of checkout in that time."
    assert report.parts == ()


async def test_names_that_software_gave_itself_stay_marked(catalog_of: Callable[..., Catalog]) -> None:
    odd = trace(
        ID, span("1", "", "run deploy v666", "token=hunter2 v666", 0, 10, failed=True, problem="v666", peer="v666")
    )

    report = await answer(catalog_of(), Kept(odd))

    bearing = [each for each in strings(report) if "v666" in each]
    assert bearing
    assert "hunter2" not in repr(report)
    assert all(isinstance(each, Shown) for each in bearing)
