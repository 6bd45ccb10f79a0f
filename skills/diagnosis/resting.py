"""Looking and concluding without the garbage collector.

A snapshot of a large cluster is millions of small objects that all stay alive, and Python's collector walks through them again and again in
search of cycles that are not there: measured on 5,000 pods, that was half of the time. Nothing here needs it: without cycles, a snapshot
is freed as soon as nobody holds it.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_resting: list[object] = []


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Inside, nothing is searched for cycles. May be nested, and used by several tasks of one event loop at the same time."""
    if not gc.isenabled() and not _resting:
        yield  # somebody else's decision
        return
    token = object()
    _resting.append(token)
    gc.disable()
    try:
        yield
    finally:
        _resting.remove(token)
        if not _resting:
            gc.enable()
