"""What could come next in a line that somebody is typing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.bootstrap import World

_SLASHED = ("/as", "/details", "/help", "/quit")


def completions(world: "World", line: str) -> Iterator[str]:
    """Words that could replace the last one of `line`: people after /as, else names of skills, then of services and environments."""
    *before, word = line.split(" ")
    if not before:
        candidates = [*world.skills, *_SLASHED]
    elif before[0] == "/as":
        candidates = [str(person.actor.subject) for person in world.catalog.people]
    else:
        candidates = [*(s.name for s in world.catalog.services), *(e.name for e in world.catalog.environments)]
    if word or not before:
        yield from sorted(candidate for candidate in candidates if candidate.startswith(word.lower()) and word)
    else:
        yield from candidates
