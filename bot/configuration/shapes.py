"""What the files look like, before names are checked against each other. Unknown keys and loose types are refused."""

import re
from contextlib import suppress
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, StringConstraints, model_validator

from skills.core.catalog import DNS_LABEL, shown

_SUBJECT = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,127}")
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
_ROOT = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]{1,260}(/[A-Za-z0-9._~/-]{0,200})?")
_LISTEN = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:]+\]):([0-9]{1,5})")


def dns_label(word: str) -> str:
    """`word`, if it may be the name of a service, an environment and the like. Raises `ValueError` otherwise."""
    if DNS_LABEL.fullmatch(word):
        return word
    raise ValueError(
        f"“{shown(word)}” is not a valid name; use lower-case letters, digits and hyphens, 63 at most, all ASCII."
    )


def _subject(word: str) -> str:
    if _SUBJECT.fullmatch(word):
        return word
    raise ValueError(
        f"“{shown(word)}” is not a valid subject; use lower-case letters, digits and `. _ @ + -`, all ASCII."
    )


def _slack_user(word: str) -> str:
    if word.startswith("B") and word.isalnum():
        raise ValueError(f"“{shown(word)}” is the id of a bot; bots are never people.")
    if _SLACK_USER.fullmatch(word):
        return word
    raise ValueError(f"“{shown(word)}” is not a Slack user id; these look like U012ABCDEF (not a display name).")


def address(text: str) -> str:
    """`text`, if it is host:port. Raises `ValueError` with a sentence otherwise."""
    match = _LISTEN.fullmatch(text)
    if match and int(match[2]) < 65536:
        return text
    raise ValueError(f"“{shown(text)}” is not an address; write host:port, for instance 127.0.0.1:3000.")


Name = Annotated[str, AfterValidator(dns_label)]
SubjectName = Annotated[str, AfterValidator(_subject)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Variable = Annotated[str, StringConstraints(pattern=r"^(|[A-Z][A-Z0-9_]{0,100})$")]
ChannelId = Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{2,20}$")]
"""Slack's id of a channel, as “View channel details” shows it; names change."""
Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]


class Shape(BaseModel):
    """Common to all of them."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=False)


class LimitsShape(Shape):
    pending_minutes: Minutes = 15
    start_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    max_replicas: Annotated[int, Field(ge=1, le=10_000)] = 20
    max_pending_per_person: Annotated[int, Field(ge=1, le=1_000)] = 10
    lock_minutes: Minutes = 4 * 60
    max_lock_minutes: Annotated[int, Field(ge=1, le=90 * 24 * 60)] = 7 * 24 * 60
    membership_days: Annotated[int, Field(ge=1, le=3_650)] | None = None

    @model_validator(mode="after")
    def _locks_end(self) -> "LimitsShape":
        if self.lock_minutes > self.max_lock_minutes:
            raise ValueError("lock_minutes is how long a lock usually holds, and cannot be more than max_lock_minutes.")
        return self


class BreakGlassShape(Shape):
    """Who may let a change run in an emergency without those who should have approved it. Absent, nobody may."""

    roles: Annotated[list[Name], Field(min_length=1)]
    minutes: Annotated[int, Field(ge=1, le=60)] = 60
    requester: bool = False


class StoreShape(Shape):
    url: str = ""


class SlackShape(Shape):
    mode: Literal["socket", "http"] = "socket"
    team: Annotated[str, StringConstraints(pattern=r"^(|[TE][A-Z0-9]{2,20})$")] = ""
    listen: Annotated[str, AfterValidator(address)] = "127.0.0.1:3000"
    channels: dict[Name, ChannelId] = {}


class OpaShape(Shape):
    """A policy server. Its token, if it wants one, is in COUNTERSIGN_OPA_TOKEN."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9._:\[\]-]{1,300}/?$")]
    timeout_seconds: Annotated[float, Field(ge=0.05, le=10)] = 2.0


class LogShape(Shape):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "json"


class AllowanceShape(Shape):
    calls_per_hour: Annotated[int, Field(ge=0, le=1_000_000)]
    tokens_per_day: Annotated[int, Field(ge=0, le=10_000_000_000)]
    money_per_day: Annotated[float, Field(ge=0, le=1_000_000)]


