"""The audit log's part of organization.yaml, with its key from the environment."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from pathlib import Path

from pydantic import SecretStr

from bot.configuration.checking import unknown
from bot.configuration.problems import Problem
from bot.configuration.settings import AuditKeySettings, AuditSettings, FileAnchorSettings, WitnessSettings
from bot.configuration.shapes import AuditShape, FileAnchorShape

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
    for field, named in (("acknowledge", shape.acknowledge), ("erase", shape.erase)):
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
        anchors=tuple(
            FileAnchorSettings(path=Path(each.path).expanduser())
            if isinstance(each, FileAnchorShape)
            else WitnessSettings(url=each.url, key=each.key)
            for each in shape.anchors
        ),
    )
