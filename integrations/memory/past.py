"""What was wanted of a simulated workload at earlier times: the edits that took effect, undone one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from integrations.memory.state import Deployment, Effect, containers_of

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Past:
    """What was wanted from `since` (UTC) until the next one."""

    since: datetime
    images: tuple[str, ...]
    replicas: int


def past_of(deployment: Deployment, effects: Sequence[Effect]) -> list[Past]:
    """Newest first; the last one holds since ever. `effects` are those on this deployment, oldest first."""
    containers = containers_of(deployment.spec["template"])
    names = [container.name for container in containers]
    state = Past(since=_EVER, images=tuple(each.image for each in containers), replicas=deployment.replicas)
    found = []
    for effect in reversed(effects):
        found.append(replace(state, since=effect.at))
        state = _before(state, effect, names, deployment)
    return [*found, state]


def _before(state: Past, effect: Effect, names: Sequence[str], deployment: Deployment) -> Past:
    """The state that an edit found."""
    edit = effect.edit
    match edit["op"]:
        case "image" if edit["container"] in names:
            place = names.index(str(edit["container"]))
            return replace(state, images=(*state.images[:place], str(edit["before"]), *state.images[place + 1 :]))
        case "replicas":
            return replace(state, replicas=int(edit["before"] or 0))
        case "template":
            known = next((each for each in deployment.revisions if each.digest == edit["before"]), None)
            return (
                replace(state, images=tuple(each.image for each in containers_of(known.template))) if known else state
            )
        case _:
            return state
