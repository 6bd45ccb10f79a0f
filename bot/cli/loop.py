"""Running one command's coroutine, so that being told to stop always lets it clean up."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_STOP: ContextVar[Callable[[], None]] = ContextVar("stop")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end. Ctrl-C, SIGTERM and a closed terminal cancel `work`, wait for it to clean up, and raise `KeyboardInterrupt`."""
    return asyncio.run(_stoppable(work))


@contextmanager
def interruptible() -> Iterator[asyncio.Event]:
    """Meanwhile the first Ctrl-C sets this event, and only a second one stops everything. For coroutines that `run` runs."""
    event, stop = asyncio.Event(), _STOP.get(None)

    def interrupted() -> None:
        if event.is_set() and stop:
            stop()
        event.set()

    _on_interrupt(interrupted)
    try:
        yield event
    finally:
        # Also where a line editor has taken the handler for itself and not given it back.
        _on_interrupt(stop)


def _on_interrupt(handler: Callable[[], None] | None) -> None:
    loop = asyncio.get_running_loop()
    with suppress(RuntimeError, ValueError):  # not in the main thread, where nobody presses anything
        if handler:
            loop.add_signal_handler(signal.SIGINT, handler)
        else:
            loop.remove_signal_handler(signal.SIGINT)


async def _stoppable(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.current_task()
    assert task is not None
    stopped = False

    def stop() -> None:
        nonlocal stopped
        if not stopped:
            stopped = True
            task.cancel()

    _STOP.set(stop)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        with suppress(RuntimeError, ValueError):  # not in the main thread: whoever runs us there stops us otherwise
            loop.add_signal_handler(number, stop)
    try:
        return await work
    except asyncio.CancelledError:
        if stopped:
            raise KeyboardInterrupt from None
        raise
