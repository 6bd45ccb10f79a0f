"""What policies are told: `input` in every `.rego` file. Plain JSON, all of it known before anything is asked of the world again."""

from collections.abc import Iterable
from datetime import datetime

from bot.policy.circumstances import Circumstances, kept
from skills.core.actor import Actor
from skills.core.calendar import Calendar, Period
from skills.core.canonical import Json
from skills.core.catalog import Catalog, Environment, Service
from skills.core.cost_delta import CostDelta
from skills.core.glass import Glass
from skills.core.lock import Lock
from skills.core.money import hundredths
from skills.core.names import ServiceName
from skills.core.plan import Plan, Step
from skills.core.policy import Request

FIELDS = frozenset(
    [
        *("actor", "actor.subject", "actor.name", "actor.organization", "actor.roles", "actor.teams"),
        *("request", "request.skill", "request.kind", "request.risk", "request.at", "request.edge"),
        *("plan", "plan.summary", "plan.params", "plan.params.*", "plan.digest", "plan.risk_reasons"),
        *("plan.blast_radius", "plan.notes", "plan.steps", "plan.on_failure"),
        *("services", "environments", "locks"),
        *("incident", "incident.open", "incident.worst", "incident.here", "error_budget", "history"),
        *("break_glass", "break_glass.by", "break_glass.own", "break_glass.incident", "break_glass.until"),
        *("cost", "cost.known", "cost.monthly_cents", "cost.currency", "cost.error_percent"),
        *("calendar", "calendar.local", "calendar.weekday", "calendar.hour", "calendar.freezes", "calendar.windows"),
    ]
)
"""Every path below `input` that can be written with dots; a policy that looks at another has a mistake in it."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def facts(
    request: Request,
    catalog: Catalog,
    calendar: Calendar,
    circumstances: Circumstances = Circumstances(),  # noqa: B008 - it is frozen
) -> dict[str, Json]:
    """The facts of one request, as the catalog and the calendar have them now, and as things stood at its moment."""
    return {
        "actor": _actor(request.actor),
        "request": {
            "skill": request.skill,
            "kind": request.kind.value,
            "risk": request.risk.value,
            "at": f"{request.now:%Y-%m-%dT%H:%M:%SZ}",
            "edge": request.edge,
        },
        "plan": _plan(request.plan) if request.plan else None,
        "services": [_service(service, catalog) for service in _touched(request)],
        "environments": [_environment(name, catalog.environments) for name in request.environments],
        "calendar": _calendar(calendar, request.now),
        "locks": [_lock(lock) for lock in circumstances.locks],
        "cost": _cost(request.cost) if request.plan else None,
        "break_glass": _glass(request.glass, request.actor) if request.glass else None,
        **kept(request, circumstances),
    }


def _actor(actor: Actor) -> dict[str, Json]:
    return {
        "subject": actor.subject,
        "name": actor.name,
        "organization": actor.organization,
        "roles": sorted(actor.roles),
        "teams": sorted(actor.teams),
    }


def _plan(plan: Plan) -> dict[str, Json]:
    return {
        "summary": plan.summary,
        "params": dict(plan.params),
        "digest": plan.digest,
        "risk_reasons": list(plan.risk_reasons),
        "blast_radius": list(plan.blast_radius),
        "notes": list(plan.notes),
        "steps": [_step(step) for step in plan.steps],
        "on_failure": [_step(step) for step in plan.on_failure],
    }


def _cost(cost: CostDelta | None) -> dict[str, Json]:
    """Whole hundredths, since what is judged by holds no fractions; nothing for a plan that touches nothing that is paid for."""
    if cost is None:
        return {"known": True, "monthly_cents": 0, "currency": "", "error_percent": 0}
    return {
        "known": cost.known,
        "monthly_cents": hundredths(cost.monthly) if cost.monthly else 0,
        "currency": cost.monthly.currency if cost.monthly else "",
        "error_percent": None if cost.error is None else round(cost.error * 100),
    }


def _glass(glass: Glass, requester: Actor) -> dict[str, Json]:
    """Who let it run in an emergency; `own` says that they had asked for it themselves."""
    return {
        "by": glass.subject,
        "own": glass.subject == requester.subject,
        "incident": glass.incident,
        "until": f"{glass.until:%Y-%m-%dT%H:%M:%SZ}",
    }


def _step(step: Step) -> dict[str, Json]:
    return {
        "action": step.action,
        "target": step.target.to_json(),
        "before": step.before,
        "after": step.after,
        "changes": [change.to_json() for change in step.diff],
    }


def _touched(request: Request) -> list[Service]:
    """The services of the request, and those that its plan touches and the catalog does not know: they have no owner."""
    known = {service.name for service in request.services}
    planned = request.plan.services if request.plan else ()
    return [*request.services, *(Service(name=ServiceName(name)) for name in planned if name not in known)]


def _service(service: Service, catalog: Catalog) -> dict[str, Json]:
    return {
        "name": service.name,
        "owner": service.owner,
        "system": service.system,
        "depends_on": list(service.depends_on),
        "dependents": list(catalog.dependents(service.name)),
        "discovered": service.discovered,
    }


def _environment(name: str, known: Iterable[Environment]) -> dict[str, Json]:
    """An environment that the catalog does not know counts as protected: unknown is never less strict."""
    found = next((each for each in known if each.name == name), None)
    return {
        "name": name,
        "protected": found.protected if found else True,
        "namespace": found.namespace if found else "",
        "cluster": found.cluster if found else "",
    }


def _lock(lock: Lock) -> dict[str, Json]:
    return {
        "service": lock.scope.service,
        "environment": lock.scope.environment,
        "owner": lock.owner,
        "since": f"{lock.since:%Y-%m-%dT%H:%M:%SZ}",
        "until": f"{lock.until:%Y-%m-%dT%H:%M:%SZ}",
        "sentence": f"{lock.sentence}.",
        "way": f"Ask {lock.owner_name} to unlock it, or say: steal {lock.scope.words} because …",
    }


def _calendar(calendar: Calendar, now: datetime) -> dict[str, Json]:
    local = now.astimezone(calendar.zone)
    freezes = [(freeze, freeze.times.at(now)) for freeze in calendar.freezes]
    return {
        "local": f"{local:%Y-%m-%dT%H:%M:%S}",
        "weekday": _DAYS[local.weekday()],
        "hour": local.hour,
        "freezes": [
            {**_period(freeze), "until": f"{span.end:%Y-%m-%d %H:%M} UTC"}
            for freeze, span in freezes
            if span is not None
        ],
        "windows": [{**_period(window), "open": window.times.at(now) is not None} for window in calendar.windows],
    }


def _period(period: Period) -> dict[str, Json]:
    return {
        "name": period.name,
        "because": period.because,
        "environments": list(period.environments),
        "except": list(period.except_skills),
    }
