"""What `countersign doctor` asks a cluster: does it answer, may we do exactly what we need, and what can a diagnosis not see?"""

import asyncio
from dataclasses import dataclass

from integrations.kubernetes.api import GROUPS, PERMISSIONS, Api
from integrations.kubernetes.faults import Attempt, Refused, Unreachable, translate
from integrations.kubernetes.kinds import CLUSTER_GRANT, GRANT, KINDS, REFERENCES_GRANT, Kind
from skills.core.errors import Unavailable

_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was checked. `sentence` says what was found, and how to mend it when `ok` is false."""

    what: str
    ok: bool
    sentence: str


async def check(api: Api, environment: str) -> tuple[Check, ...]:
    """Every check in a fixed order. Never raises: an unreachable cluster is a finding."""
    what = f"cluster of {environment}"
    try:
        version = await api.version()
        reached = Check(what=what, ok=True, sentence=f"It answers, and runs Kubernetes {version}.")
        rights = [
            await _right(api, environment, verb, resource) for resource, verbs in PERMISSIONS.items() for verb in verbs
        ]
        return reached, *rights, *await _sight(api, environment)
    except (Refused, Unreachable) as error:
        attempt = Attempt(verb="ask", resource="its version and my rights", environment=environment)
        return (Check(what=what, ok=False, sentence=str(translate(error, attempt))),)
    except Unavailable as error:
        return (Check(what=what, ok=False, sentence=str(error)),)


async def _right(api: Api, environment: str, verb: str, resource: str) -> Check:
    allowed = await api.may(verb, resource, GROUPS[resource])
    what = f"{verb} {resource} in {api.namespace} of {environment}"
    mend = f"Not allowed. Apply {GRANT} in namespace {api.namespace} and bind it to my account."
    return Check(what=what, ok=allowed, sentence="Allowed." if allowed else mend)


async def _sight(api: Api, environment: str) -> list[Check]:
    """What a diagnosis may look at. Only what the Role grants is needed; the rest makes it more certain."""
    counter = asyncio.Semaphore(_AT_ONCE)

    async def allowed(kind: Kind, verb: str) -> bool:
        async with counter:
            return await api.may(verb, kind.resource, kind.group, namespaced=kind.namespaced)

    wanted = [(kind, verb) for kind in KINDS.values() for verb in kind.verbs]
    answers = await asyncio.gather(*(allowed(kind, verb) for kind, verb in wanted))
    hidden = [kind for (kind, _), may in zip(wanted, answers, strict=True) if not may]
    return [
        _seen(f"a diagnosis of {api.namespace} of {environment}", GRANT, hidden, needed=True),
        _seen(f"what pods in {api.namespace} of {environment} refer to", REFERENCES_GRANT, hidden, needed=False),
        _seen(f"what the namespaces of {environment} share", CLUSTER_GRANT, hidden, needed=False),
    ]


def _seen(what: str, grant: str, hidden: list[Kind], *, needed: bool) -> Check:
    missing = [kind for kind in dict.fromkeys(hidden) if kind.grant == grant]
    if not missing:
        return Check(what=what, ok=True, sentence="A diagnosis sees all of it.")
    names = ", ".join(kind.resource for kind in missing)
    optional = "" if needed else " That is optional."
    return Check(what=what, ok=not needed, sentence=f"A diagnosis cannot see {names}; {grant} grants it.{optional}")
