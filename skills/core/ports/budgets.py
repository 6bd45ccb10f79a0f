"""What skills need to know about budgets: which there are."""

from collections.abc import Sequence
from typing import Protocol

from skills.core.budget import Budget


class Budgets(Protocol):
    """The organization's budgets."""

    def all(self) -> Sequence[Budget]:
        """In the order in which they were written down."""
