"""Init containers and sidecars."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import MINUTE, Manifest, app, container, crashing, running, service, terminated, waiting

_LATER = waiting("PodInitializing")


def _with(state: Manifest, *, age: float = 20 * MINUTE, **spec: object) -> list[Manifest]:
    return app("checkout", _LATER, inits=[(container("prepare", ports=[], **spec), state)], age=age)


def scenarios() -> Iterator[Scenario]:
    where = "Deployment/checkout"
    yield fault("an init container fails", _with(crashing(1)), "InitContainerFails", where)
    yield fault("an init container has just failed", _with(terminated(2)), "InitContainerFails", where)
    yield fault("the command of an init container is absent", _with(crashing(127)), "CommandNotFound", where)
    yield fault(
        "the image of an init container is absent",
        _with(waiting("ImagePullBackOff", "manifest unknown")),
        "ImageNotFound",
        where,
    )
    yield fault(
        "an init container does not end",
        _with(running(ready=False, seconds=15 * MINUTE)),
        "InitContainerNeverEnds",
        where,
    )
    until = ["sh", "-c", "until nc -z db 5432; do sleep 1; done"]
    waits = _with(running(ready=False, seconds=MINUTE), age=MINUTE + 5, command=until)
    yield fault(
        "an init container waits for a Service that selects nothing",
        [*waits, *service("db", selector={"app": "pg"})],
        "ServiceSelectsNothing",
        "Service/db",
    )
    yield fault(
        "an init container waits for a database that crashes",
        [*waits, *app("db", crashing(1))],
        "ContainerCrashes",
        "Deployment/db",
    )
    sidecar = container("proxy", restartPolicy="Always")
    yield fault("a sidecar crashes", app("checkout", inits=[(sidecar, crashing(1))]), "SidecarFails", where)
    yield healthy("an init container runs since twenty seconds", _with(running(ready=False, seconds=20), age=22))
    yield healthy(
        "an init container migrates since three minutes",
        _with(running(ready=False, seconds=3 * MINUTE), age=3 * MINUTE),
    )
    yield healthy(
        "an init container is done", app("checkout", inits=[(container("prepare"), {**terminated(0), "ready": True})])
    )
    yield healthy("a sidecar runs", app("checkout", inits=[(sidecar, running())]))
    retried = {**terminated(0, restarts=2), "ready": True, "lastState": {}}
    yield healthy("an init container needed three tries", app("checkout", inits=[(container("prepare"), retried)]))
