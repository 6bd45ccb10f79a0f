"""What every source of logs behind the port `Logs` promises. One suite for the twin and all adapters."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from skills.core.errors import Unavailable
from skills.core.untrusted import Untrusted
from tests.support.log_labs import LABS, NOW, TEXTS, LogLab


@pytest.fixture(params=list(LABS))
async def logs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[LogLab]:
    async with LABS[request.param](tmp_path) as lab:
        yield lab


async def test_lines_come_in_the_order_of_their_times_with_who_wrote_them(logs: LogLab) -> None:
    page = await logs.read(back=timedelta(minutes=5))

    times = [line.at for line in page.lines if line.at]
    assert len(times) == len(page.lines) == 2 * 43
    assert times == sorted(times)
    assert all(time.utcoffset() == timedelta() for time in times)
    assert NOW - timedelta(minutes=5) <= times[0]
    assert len({line.pod for line in page.lines}) == 2
    assert {line.container for line in page.lines} == {"app"}
    assert {line.text.shown() for line in page.lines} == set(TEXTS)
    assert all(isinstance(line.text, Untrusted) for line in page.lines)
    assert page.partial == ()


async def test_a_beginning_and_an_end_narrow_it_down(logs: LogLab) -> None:
    since, until = NOW - timedelta(minutes=30), NOW - timedelta(minutes=29)

    page = await logs.read(since=since, until=until)

    assert 2 * 8 <= len(page.lines) <= 2 * 9
    assert all(since <= line.at <= until for line in page.lines if line.at)


async def test_the_newest_are_kept_and_more_is_told(logs: LogLab) -> None:
    page = await logs.read(back=timedelta(minutes=30), limit=10)

    assert len(page.lines) == 10
    assert page.lines[-1].at is not None
    assert NOW - page.lines[-1].at < timedelta(seconds=14)
    assert len(page.partial) == 1
    assert "10" in page.partial[0]


async def test_text_is_sought_as_it_stands_and_in_any_case(logs: LogLab) -> None:
    page = await logs.read(back=timedelta(minutes=5), pattern="SLOW [query]")

    assert {line.text.shown() for line in page.lines} == {TEXTS[1]}
    assert (await logs.read(back=timedelta(minutes=5), pattern='no "such" \\ text.*')).lines == ()


async def test_pods_and_containers_narrow_it_down(logs: LogLab) -> None:
    everything = await logs.read(back=timedelta(minutes=5))
    one = everything.lines[0].pod

    page = await logs.read(back=timedelta(minutes=5), pods=(one,), containers=("app",))

    assert {line.pod for line in page.lines} == {one}
    assert len(page.lines) == len(everything.lines) // 2
    assert (await logs.read(back=timedelta(minutes=5), containers=("sidecar",))).lines == ()


async def test_what_ran_before_is_told_to_be_missing_or_mixed_in(logs: LogLab) -> None:
    page = await logs.read(back=timedelta(minutes=5), previous=True)

    assert page.partial
    assert all(sentence.endswith(".") for sentence in page.partial)


async def test_nothing_written_is_an_answer(logs: LogLab) -> None:
    page = await logs.read(since=NOW - timedelta(seconds=1), until=NOW - timedelta(seconds=1), pattern="never")

    assert page.lines == ()


async def test_a_source_that_is_down_is_unavailable(logs: LogLab) -> None:
    await logs.take_down()

    with pytest.raises(Unavailable) as raised:
        await logs.read()
    assert str(raised.value).endswith(".")
