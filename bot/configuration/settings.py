"""What a configuration says, once it has been found to make sense. Frozen; holds no mistakes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import SecretStr

from bot.configuration.costs import CostSettings
from skills.core.budget import Budget
from skills.core.calendar import Calendar
from skills.core.catalog import Catalog, Environment
from skills.core.glass import GlassRules
from skills.core.names import Digest, Organization, Subject
from skills.core.policy import Rule
from skills.core.rotation import Duty
from skills.costing.prices import PriceSheet


@dataclass(frozen=True, kw_only=True)
class OrganizationSettings:
    """Whose bot this is. `timezone` is for times shown to people and times written in policies; everything stored is UTC."""

    name: Organization
    title: str
    timezone: tzinfo
    timezone_name: str


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long things wait and how much may be asked for."""

    pending_minutes: int = 15
    start_minutes: int = 5
    max_replicas: int = 20
    max_pending_per_person: int = 10
    lock_minutes: int = 240
    max_lock_minutes: int = 10_080
    membership_days: int | None = None

    @property
    def pending(self) -> timedelta:
        """How long a proposal waits for approval before it expires."""
        return timedelta(minutes=self.pending_minutes)

    @property
    def membership(self) -> timedelta | None:
        """How long after they were confirmed roles and teams count; None where they always do."""
        return timedelta(days=self.membership_days) if self.membership_days else None

    @property
    def start(self) -> timedelta:
        """How long after its last approval a run may still start."""
        return timedelta(minutes=self.start_minutes)


@dataclass(frozen=True, kw_only=True)
class CheckupSettings:
    """How long before a run counts as before, and how long after its end its service is looked at again."""

    before: timedelta = timedelta(minutes=15)
    after: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class SimulatedCluster:
    """The cluster of the demo, in process."""

    kind: Literal["simulated"] = "simulated"


@dataclass(frozen=True, kw_only=True)
class KubernetesCluster:
    """A real one. `kubeconfig` is a path (several joined as in KUBECONFIG); empty when `in_cluster`. An empty `context` is the current one."""

    kubeconfig: str = ""
    context: str = ""
    in_cluster: bool = False
    kind: Literal["kubernetes"] = "kubernetes"


ClusterSettings: TypeAlias = SimulatedCluster | KubernetesCluster


Auth: TypeAlias = Literal["bearer", "basic", "api-key"]


@dataclass(frozen=True, kw_only=True)
class LokiSettings:
    """A Loki that keeps logs. `labels` are what it calls namespace, pod, container and, if it has such a label, workload."""

    url: str
    auth: Auth
    tenant: str
    labels: Mapping[str, str]
    key: SecretStr | None
    kind: Literal["loki"] = "loki"


@dataclass(frozen=True, kw_only=True)
class OpenSearchSettings:
    """An OpenSearch or Elasticsearch that keeps logs. `fields` are what it calls what a line is made of."""

    url: str
    auth: Auth
    index: str
    fields: Mapping[str, str]
    key: SecretStr | None
    kind: Literal["opensearch"] = "opensearch"


@dataclass(frozen=True, kw_only=True)
class TracesSettings:
    """A Jaeger or Zipkin that keeps traces."""

    kind: Literal["jaeger", "zipkin"]
    url: str
    auth: Auth
    key: SecretStr | None


@dataclass(frozen=True, kw_only=True)
class SimulatedMetrics:
    """The signals of the simulated cluster."""

    kind: Literal["simulated"] = "simulated"


@dataclass(frozen=True, kw_only=True)
class PrometheusSettings:
    """A Prometheus server. `scope` are label matchers that tell this environment from others there; it scrapes every `scrape_seconds`."""

    url: str
    scope: str
    scrape_seconds: int
    timeout_seconds: float
    username: str
    password: SecretStr | None
    token: SecretStr | None
    ca_file: str
    kind: Literal["prometheus"] = "prometheus"


MetricsSettings: TypeAlias = SimulatedMetrics | PrometheusSettings


