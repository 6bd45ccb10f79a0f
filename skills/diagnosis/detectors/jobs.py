"""Jobs that fail, and CronJobs that do not run when they should.

Schedules are read as Kubernetes reads them: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from croniter import croniter

from skills.diagnosis.objects import Object, Ref, moment
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Severity, Symptom, detects, evidence, quoted

_RECENT = timedelta(days=1)
_LATE = timedelta(minutes=3)

BACKOFF = Code(
    name="JobFailed",
    title="A job gave up",
    severity=Severity.ERROR,
    depth=Depth.ROLLOUT,
    signals="the Job's condition Failed is True with BackoffLimitExceeded, PodFailurePolicy or MaxFailedIndexesExceeded, within the last day",
    remedy="Read the log of its last pod, mend the cause, and create the job anew: a failed job does not run again.",
)
DEADLINE = Code(
    name="JobDeadlineExceeded",
    title="A job was stopped because it took too long",
    severity=Severity.ERROR,
    depth=Depth.ROLLOUT,
    signals="the Job's condition Failed is True with DeadlineExceeded, within the last day",
    remedy="Raise activeDeadlineSeconds, or see why it takes so long.",
)
SUSPENDED = Code(
    name="CronJobSuspended",
    title="A cron job is suspended",
    severity=Severity.NOTICE,
    depth=Depth.CONFIGURATION,
    signals="spec.suspend is true",
    remedy="Set suspend to false, if it is meant to run.",
)
MISSED = Code(
    name="CronJobMissed",
    title="A cron job did not run when it should have",
    severity=Severity.ERROR,
    depth=Depth.ROLLOUT,
    signals="a time of its schedule passed more than three minutes ago, within its starting deadline, and no job was started for it",
    remedy="See the events of the cron job; a concurrencyPolicy of Forbid waits for a job that never ends.",
)
SCHEDULE = Code(
    name="CronJobScheduleInvalid",
    title="A cron job's schedule cannot be read",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="spec.schedule or spec.timeZone is not valid",
    remedy="Write the schedule as five fields (minute, hour, day, month, weekday) and the time zone by its IANA name.",
)


@detects(BACKOFF, DEADLINE)
def job_failed(scene: Scene) -> Iterator[Symptom]:
    """A job that ended badly a short while ago, unless a later one of the same cron job ended well."""
    for job in scene.all("Job"):
        failed = job.condition("Failed")
        if failed is None or not failed.true or scene.age(failed.since) > _RECENT or _made_good(scene, job):
            continue
        code = DEADLINE if failed.reason == "DeadlineExceeded" else BACKOFF
        root = scene.workload_ref(job)
        why = (
            "it took longer than its deadline"
            if code is DEADLINE
            else f"its pods failed {job.status.get('failed', 0)} times"
        )
        pods = scene.pods(job)
        yield Symptom(
            code=code,
            root=root,
            cause=f"Job {job.name} failed: {why}.",
            evidence=[
                evidence(job.ref, "status.conditions[Failed]", f"{failed.reason}: {failed.message}", failed.since)
            ],
            since=failed.since,
            affected=tuple(dict.fromkeys((job.ref, *(pod.ref for pod in pods)))),
            because_of=tuple(dict.fromkeys((root, job.ref, *(pod.ref for pod in pods)))),
            consequence=f"job {job.name} failed",
            confidence=0.7 if code is BACKOFF else 0.95,
        )


@detects(SUSPENDED, SCHEDULE, MISSED)
def cron_job_does_not_run(scene: Scene) -> Iterator[Symptom]:
    """Held back, unreadable, or late."""
    for cron in scene.all("CronJob"):
        if cron.spec.get("suspend"):
            yield Symptom(
                code=SUSPENDED,
                root=cron.ref,
                cause=f"Cron job {cron.name} is suspended: it does not run.",
                evidence=[evidence(cron.ref, "spec.suspend", "true")],
                consequence=f"{cron.name} is suspended",
            )
            continue
        try:
            due = _last_due(cron, scene.now)
        except (ValueError, LookupError, OSError) as problem:
            yield Symptom(
                code=SCHEDULE,
                root=cron.ref,
                cause=f"The schedule of cron job {cron.name} cannot be read: {quoted(str(cron.spec.get('schedule')))}.",
                evidence=[
                    evidence(cron.ref, "spec.schedule", cron.spec.get("schedule")),
                    evidence(cron.ref, "spec.timeZone", problem),
                ],
                consequence=f"{cron.name} has no valid schedule",
            )
            continue
        if due is not None and _missed(scene, cron, due):
            yield _late(scene, cron, due)


def _last_due(cron: Object, now: datetime) -> datetime | None:
    """The latest moment of the schedule that is past, in UTC; None for “@every …”, which counts from when its controller started.

    Raises where schedule or zone is not valid. A “?” means the same as “*” to Kubernetes.
    """
    text = str(cron.spec.get("schedule", ""))
    zone: tzinfo = ZoneInfo(str(cron.spec["timeZone"])) if cron.spec.get("timeZone") else UTC
    if text.startswith("@every "):
        return None
    due: datetime = croniter(text.replace("?", "*"), now.astimezone(zone)).get_prev(datetime)
    return due.astimezone(UTC)


def _missed(scene: Scene, cron: Object, due: datetime) -> bool:
    """Was it there at that moment, is it late by now, and did nothing start?"""
    from_then = cron.created_at is not None and cron.created_at < due and scene.age(due) > _LATE
    deadline = cron.spec.get("startingDeadlineSeconds")
    given_up = deadline is not None and scene.age(due) > timedelta(seconds=int(deadline)) + _LATE
    started = moment(cron.status.get("lastScheduleTime"))
    changed = _written(cron)
    return bool(
        from_then and not given_up and (started is None or started < due) and (changed is None or changed < due)
    )


def _written(cron: Object) -> datetime | None:
    """When its wish was last written, where that is known: a new schedule does not look back."""
    times = [
        at
        for entry in cron.metadata.get("managedFields") or ()
        if not entry.get("subresource") and (at := moment(entry.get("time")))
    ]
    return max(times, default=None)


def _late(scene: Scene, cron: Object, due: datetime) -> Symptom:
    active = [Ref("Job", cron.namespace, str(each.get("name"))) for each in cron.status.get("active") or ()]
    blocked = cron.spec.get("concurrencyPolicy") == "Forbid" and active
    why = f": job {active[0].name} still runs, and concurrencyPolicy forbids a second one" if blocked else ""
    events = [event for event in scene.events(cron.ref) if event.warning]
    return Symptom(
        code=MISSED,
        root=cron.ref,
        cause=f"Cron job {cron.name} should have run at {due:%Y-%m-%d %H:%M} UTC and did not{why}.",
        evidence=[
            evidence(cron.ref, "status.lastScheduleTime", cron.status.get("lastScheduleTime", "never")),
            *(evidence(cron.ref, f"event {event.reason}", event.message, event.last) for event in events[-2:]),
        ],
        since=due,
        affected=active if blocked else (),
        because_of=active if blocked else (),
        consequence=f"{cron.name} did not run",
        confidence=0.9,
    )


def _made_good(scene: Scene, job: Object) -> bool:
    """Did a later run of the same cron job succeed?"""
    above = scene.controller(job)
    if above is None or job.created_at is None:
        return False
    later = (each for each in scene.children(above, "Job") if each.created_at and each.created_at > job.created_at)
    return any((done := each.condition("Complete")) is not None and done.true for each in later)
