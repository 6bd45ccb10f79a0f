"""Following one rollout to its end: three mirrors, one judgement each time something moves."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from integrations.kubernetes.api import Api, Object
from integrations.kubernetes.causes import Symptom
from integrations.kubernetes.faults import Attempt, Refused, Unreachable, translate
from integrations.kubernetes.mirror import Mirror
from integrations.kubernetes.reading import selector
from integrations.kubernetes.verdict import Endurance, Patience, Scene, judge
from skills.core.errors import Unavailable, UnknownName
from skills.core.ports.workloads import Place, Rollout
from skills.core.redaction import redact

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]")
_LONGEST_LINE, _MOST_LINES = 300, 20


class Watch:
    """One following of one Deployment. Use `follow` once; it lets go of everything when it ends or is abandoned."""

    def __init__(
        self, api: Api, place: Place, uid: str, *, patience: Patience, now: Callable[[], float],
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._api = api
        self._place = place
        self._uid = uid
        self._patience = patience
        self._now = now
        self._clock = clock
        self._moved = asyncio.Event()
        self._endurance = Endurance(now)
        self._mirrors: dict[str, Mirror] = {}
        self._tasks: list[asyncio.Task[Any]] = []

    async def follow(self, absent: Callable[[], Awaitable[UnknownName]]) -> AsyncGenerator[Rollout, None]:
        """Each change of the rollout, the last one with `done`. Awaits and raises `absent()` if there is no such Deployment at all."""
        self._mirror("deployments", fields=f"metadata.name={self._place.name}")
        last: Rollout | None = None
        try:
            while True:
                seen = await self._look(absent, last)
                if seen is not None and seen != last:
                    last = seen
                    yield seen
                if seen is not None and seen.done is not None:
                    return
                await self._wait()
        finally:
            await self._let_go()

    async def _look(self, absent: Callable[[], Awaitable[UnknownName]], last: Rollout | None) -> Rollout | None:
        """What can be said now; None while not enough has been read."""
        self._moved.clear()
        self._complain()
        if not self._mirrors["deployments"].listed:
            return None
        deployment = next(iter(self._mirrors["deployments"].objects.values()), None)
        if deployment is None and last is None:
            raise await absent()
        if deployment is None or deployment["metadata"]["uid"] != self._uid:
            return self._gone(again=deployment is not None, last=last)
        return await self._judge(deployment)

    async def _judge(self, deployment: Object) -> Rollout | None:
        for resource in ("replicasets", "pods"):
            if resource not in self._mirrors:
                self._mirror(resource, labels=selector(deployment))
        if not all(mirror.listed for mirror in self._mirrors.values()):
            return None
        replica_sets, pods = (list(self._mirrors[kind].objects.values()) for kind in ("replicasets", "pods"))
        scene = Scene(deployment=deployment, replica_sets=replica_sets, pods=pods)
        seen, culprit = judge(scene, self._patience, self._endurance)
        if culprit is None or not culprit.crashed:
            return seen
        return replace(seen, log=await last_words(self._api, culprit))

    def _gone(self, *, again: bool, last: Rollout | None) -> Rollout:
        what = "was deleted and created again" if again else "was deleted"
        counts = last or Rollout(text="", wanted=0, updated=0, ready=0)
        return replace(counts, text=f"{self._place.name} {what} by somebody else; what I followed is gone.", done=False)

    def _mirror(self, resource: str, *, labels: str = "", fields: str = "") -> None:
        mirror = Mirror(self._api, resource, moved=self._moved, now=self._now, labels=labels, fields=fields)
        task = asyncio.create_task(mirror.keep(), name=f"watch {resource} of {self._place}")
        task.add_done_callback(lambda _: self._moved.set())
        self._mirrors[resource] = mirror
        self._tasks.append(task)

    def _complain(self) -> None:
        """Raises `Unavailable` once a server has been away, or has refused us, for longer than we hope."""
        for task in self._tasks:
            if task.done():
                task.result()
        for mirror in self._mirrors.values():
            silence = self._now() - mirror.heard
            if isinstance(mirror.fault, Refused) and mirror.denied >= self._patience.denied.total_seconds():
                raise translate(mirror.fault, self._attempt(mirror.resource))
            if silence >= self._patience.contact.total_seconds() and (mirror.fault or not mirror.listed):
                since = self._clock() - timedelta(seconds=silence)
                raise Unavailable(
                    f"The cluster of {self._place.environment} has not answered since {since:%H:%M:%S} UTC, so I do not know how {self._place.name} rolls out.",
                    hint="Ask for its status when the cluster is back.",
                )

    def _attempt(self, resource: str) -> Attempt:
        return Attempt(
            verb="watch", resource=resource, environment=self._place.environment, namespace=self._place.namespace
        )

    async def _wait(self) -> None:
        """Until something moves, or until time alone may have changed the judgement."""
        shortest = min(self._patience.symptom, self._patience.stale, self._patience.denied, self._patience.contact)
        try:
            async with asyncio.timeout(min(1.0, max(shortest.total_seconds() / 4, 0.02))):
                await self._moved.wait()
        except TimeoutError:
            pass

    async def _let_go(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def last_words(api: Api, culprit: Symptom) -> tuple[str, ...]:
    """The last lines of the container that crashed, fit to show; none if there are none or if we may not read them."""
    for previous in (True, False):
        try:
            lines = presentable(await api.log(culprit.pod, culprit.container, previous=previous))
        except (Refused, Unreachable):
            continue
        if lines:
            return lines
    return ()


def presentable(log: str) -> tuple[str, ...]:
    """The last lines of a log without secrets, colours and control characters, each cut to a readable length."""
    plain = redact(_ANSI.sub("", log))
    lines = ("".join(c if c.isprintable() else " " for c in line).rstrip() for line in plain.splitlines())
    kept = [line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "…" for line in lines if line.strip()]
    return tuple(kept[-_MOST_LINES:])
