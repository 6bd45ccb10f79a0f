"""What ARCHITECTURE.md says of trouble is held by tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_cell_of_the_posture_table_names_a_test_that_there_is() -> None:
    section = (ROOT / "ARCHITECTURE.md").read_text().split("The same, part by part.")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    there = {
        name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
    }
    assert len(rows) > 5
    for _what, *cells in rows[1:]:
        assert len(cells) == 4
        for cell in cells:
            named = re.findall(r"`(test_\w+)`", cell)
            assert named or cell == "—", cell
            assert set(named) <= there
