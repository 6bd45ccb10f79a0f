"""Tables for spreadsheets, on standard output."""

import csv
import sys
from collections.abc import Iterable, Sequence

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """CSV. No cell begins like a formula: auditors open it in a spreadsheet."""
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(columns)
    for row in rows:
        out.writerow(f"'{cell}" if cell.startswith(_FORMULAS) else cell for cell in row)
