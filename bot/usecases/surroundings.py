"""The circumstances of a request, from the store: what policies are told besides who asks for what."""

from bot.policy.circumstances import Circumstances
from bot.store import Store
from skills.core.policy import Request
from skills.core.skill import Kind


class StoredSurroundings:
    """Only changes are looked at: nothing else is held off by what others do."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def around(self, request: Request) -> Circumstances:
        """As things stood at the moment of the request, which may be long ago. Raises `Unavailable`."""
        if request.kind is not Kind.CHANGE:
            return Circumstances()
        services = {str(service.name) for service in request.services} | set(
            request.plan.services if request.plan else ()
        )
        held = await self._store.locks.at(request.now)
        return Circumstances(locks=tuple(each for each in held if each.concerns(services, request.environments)))
