"""What the runtime says when it cannot start a process."""

import pytest

from skills.diagnosis.detectors.starting import (
    pod_does_not_come_up,
    post_start_hook_fails,
    pre_stop_hook_fails,
    process_not_started,
)  # fmt: skip
from tests.support.diagnosing import causes
from tests.support.manifests import HOUR, MINUTE, app, container, crashing, deployment, said_of, waiting

_SAYS = {
    'exec: "/app/serve": stat /app/serve: no such file or directory': ("CommandNotFound", "its command is not in the image (/app/serve)"),
    'exec: "serve": executable file not found in $PATH': ("CommandNotFound", "its command is not in the image (serve)"),
    'exec: "/app/serve": permission denied': ("CommandNotExecutable", "its command may not be executed (/app/serve)"),
    'exec: "/app/serve": exec format error': ("ImageWrongPlatform", "its program was built for another platform than its node's"),
    'chdir to cwd ("/srv") set in config.json failed: no such file or directory': ("WorkingDirectoryWrong", "its working directory is not in the image"),
    'error mounting "/x" to rootfs at "/etc/app": not a directory': ("MountPathWrong", "a volume cannot be mounted where it is wanted"),
    "no command specified": ("NoCommand", "neither the image nor the pod says which command to run"),
    "the moon": ("ContainerStartFails", "the runtime cannot start its process: “the moon”"),
}  # fmt: skip


@pytest.mark.parametrize("message", _SAYS)
@pytest.mark.parametrize("recorded", [True, False], ids=["in the last run", "while it waits"])
def test_the_runtimes_words_are_understood(message: str, recorded: bool) -> None:
    state = crashing(128, "StartError", message=message) if recorded else waiting("RunContainerError", message)
    code, says = _SAYS[message]
    assert causes(process_not_started, deployment("checkout", state)) == [
        (code, "Deployment/checkout", f"checkout cannot start: {says}.")
    ]


def test_without_a_word_it_is_still_said() -> None:
    assert causes(process_not_started, deployment("checkout", waiting("CreateContainerError"))) == [
        ("ContainerStartFails", "Deployment/checkout", "checkout cannot start: the runtime cannot start its process.")
    ]


def test_a_hook_after_the_start_kills() -> None:
    hooked = said_of(deployment("checkout", crashing(137)), "Pod", "FailedPostStartHook", "exited with 1")
    assert causes(post_start_hook_fails, hooked) == [
        ("PostStartHookFails", "Deployment/checkout", "checkout is killed right after each start, because its post-start hook fails.")
    ]  # fmt: skip


def test_a_hook_before_the_stop_is_told_while_it_is_fresh() -> None:
    assert (
        causes(pre_stop_hook_fails, said_of(app("checkout"), "Pod", "FailedPreStopHook", "x", seconds_ago=MINUTE))[0][0]
        == "PreStopHookFails"
    )
    assert (
        causes(pre_stop_hook_fails, said_of(app("checkout"), "Pod", "FailedPreStopHook", "x", seconds_ago=HOUR)) == []
    )


def test_a_sandbox_that_cannot_be_made_is_the_nodes_trouble() -> None:
    made = said_of(deployment("checkout", waiting("ContainerCreating")), "Pod", "FailedCreatePodSandBox", "no more IPs")
    assert causes(pod_does_not_come_up, made)[0] == (
        "PodSandboxFails", "Node/node-1", "Node node-1 cannot make sandboxes for pods, so checkout does not start: “no more IPs”.",
    )  # fmt: skip


def test_a_start_that_stalls_is_told_after_five_minutes() -> None:
    assert causes(pod_does_not_come_up, deployment("checkout", waiting("ContainerCreating"), age=4 * MINUTE)) == []
    assert causes(pod_does_not_come_up, deployment("checkout", waiting("ContainerCreating"), age=6 * MINUTE))[0] == (
        "PodStartStalls", "Deployment/checkout", "checkout was placed on node node-1 and does not start, and nothing says why.",
    )  # fmt: skip


def test_waiting_for_an_init_container_is_no_stall() -> None:
    waits = deployment("checkout", waiting("PodInitializing"), inits=[(container("prepare"), crashing(1))])
    assert causes(pod_does_not_come_up, waits) == []
