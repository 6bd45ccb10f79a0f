"""Who is shown words without boxes and colours."""

import os
from collections.abc import Mapping
from typing import TextIO


def reads_plainly(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Is this no terminal, or one that cannot move its cursor?"""
    return not stream.isatty() or environ.get("TERM", "") in ("", "dumb")
