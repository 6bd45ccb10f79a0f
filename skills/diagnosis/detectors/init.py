"""Init containers that do not come to an end, so that the pod waits for them. Those that fail are among the crashes."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from skills.diagnosis.last_words import Named, answers, behind, last_words, named_services
from skills.diagnosis.objects import moment
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Evidence, Severity, Symptom, detects, evidence
from skills.diagnosis.trouble import Trouble, Unwell, alike

ENDLESS = Code(
    name="InitContainerNeverEnds",
    title="An init container does not end, so the pod does not start",
    severity=Severity.ERROR,
    depth=Depth.PROCESS,
    signals="an init container runs for more than five minutes; or for half a minute, and its command waits for a Service that is not there or has no ready endpoints",
    remedy="See what it waits for; its log or command says so.",
)
_MAY_TAKE = timedelta(minutes=5)
_WORD = re.compile(r"[a-z][a-z0-9.-]*")


@detects(ENDLESS)
def init_container_does_not_end(scene: Scene) -> Iterator[Symptom]:
    """It runs, longer than it should; surer where it waits for a Service that does not answer."""
    for group in alike(scene, Trouble.ENDLESS):
        each = group[0]
        since = moment(each.container.running.get("startedAt"))
        words = last_words(scene, group)
        named = [*_awaited(scene, each), *named_services(scene, each.pod.namespace, words)]
        silent = [each for each in dict.fromkeys(named) if not (each.exists and answers(scene, each.ref))]
        if not silent and scene.age(since) < _MAY_TAKE:
            continue
        yield Symptom(
            code=ENDLESS,
            root=each.root,
            about=each.container.name,
            cause=f"{each.root.name} does not start: {each.subject} has been running for {_ago(scene.age(since))}{_for_what(silent)}.",
            evidence=[*_proof(each), *words.evidence],
            since=since,
            affected=[one.pod.ref for one in group],
            because_of=behind(scene, silent),
            consequence=f"{each.subject} waits{_for_what(silent)}",
            confidence=0.85 if silent else 0.7,
        )


def _awaited(scene: Scene, each: Unwell) -> Iterator[Named]:
    """The Services of its namespace whose names stand in its command."""
    command = " ".join(
        str(word) for word in (*(each.container.spec.get("command") or ()), *(each.container.spec.get("args") or ()))
    )
    for word in dict.fromkeys(_WORD.findall(command)):
        name, _, rest = word.partition(".")
        found = scene.get("Service", rest.split(".")[0] or each.pod.namespace, name)
        if found is not None:
            yield Named(ref=found.ref, exists=True)


def _for_what(silent: Sequence[Named]) -> str:
    if not silent:
        return ""
    first = silent[0]
    return f", as it waits for Service {first.ref.name}, which {'has no ready endpoints' if first.exists else 'does not exist'}"


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    return f"{minutes} minutes" if minutes > 1 else f"{int(age.total_seconds())} seconds"


def _proof(each: Unwell) -> Sequence[Evidence]:
    spec, name = each.container.spec, each.container.name
    started = each.container.running.get("startedAt")
    found = [
        evidence(
            each.pod.ref, f"status.initContainerStatuses[{name}].state.running.startedAt", started, moment(started)
        )
    ]
    command = " ".join(str(word) for word in (*(spec.get("command") or ()), *(spec.get("args") or ())))
    return [*found, evidence(each.pod.ref, f"spec.initContainers[{name}].command", command)] if command else found
