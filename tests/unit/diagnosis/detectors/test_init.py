"""An init container that does not come to its end."""

from skills.diagnosis.detectors.init import init_container_does_not_end
from tests.support.diagnosing import causes, symptoms
from tests.support.manifests import MINUTE, Manifest, app, container, deployment, running, service, waiting

_UNTIL = ["sh", "-c", "until nc -z db 5432; do sleep 1; done"]


def _init(seconds: float, **spec: object) -> list[Manifest]:
    state = running(ready=False, seconds=seconds)
    return deployment(
        "checkout", waiting("PodInitializing"), inits=[(container("prepare", **spec), state)], age=seconds
    )


def test_it_is_told_after_five_minutes() -> None:
    assert causes(init_container_does_not_end, _init(4 * MINUTE)) == []
    assert causes(init_container_does_not_end, _init(6 * MINUTE)) == [
        ("InitContainerNeverEnds", "Deployment/checkout", "checkout does not start: init container prepare of checkout has been running for 6 minutes.")
    ]  # fmt: skip


def test_it_is_told_at_once_where_it_waits_for_a_service_that_does_not_answer() -> None:
    waits = [*_init(45, command=_UNTIL), *service("db", selector={"app": "pg"})]
    (symptom,) = symptoms(init_container_does_not_end, waits)
    assert symptom.cause == (
        "checkout does not start: init container prepare of checkout has been running for 45 seconds, "
        "as it waits for Service db, which has no ready endpoints."
    )
    assert [str(ref) for ref in symptom.because_of] == ["Service shop/db"]


def test_a_service_that_answers_is_not_blamed() -> None:
    assert causes(init_container_does_not_end, [*_init(45, command=_UNTIL), *app("db")]) == []
