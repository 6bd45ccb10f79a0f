"""Log lines as a source would give them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from skills.core.ports.logs import LogLine, text_of

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def lines(
    texts: Iterable[str], *, pod: str = "checkout-1", container: str = "app", start: datetime = NINE
) -> list[LogLine]:
    """One line a second."""
    return [
        LogLine(at=start + timedelta(seconds=second), pod=pod, container=container, text=text_of(text))
        for second, text in enumerate(texts)
    ]


def written(text: str) -> list[LogLine]:
    """The lines of a text, as they stand."""
    return lines(text.strip("\n").split("\n"))
