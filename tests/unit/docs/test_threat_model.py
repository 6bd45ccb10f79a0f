"""Every claim of the threat model names tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()


def section(title: str) -> str:
    return ARCHITECTURE.partition(f"\n### {title}\n")[2].partition("\n### ")[0]


def test_every_defence_names_tests_and_all_of_them_exist() -> None:
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        if "node_modules" not in path.parts
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    rows = [line for line in section("What is defended, and the test that holds it").splitlines() if "`test_" in line]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert set(named) <= there, set(named) - there


def test_the_section_has_no_row_without_a_test() -> None:
    rows = [
        line for line in section("What is defended, and the test that holds it").splitlines() if line.startswith("| ")
    ]
    assert [row for row in rows[1:] if "`test_" not in row] == []
