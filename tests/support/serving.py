"""A real `countersign serve`, its log read as it comes."""

import json
import signal
import threading
import time
import urllib.error
import urllib.request
from typing import Any

from tests.support.shell import Shell


class Serving:
    """A `countersign serve` on a free port. `lines` are its log so far."""

    def __init__(self, shell: Shell, **environ: str) -> None:
        self.lines: list[dict[str, Any]] = []
        quick = {
            "COUNTERSIGN_LISTEN": "127.0.0.1:0",
            "COUNTERSIGN_DRAIN_SECONDS": "0.2",
            "COUNTERSIGN_GRACE_SECONDS": "5",
        }
        self.process = shell.start("serve", **{**quick, **environ})
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def url(self) -> str:
        return f"http://{self.wait_for('ready')['address']}"

    def get(self, path: str) -> tuple[int, str]:
        """Status and body."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def wait_for(self, event: str) -> dict[str, Any]:
        """The first log line of this event."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            for line in self.lines:
                if line["event"] == event:
                    return line
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.lines}"
            time.sleep(0.02)
        raise AssertionError(f"no “{event}” in {self.lines}")

    def stop(self, *signals: int) -> int:
        """Send signals, and return the exit code."""
        for number in signals or (signal.SIGTERM,):
            self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        self._reader.join()
        return code

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(json.loads(line) if line.startswith(b"{") else {"event": line.decode()})

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
