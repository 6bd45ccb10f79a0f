"""Numbers in the way that people say them."""

from datetime import timedelta

PER_SECOND = "requests/s"


def percent(share: float) -> str:
    """“0 %”, “0.04 %”, “0.2 %”, “12 %”."""
    value = 100 * share
    if value == 0 or value >= 9.95:
        return f"{value:.0f} %"
    return f"{value:.1f} %" if value >= 0.095 else f"{value:.2g} %"


def duration(seconds: float) -> str:
    """“175 ms”, “4.2 ms”, “1.25 s”."""
    if seconds >= 0.9995:
        return f"{seconds:.3g} s"
    return f"{1000 * seconds:.0f} ms" if seconds >= 0.00995 or seconds == 0 else f"{1000 * seconds:.1f} ms"


def durations(before: float, after: float) -> str:
    """“180 → 175 ms”, “950 ms → 1.2 s”."""
    then, now = duration(before), duration(after)
    number, unit = then.split(" ")
    return f"{number} → {now}" if now.endswith(f" {unit}") else f"{then} → {now}"


def rate(requests: float) -> str:
    """“41 requests/s”, “0.3 requests/s”."""
    return f"{requests:.0f} {PER_SECOND}" if requests >= 9.95 or requests == 0 else f"{requests:.2g} {PER_SECOND}"


def span(length: timedelta) -> str:
    """“5 min”, “90 s”, “2 h”."""
    seconds = round(length.total_seconds())
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"