class AnsweringShape(Shape):
    """One question that needs several reads. With the time to understand it, its seconds have to fit what a Slack delivery may take."""

    seconds: Annotated[float, Field(ge=1, le=35)] = 30
    reads: Annotated[int, Field(ge=2, le=20)] = 8
    calls: Annotated[int, Field(ge=1, le=20)] = 6
    tokens: Annotated[int, Field(ge=1_000, le=1_000_000)] = 30_000
    answer_tokens: Annotated[int, Field(ge=50, le=20_000)] = 700
    money: Annotated[float, Field(ge=0, le=1_000)] = 0.25


class ModelLimitsShape(Shape):
    tries: Annotated[int, Field(ge=1, le=5)] = 2
    tokens: Annotated[int, Field(ge=500, le=200_000)] = 24_000
    answer_tokens: Annotated[int, Field(ge=50, le=20_000)] = 400
    money: Annotated[float, Field(ge=0, le=1_000)] = 0.25
    answering: AnsweringShape = AnsweringShape()
    person: AllowanceShape = AllowanceShape(calls_per_hour=60, tokens_per_day=300_000, money_per_day=2)
    organization: AllowanceShape = AllowanceShape(calls_per_hour=1_000, tokens_per_day=5_000_000, money_per_day=25)


LONGEST_REQUEST = 40
"""Seconds: a Slack delivery may take 45, of which reading and writing are some."""


class PriceShape(Shape):
    """Of a million tokens."""

    asked: Annotated[float, Field(ge=0, le=10_000)] = 0
    answered: Annotated[float, Field(ge=0, le=10_000)] = 0


class ModelShape(Shape):
    """A language model that helps to read what people write."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,200}$")]
    base_url: Annotated[str, StringConstraints(pattern=r"^(|https?://[^\s@]{1,500})$")] = ""
    timeout_seconds: Annotated[float, Field(ge=0.5, le=30)] = 4.5
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    limits: ModelLimitsShape = ModelLimitsShape()
    price_per_million_tokens: PriceShape = PriceShape()

    @model_validator(mode="after")
    def _in_time(self) -> "ModelShape":
        if self.timeout_seconds + self.limits.answering.seconds > LONGEST_REQUEST:
            raise ValueError(
                f"timeout_seconds and limits.answering.seconds are {LONGEST_REQUEST} together at most, since nobody waits longer."
            )
        return self


class CheckupShape(Shape):
    """The look at a service after a run of ours: what it is compared with, and when."""

    before_seconds: Annotated[int, Field(ge=60, le=24 * 3600)] = 15 * 60
    after_seconds: Annotated[int, Field(ge=5, le=3600)] = 5 * 60


_PUBLIC_KEY = re.compile(r"[^\s+@]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _public_key(text: str) -> str:
    if _PUBLIC_KEY.fullmatch(text):
        return text
    raise ValueError(f"“{shown(text)}” is not a public key; “countersign audit keys” prints them as name+id+base64.")


def _day(text: str) -> str:
    with suppress(ValueError):
        if _DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    raise ValueError(f"“{shown(text)}” is not a day; write it like 2027-06-30.")


PublicKey = Annotated[str, AfterValidator(_public_key)]
Day = Annotated[str, AfterValidator(_day)]


class AuditKeyShape(Shape):
    """A public key. `last` is the number of entries up to which a retired one is trusted; it signs nothing from `expires` on."""

    key: PublicKey
    last: Annotated[int, Field(ge=0)] | None = None
    expires: Day | None = None


class FileAnchorShape(Shape):
    kind: Literal["file"]
    path: Annotated[str, StringConstraints(min_length=1)]


class WitnessShape(Shape):
    kind: Literal["witness"]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]{1,500}$")]
    key: PublicKey


class S3AnchorShape(Shape):
    """A bucket with object lock. Credentials are found as AWS's own tools find them."""

    kind: Literal["s3"]
    bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9/_.-]{0,200}$")] = "countersign/"
    mode: Literal["governance", "compliance"] = "governance"
    days: Annotated[int, Field(ge=1, le=36_500)] = 400
    region: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,40}$")] = ""
    endpoint: Annotated[str, StringConstraints(pattern=r"^(|https?://[^\s@]{1,500})$")] = ""


