"""Alertmanager's webhook, version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.store.alerts import Arrived
from skills.core.catalog import Catalog
from skills.core.errors import BadInput
from skills.core.ports.alerts import Alert
from skills.core.untrusted import Untrusted
from skills.diagnosis.alerting import about

SOURCE = "alertmanager"
_LONGEST_NAME, _LONGEST_SUMMARY, _LONGEST_LINK = 200, 500, 1000
_SEVERITIES = ("critical", "page", "error", "warning", "info", "none")
_SUMMARIES = ("summary", "message", "description")


class _Told(BaseModel):
    """One alert of a delivery. What is not named here is left alone."""

    model_config = ConfigDict(extra="ignore")

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: AwareDatetime = Field(alias="startsAt")
    ends_at: AwareDatetime | None = Field(default=None, alias="endsAt")
    generator_url: str = Field(default="", alias="generatorURL")
    fingerprint: str = ""


class _Delivery(BaseModel):
    model_config = ConfigDict(extra="ignore")

    version: Literal["4"]
    alerts: list[_Told]


def read(body: bytes, catalog: Catalog) -> Sequence[Arrived]:
    """The alerts of a delivery. Raises `BadInput`, saying what is wrong with it."""
    try:
        delivery = _Delivery.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        message = str(first["msg"])
        raise BadInput(
            f"This is no delivery of Alertmanager, version 4: {f'{field}: ' if field else ''}{message[:1].lower()}{message[1:]}."
        ) from error
    return [_arrived(each, catalog) for each in delivery.alerts]


def _arrived(told: _Told, catalog: Catalog) -> Arrived:
    labels = {key: Untrusted(value) for key, value in told.labels.items()}
    names = about(Alert(name=Untrusted(told.labels.get("alertname", "")), since=told.starts_at, labels=labels), catalog)
    environment = next(
        (
            each.name
            for each in catalog.environments
            if names.namespace and names.namespace in (each.namespace, names.service and names.service.namespace)
        ),
        "",
    )
    return Arrived(
        source=SOURCE,
        fingerprint=_fingerprint(told),
        name=(told.labels.get("alertname") or "an alert without a name")[:_LONGEST_NAME],
        summary=_first(told.annotations, _SUMMARIES)[:_LONGEST_SUMMARY],
        service=names.service.name if names.service else "",
        environment=environment,
        severity=_severity(told.labels),
        link=_link(told.generator_url),
        started_at=told.starts_at.astimezone(UTC),
        ended_at=_ended(told),
    )


def _ended(told: _Told) -> datetime | None:
    """A firing alert carries a year-one end, or the moment at which it would be given up."""
    if told.status == "firing":
        return None
    ended = (told.ends_at or told.starts_at).astimezone(UTC)
    return max(ended, told.starts_at.astimezone(UTC))


def _fingerprint(told: _Told) -> str:
    """Alertmanager's own, or else one of the labels, which are what makes an alert itself."""
    if 0 < len(told.fingerprint) <= 64 and told.fingerprint.isalnum():
        return told.fingerprint
    labels = "\n".join(f"{key}={value}" for key, value in sorted(told.labels.items()))
    return hashlib.sha256(labels.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _severity(labels: Mapping[str, str]) -> str:
    said = labels.get("severity", "").lower()
    return said if said in _SEVERITIES else ""


def _link(url: str) -> str:
    """An address of the web without a password in it, or nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    fit = parts.scheme in ("http", "https") and parts.hostname and not parts.username and len(url) <= _LONGEST_LINK
    return url if fit and url.isascii() and url.isprintable() and " " not in url else ""


def _first(texts: Mapping[str, str], names: Sequence[str]) -> str:
    return next((texts[name] for name in names if texts.get(name)), "")
