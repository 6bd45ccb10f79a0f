"""The real `countersign`, as a process of its own on a world of its own."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CONFIG = Path(__file__).parents[2] / "config"
PROGRAM = Path(sys.executable).parent / "countersign"


def hurried(folder: Path) -> Path:
    """A copy of the shipped configuration in `folder`, in whose world pods start four times as fast."""
    shutil.copytree(CONFIG, folder)
    simulation = folder / "simulation.yaml"
    text = simulation.read_text()
    assert "pod_seconds: 1.2" in text
    simulation.write_text(text.replace("pod_seconds: 1.2", "pod_seconds: 0.3"))
    return folder


def bytecode_of(factory: pytest.TempPathFactory) -> Path:
    """Where the processes of this session keep what they compiled, whichever worker starts them."""
    base = factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "bytecode"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON object that it has to be."""
        return json.loads(self.out)


class Shell:
    """Runs commands in one world. `bytecode` is a folder where compiled modules are kept between them."""

    def __init__(self, data: Path, *, bytecode: Path, config: Path = CONFIG, **environ: str) -> None:
        self.data = data
        self.environ = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(data.parent),
            "LANG": "C.UTF-8",
            "PYTHONPYCACHEPREFIX": str(bytecode),
            "COUNTERSIGN_CONFIG": str(config),
            "COUNTERSIGN_DATA": str(data),
            **environ,
        }

    def __call__(self, *words: str | bytes, stdin: str = "", timeout: float = 60, **environ: str) -> Ended:
        """Run to the end."""
        done = subprocess.run(
            [PROGRAM, *words],
            input=stdin.encode(),
            capture_output=True,
            env={**self.environ, **environ},
            timeout=timeout,
            check=False,
        )
        return Ended(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())

    def ask(self, who: str, text: str, *options: str) -> Ended:
        """One request, answered as JSON."""
        return self("ask", "--as", who, "--json", *options, text)

    def start(self, *words: str, **environ: str) -> "subprocess.Popen[bytes]":
        """Start without waiting. The caller ends it."""
        return subprocess.Popen(
            [PROGRAM, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**self.environ, **environ},
        )
