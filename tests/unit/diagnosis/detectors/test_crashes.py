"""Each way to end has its meaning, in a sentence."""

import pytest

from skills.diagnosis.detectors.crashes import process_ends
from tests.support.diagnosing import causes, symptoms
from tests.support.manifests import app, container, crashing, deployment, ended, pod, running, terminated, waiting

_MEANS = {
    0: ("ContainerExitsAtOnce", "checkout ends with exit code 0 as if it were done, again and again."),
    1: ("ContainerCrashes", "checkout exits with code 1 each time it starts."),
    2: ("ContainerCrashes", "checkout exits with code 2 each time it starts, which stands for wrong arguments or, for programs in Go, a panic."),
    42: ("ContainerCrashes", "checkout exits with code 42 each time it starts."),
    126: ("CommandNotExecutable", "checkout exits with code 126: its command is found but may not be executed."),
    127: ("CommandNotFound", "checkout exits with code 127: its command is not found in the image."),
    132: ("ContainerCrashes", "checkout exits with code 132 (SIGILL) each time it starts."),
    134: ("ContainerAborted", "checkout aborts itself (exit code 134, SIGABRT)."),
    137: ("ContainerKilled", "checkout is killed (exit code 137, SIGKILL), and not for exceeding its memory limit as far as Kubernetes knows."),
    139: ("SegmentationFault", "checkout crashes with a segmentation fault (exit code 139, SIGSEGV)."),
    143: ("ContainerTerminated", "checkout is told to end (exit code 143, SIGTERM) and started again."),
    255: ("ContainerCrashes", "checkout exits with code 255 each time it starts, which programs use for a failure of any kind."),
}  # fmt: skip


@pytest.mark.parametrize("code", _MEANS)
def test_an_exit_code_is_told_with_what_it_means(code: int) -> None:
    name, cause = _MEANS[code]
    assert causes(process_ends, deployment("checkout", crashing(code))) == [(name, "Deployment/checkout", cause)]


def test_the_log_says_why_and_what_is_missing() -> None:
    log = "Traceback (most recent call last):\nConnectionError: could not connect to db:5432\n"
    (symptom,) = symptoms(process_ends, deployment("checkout", crashing(1)), {"checkout-5d4f-1": log})
    assert symptom.cause == (
        "checkout exits with code 1 each time it starts: “ConnectionError: could not connect to db:5432” (there is no Service db)."
    )
    assert symptom.remedy == "Create the Service db, or correct the name that the program is given."
    assert [(e.field, e.value) for e in symptom.evidence][-1] == (
        "log app",
        "ConnectionError: could not connect to db:5432",
    )


def test_what_it_depends_on_may_explain_it() -> None:
    log = {"checkout-5d4f-0": "ERROR connect to db:5432: connection refused"}
    (symptom, _) = symptoms(process_ends, [*deployment("checkout", crashing(1)), *app("db", crashing(1))], log)
    assert {str(ref) for ref in symptom.because_of} >= {"Service shop/db", "Deployment shop/db", "Pod shop/db-5d4f-0"}


def test_the_message_that_the_program_left_stands_in_for_a_log() -> None:
    left = deployment("checkout", crashing(1, message="fatal: no DATABASE_URL\n"))
    assert (
        causes(process_ends, left)[0][2] == "checkout exits with code 1 each time it starts: “fatal: no DATABASE_URL”."
    )


def test_the_log_before_the_restart_is_read_where_a_new_run_has_begun() -> None:
    up = deployment("checkout", running(seconds=3, restarts=9, last=ended(1)))
    logs = {"checkout-5d4f-0": "starting", "checkout-5d4f-0?previous": "panic: nil map"}
    assert causes(process_ends, up, logs)[0][2] == "checkout exits with code 1 each time it starts: “panic: nil map”."


def test_a_container_among_several_is_called_by_its_name() -> None:
    both = deployment("checkout", running(), crashing(1), containers=[container(), container("proxy")])
    assert causes(process_ends, both)[0][2] == "container proxy of checkout exits with code 1 each time it starts."


def test_ten_pods_of_a_workload_are_one_symptom_whatever_their_codes() -> None:
    made = deployment("checkout", crashing(1), replicas=10)
    made[-1]["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] = 3
    (symptom,) = symptoms(process_ends, made)
    assert len(symptom.affected) == 10


def test_init_containers_sidecars_and_jobs_have_codes_of_their_own() -> None:
    init = deployment("checkout", waiting("PodInitializing"), inits=[(container("migrate"), crashing(1))])
    assert causes(process_ends, init) == [
        ("InitContainerFails", "Deployment/checkout", "init container migrate of checkout exits with code 1 each time it starts.")
    ]  # fmt: skip
    sidecar = deployment("checkout", inits=[(container("proxy", restartPolicy="Always"), crashing(1))])
    assert causes(process_ends, sidecar)[0][0] == "SidecarFails"


def test_an_unrecorded_ending_is_said_to_be_one() -> None:
    assert causes(process_ends, deployment("checkout", waiting("CrashLoopBackOff", restarts=2)))[0][2] == (
        "checkout is restarted again and again, and how it ends is not recorded."
    )


def test_a_pod_that_ended_well_is_no_crash() -> None:
    done = pod("tool", terminated(0), phase="Succeeded", spec={"restartPolicy": "Never"})
    assert causes(process_ends, [done]) == []
