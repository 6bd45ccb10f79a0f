"""What the stores of traces have in common: their ids, their times, and names that software gave itself."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from skills.core.untrusted import Untrusted

SERVER_ERRORS = frozenset(str(status) for status in range(500, 600))
_ID = re.compile(r"[0-9a-f]{8,32}")
_LONGEST = 500


def trace_id(value: Any) -> str:
    """`value` as the id of a trace, in lower case; "" if it is none."""
    text = str(value).strip().lower()
    return text if _ID.fullmatch(text) else ""


def moment(microseconds: Any) -> datetime | None:
    """A time given in microseconds since 1970, aware, in UTC; None for anything else."""
    try:
        return datetime.fromtimestamp(int(microseconds) / 1_000_000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def length(microseconds: Any) -> timedelta:
    """A length of time given in microseconds; none for anything else, clocks that went backwards included."""
    try:
        return timedelta(microseconds=max(0, int(microseconds)))
    except (TypeError, ValueError, OverflowError):
        return timedelta()


def untrusted(value: Any) -> Untrusted:
    """What software said, cut to a bearable length."""
    return Untrusted(str("" if value is None else value)[:_LONGEST])
