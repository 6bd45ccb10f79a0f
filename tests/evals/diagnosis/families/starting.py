"""Processes that cannot be started."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import HOUR, MINUTE, app, container, crashing, ended, node, running, said_of, waiting

_RUNC = "failed to create containerd task: OCI runtime create failed: runc create failed: unable to start container process: "


def scenarios() -> Iterator[Scenario]:
    missing = _RUNC + 'exec: "/app/serve": stat /app/serve: no such file or directory'
    yield fault(
        "the command is not in the image",
        app("checkout", crashing(128, "StartError", message=missing)),
        "CommandNotFound",
        "Deployment/checkout",
    )
    on_path = _RUNC + 'exec: "serve": executable file not found in $PATH: unknown'
    yield fault(
        "the command is not on the path",
        app("checkout", waiting("RunContainerError", on_path)),
        "CommandNotFound",
        "Deployment/checkout",
    )
    denied = _RUNC + 'exec: "/app/serve": permission denied'
    yield fault(
        "the command may not be executed",
        app("checkout", crashing(128, "StartError", message=denied)),
        "CommandNotExecutable",
        "Deployment/checkout",
    )
    cwd = _RUNC + 'chdir to cwd ("/srv/app") set in config.json failed: no such file or directory'
    yield fault(
        "the working directory is absent", app("checkout", crashing(128, "StartError", message=cwd), containers=[container(workingDir="/srv/app")]),
        "WorkingDirectoryWrong", "Deployment/checkout",
    )  # fmt: skip
    platform = _RUNC + 'exec: "/app/serve": exec format error'
    yield fault(
        "the program is of another platform",
        app("checkout", crashing(128, "StartError", message=platform)),
        "ImageWrongPlatform",
        "Deployment/checkout",
    )
    yield fault(
        "no command at all",
        app("checkout", waiting("CreateContainerError", "no command specified")),
        "NoCommand",
        "Deployment/checkout",
    )
    yield fault(
        "a start error that nobody knows",
        app("checkout", waiting("RunContainerError", "the moon")),
        "ContainerStartFails",
        "Deployment/checkout",
    )
    yield fault(
        "a start error without a word",
        app("checkout", waiting("RunContainerError")),
        "ContainerStartFails",
        "Deployment/checkout",
    )
    hooked = app("checkout", crashing(137, restarts=4))
    hook = said_of(hooked, "Pod", "FailedPostStartHook", 'PostStartHook failed: "/bin/warm" exited with 1', count=4)
    yield fault("the post-start hook fails", hook, "PostStartHookFails", "Deployment/checkout")
    yield fault(
        "the post-start hook fails, by its state",
        app("checkout", waiting("PostStartHookError", "exit 1")),
        "PostStartHookFails",
        "Deployment/checkout",
    )
    stop = said_of(app("checkout"), "Pod", "FailedPreStopHook", "PreStopHook failed", seconds_ago=MINUTE)
    yield fault("the pre-stop hook fails", stop, "PreStopHookFails", "Deployment/checkout")
    nowhere = said_of(
        app("checkout", waiting("ContainerCreating")),
        "Pod",
        "FailedCreatePodSandBox",
        "plugin type calico failed (add): no more IPs",
        count=9,
    )
    yield fault("the network plugin has no addresses", [*nowhere, node("node-1")], "PodSandboxFails", "Node/node-1")
    yield fault(
        "placed, and nothing happens",
        app("checkout", waiting("ContainerCreating")),
        "PodStartStalls",
        "Deployment/checkout",
    )
    yield healthy("being made since twenty seconds", app("checkout", waiting("ContainerCreating"), age=20))
    yield healthy(
        "a sandbox failed once before it came",
        said_of(app("checkout"), "Pod", "FailedCreatePodSandBox", "x", seconds_ago=HOUR),
    )
    once = running(seconds=HOUR, restarts=1, last=ended(128, "StartError", seconds_ago=HOUR))
    yield healthy("a start error an hour ago", app("checkout", once))
