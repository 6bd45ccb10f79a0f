"""The description of the embedded world, as read from `config/simulation.yaml`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import yaml
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from integrations.memory.economy import Economy, ServicePast
from skills.core.errors import BadInput
from skills.core.images import ImageReference

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where its library is there


class Conduct(StrEnum):
    """What the containers of an image do once they are asked to run."""

    HEALTHY = "healthy"
    CRASH = "crash"
    ABSENT = "absent"
    SLOW = "slow"


def _in_utc(value: object) -> object:
    """YAML reads a time that ends in Z as aware, and one without a zone as naive; the latter means UTC here."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


Moment: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_in_utc)]


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SimulatedRelease(_Described):
    """One version. `digest` is derived from the image's name if it is not given; `seconds` is how long a slow one takes to become ready.

    `failing` is the share of requests that it answers with an error of its own making, and `slower` how many times as long it takes to
    answer as others do.
    """

    created_at: Moment
    conduct: Conduct = Conduct.HEALTHY
    digest: str = Field(default="", pattern=r"^(sha256:[0-9a-f]{64})?$")
    exit_code: int = Field(default=1, ge=1, le=255)
    log: tuple[str, ...] = ()
    seconds: float = Field(default=30.0, gt=0)
    failing: float = Field(default=0.0, ge=0, le=1)
    slower: float = Field(default=1.0, gt=0, le=1000)


class SimulatedSignals(_Described):
    """What a service looks like to a metrics server on a good day: requests a second, the share that fails, seconds that half and 95 of
    100 requests take at most, and what its pods use of what they may.
    """

    requests: float = Field(default=25.0, ge=0)
    failing: float = Field(default=0.001, ge=0, le=1)
    p50: float = Field(default=0.040, gt=0)
    p95: float = Field(default=0.160, gt=0)
    cpu: float = Field(default=0.30, ge=0)
    memory: float = Field(default=0.55, ge=0)


class SimulatedResources(_Described):
    """What a pod requests, and how much memory it may have at most, as Kubernetes spells quantities."""

    cpu: str = Field(default="100m", pattern=r"^[0-9.]+m?$")
    memory: str = Field(default="128Mi", pattern=r"^[0-9.]+[KMG]i$")
    limit: str = Field(default="256Mi", pattern=r"^[0-9.]+[KMG]i$")


class SimulatedEnvironment(_Described):
    """A cluster of its own, with one namespace."""

    namespace: str
    economy: Economy = Economy()


class SimulatedService(_Described):
    """A Deployment in every environment that `replicas` names. `history` are the versions it ran, oldest first; the last one runs now.

    `log` is what a healthy pod of it writes, one line every few seconds and over again; `{trace}` in it is the id of the trace that its
    requests then have. Such a trace has a span for `operation`, of which the service itself takes `milliseconds`, and within it those of the
    services that it `calls`. Without an operation it leaves no traces.
    """

    image: str
    container: str = "app"
    replicas: Mapping[str, Annotated[int, Field(ge=0, le=100)]]
    history: tuple[str, ...] = Field(min_length=1)
    log: tuple[str, ...] = ()
    operation: str = ""
    milliseconds: float = Field(default=20.0, gt=0, le=60_000)
    calls: tuple[str, ...] = ()
    releases: Mapping[str, SimulatedRelease]
    signals: SimulatedSignals = SimulatedSignals()
    resources: SimulatedResources = SimulatedResources()
    past: ServicePast = ServicePast()

    def digest_of(self, version: str) -> str:
        """The digest of the image of `version`: the one given, or the SHA-256 of its name, which is as good in a world without bytes."""
        given = self.releases[version].digest
        return given or f"sha256:{sha256(f'{self.image}:{version}'.encode()).hexdigest()}"

    @model_validator(mode="after")
    def _hangs_together(self) -> "SimulatedService":
        _check_image(self.image)
        unknown = [version for version in self.history if version not in self.releases]
        if unknown:
            raise ValueError(f"history names releases that are not listed: {', '.join(unknown)}")
        return self


class Simulation(_Described):
    """A whole embedded world. `pod_seconds` is how long a pod takes from its creation to being ready."""

    pod_seconds: float = Field(default=1.2, gt=0, le=3600)
    environments: Mapping[str, SimulatedEnvironment] = Field(default_factory=dict)
    services: Mapping[str, SimulatedService] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _places_exist(self) -> "Simulation":
        for name, service in self.services.items():
            unknown = [environment for environment in service.replicas if environment not in self.environments]
            if unknown:
                raise ValueError(f"{name} has replicas in environments that are not listed: {', '.join(unknown)}")
            strangers = [called for called in service.calls if called not in self.services]
            if strangers:
                raise ValueError(f"{name} calls what is not listed: {', '.join(strangers)}")
            if name in self._reached(name):
                raise ValueError(f"{name} calls itself in the end; a request would never be answered")
        return self

    def _reached(self, name: str) -> set[str]:
        """Whom the requests to a service reach by its calls."""
        found: set[str] = set()
        waiting = list(self.services[name].calls)
        while waiting:
            called = waiting.pop()
            if called not in found and called in self.services:
                found.add(called)
                waiting += self.services[called].calls
        return found

    def namespace(self, environment: str) -> str:
        """The namespace of an environment; "default" for one that is not described."""
        known = self.environments.get(environment)
        return known.namespace if known else "default"

    def release_of(self, image: str) -> SimulatedRelease | None:
        """The release that a whole image reference names, by its digest if it has one; None if the table does not know it."""
        try:
            reference = ImageReference.parse(image)
        except BadInput:
            return None
        for service in self.services.values():
            if service.image == reference.repository:
                if not reference.digest:
                    return service.releases.get(reference.tag)
                return next((r for v, r in service.releases.items() if service.digest_of(v) == reference.digest), None)
        return None

    @classmethod
    def load(cls, path: Path) -> "Simulation":
        """Read a world from a YAML file. Raises `BadInput` naming the file, the line and the field that is wrong."""
        try:
            text = path.read_text(encoding="utf-8")
            return cls.model_validate(yaml.load(text, Loader=_LOADER) or {})  # noqa: S506 - a safe one
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise BadInput(f"{path} cannot be read: {why}.") from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f", line {mark.line + 1}" if mark else ""
            raise BadInput(
                f"{path}{line} is not YAML: {getattr(error, 'problem', None) or 'it cannot be parsed'}."
            ) from error
        except ValidationError as error:
            raise BadInput(_first_complaint(path, yaml.compose(text, Loader=_LOADER), error)) from error


def _check_image(image: str) -> None:
    try:
        reference = ImageReference.parse(image)
    except BadInput as error:
        raise ValueError(error.text) from error
    if reference.tag or reference.digest:
        raise ValueError("image is a repository, without a tag or digest")


def _first_complaint(path: Path, root: yaml.Node | None, error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "the file"
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"{path}, line {_line_of(root, first['loc'])}: {field}: {message[:1].lower()}{message[1:]}."


def _line_of(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """The line, counted from 1, of the deepest part of `location` that is in the file."""
    line = node.start_mark.line + 1 if node else 1
    for part in location:
        entry = _entry(node, part)
        if entry is None:
            break
        line, node = entry
    return line


def _entry(node: yaml.Node | None, part: int | str) -> tuple[int, Any] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark.line + 1, value) for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None
