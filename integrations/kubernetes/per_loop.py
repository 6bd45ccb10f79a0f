"""One value for each event loop that asks.

An HTTP session belongs to the loop it was opened in, and there is more than one: durable runs that were interrupted go on in a loop and
a thread of their own, while the edges live in the main one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")
Loop = asyncio.AbstractEventLoop


class PerLoop(Generic[T]):
    """Opens a value on the first `get` in a loop, and closes them all in `close`."""

    def __init__(self, *, opening: Callable[[], Awaitable[T]], closing: Callable[[T], Awaitable[None]]) -> None:
        self._opening = opening
        self._closing = closing
        self._held: WeakKeyDictionary[Loop, T] = WeakKeyDictionary()
        self._locks: WeakKeyDictionary[Loop, asyncio.Lock] = WeakKeyDictionary()

    async def get(self) -> T:
        """The value of the running loop. Raises whatever opening it raises; the next call tries again."""
        loop = asyncio.get_running_loop()
        async with self._locks.setdefault(loop, asyncio.Lock()):
            if loop not in self._held:
                self._held[loop] = await self._opening()
            return self._held[loop]

    async def close(self) -> None:
        """Close every value in its own loop; one whose loop has ended needs no closing any more."""
        here = asyncio.get_running_loop()
        for loop, value in list(self._held.items()):
            del self._held[loop]
            if loop is here:
                await self._closing(value)
            elif loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._close_one(value), loop))

    async def _close_one(self, value: T) -> None:
        await self._closing(value)
