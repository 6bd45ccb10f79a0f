"""What every store of traces behind the port `Traces` promises. One suite for the twin and all adapters."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from skills.core.errors import Unavailable
from skills.core.untrusted import Untrusted
from skills.diagnosis.traces import study
from tests.support.trace_labs import LABS, NOW, REFUSED, TraceLab


@pytest.fixture(params=list(LABS))
async def traces(request: pytest.FixtureRequest) -> AsyncIterator[TraceLab]:
    async with LABS[request.param]() as lab:
        yield lab


async def test_traces_are_found_by_a_service_and_a_time_the_latest_first(traces: TraceLab) -> None:
    page = await traces.search(back=timedelta(minutes=5))

    begins = [min(span.started for span in trace.spans) for trace in page.traces]
    assert len(begins) == 43
    assert begins == sorted(begins, reverse=True)
    assert NOW - timedelta(minutes=5) <= begins[-1]
    assert all(begin.utcoffset() == timedelta() for begin in begins)
    assert page.partial == ()


async def test_a_trace_tells_who_worked_for_whom_and_what_failed(traces: TraceLab) -> None:
    trace = (await traces.search(back=timedelta(minutes=5))).traces[0]

    assert {span.service.shown() for span in trace.spans} == {"checkout", "payments-api"}
    assert all(isinstance(span.operation, Untrusted) and isinstance(span.service, Untrusted) for span in trace.spans)
    roots = [span for span in trace.spans if not span.parent]
    assert [span.service.shown() for span in roots] == ["checkout"]
    assert all(span.parent in {other.id for other in trace.spans} for span in trace.spans if span.parent)
    (failed,) = [span for span in trace.spans if span.failed and span.service == Untrusted("payments-api")]
    assert failed.problem is not None
    assert failed.problem.shown() == REFUSED


async def test_the_study_of_them_blames_whom_the_failure_begins_with(traces: TraceLab) -> None:
    seen = study((await traces.search(back=timedelta(minutes=5))).traces)

    assert (seen.traces, seen.failed) == (43, 43)
    assert [(failure.service, failure.count) for failure in seen.failures] == [("payments-api", 43)]


async def test_more_than_the_limit_is_told(traces: TraceLab) -> None:
    page = await traces.search(limit=5)

    assert len(page.traces) == 5
    assert len(page.partial) == 1
    assert "5" in page.partial[0]


async def test_traces_are_found_by_their_ids_and_what_is_not_kept_is_left_out(traces: TraceLab) -> None:
    one, two = (await traces.search(back=timedelta(minutes=5))).traces[:2]

    found = await traces.source.find("lab", (one.id, two.id, "f" * 32, "no id"))

    assert set(found) == {one.id, two.id}
    assert found[one.id] == one


async def test_a_service_that_nobody_traced_has_none(traces: TraceLab) -> None:
    assert (await traces.search(service="stranger")).traces == ()


async def test_a_store_that_is_down_is_unavailable(traces: TraceLab) -> None:
    await traces.take_down()

    with pytest.raises(Unavailable) as raised:
        await traces.search()
    assert str(raised.value).endswith(".")
