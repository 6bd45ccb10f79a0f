"""How a deployment fares at a moment, and the sentence that says so."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from integrations.memory.controller import Controller
from integrations.memory.state import Deployment, Fault, Pod, Quota
from skills.core.ports.workloads import Rollout
from skills.core.redaction import redact

_LOG_LINES = 20
_EXITS = {
    1: "application error",
    2: "wrong usage",
    126: "the command cannot be executed",
    127: "the command was not found",
    134: "aborted",
    137: "killed, most often for want of memory",
    139: "segmentation fault",
    143: "terminated",
}


_Obstacle: TypeAlias = tuple[str, bool, tuple[str, ...]]
_CLEAR: _Obstacle = ("", False, ())


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Counts are pods: `updated` ones run the wanted template, `old` ones another, `renewed` ones are updated and ready.

    `done` is as in `Rollout`. `trouble` is "" when all is well.
    """

    wanted: int
    updated: int
    ready: int
    available: int
    old: int
    renewed: int
    done: bool | None
    trouble: str = ""
    log: tuple[str, ...] = ()

    def rollout(self) -> Rollout:
        """As a watcher tells it: of the ready pods only those that run the wanted template count."""
        return Rollout(
            text=self._text(),
            wanted=self.wanted,
            updated=self.updated,
            ready=self.renewed,
            done=self.done,
            log=self.log,
        )

    def _text(self) -> str:
        if self.done is False:
            return self.trouble
        if self.done:
            return self._success()
        count = f"{self.updated} of {self.wanted} replica{'' if self.wanted == 1 else 's'} updated"
        leaving = f", {self.old} old one{'' if self.old == 1 else 's'} to go" if self.old else ""
        return f"{count}, {self.renewed} ready{leaving}. {self.trouble}".strip()

    def _success(self) -> str:
        if self.wanted == 0:
            return "No replicas are wanted, and none are left."
        if self.wanted == 1:
            return "The replica is up to date and available."
        return f"All {self.wanted} replicas are up to date and available."


def condition(name: str, deployment: Deployment, controller: Controller) -> Condition:
    """How the deployment with key `name` fares at the moment that `controller` stands at."""
    at, pods, template = controller.as_of, controller.pods[name], deployment.current.digest
    fresh = [pod for pod in pods if pod.template == template]
    available = sum(pod.available(at) for pod in pods)
    settled = len(fresh) == len(pods) == available == deployment.replicas
    trouble, fatal, log = _CLEAR
    if not settled:
        trouble, fatal, log = _obstacle(name, deployment, controller, fresh)
    return Condition(
        wanted=deployment.replicas,
        updated=len(fresh),
        ready=sum(pod.ready(at) for pod in pods),
        available=available,
        old=len(pods) - len(fresh),
        renewed=sum(pod.ready(at) for pod in fresh),
        done=True if settled else False if fatal else None,
        trouble=trouble,
        log=log,
    )


def deadline(deployment: Deployment, pods: list[Pod], at: datetime) -> datetime:
    """When the controller gives up waiting if nothing more comes to pass."""
    seen = [
        moment
        for pod in pods
        if pod.template == deployment.current.digest
        for moment in (pod.born_at, pod.ready_at, pod.available_at)
        if moment is not None and moment <= at
    ]
    return max([deployment.changed_at, *seen]) + timedelta(seconds=_patience(deployment))


def _obstacle(name: str, deployment: Deployment, controller: Controller, fresh: list[Pod]) -> _Obstacle:
    """What stands in the way, whether for good, and the log lines that show it."""
    at, service = controller.as_of, deployment.name
    faults = [pod.fault for pod in fresh if pod.fault and pod.fault.shows_at <= at]
    if faults:
        worst = min(faults, key=lambda fault: fault.certain_at)
        certain = worst.certain_at <= at
        log = tuple(redact(line) for line in worst.log[-_LOG_LINES:]) if certain else ()
        return _fault_sentence(worst, service, certain=certain), certain, log
    if deployment.paused:
        return "The rollout is paused; nothing more happens until somebody resumes it.", True, ()
    quota = controller.blocking(name)
    if quota and not any(controller.pending(name)):
        return _quota_sentence(quota, service, controller.used(quota.namespace)), True, ()
    if at >= deadline(deployment, fresh, at):
        return f"{service} made no progress within {_patience(deployment)} seconds.", True, ()
    return _CLEAR


def _patience(deployment: Deployment) -> int:
    return int(deployment.spec.get("progressDeadlineSeconds", 600))


def _fault_sentence(fault: Fault, service: str, *, certain: bool) -> str:
    if fault.exit_code is None:
        again = "" if certain else ", and is tried again"
        what = f"Image {fault.image} of container {fault.container} of {service}"
        return f"{what} cannot be pulled: not found in the registry{again}."
    meaning = f" ({_EXITS[fault.exit_code]})" if fault.exit_code in _EXITS else ""
    what = f"Container {fault.container} of {service}"
    if certain:
        return f"{what} crashes at start: exit code {fault.exit_code}{meaning}."
    return f"{what} ended with exit code {fault.exit_code}{meaning} and is started again."


def _quota_sentence(quota: Quota, service: str, used: int) -> str:
    limit = f"quota {quota.name} of namespace {quota.namespace} allows {quota.pods}, and {used} are used"
    return f"No more pods of {service} can be created: {limit}."
