"""Processes that end and should not: each exit code with what it means, in the words of the log where it was read."""

from collections.abc import Iterator, Mapping, Sequence

from skills.diagnosis.detectors.images import WRONG_PLATFORM
from skills.diagnosis.last_words import Named, behind, last_words, named_services
from skills.diagnosis.objects import Role
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Repair, Severity, Symptom, detects
from skills.diagnosis.trouble import Trouble, Unwell, alike, began


def _code(name: str, title: str, signals: str, remedy: str) -> Code:
    return Code(
        name=name, title=title, severity=Severity.ERROR, depth=Depth.PROCESS, signals=signals, remedy=remedy, repair=Repair.ROLLBACK
    )  # fmt: skip


CRASHES = _code(
    "ContainerCrashes", "The process fails and is restarted, again and again",
    "a container waits in CrashLoopBackOff, has ended, or restarts every few minutes, with an exit code that stands for an error of the program",
    "Read the last lines of its log; if it began with a release, roll back.",
)  # fmt: skip
ENDS = _code(
    "ContainerExitsAtOnce", "The process ends without an error, where it should go on",
    "a container of a workload that is always restarted ends with exit code 0, again and again",
    "Start the program in the foreground, or run it as a Job if it is meant to end.",
)  # fmt: skip
NOT_EXECUTABLE = _code(
    "CommandNotExecutable", "The command may not be executed",
    "exit code 126, or the runtime says “permission denied” when it starts the process",
    "Make the file executable in the image, and see that its interpreter and the user that the container runs as are right.",
)  # fmt: skip
NOT_FOUND = _code(
    "CommandNotFound", "The command is not in the image",
    "exit code 127, or the runtime says that the executable file is not found",
    "Correct command and args, or put the program into the image.",
)  # fmt: skip
ABORTED = _code(
    "ContainerAborted", "The process aborts itself",
    "exit code 134 (SIGABRT): a failed assertion, a fatal error of a runtime, or memory that could not be had",
    "Read the last lines of its log: what aborts says why.",
)  # fmt: skip
SEGMENTATION = _code(
    "SegmentationFault", "The process reads memory that is not its own",
    "exit code 139 (SIGSEGV)",
    "Roll back; look at native libraries and whether the image suits the node's processor and C library.",
)  # fmt: skip
KILLED = _code(
    "ContainerKilled", "The process is killed, and Kubernetes does not say by whom",
    "exit code 137 (SIGKILL) without OOMKilled and without a liveness or startup probe",
    "See whether it needs more memory than it has (a child process killed for memory shows like this), or does not end within its grace period.",
)  # fmt: skip
STOPPED = _code(
    "ContainerTerminated", "The process is told to end, and is started again",
    "exit code 143 (SIGTERM) in a pod that is not being deleted, without a liveness or startup probe",
    "Find out what sends the signal: a supervisor inside the container, or somebody at the node.",
)  # fmt: skip
INIT_FAILS = _code(
    "InitContainerFails", "An init container fails, so the pod does not start",
    "an init container ended with an error or waits in CrashLoopBackOff",
    "Read its log: what it prepares or waits for is not there.",
)  # fmt: skip
SIDECAR_FAILS = _code(
    "SidecarFails", "A sidecar fails, so the pod is not ready",
    "an init container with restartPolicy Always ended or waits in CrashLoopBackOff",
    "Read the sidecar's log; its configuration is the usual reason.",
)  # fmt: skip
JOB_FAILS = _code(
    "JobPodFails", "The process of a job fails",
    "a pod of a Job that gave up or failed more than once ended with an error",
    "Read the last lines of its log, mend what it says, and run the job again.",
)  # fmt: skip

