"""A program in a pseudo-terminal, talked to as a person would."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07|\x1b[=>]")
_WHERE_IS_THE_CURSOR = b"\x1b[6n"


class Terminal:
    """Use as a context manager. `seen` is everything that was shown since the last `say`, without control sequences."""

    def __init__(self, program: Path, *words: str, environ: Mapping[str, str], columns: int = 100) -> None:
        self._raw = b""
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.execve(program, [str(program), *words], {**environ, "TERM": "xterm-256color"})
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))

    @property
    def seen(self) -> str:
        return _CONTROL.sub("", self._raw.decode("utf-8", "replace"))

    @property
    def colours(self) -> bool:
        """Was anything coloured since the last `say`?"""
        return re.search(rb"\x1b\[(?:\d+;)*3[0-7](?:;\d+)*m", self._raw) is not None

    def say(self, line: str) -> None:
        """Type a line and press return."""
        self._raw = b""
        os.write(self._fd, line.encode() + b"\r")

    def press(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def wait_for(self, text: str, *, after: str = "", seconds: float = 30) -> str:
        """Everything seen, once `text` is part of it; with `after`, of what follows the last time that this was shown."""
        until = time.monotonic() + seconds
        while text not in self.seen.rpartition(after or "\0")[2]:
            assert time.monotonic() < until, f"“{text}” did not appear in:\n{self.seen}"
            if not self._read(0.2):
                assert text in self.seen, f"it ended without “{text}”:\n{self.seen}"
        return self.seen

    def ended(self, *, seconds: float = 30) -> int:
        """The exit code, once it has ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._read(0.1)
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._pid = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"it did not end; last seen:\n{self.seen}")

    def _read(self, seconds: float) -> bool:
        """Take in what there is; False when the other end has closed."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return True
        try:
            new = os.read(self._fd, 65536)
        except OSError:
            return False
        self._raw += new
        if _WHERE_IS_THE_CURSOR in new:
            os.write(self._fd, b"\x1b[20;1R")
        return bool(new)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._fd)
