"""Lines of logs on their way in: their order, their times, and what a terminal would make of them."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

from skills.core.ports.logs import LONGEST_LINE, LogLine, LogQuery, in_order, lines_of, newest, text_of
from skills.core.ports.workloads import Place
from tests.support.log_lines import NINE, lines


def said(found: list[LogLine] | tuple[LogLine, ...]) -> list[str]:
    return [line.text.shown() for line in found]


def test_lines_of_one_container_keep_their_order_though_its_clock_goes_back() -> None:
    ahead = lines(["a1", "a2"], pod="a", start=NINE.replace(minute=10))
    back = lines(["a3"], pod="a")
    other = lines(["b1"], pod="b", start=NINE.replace(minute=5))

    assert said(in_order([*ahead, *back, *other])) == ["b1", "a1", "a2", "a3"]


def test_a_line_without_a_time_stays_behind_the_one_before() -> None:
    first, last = lines(["one", "three"])
    between = LogLine(at=None, pod=first.pod, container=first.container, text=text_of("two"))
    lost = LogLine(at=None, pod="z", container="app", text=text_of("zero"))

    assert said(in_order([first, between, last, lost])) == ["zero", "one", "two", "three"]
    assert said(newest([first, between, last], 2)) == ["two", "three"]


def test_the_log_of_a_container_is_taken_apart_at_line_feeds_only() -> None:
    raw = "2026-11-23T09:00:00.123456789Z one\x0b\x85still\r\n\n2026-11-23T10:00:01+01:00 two\n2026-11-23T09:00:02 three\nfour"

    found = list(lines_of(raw, pod="p", container="c"))

    assert said(found) == ["onestill", "two", "2026-11-23T09:00:02 three", "four"]
    assert [line.at for line in found] == [
        datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC), datetime(2026, 11, 23, 9, 0, 1, tzinfo=UTC), None, None,
    ]  # fmt: skip


def test_colours_are_taken_out_and_long_lines_are_cut() -> None:
    assert text_of("\x1b[1;31mred\x1b[0m \x1b[Kline").shown() == "red line"
    assert len(text_of("x" * 100_000).shown(limit=100_000)) == LONGEST_LINE


def test_a_span_is_told_by_moments_or_by_a_length() -> None:
    place, hour = Place(environment="e", namespace="n", name="x"), timedelta(hours=1)
    until, since = NINE - timedelta(minutes=5), NINE - timedelta(hours=3)

    assert LogQuery(place=place).span(NINE, usual=hour) == (NINE - hour, NINE)
    assert LogQuery(place=place, back=hour / 4).span(NINE, usual=hour) == (NINE - hour / 4, NINE)
    assert LogQuery(place=place, back=hour, until=until).span(NINE, usual=hour) == (until - hour, until)
    assert LogQuery(place=place, since=since).span(NINE, usual=hour) == (since, NINE)


def test_the_miner_of_templates_is_imported_only_when_it_is_needed() -> None:
    source = "import sys, skills.logs, bot.bootstrap; sys.exit('drain3' in sys.modules or 'jsonpickle' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0
