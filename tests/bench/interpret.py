"""How well and how fast sentences are understood: `python -m tests.bench.interpret`."""

import subprocess
import sys
import time

from tests.bench.figures import show
from tests.evals import routing, strangers

_START = """
import pathlib, re, time
status = pathlib.Path("/proc/self/status")
def resident():
    return int(re.search(r"VmRSS:\\s+([0-9]+)", status.read_text())[1]) if status.exists() else 0
before = resident()
begun = time.perf_counter()
from bot.nl import EmbeddedInterpreter
from tests.support.words import catalog, skills
found = (catalog(), skills())
loaded, registry = time.perf_counter(), resident()
EmbeddedInterpreter(found[1], found[0]).interpret("could you bounce search in staging?")
after = resident()
print((loaded - begun) * 1000, (time.perf_counter() - loaded) * 1000, (after - before) / 1024, (after - registry) / 1024)
"""


def main() -> None:
    """Print one line for each interpreter and set, and one for the start of a fresh process."""
    rows = routing.own_rows()
    for name, figures in routing.compared(rows).items():
        show(
            "interpret",
            interpreter=name,
            sentences=len(rows),
            **{key: round(value, 4) for key, value in figures.items()},
        )
    if (requests := routing.outside("requests.jsonl")) is not None:
        figures = routing.outside_figures(requests, routing.by_embedded())
        show(
            "interpret requests.jsonl",
            sentences=len(requests),
            **{key: round(value, 4) for key, value in figures.items()},
        )
    for name, figures in strangers.compared(strangers.own_rows(), strangers.outside_rows() or []).items():
        show("interpret strangers", sentences=name, **{key: round(value, 4) for key, value in figures.items()})
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _START], check=True, capture_output=True, text=True)
    imports, first, megabytes, own = (round(float(each), 1) for each in done.stdout.split())
    show("interpret start", imports_ms=imports, first_answer_ms=first, megabytes=megabytes, own_megabytes=own,
         process_ms=round((time.perf_counter() - begun) * 1000))  # fmt: skip


if __name__ == "__main__":
    main()
