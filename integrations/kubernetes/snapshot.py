"""One wide look at a cluster: every kind listed at the same time, page by page, until the budget runs out."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from integrations.kubernetes.connection import Answer, Call, Connection
from integrations.kubernetes.faults import Refused, Unreachable
from integrations.kubernetes.kinds import KINDS, Kind
from integrations.kubernetes.purse import Purse
from integrations.kubernetes.slimming import Object, newest, slimmed
from integrations.kubernetes.unseen import OBSTACLES, Garbage, Obstacle, nothing_seen, unseen
from skills.core.catalog import nearest, shown
from skills.core.errors import UnknownName
from skills.core.ports.snapshots import Budget, LogWanted, Named, Raw, Scope, Snapshot, Unseen

T = TypeVar("T")
_AT_ONCE = 16
_MANY_NAMESPACES = 3
_SHARE_OF_ONE_CALL = 0.5
_LOG_LINES, _LOG_BYTES = 200, 64 * 1024


@dataclass(kw_only=True)
class _Seen:
    """One kind at one place ("" is the whole cluster), as far as it was read; `obstacle` is what ended the reading too early."""

    kind: Kind
    place: str
    items: list[Object] = field(default_factory=list)
    obstacle: Obstacle | None = None


class Looking:
    """Satisfies `Snapshots` for one cluster. `clock` gives aware UTC and is used where the server does not tell its own time."""

    def __init__(self, connection: Connection, *, environment: str, clock: Callable[[], datetime]) -> None:
        self._connection = connection
        self._environment = environment
        self._clock = clock

    async def take(self, scope: Scope, kinds: Sequence[str], *, budget: Budget) -> Snapshot:
        look = _Look(self._connection, budget)
        wanted = [KINDS[name] for name in kinds]
        places = _places(scope, wanted)
        seen = [
            each for some in await look.all(look.kind(kind, place, scope) for kind, place in places) for each in some
        ]
        missing = tuple(
            unseen(each.kind, each.place, each.obstacle, seen=len(each.items)) for each in seen if each.obstacle
        )
        telling = [each for each in seen if not each.kind.addition] or seen
        if seen and all(each.obstacle and not each.items for each in telling):
            first = telling[0]
            assert first.obstacle is not None
            raise nothing_seen(
                first.obstacle, kind=first.kind, environment=self._environment, where=_words(scope), unseen=missing
            )
        if any(kind.name == "Pod" for kind in wanted):
            missing += await self._nowhere(look, scope, seen)
        return replace(self._empty(look, scope), objects=_by_kind(seen), unseen=missing)

    async def find(self, scope: Scope, wanted: Sequence[Named], *, budget: Budget) -> Snapshot:
        look = _Look(self._connection, budget)
        answers = await look.all(look.one(each) for each in wanted)
        found = {each: answer for each, answer in zip(wanted, answers, strict=True) if not isinstance(answer, Unseen)}
        missing = tuple(dict.fromkeys(answer for answer in answers if isinstance(answer, Unseen)))
        return replace(self._empty(look, scope), named=found, unseen=missing)

    async def logs(self, scope: Scope, wanted: Sequence[LogWanted], *, budget: Budget) -> Snapshot:
        look = _Look(self._connection, budget)
        answers = await look.all(look.log(each) for each in wanted)
        found = {each: text for each, text in zip(wanted, answers, strict=True) if isinstance(text, str)}
        missing = tuple(dict.fromkeys(answer for answer in answers if isinstance(answer, Unseen)))
        return replace(self._empty(look, scope), logs=found, unseen=missing)

    async def _nowhere(self, look: "_Look", scope: Scope, seen: Sequence[_Seen]) -> tuple[Unseen, ...]:
        """A list of a namespace that does not exist is empty, so that one in which nothing is has to be asked for."""
        full = {item["metadata"].get("namespace") for each in seen if each.kind.namespaced for item in each.items}
        missing: list[Unseen] = []
        for namespace in scope.namespaces:
            if namespace in full:
                continue
            answer = await look.one(Named(kind="Namespace", namespace="", name=namespace))
            if answer is None:
                listed = _Seen(kind=KINDS["Namespace"], place="")
                await look.read(listed)
                close = nearest(namespace, [str(item["metadata"].get("name")) for item in listed.items])
                raise UnknownName("namespace", shown(namespace), close)
            if isinstance(answer, Unseen):
                missing.append(answer)
        return tuple(missing)

    def _empty(self, look: "_Look", scope: Scope) -> Snapshot:
        """Without anything in it but what the look cost."""
        spent = look.purse
        at = look.date or self._clock()
        return Snapshot(
            scope=scope, taken_at=at, objects={}, calls=spent.calls, bytes=spent.bytes, seconds=spent.seconds
        )


class _Look:
    """What the calls of one look share: the purse, the places at the counter, and the server's clock."""

    def __init__(self, connection: Connection, budget: Budget) -> None:
        self.purse = Purse(budget)
        self.date: datetime | None = None
        self._connection = connection
        self._groups: dict[str, asyncio.Future[bool]] = {}
        self._counter = asyncio.Semaphore(_AT_ONCE)
        self._desk = asyncio.Lock()
        self._longest = budget.seconds * _SHARE_OF_ONE_CALL

    async def all(self, work: Iterator[Awaitable[T]]) -> list[T]:
        """At the same time, in their order."""
        await self._connection.open()
        return list(await asyncio.gather(*work))

    async def kind(self, kind: Kind, place: str, scope: Scope) -> Sequence[_Seen]:
        """A kind at a place. Where the whole cluster may not be seen, the namespaces that were asked for are tried one by one."""
        seen = _Seen(kind=kind, place=place)
        await self.read(seen)
        if place or not kind.namespaced or not scope.namespaces:
            return [seen]
        if isinstance(seen.obstacle, Refused) and seen.obstacle.status == 403:
            each = [_Seen(kind=kind, place=namespace) for namespace in scope.namespaces]
            await asyncio.gather(*(self.read(one) for one in each))
            return each
        wanted = set(scope.namespaces)
        seen.items = [item for item in seen.items if item["metadata"].get("namespace") in wanted]
        return [seen]

    async def read(self, seen: _Seen) -> None:
        """Fill `seen`, page by page. A list whose next page has expired is begun again, once."""
        try:
            try:
                await self._pages(seen)
            except Refused as refused:
                if refused.status != 410:
                    raise
                seen.items = []
                await self._pages(seen)
        except OBSTACLES as obstacle:
            if not (isinstance(obstacle, Refused) and obstacle.status == 404 and seen.kind.addition):
                seen.obstacle = obstacle

    async def _served(self, kind: Kind) -> bool:
        """Does the cluster know the group of this kind? Asked once for each group."""
        if kind.group not in self._groups:
            self._groups[kind.group] = asyncio.ensure_future(self._knows(kind))
        return await self._groups[kind.group]

    async def _knows(self, kind: Kind) -> bool:
        try:
            await self._ask(Call(method="GET", path=f"/apis/{kind.group}/{kind.version}"))
        except Refused as refused:
            if refused.status != 404:
                raise
            return False
        return True

    async def _pages(self, seen: _Seen) -> None:
        kind, token = seen.kind, ""
        if kind.addition and not await self._served(kind):
            return
        while True:
            query = (("limit", str(kind.page)), *((("continue", token),) if token else ()))
            call = Call(method="GET", path=kind.path(seen.place), query=query, accept=kind.accept(one=False))
            body = await self._parsed(await self._ask(call))
            items = body.get("items")
            if not isinstance(items, list):
                if items is not None or not str(body.get("kind", "")).endswith("List"):
                    raise Garbage
                items = []
            seen.items += slimmed(kind.name, items)
            if kind.name == "Event":
                seen.items = newest(seen.items)
            token = str((body.get("metadata") or {}).get("continue") or "")
            if not token:
                return

    async def _parsed(self, answer: Answer) -> Object:
        """One page after the other, so that others in this process get their turn in between."""
        async with self._desk:
            body = _decoded(answer)
            await asyncio.sleep(0)
        return body

    async def one(self, wanted: Named) -> Raw | Unseen | None:
        """One object; None if it does not exist."""
        kind = KINDS[wanted.kind]
        call = Call(method="GET", path=kind.path(wanted.namespace, wanted.name), accept=kind.accept(one=True))
        try:
            body = _decoded(await self._ask(call))
        except OBSTACLES as obstacle:
            if isinstance(obstacle, Refused) and obstacle.status == 404:
                return None
            return unseen(kind, wanted.namespace, obstacle)
        return next(iter(slimmed(wanted.kind, [body])), None)

    async def log(self, wanted: LogWanted) -> str | Unseen:
        """The last lines; "" for a container that never ran or is gone."""
        query = [("container", wanted.container), ("tailLines", str(_LOG_LINES)), ("limitBytes", str(_LOG_BYTES))]
        if wanted.previous:
            query.append(("previous", "true"))
        path = f"{KINDS['Pod'].path(wanted.namespace, wanted.pod)}/log"
        try:
            answer = await self._ask(
                Call(method="GET", path=path, query=tuple(query), accept="application/json, */*"), limit=_LOG_BYTES
            )
        except OBSTACLES as obstacle:
            if isinstance(obstacle, Refused) and obstacle.status in (400, 404):
                return ""
            return unseen(_LOG, wanted.namespace, obstacle)
        return answer.body.decode(errors="replace")

    async def _ask(self, call: Call, *, limit: int | None = None) -> Answer:
        """One call in its turn. One whose answer broke off is sent again, once."""
        async with self._counter:
            async with asyncio.timeout(min(self._longest, max(self.purse.left, 0.0))):
                try:
                    answer = await self._connection.answer(call, meter=self.purse, limit=limit)
                except Unreachable as broken:
                    if not broken.sent:
                        raise
                    answer = await self._connection.answer(call, meter=self.purse, limit=limit)
        if answer.date and (self.date is None or answer.date > self.date):
            self.date = answer.date
        return answer


_LOG = Kind(name="Log", resource="logs", unsaid="what a container said before it ended")


def _places(scope: Scope, kinds: Sequence[Kind]) -> list[tuple[Kind, str]]:
    """Which lists it takes: of many namespaces, one of the whole cluster is cheaper."""
    few = scope.namespaces if len(scope.namespaces) <= _MANY_NAMESPACES else ()
    return [(kind, place) for kind in kinds for place in ((few or ("",)) if kind.namespaced else ("",))]


def _by_kind(seen: Sequence[_Seen]) -> dict[str, list[Object]]:
    """The objects of every kind of which anything was seen."""
    found: dict[str, list[Object]] = {}
    for each in seen:
        if each.items or each.obstacle is None:
            found.setdefault(each.kind.name, []).extend(each.items)
    return found


def _words(scope: Scope) -> str:
    named = ", ".join(scope.namespaces[:3])
    return f"namespace {named}" if scope.namespaces else "the whole cluster"


def _decoded(answer: Answer) -> Object:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise Garbage from None
    if not isinstance(body, dict):
        raise Garbage
    return body
