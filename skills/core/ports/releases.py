"""What skills need to know about what can be deployed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from skills.core.catalog import Service


@dataclass(frozen=True, kw_only=True)
class Release:
    """A version of a service and the image that carries it. `verified` is false where nobody could check that the image exists."""

    version: str
    image: str
    created_at: datetime | None = None
    verified: bool = True


class Releases(Protocol):
    """Where images come from."""

    async def find(self, service: Service, wanted: str) -> Release:
        """The release that `wanted` names: a version, or a whole image reference of this service's repository.

        Raises `UnknownName` with the nearest versions, `BadInput` for a reference that is malformed, mutable ("latest") or of another
        repository, and `Unavailable` when the source does not answer.
        """

    async def recent(self, service: Service) -> Sequence[Release]:
        """Releases known for the service, newest first; empty where the source cannot list."""
