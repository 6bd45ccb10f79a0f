"""Switches with which a test or a demonstration makes the simulated cluster misbehave."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(kw_only=True)
class Faults:
    """All off to begin with. They concern this process only and stay until they are switched off again.

    `down`: nothing answers. `slow`: seconds that every call takes. `forbid`: verbs (get, list, watch, patch) that are refused.
    `lose_answer`: an edit takes effect, but the answer is lost. `lose_request`: an edit is lost on the way, which the caller cannot tell
    from the former.
    """

    down: bool = False
    slow: float = 0.0
    forbid: AbstractSet[str] = frozenset()
    lose_answer: bool = False
    lose_request: bool = False
