"""Why something could not be looked at, in words."""

from integrations.kubernetes.faults import Attempt, Refused, Unreachable, said, translate
from integrations.kubernetes.kinds import CLUSTER_GRANT, GRANT, Kind
from integrations.kubernetes.purse import Spent
from skills.core.errors import Unavailable
from skills.core.ports.snapshots import NothingSeen, Unseen


class Garbage(Exception):
    """What answered is no list of objects."""


Obstacle = Refused | Unreachable | Spent | Garbage | TimeoutError | Unavailable
"""Everything that can keep us from seeing a kind."""
OBSTACLES = (Refused, Unreachable, Spent, Garbage, TimeoutError, Unavailable)


def reason(obstacle: Obstacle, kind: Kind) -> str:  # noqa: PLR0911 - one return for each kind of obstacle
    """As the middle of a sentence."""
    match obstacle:
        case Refused(status=403):
            return "forbidden"
        case Refused(status=401):
            return "the cluster does not accept my credentials"
        case Refused(status=404):
            return f"this cluster does not serve them ({kind.group or 'core'}/{kind.version})"
        case Refused(status=410):
            return "the list changed faster than I could read it"
        case Refused(status=429):
            return "the cluster has too much to do"
        case Refused(status=status, message=message):
            return f"the cluster failed ({status}{f': {said(message)}' if message else ''})"
        case Unreachable(text=text) | Unavailable(text=text):
            return text.rstrip(".")
        case Spent(what=what):
            return f"my budget of {what} ran out"
        case Garbage():
            return "what answered does not speak JSON"
    return "it took too long"


def unseen(kind: Kind, namespace: str, obstacle: Obstacle, *, seen: int = 0) -> Unseen:
    """`seen` is how many objects had been read before."""
    what = f"I saw only {seen} of the {kind.resource}" if seen else f"I could not look at {kind.resource}"
    why = f"{what}{_where(kind, namespace)}: {reason(obstacle, kind)}; so I cannot say {kind.unsaid}."
    return Unseen(kind=kind.name, namespace=namespace, why=why)


def nothing_seen(
    obstacle: Obstacle, *, kind: Kind, environment: str, where: str, unseen: tuple[Unseen, ...]
) -> NothingSeen:
    """The error for a look that saw nothing; `obstacle` is what the first kind met."""
    match obstacle:
        case Refused(status=403):
            return NothingSeen(
                f"I may not look at anything in {where} of {environment}: the cluster forbids it.",
                hint=f"{GRANT} grants a diagnosis of one namespace, and {CLUSTER_GRANT} of the whole cluster.",
                unseen=unseen,
            )
        case Refused() | Unreachable():
            told = translate(obstacle, Attempt(verb="list", resource=kind.resource, environment=environment))
            return NothingSeen(told.text, hint=told.hint, unseen=unseen)
    text = f"I could not look at anything in {where} of {environment}: {reason(obstacle, kind)}."
    return NothingSeen(text, hint="Try again in a minute.", unseen=unseen)


def _where(kind: Kind, namespace: str) -> str:
    if not kind.namespaced:
        return ""
    return f" in namespace {namespace}" if namespace else " of the whole cluster"
