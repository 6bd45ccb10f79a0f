"""`make bench`: every benchmark, one after the other, each printing JSON lines of its own."""

import subprocess
import sys
from pathlib import Path

NAMES = (
    "start",
    "propose",
    "policy",
    "prices",
    "audit",
    "evidence",
    "ack",
    "interpret",
    "adversary",
    "look",
    "takeover",
    "proofs",
    "cost_analysis",
    "cost_answers",
    "incidents",
    "access",
)


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, or all; returns how many of them failed to run."""
    failed = 0
    for name in wanted or NAMES:
        if not (Path(__file__).parent / f"{name}.py").exists():
            print(f"there is no benchmark called {name}; there are {', '.join(NAMES)}", file=sys.stderr)
            failed += 1
            continue
        failed += subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
