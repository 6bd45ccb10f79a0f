"""What is installed is what was reviewed: every file that an installation may fetch has its hash in the repository."""

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
LOCK: list[dict[str, Any]] = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
INSTALLATIONS = ("Makefile", "Dockerfile", ".ci/run")


def commands(file: str, program: str) -> list[str]:
    """What a file runs of a program, with continued lines joined."""
    text = re.sub(r"^#.*$", "", (ROOT / file).read_text().replace("\\\n", ""), flags=re.MULTILINE)
    return re.findall(rf"(?:\b{program}|\$\({program.upper()}\)) (?:sync|install)\b[^\n;&|}}]*", text)


def artefacts(package: dict[str, Any]) -> list[dict[str, Any]]:
    return [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]


def test_every_file_of_every_package_is_locked_by_its_hash() -> None:
    others = [package for package in LOCK if package["source"] != {"editable": "."}]
    assert len(others) > 100
    for package in others:
        assert package["source"] == {"registry": "https://pypi.org/simple"}, package["name"]
        assert artefacts(package), package["name"]
        for artefact in artefacts(package):
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", artefact["hash"]), artefact["url"]


def test_everything_is_installed_from_the_lock_or_with_required_hashes() -> None:
    synced = [command for file in INSTALLATIONS for command in commands(file, "uv")]
    by_pip = [command for file in INSTALLATIONS for command in commands(file, "pip")]
    assert len(synced) == 4
    assert len(by_pip) == 2
    assert all("--frozen" in command for command in synced), synced
    assert all("--require-hashes" in command for command in by_pip), by_pip


def test_the_backend_that_builds_the_package_comes_from_the_lock_too() -> None:
    assert PROJECT["tool"]["uv"]["no-build-isolation-package"] == ["countersign"]
    (wanted,) = PROJECT["build-system"]["requires"]
    assert wanted in PROJECT["dependency-groups"]["build"]
    assert "build" in PROJECT["tool"]["uv"]["default-groups"]


def test_the_hashes_of_uv_itself_are_those_of_the_lock() -> None:
    (uv,) = [package for package in LOCK if package["name"] == "uv"]
    bootstrap = (ROOT / ".ci" / "bootstrap.txt").read_text()
    assert bootstrap.startswith(f"uv=={uv['version']} ")
    assert sorted(re.findall(r"sha256:[0-9a-f]{64}", bootstrap)) == sorted(each["hash"] for each in artefacts(uv))


def test_the_image_runs_as_nobody_in_particular_and_needs_no_shell() -> None:
    stage = (ROOT / "Dockerfile").read_text().split("\nFROM ")[-1]
    assert re.findall(r"^USER (\S+)$", stage, re.MULTILINE) == ["10001"]
    for instruction in ("ENTRYPOINT", "CMD", "  CMD"):
        assert re.search(rf"^{instruction} \[", stage, re.MULTILINE), instruction
    assert "/usr/sbin/nologin" in stage