@dataclass(frozen=True, kw_only=True)
class EnvironmentSettings:
    """An environment and how to reach it. `releases` says whether images can be looked up or are taken as named.

    Without `logs`, the cluster is asked for them; without `traces`, there are none (but for those of the simulated cluster); without
    `metrics` nothing is measured there.
    """

    environment: Environment
    cluster: ClusterSettings
    discover: bool
    releases: Literal["simulated", "unchecked"]
    logs: LokiSettings | OpenSearchSettings | None = None
    traces: TracesSettings | None = None
    metrics: MetricsSettings | None = None


@dataclass(frozen=True, kw_only=True)
class StoreSettings:
    """Where state and audit live: an SQLAlchemy URL with an async driver, secret because it may hold a password."""

    url: SecretStr


@dataclass(frozen=True, kw_only=True)
class SlackSettings:
    """How Slack reaches us. An empty `team` accepts whatever team the token belongs to; an empty `api_url` is Slack's own.

    `channels` are the ids of channels by what is said there; `announcements` is for whatever has none of its own.
    """

    mode: Literal["socket", "http"]
    team: str
    host: str
    port: int
    channels: Mapping[str, str]
    api_url: str
    bot_token: SecretStr | None
    app_token: SecretStr | None
    signing_secret: SecretStr | None

    @property
    def missing(self) -> tuple[str, ...]:
        """The environment variables that this mode needs and that are not set."""
        needed = {"SLACK_BOT_TOKEN": self.bot_token}
        if self.mode == "socket":
            needed["SLACK_APP_TOKEN"] = self.app_token
        else:
            needed["SLACK_SIGNING_SECRET"] = self.signing_secret
        return tuple(name for name, value in needed.items() if value is None)


@dataclass(frozen=True, kw_only=True)
class LogSettings:
    """What is logged and how: `json` for machines, `text` for a terminal."""

    level: Literal["debug", "info", "warning", "error"]
    format: Literal["json", "text"]


@dataclass(frozen=True, kw_only=True)
class AllowanceSettings:
    """What somebody may use of a model. Money is in the unit of the price."""

    calls_per_hour: int
    tokens_per_day: int
    money_per_day: float


@dataclass(frozen=True, kw_only=True)
class AnsweringSettings:
    """What the answer to one question may use that needs several reads. Money is in the unit of the price."""

    seconds: float
    reads: int
    calls: int
    tokens: int
    answer_tokens: int
    money: float


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """A language model. An empty `base_url` is the provider's own; `timeout_seconds` bounds a whole request, tries included.

    `tries`, `tokens`, `answer_tokens` and `money` are limits of understanding one request; prices are for a million tokens, and 0 where they cost nothing.
    """

    name: str
    base_url: str
    timeout_seconds: float
    temperature: float | None
    key: SecretStr | None
    tries: int
    tokens: int
    answer_tokens: int
    money: float
    answering: AnsweringSettings
    person: AllowanceSettings
    organization: AllowanceSettings
    price_asked: float
    price_answered: float


@dataclass(frozen=True, kw_only=True)
class OpaSettings:
    """An OPA server that decides instead of this process."""

    url: str
    timeout_seconds: float
    token: SecretStr | None


@dataclass(frozen=True, kw_only=True)
class PolicySettings:
    """Who may do what: rules and times from YAML; `modules` and `tests` are the organization's own Rego by file name, unread as yet.

    With a `server`, rules and modules are what `policy bundle` writes for it, and it decides. `fingerprint` changes with anything of these that may change a decision.
    """

    rules: tuple[Rule, ...]
    calendar: Calendar
    modules: Mapping[str, str]
    tests: Mapping[str, str]
    server: OpaSettings | None
    fingerprint: Digest


@dataclass(frozen=True, kw_only=True)
class AuditKeySettings:
    """A public key by which checkpoints of the audit log are trusted, as signed notes spell it.

    A retired one is trusted up to `last` entries; from `expires` on, nothing is signed with it.
    """

    key: str
    last: int | None
    expires: date | None


