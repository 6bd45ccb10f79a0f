"""The audit log's part of organization.yaml, with its key from the environment."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.configuration.checking import unknown
from bot.configuration.problems import Problem
from bot.configuration.settings import (
    AnchorSettings,
    AuditKeySettings,
    AuditSettings,
    FileAnchorSettings,
    S3AnchorSettings,
    SlackAnchorSettings,
    WitnessSettings,
)
from bot.configuration.shapes import AuditShape, FileAnchorShape, S3AnchorShape, SlackAnchorShape, WitnessShape

KEY = "COUNTERSIGN_AUDIT_KEY"


def audit(
    shape: AuditShape,
    environ: Mapping[str, str],
    *,
    organization: str,
    data: Path,
    roles: AbstractSet[str],
    problems: list[Problem],
) -> AuditSettings:
    """The settings. What a key file holds is read when something is signed, not here: it may be on a disk that is slow to come."""
    for field, named in (("acknowledge", shape.acknowledge), ("erase", shape.erase), ("archive", shape.archive)):
        for role in named:
            if role not in roles:
                text = unknown("role", role, sorted(roles))
                problems.append(Problem(file="organization.yaml", line=0, field=f"audit.{field}", text=text))
    key, file = environ.get(KEY, "").strip(), environ.get(f"{KEY}_FILE", "").strip()
    if sum(map(bool, (key, file, shape.signer))) > 1:
        text = f"more than one of {KEY}, {KEY}_FILE and audit.signer is set; keep one of them."
        problems.append(Problem(file="organization.yaml", line=0, field="audit", text=text))
    return AuditSettings(
        origin=shape.origin or f"countersign/{organization}",
        keys=tuple(
            AuditKeySettings(
                key=each.key, last=each.last, expires=date.fromisoformat(each.expires) if each.expires else None
            )
            for each in shape.keys
        ),
        signer=tuple(shape.signer),
        key=SecretStr(key) if key else None,
        key_file=Path(file).expanduser() if file else None,
        remembered=Path(shape.remembered).expanduser() if shape.remembered else data / "audit-head.json",
        acknowledge=tuple(shape.acknowledge),
        erase=tuple(shape.erase),
        archive=tuple(shape.archive),
        keep=_days(shape.retention.keep_days),
        erase_after=_days(shape.retention.erase_days),
        anchors=tuple(_anchor(each) for each in shape.anchors),
    )


def _days(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(days=count)


def _anchor(shape: FileAnchorShape | WitnessShape | S3AnchorShape | SlackAnchorShape) -> AnchorSettings:
    match shape:
        case FileAnchorShape():
            return FileAnchorSettings(path=Path(shape.path).expanduser())
        case WitnessShape():
            return WitnessSettings(url=shape.url, key=shape.key)
        case SlackAnchorShape():
            return SlackAnchorSettings(channel=shape.channel, every=timedelta(minutes=shape.every_minutes))
        case S3AnchorShape():
            return S3AnchorSettings(
                bucket=shape.bucket,
                prefix=shape.prefix,
                mode=shape.mode,
                days=shape.days,
                region=shape.region,
                endpoint=shape.endpoint,
            )
