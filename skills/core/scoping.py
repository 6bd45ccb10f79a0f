"""What somebody wants to lock, from the names that they said."""

from skills.core.errors import BadInput
from skills.core.lock import Scope


def scope_of(service: str | None, environment: str | None, *, example: str) -> Scope:
    """Raises `BadInput` where nothing is named."""
    if not service and not environment:
        raise BadInput("Say which service or which environment.", hint=f"For example: {example}")
    return Scope(service=service or "", environment=environment or "")