class SlackAnchorShape(Shape):
    """A channel in which heads are said, at most one in so many minutes."""

    kind: Literal["slack"]
    channel: ChannelId
    every_minutes: Annotated[int, Field(ge=5, le=7 * 24 * 60)] = 60


class RetentionShape(Shape):
    """How long entries stay in the database at least, and after how long what people typed is erased."""

    keep_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    erase_days: Annotated[int, Field(ge=1, le=36_500)] | None = None


class AuditShape(Shape):
    """How the audit log is signed, who may end safe mode, and who may erase personal data."""

    origin: Annotated[str, StringConstraints(pattern=r"^(|[^\s+@]{1,200})$")] = ""
    keys: list[AuditKeyShape] = []
    signer: list[str] = []
    remembered: str = ""
    acknowledge: list[Name] = []
    erase: list[Name] = []
    archive: list[Name] = []
    retention: RetentionShape = RetentionShape()
    anchors: list[
        Annotated[FileAnchorShape | WitnessShape | S3AnchorShape | SlackAnchorShape, Field(discriminator="kind")]
    ] = []


class ReviewShape(Shape):
    """How access is looked through again. `every_days`, where given, opens a campaign by itself."""

    open: list[Name] = []
    every_days: Annotated[int, Field(ge=1, le=3_650)] | None = None
    due_days: Annotated[int, Field(ge=1, le=365)] = 14
    remind_days: Annotated[int, Field(ge=0, le=365)] = 3
    unanswered: Literal["revoke", "escalate"] = "escalate"
    roles: dict[Name, list[SubjectName]] = {}
    teams: dict[Name, list[SubjectName]] = {}
    leads: list[Name] = []
    otherwise: list[Name] = []

    @model_validator(mode="after")
    def _in_order(self) -> "ReviewShape":
        if self.remind_days >= self.due_days:
            raise ValueError("remind_days is before the end, and so has to be less than due_days.")
        if self.every_days and self.every_days <= self.due_days:
            raise ValueError("every_days has to be more than due_days: one review ends before the next begins.")
        return self


class OrganizationShape(Shape):
    """organization.yaml. `roles`, where given, is the complete list, so that a typing mistake elsewhere is found."""

    name: Name
    title: Sentence = ""
    timezone: str = "UTC"
    roles: list[Name] = []
    limits: LimitsShape = LimitsShape()
    checkup: CheckupShape = CheckupShape()
    break_glass: BreakGlassShape | None = None
    store: StoreShape = StoreShape()
    slack: SlackShape = SlackShape()
    log: LogShape = LogShape()
    model: ModelShape | None = None
    opa: OpaShape | None = None
    audit: AuditShape = AuditShape()
    access_review: ReviewShape = ReviewShape()


class PersonShape(Shape):
    """One entry of people.yaml."""

    subject: SubjectName
    name: Sentence
    roles: list[Name] = []
    teams: list[Name] = []
    slack: list[Annotated[str, AfterValidator(_slack_user)]] = []
    aliases: list[SubjectName] = []
    confirmed: str = ""
    active: bool = True
    guest: bool = False


class PeopleShape(RootModel[list[PersonShape]]):
    """people.yaml."""


class SimulatedShape(Shape):
    kind: Literal["simulated"]


class KubernetesShape(Shape):
    kind: Literal["kubernetes"]
    kubeconfig: str = ""
    context: str = ""
    in_cluster: bool = False

    @model_validator(mode="after")
    def _one_way_in(self) -> "KubernetesShape":
        if self.in_cluster and (self.kubeconfig or self.context):
            raise ValueError("in_cluster uses the pod's own account; leave kubeconfig and context out.")
        return self


class SourceShape(Shape):
    """Where releases come from; `releases: unchecked` is short for `releases: {kind: unchecked}`."""

    kind: Literal["simulated", "unchecked"]

    @model_validator(mode="before")
    @classmethod
    def _in_one_word(cls, value: object) -> object:
        return {"kind": value} if isinstance(value, str) else value


