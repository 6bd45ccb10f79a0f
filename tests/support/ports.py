"""Ports for servers that want to be told one, so that tests of several workers never meet."""

import itertools
import os
import socket

_FIRST, _EACH = 10_000, 1_000
"""Below what the kernel hands out to connections, which could otherwise take a port between the look and the use."""

_workers = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_offers = itertools.cycle(range(_EACH))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, of this worker's own thousand, and not the one before."""
    start = _FIRST + _workers % 20 * _EACH
    for offset in itertools.islice(_offers, _EACH):
        with socket.socket() as taken:
            try:
                taken.bind(("127.0.0.1", start + offset))
            except OSError:
                continue
            return start + offset
    raise AssertionError(f"no free port from {start} on")
