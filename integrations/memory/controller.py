"""The Deployment controller, replayed: what a cluster looks like at a moment follows from what it was and the time that passed.

Nothing runs in the background. A pod's fate is settled at its birth, so the next moment at which anything can change is known, and a
state read a minute later is the old one played forward from moment to moment. The rules for rolling updates are those of
https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment: never more than `maxSurge` pods
above what is wanted, never fewer available than `maxUnavailable` below it. Terminated pods are gone at once.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from integrations.memory.state import Cluster, Deployment, Pod, Quota, TemplateRevision

Birth = Callable[[Deployment, TemplateRevision, datetime], Pod]
"""Makes a pod of one of a deployment's templates, born at a moment."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How many pods there may be in all, and how many have to stay available, while an update rolls."""

    wanted: int
    most: int
    least: int

    @classmethod
    def of(cls, deployment: Deployment) -> "Bounds":
        strategy = deployment.spec.get("strategy", {}).get("rollingUpdate") or {}
        wanted = deployment.replicas
        surge = _share(strategy.get("maxSurge", "25%"), wanted, up=True)
        unavailable = _share(strategy.get("maxUnavailable", "25%"), wanted, up=False)
        if not surge and not unavailable:
            unavailable = 1
        return cls(wanted=wanted, most=wanted + surge, least=max(0, wanted - unavailable))


class Controller:
    """Plays one cluster forward. `cluster` itself is only read; the outcome is in `pods` (by deployment key) and `as_of`."""

    def __init__(self, cluster: Cluster, birth: Birth) -> None:
        self._cluster = cluster
        self._birth = birth
        self.as_of = cluster.as_of
        self.pods = {name: list(deployment.pods) for name, deployment in cluster.deployments.items()}

    def advance(self, now: datetime) -> None:
        """Play up to `now`. A time before `as_of` (another machine's clock) changes nothing."""
        while (moment := self.next_moment()) is not None and moment <= now:
            self.as_of = moment
            self.reconcile()
        self.as_of = max(self.as_of, now)

    def next_moment(self) -> datetime | None:
        """When something next changes by itself, if ever."""
        return min((moment for name in self.pods for moment in self.pending(name)), default=None)

    def pending(self, name: str) -> Iterator[datetime]:
        """The moments still to come for the pods of one deployment."""
        return (moment for pod in self.pods[name] for moment in pod.moments() if moment > self.as_of)

    def reconcile(self) -> None:
        """Create and remove pods until every deployment is as near to what it wants as it may be at this moment."""
        changed = True
        while changed:
            changed = False
            for name, deployment in self._cluster.deployments.items():
                while self._turn(name, deployment):
                    changed = True

    def blocking(self, name: str) -> Quota | None:
        """The quota that keeps a deployment from creating the pods that it still lacks, if one does."""
        deployment = self._cluster.deployments[name]
        lacking = self._lacking(deployment, self.pods[name])
        full = (quota for quota in self._quotas(deployment.namespace) if self._room(quota) <= 0)
        return next(full, None) if lacking else None

    def used(self, namespace: str) -> int:
        """How many pods there are in a namespace."""
        deployments = self._cluster.deployments
        return sum(len(pods) for name, pods in self.pods.items() if deployments[name].namespace == namespace)

    def _turn(self, name: str, deployment: Deployment) -> bool:
        """One round of removing and creating; whether it changed anything."""
        before = self.pods[name]
        kept = _kept(deployment, before, self.as_of)
        self.pods[name] = kept
        count = self._lacking(deployment, kept)
        room = min((self._room(quota) for quota in self._quotas(deployment.namespace)), default=count)
        revision = _active(deployment, kept)
        born = [self._birth(deployment, revision, self.as_of) for _ in range(max(0, min(count, room)))]
        self.pods[name] = kept + born
        return len(kept) != len(before) or bool(born)

    def _lacking(self, deployment: Deployment, pods: list[Pod]) -> int:
        """How many pods of the wanted template are to be created now, quotas aside."""
        bounds, template = Bounds.of(deployment), _active(deployment, pods).digest
        fresh = sum(pod.template == template for pod in pods)
        others = len(pods) - fresh
        if _recreates(deployment) and others:
            return 0
        limit = bounds.most if others else bounds.wanted
        return max(0, min(bounds.wanted - fresh, limit - len(pods)))

    def _quotas(self, namespace: str) -> list[Quota]:
        return [quota for quota in self._cluster.quotas if quota.namespace == namespace]

    def _room(self, quota: Quota) -> int:
        return quota.pods - self.used(quota.namespace)


def _kept(deployment: Deployment, pods: list[Pod], at: datetime) -> list[Pod]:
    """The pods that stay: surplus ones of the wanted template go, and old ones as far as availability allows, broken ones first."""
    template, bounds = _active(deployment, pods).digest, Bounds.of(deployment)
    fresh = _best([pod for pod in pods if pod.template == template], at)[: bounds.wanted]
    old = _best([pod for pod in pods if pod.template != template], at)
    if _recreates(deployment):
        return fresh
    serving = [pod for pod in old if pod.available(at)]
    starting = [pod for pod in old if not pod.available(at)]
    fresh_available = sum(pod.available(at) for pod in fresh)
    broken_that_may_go = max(0, len(fresh) + len(old) - bounds.least - (len(fresh) - fresh_available))
    starting = starting[: max(0, len(starting) - broken_that_may_go)]
    spare = max(0, fresh_available + len(serving) - bounds.least)
    serving = serving[: max(0, len(serving) - spare)]
    return serving + starting + fresh


def _best(pods: list[Pod], at: datetime) -> list[Pod]:
    """Those worth keeping first: ready ones before others, the oldest before younger ones."""
    return sorted(pods, key=lambda pod: (not pod.available(at), not pod.ready(at), pod.born_at))


def _active(deployment: Deployment, pods: list[Pod]) -> TemplateRevision:
    """The template that pods are made from: the wanted one, or while paused the newest that already has pods."""
    if deployment.paused and pods:
        newest = max(pods, key=lambda pod: pod.born_at).template
        return next((revision for revision in deployment.revisions if revision.digest == newest), deployment.current)
    return deployment.current


def _recreates(deployment: Deployment) -> bool:
    return bool(deployment.spec.get("strategy", {}).get("type") == "Recreate")


def _share(value: int | str, wanted: int, *, up: bool) -> int:
    """A bound given as a number or as a percentage of what is wanted."""
    if isinstance(value, int):
        return value
    exact = wanted * int(value.removesuffix("%")) / 100
    return math.ceil(exact) if up else math.floor(exact)
