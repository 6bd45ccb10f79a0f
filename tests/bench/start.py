"""How long the command line takes from start to exit, how soon `serve` is ready, and how much memory it holds.

Each figure is of whole processes, as a person or a script starts them. Beside them stands an interpreter that does nothing, which every
one of them has to pay at least.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.bench.figures import show, show_times

PROGRAM = Path(sys.executable).parent / "countersign"
CONFIG = Path(__file__).parents[2] / "config"
TIMES = 9
"""One run before these makes ten, which is how many proposals one person may have waiting."""

_SERVES = 3


def taken(*words: str, environ: dict[str, str]) -> float:
    """Seconds from start to exit."""
    started = time.perf_counter()
    subprocess.run(words, env=environ, check=True, capture_output=True)
    return time.perf_counter() - started


def show_command(name: str, *words: str, environ: dict[str, str], floor: float) -> None:
    """Time one command line, after one run that warms the disk."""
    taken(*words, environ=environ)
    seconds = [taken(*words, environ=environ) for _ in range(TIMES)]
    show_times(name, seconds, over_bare_python=round(sorted(seconds)[TIMES // 2] / floor, 1))


def show_serve(environ: dict[str, str]) -> None:
    """Time until /readyz says yes, and the resident memory then."""
    seconds, resident = [], 0.0
    for _ in range(_SERVES):
        started = time.perf_counter()
        serving = subprocess.Popen([PROGRAM, "serve"], env=environ, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            address = _address(serving)
            _until(lambda: _ready(address))  # noqa: B023 - called before the loop goes on
            seconds.append(time.perf_counter() - started)
            resident = max(resident, _resident_mb(serving.pid))
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.communicate()
    show_times("start/serve_ready", seconds, rss_mb=round(resident, 1))


def _address(serving: "subprocess.Popen[bytes]") -> str:
    assert serving.stderr is not None
    for line in serving.stderr:
        with contextlib.suppress(ValueError):
            if address := json.loads(line).get("address"):
                return str(address)
    raise RuntimeError("serve ended before it was ready")


def _ready(address: str) -> bool:
    with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(f"http://{address}/readyz") as answer:
        return bool(answer.status == 200)
    return False


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.005)


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            **os.environ, "COUNTERSIGN_CONFIG": str(CONFIG), "COUNTERSIGN_DATA": folder, "COUNTERSIGN_LISTEN": "127.0.0.1:0",
            "COUNTERSIGN_DRAIN_SECONDS": "0",
        }  # fmt: skip
        bare = [taken(sys.executable, "-c", "pass", environ=environ) for _ in range(TIMES)]
        show_times("start/bare_python", bare)
        floor = sorted(bare)[TIMES // 2]
        program = str(PROGRAM)
        ask = (program, "ask", "--as", "dev", "--json")
        show_command("start/help", program, "--help", environ=environ, floor=floor)
        show_command("start/ask_status", *ask, "status", environ=environ, floor=floor)
        show_command("start/ask_deploy", *ask, "deploy checkout v42 to production", environ=environ, floor=floor)
        show_serve(environ)
    show("start/bytecode", written=not sys.dont_write_bytecode)


if __name__ == "__main__":
    main()
