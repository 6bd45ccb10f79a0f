"""The circumstances of a request, from the store and from what measures: what policies are told besides who asks for what."""

from collections.abc import Collection
from datetime import UTC, datetime, tzinfo

from bot.policy.circumstances import Circumstances, OpenIncident, Past
from bot.store import Store
from bot.store.pasts import Change
from bot.usecases.error_budgets import ErrorBudgets, Unmeasured
from skills.core.policy import Request
from skills.core.proposal import Choice, Status
from skills.core.skill import Kind

_FAILED = (Status.FAILED.value, Status.UNKNOWN.value)


class StoredSurroundings:
    """Only changes, and glass that is to be broken for one, are looked at: nothing else is held off by what others do.

    `zone` is what “today” is meant in. `budgets` are asked only where a policy looks at them.
    """

    def __init__(self, store: Store, *, zone: tzinfo = UTC, budgets: ErrorBudgets | Unmeasured = Unmeasured()) -> None:  # noqa: B008 - it holds nothing
        self._store = store
        self._zone = zone
        self._budgets = budgets

    async def around(self, request: Request) -> Circumstances:
        """As things stood at the moment of the request, which may be long ago. Raises `Unavailable`.

        What was told when it was first judged is not looked up again. A measurement that is not to be had is told as unknown.
        """
        if request.kind is not Kind.CHANGE and request.skill != Choice.BREAK_GLASS.value:
            return Circumstances()
        services = {str(service.name) for service in request.services} | set(
            request.plan.services if request.plan else ()
        )
        held = await self._store.locks.at(request.now)
        locks = tuple(each for each in held if each.concerns(services, request.environments))
        if request.told is not None:
            return Circumstances(locks=locks)
        return Circumstances(
            locks=locks,
            incidents=await self._incidents(request, services),
            history=await self._history(request, services),
            budgets=await self._budgets.of(services, request.environments),
        )

    async def _incidents(self, request: Request, services: Collection[str]) -> tuple[OpenIncident, ...]:
        return tuple(
            OpenIncident(
                number=each.id,
                service=each.service,
                severity=each.severity.value,
                phase=each.phase.value,
                declared_at=each.declared_at,
                here=bool(request.room) and each.room is not None and each.room.id == request.room,
            )
            for each in await self._store.incidents.open()
            if not each.confidential and each.service in services and each.declared_at <= request.now
        )

    async def _history(self, request: Request, services: Collection[str]) -> tuple[Past, ...]:
        found = await self._store.pasts.of(services, request.environments, request.now)
        own = request.plan.digest if request.plan else ""
        return tuple(
            self._past(service, environment, [each for each in changes if not _under_way(each, own)], request.now)
            for (service, environment), changes in sorted(found.items())
        )

    def _past(self, service: str, environment: str, changes: list[Change], now: datetime) -> Past:
        """`changes` are the newest first, and reach back for two days at least."""
        last = changes[0] if changes else None
        midnight = now.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return Past(
            service=service,
            environment=environment,
            proposal=last.proposal if last else None,
            outcome=last.status if last else "",
            ended_at=last.settled_at if last else None,
            failures=sum(
                each.status in _FAILED
                and each.settled_at is not None
                and (now - each.settled_at).total_seconds() < 86_400
                for each in changes
            ),
            today=sum(each.started_at >= midnight for each in changes),
        )


def _under_way(change: Change, digest: str) -> bool:
    """Is it this very plan, which is judged again before one of its own steps?"""
    return change.digest == digest and change.status == Status.RUNNING.value