def _root(url: str) -> str:
    if _ROOT.fullmatch(url):
        return url
    raise ValueError(f"“{shown(url)}” is not the address of a service; write http://host:port or https://host/path.")


Root = Annotated[str, AfterValidator(_root)]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[@A-Za-z_][A-Za-z0-9_@.-]{0,126}$")]
Auth = Literal["bearer", "basic", "api-key"]


class KubernetesLogsShape(Shape):
    kind: Literal["kubernetes"]


class LokiLabelsShape(Shape):
    """What the labels are called there. `workload` may name one that holds the Deployment's name."""

    namespace: Label = "namespace"
    pod: Label = "pod"
    container: Label = "container"
    workload: Annotated[str, StringConstraints(pattern=r"^([A-Za-z_][A-Za-z0-9_]{0,62})?$")] = ""


class LokiShape(Shape):
    kind: Literal["loki"]
    url: Root
    auth: Auth = "bearer"
    tenant: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!._*'()|-]{0,150}$")] = ""
    labels: LokiLabelsShape = LokiLabelsShape()


class LogFieldsShape(Shape):
    """What the fields of a document are called there."""

    time: FieldName = "@timestamp"
    message: FieldName = "message"
    namespace: FieldName = "kubernetes.namespace"
    pod: FieldName = "kubernetes.pod.name"
    container: FieldName = "kubernetes.container.name"
    level: FieldName = "log.level"
    trace: FieldName = "trace.id"


class OpenSearchShape(Shape):
    kind: Literal["opensearch"]
    url: Root
    auth: Auth = "basic"
    index: Annotated[str, StringConstraints(pattern=r"^[a-z0-9*.][a-z0-9*.,_-]{0,200}$")] = "logs-*"
    fields: LogFieldsShape = LogFieldsShape()


class TracesShape(Shape):
    kind: Literal["jaeger", "zipkin"]
    url: Root
    auth: Auth = "bearer"


class NoMetricsShape(Shape):
    kind: Literal["none"]


class SimulatedMetricsShape(Shape):
    kind: Literal["simulated"]


class PrometheusShape(Shape):
    """A Prometheus server, or what speaks like one. `token` and `password` name environment variables; the secrets are there."""

    kind: Literal["prometheus"]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s@?#]{1,500}$")]
    scope: Annotated[
        str,
        StringConstraints(
            pattern=r"^(|[a-zA-Z_][a-zA-Z0-9_]*=~?\"[^\"{}]{1,200}\"(,[a-zA-Z_][a-zA-Z0-9_]*=~?\"[^\"{}]{1,200}\"){0,9})$"
        ),
    ] = ""
    scrape_seconds: Annotated[int, Field(ge=1, le=600)] = 30
    timeout_seconds: Annotated[float, Field(ge=0.5, le=60)] = 10
    username: Annotated[str, StringConstraints(pattern=r"^[^\s:]{0,200}$")] = ""
    password: Variable = ""
    token: Variable = ""
    ca_file: str = ""

    @model_validator(mode="after")
    def _one_way_to_say_who(self) -> "PrometheusShape":
        if self.token and (self.username or self.password):
            raise ValueError("give a token, or a username and password, and not both.")
        if bool(self.username) != bool(self.password):
            raise ValueError("username and password go together.")
        return self


class EnvironmentShape(Shape):
    """One entry of environments.yaml. Without `namespace`, it is the environment's name; without `logs`, they are the cluster's own."""

    name: Name
    aliases: list[Name] = []
    protected: bool = False
    namespace: Name | None = None
    cluster: Annotated[SimulatedShape | KubernetesShape, Field(discriminator="kind")]
    discover: bool = False
    releases: SourceShape | None = None
    logs: Annotated[KubernetesLogsShape | LokiShape | OpenSearchShape, Field(discriminator="kind")] | None = None
    traces: TracesShape | None = None
    metrics: Annotated[NoMetricsShape | SimulatedMetricsShape | PrometheusShape, Field(discriminator="kind")] | None = (
        None
    )


class EnvironmentsShape(RootModel[list[EnvironmentShape]]):
    """environments.yaml."""
