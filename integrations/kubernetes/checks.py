"""What `countersign doctor` asks a cluster: does it answer, and may we do exactly what we need?"""

from dataclasses import dataclass

from integrations.kubernetes.api import PERMISSIONS, Api
from integrations.kubernetes.faults import GRANT, Attempt, Refused, Unreachable, translate
from skills.core.errors import Unavailable


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
        return reached, *[
            await _right(api, environment, verb, resource) for resource, verbs in PERMISSIONS.items() for verb in verbs
        ]
    except (Refused, Unreachable) as error:
        attempt = Attempt(verb="ask", resource="its version and my rights", environment=environment)
        return (Check(what=what, ok=False, sentence=str(translate(error, attempt))),)
    except Unavailable as error:
        return (Check(what=what, ok=False, sentence=str(error)),)


async def _right(api: Api, environment: str, verb: str, resource: str) -> Check:
    allowed = await api.may(verb, resource)
    what = f"{verb} {resource} in {api.namespace} of {environment}"
    mend = f"Not allowed. Apply {GRANT} in namespace {api.namespace} and bind it to my account."
    return Check(what=what, ok=allowed, sentence="Allowed." if allowed else mend)
