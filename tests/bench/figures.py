"""How figures are printed: one JSON object a line, with the median and the tail of one run."""

import json
import statistics
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def show(name: str, **figures: object) -> None:
    """Print one line."""
    print(json.dumps({"bench": name, **figures}), flush=True)


def show_times(name: str, seconds: Sequence[float], **more: object) -> None:
    """Print median, p99 and worst of some durations, in milliseconds."""
    show(
        name,
        n=len(seconds),
        p50_ms=round(statistics.median(seconds) * 1000, 2),
        p99_ms=round(percentile(seconds, 0.99) * 1000, 2),
        max_ms=round(max(seconds) * 1000, 2),
        **more,
    )
