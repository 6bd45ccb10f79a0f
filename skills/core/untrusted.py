"""Text that somebody else's software wrote."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Untrusted:
    """Text that is only ever shown."""

    text: str
