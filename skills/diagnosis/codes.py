"""The table of codes as a page: `python -m skills.diagnosis.codes` prints what stands in CODES.md."""

import sys
from collections.abc import Sequence

from skills.diagnosis.registry import all_codes
from skills.diagnosis.symptom import Code

_HEAD = """\
# Codes

Every condition that a diagnosis recognises. This page is generated: `python -m skills.diagnosis.codes > skills/diagnosis/CODES.md`.

| code | cause | signals | remedy |
|---|---|---|---|
"""


def page(codes: Sequence[Code]) -> str:
    """Markdown, one row for each code, in the order given."""
    return _HEAD + "".join(_row(code.name, code.title, code.signals, code.remedy) for code in codes)


def _row(name: str, *cells: str) -> str:
    return f"| {' | '.join([f'`{name}`', *(cell.replace('|', chr(92) + '|') for cell in cells)])} |\n"


if __name__ == "__main__":
    sys.stdout.write(page(all_codes()))
