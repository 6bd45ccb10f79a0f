"""What the help skill needs: the skills that a person may use somewhere."""

from collections.abc import Sequence
from typing import Any, Protocol

from skills.core.actor import Actor
from skills.core.skill import Skill


class Guide(Protocol):
    """Knows the registry and the policy."""

    def usable(self, actor: Actor) -> Sequence[type[Skill[Any]]]:
        """Skill classes that this person may use at least somewhere, by name."""
