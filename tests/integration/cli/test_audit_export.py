"""`countersign audit export`, `proof` and `report`, from what happened to what an auditor verifies."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.shell import Ended, Shell


@pytest.fixture(scope="module")
def told(shared: Shell) -> Shell:
    """A world in which something has happened."""
    shared.ask("dev", "deploy checkout v42 to production")
    shared.ask("sre", "approve 1")
    return shared


def verified(folder: Path, *options: str) -> Ended:
    argv = [sys.executable, "-I", "-B", str(folder / "verify_audit.py"), str(folder), *options]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return Ended(code=done.returncode, out=done.stdout, err=done.stderr)


def test_what_is_exported_proven_and_reported_verifies(told: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    ended = told("audit", "export", str(folder))
    assert ended.code == 0
    key = told("audit", "keys").out.strip()
    size = told("audit", "verify", "--json").json["size"]
    assert ended.out.splitlines() == [
        f"{size} entries are in {folder}.",
        f"Whoever has it can verify it, without us: python {folder}/verify_audit.py {folder} --key {key}",
    ]
    assert verified(folder, "--key", key).code == 0
    assert told("audit", "proof", "1", "--output", str(tmp_path / "one.json")).code == 0
    assert verified(folder, "--key", key, "--proof", str(tmp_path / "one.json")).code == 0
    period = ("--from", "2000-01-01", "--to", "2999-12-31")
    (tmp_path / "all.json").write_text(told("audit", "report", *period, "--format", "json").out)
    assert verified(folder, "--proof", str(tmp_path / "all.json")).code == 0
    assert "Deploy checkout v42 to production" in told("audit", "report", *period).out
    assert told("audit", "report", *period, "--format", "html").out.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("words", "code", "err"),
    [
        (("export", "/proc/version"), 2, "/proc/version is a file. Name a directory that does not exist yet.\n"),
        (("export", "/proc/self"), 2, "/proc/self exists and is not an export of this log, so it was left alone. Name a directory that does not exist yet.\n"),
        (("proof", "99"), 2, "I know no proposal called “#99”. “countersign audit list” shows what there is.\n"),
        (("proof", "1", "--output", "/proc/version"), 2, "/proc/version cannot be written: file exists. Name a new file.\n"),
        (("report", "--from", "yesterday", "--to", "2026-01-01"), 2, "“yesterday” is not a day. Write it like 2026-01-31.\n"),
        (("report", "--from", "2026-01-02", "--to", "2026-01-01"), 2, "2026-01-01 is before 2026-01-02. --from is the first day, --to the last.\n"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_a_sentence(told: Shell, words: tuple[str, ...], code: int, err: str) -> None:
    ended = told("audit", *words)
    assert (ended.code, ended.err) == (code, err)
