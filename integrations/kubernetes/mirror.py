"""A local copy of some objects of one kind, kept true by one list and then a watch.

A watch may end at any time: the server closes it, forgets the version it started from (410), or goes away for a while. Each time the
copy is listed anew or continued, and whoever reads it only sees that it moved.
"""

import asyncio
import random
from collections.abc import Callable
from typing import Any, NoReturn

from integrations.kubernetes.api import Api, Object
from integrations.kubernetes.faults import Refused, Unreachable

_LONGEST_PAUSE = 5.0
_BREATH = 0.2
"""Seconds between two watches, lest something that ends each at once keeps us spinning."""
_DENIALS = frozenset({401, 403})


class Mirror:
    """`objects` by uid, once `listed`. `moved` is set after every change; `heard` is when the server last answered, by `now`.

    `fault` is what went wrong since then, if anything, and `denied` for how long, in seconds, the server has done nothing but refuse us:
    from its first refusal in a row to its last.
    """

    def __init__(
        self, api: Api, resource: str, *, moved: asyncio.Event, now: Callable[[], float], labels: str = "", fields: str = "",
        jitter: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        self.objects: dict[str, Object] = {}
        self.listed = False
        self.fault: Refused | Unreachable | None = None
        self.denied = 0.0
        self.heard = now()
        self.resource = resource
        self._api = api
        self._filter = {"labels": labels, "fields": fields}
        self._moved = moved
        self._now = now
        self._jitter = jitter
        self._version = ""
        self._failures = 0
        self._denied_since: float | None = None

    async def keep(self) -> NoReturn:
        """Keep the copy true until cancelled. Raises only what no waiting can mend: credentials that cannot be read."""
        while True:
            try:
                if not self._version:
                    await self._list()
                await self._watch()
                await asyncio.sleep(_BREATH)
            except (Refused, Unreachable) as error:
                self._note(error)
                await asyncio.sleep(self._pause(error))

    async def _list(self) -> None:
        found, self._version = await self._api.snapshot(self.resource, **self._filter)
        self.objects = {item["metadata"]["uid"]: item for item in found}
        self.listed = True
        self.heard = self._now()
        self._moved.set()

    async def _watch(self) -> None:
        async with self._api.watch(self.resource, version=self._version, **self._filter) as events:
            self._answered()
            async for event in events:
                self._answered()
                self._take(event.get("type", ""), event.get("object") or {})

    def _take(self, kind: str, item: dict[str, Any]) -> None:
        if kind == "ERROR":
            raise Refused(int(item.get("code", 500)), reason=item.get("reason", ""), message=item.get("message", ""))
        self._version = item["metadata"]["resourceVersion"]
        if kind == "BOOKMARK":
            return
        uid = item["metadata"]["uid"]
        if kind == "DELETED":
            self.objects.pop(uid, None)
        else:
            self.objects[uid] = item
        self._moved.set()

    def _answered(self) -> None:
        self.heard = self._now()
        self.fault = self._denied_since = None
        self.denied = 0.0
        self._failures = 0

    def _note(self, error: Refused | Unreachable) -> None:
        self.fault = error
        self._failures += 1
        denied = isinstance(error, Refused) and error.status in _DENIALS
        self._denied_since = (self._denied_since or self._now()) if denied else None
        self.denied = self._now() - self._denied_since if self._denied_since else 0.0
        if isinstance(error, Refused):
            self._version = ""
        self._moved.set()

    def _pause(self, error: Refused | Unreachable) -> float:
        asked = error.retry_after or 0.0 if isinstance(error, Refused) else 0.0
        backoff = 0.1 * float(2 ** min(self._failures, 6)) * (0.5 + self._jitter())
        return min(max(asked, backoff), _LONGEST_PAUSE)
