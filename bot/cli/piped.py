"""The lines of a conversation whose other end is a pipe or a file."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import TextIO


async def piped(stream: TextIO, prompt: Callable[[], str]) -> AsyncIterator[str]:
    """Each line of `stream`, shown behind the prompt it answers, so that what comes out is a whole transcript.

    They are read in a thread that nobody waits for: a pipe that never ends must not keep an interrupted process alive.
    """
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in stream:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True, name="standard input").start()
    while (line := await lines.get()) is not None:
        text = line.encode("utf-8", "replace").decode("utf-8").strip()
        if text:
            print(f"{prompt()} › {text}", file=sys.stdout, flush=True)
            yield text
