"""Replace every pod of a service by a fresh one."""

from pydantic import Field

from skills.core import skill
from skills.core.canonical import digest
from skills.core.plan import Plan, Risk
from skills.core.ports.workloads import RestartEdit
from skills.core.workload_change import WorkloadChange, refuse_owned, refuse_paused, risk_of, step_of


class Params(skill.Params):
    """What to restart, where."""

    service: skill.Service = Field(description="The service to restart")
    environment: skill.Environment = Field(description="The environment to restart it in")


class Restart(WorkloadChange[Params]):
    """Restart every pod of a service, one after the other, without changing what it runs."""

    name = "restart"
    aliases = ("bounce",)
    examples = ("restart search in staging", "restart payments-api in production because it leaks memory")
    phrases = (
        "reboot", "kick", "cycle", "recycle", "relaunch", "replace … pods", "turn … off and on again", "start … afresh|anew",
        "a restart|reboot|bounce|kick",
    )  # fmt: skip

    async def plan(self, params: Params) -> Plan:
        service, environment, workload = await self._find(params.service, params.environment)
        notes = refuse_owned(workload, "template", service=service.name)
        refuse_paused(workload, service=service.name)
        # The mark is derived from what runs now, not from the time of day: planning again gives the same plan,
        # and a restart that has happened meanwhile gives another one.
        mark = digest({"uid": workload.uid, "template": workload.template})[:12]
        edit = RestartEdit(before=workload.restart, after=mark)
        step = step_of(
            workload,
            edit,
            action="restart",
            service=service,
            before="every pod as it is",
            after="every pod started anew",
        )
        back = step_of(
            workload, edit.inverse(), action="restore pods", service=service, before="new pods", after="as before"
        )
        dependents = self._catalog.dependents(service.name)
        risk = risk_of(environment, dependents, base=Risk.LOW, why="it replaces pods, not code")
        return await self._planned(
            step,
            back,
            params={"service": service.name, "environment": environment.name},
            summary=f"Restart {service.name} in {environment.name}",
            risk=risk,
            notes=notes,
        )