_MEANINGS: Mapping[int, tuple[Code, str]] = {
    0: (ENDS, "ends with exit code 0 as if it were done, again and again"),
    1: (CRASHES, "exits with code 1 each time it starts"),
    2: (CRASHES, "exits with code 2 each time it starts, which stands for wrong arguments or, for programs in Go, a panic"),
    126: (NOT_EXECUTABLE, "exits with code 126: its command is found but may not be executed"),
    127: (NOT_FOUND, "exits with code 127: its command is not found in the image"),
    128: (CRASHES, "exits with code 128, an exit status out of range"),
    134: (ABORTED, "aborts itself (exit code 134, SIGABRT)"),
    137: (KILLED, "is killed (exit code 137, SIGKILL), and not for exceeding its memory limit as far as Kubernetes knows"),
    139: (SEGMENTATION, "crashes with a segmentation fault (exit code 139, SIGSEGV)"),
    143: (STOPPED, "is told to end (exit code 143, SIGTERM) and started again"),
    255: (CRASHES, "exits with code 255 each time it starts, which programs use for a failure of any kind"),
}  # fmt: skip
_SIGNALS = {129: "SIGHUP", 130: "SIGINT", 131: "SIGQUIT", 132: "SIGILL", 133: "SIGTRAP", 135: "SIGBUS", 136: "SIGFPE", 141: "SIGPIPE", 159: "SIGSYS"}  # fmt: skip
_BY_ROLE = {Role.INIT: INIT_FAILS, Role.SIDECAR: SIDECAR_FAILS}
_OWN_CODE = (NOT_EXECUTABLE, NOT_FOUND)


@detects(
    CRASHES, ENDS, NOT_EXECUTABLE, NOT_FOUND, ABORTED, SEGMENTATION, KILLED, STOPPED, INIT_FAILS, SIDECAR_FAILS, JOB_FAILS, WRONG_PLATFORM
)  # fmt: skip
def process_ends(scene: Scene) -> Iterator[Symptom]:
    """A process that ends by itself, and nothing else that explains it."""
    for group in alike(scene, Trouble.CRASH):
        words = last_words(scene, group)
        each, line = words.by, words.line
        code, says = _meaning(each, line)
        services = named_services(scene, each.pod.namespace, words)
        yield Symptom(
            code=code,
            root=each.root,
            about=each.container.name,
            cause=f"{each.subject} {says}{_because(line, services)}.",
            evidence=[*each.observed(), *words.evidence],
            since=began(scene, group),
            affected=[one.pod.ref for one in group],
            because_of=behind(scene, services),
            consequence=f"{each.subject} crashes",
            confidence=_confidence(each, line, services),
            remedy=_remedy(services) or words.remedy,
        )


def _meaning(each: Unwell, line: str) -> tuple[Code, str]:
    """What the exit code stands for. What the container is for decides the code, except where the command itself is wrong."""
    if "exec format error" in f"{line} {each.said}".lower():
        return WRONG_PLATFORM, "cannot run on its node: its program was built for another platform"
    if not each.run:
        return _BY_ROLE.get(
            each.container.role, CRASHES
        ), "is restarted again and again, and how it ends is not recorded"
    signal = _SIGNALS.get(each.exit_code)
    named = f" ({signal})" if signal else ""
    code, says = _MEANINGS.get(
        each.exit_code, (CRASHES, f"exits with code {each.exit_code}{named} each time it starts")
    )
    if not each.container.restarts:
        says = says.replace(" each time it starts", "").replace(", again and again", "")
    if code in _OWN_CODE:
        return code, says
    if each.root.kind in ("Job", "CronJob") and each.container.role is not Role.INIT:
        return JOB_FAILS, says
    return _BY_ROLE.get(each.container.role, code), says


def _because(line: str, services: Sequence[Named]) -> str:
    if not line:
        return ""
    missing = ", ".join(dict.fromkeys(f"there is no Service {each.ref.name}" for each in services if not each.exists))
    return f": “{line}”" + (f" ({missing})" if missing else "")


def _confidence(each: Unwell, line: str, services: Sequence[Named]) -> float:
    """Surer with the log's own words; below what it depends on, so that this comes after it."""
    if not each.run:
        return 0.7
    return 0.9 if services or not line else 0.95


def _remedy(services: Sequence[Named]) -> str:
    missing = [each.ref.name for each in services if not each.exists]
    return f"Create the Service {missing[0]}, or correct the name that the program is given." if missing else ""