@dataclass(frozen=True, kw_only=True)
class FileAnchorSettings:
    """A file to which signed heads of the audit log are appended."""

    path: Path


@dataclass(frozen=True, kw_only=True)
class WitnessSettings:
    """A witness that signs heads of the audit log, too; `url` is its submission prefix."""

    url: str
    key: str


@dataclass(frozen=True, kw_only=True)
class S3AnchorSettings:
    """A bucket that locks what is put into it, for so many days."""

    bucket: str
    prefix: str
    mode: Literal["governance", "compliance"]
    days: int
    region: str
    endpoint: str


@dataclass(frozen=True, kw_only=True)
class SlackAnchorSettings:
    """A channel in Slack in which heads are said, at most one each `every`."""

    channel: str
    every: timedelta


AnchorSettings: TypeAlias = FileAnchorSettings | WitnessSettings | S3AnchorSettings | SlackAnchorSettings


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """How the audit log is signed. `signer` is a command, where the key is not here; `remembered` is the file of the last head seen.

    `acknowledge` are the roles that may end safe mode, `erase` those that may erase personal data, `archive` those that may move old entries
    out of the database, of which none leaves it before it is `keep` old; without that, none does. What people typed is erased when it is
    `erase_after` old.
    """

    origin: str
    keys: tuple[AuditKeySettings, ...]
    signer: tuple[str, ...]
    key: SecretStr | None
    key_file: Path | None
    remembered: Path
    acknowledge: tuple[str, ...]
    erase: tuple[str, ...]
    archive: tuple[str, ...]
    keep: timedelta | None
    erase_after: timedelta | None
    anchors: tuple[AnchorSettings, ...]


@dataclass(frozen=True, kw_only=True)
class ReviewSettings:
    """How access is looked through again.

    `roles` and `teams` name who answers for one of them; in a team without such, its own people with a role among `leads` do; for the
    rest, and for what nobody answered in time, people with a role among `otherwise` do. With `every`, the clock opens a campaign; `open` are the roles whose bearers may.
    """

    open: tuple[str, ...] = ()
    every: timedelta | None = None
    due: timedelta = timedelta(days=14)
    remind: timedelta = timedelta(days=3)
    unanswered: Literal["revoke", "escalate"] = "escalate"
    roles: Mapping[str, tuple[Subject, ...]] = field(default_factory=dict)
    teams: Mapping[str, tuple[Subject, ...]] = field(default_factory=dict)
    leads: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PagerDutySettings:
    """PagerDuty, and as whom. `services` are ids there by our names, `routing_keys` those of Events API v2 integrations on them, `people` user ids."""

    token: SecretStr
    sender: str
    services: Mapping[str, str]
    routing_keys: Mapping[str, SecretStr | None]
    people: Mapping[str, str]
    api_url: str
    events_url: str


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One organization's whole configuration.

    `data` is the folder for what the bot writes; it may not exist yet. `fingerprint` changes with the content of the files (comments
    and layout aside) and holds no secret. Without `prices`, nobody can tell what anything costs; without `break_glass`, nobody breaks any.
    `costs` says where costs are read. Without `alertmanager_secret`, nobody can send alerts.
    """

    folder: Path
    data: Path
    organization: OrganizationSettings
    limits: Limits
    checkup: CheckupSettings
    break_glass: GlassRules | None
    catalog: Catalog
    policy: PolicySettings
    environments: tuple[EnvironmentSettings, ...]
    store: StoreSettings
    slack: SlackSettings
    log: LogSettings
    model: ModelSettings | None
    audit: AuditSettings
    reviews: ReviewSettings
    prices: PriceSheet | None
    costs: CostSettings
    budgets: tuple[Budget, ...]
    duty: Duty
    pagerduty: PagerDutySettings | None
    alertmanager_secret: SecretStr | None
    fingerprint: Digest

    @property
    def simulated(self) -> bool:
        """Is every cluster the simulated one?"""
        return all(environment.cluster.kind == "simulated" for environment in self.environments)
