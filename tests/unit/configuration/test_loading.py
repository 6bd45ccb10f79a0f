"""What a configuration that makes sense says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.configuration import (
    CheckupSettings,
    Configuration,
    ConfigurationError,
    KubernetesCluster,
    Problem,
    PrometheusSettings,
    load,
)
from skills.core.actor import Actor
from skills.core.calendar import Once
from skills.core.catalog import MetricsHints
from skills.core.plan import Risk
from skills.core.policy import Request
from skills.core.registry import discover
from skills.core.skill import Kind
from skills.core.verdict import Outcome
from tests.support.policies import judge

DEMO = Path(__file__).parents[3] / "config"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo() -> Configuration:
    return load(DEMO, {}, skills=[skill.name for skill in discover()])


async def judged(demo: Configuration, who: str, skill: str, where: str, risk: Risk = Risk.LOW) -> tuple[Outcome, int]:
    services = (demo.catalog.service("checkout"),)
    actor = demo.catalog.person(who).actor
    request = Request(
        actor=actor, skill=skill, kind=Kind.CHANGE, now=NOW, services=services, environments=(where,), risk=risk
    )
    verdict = await judge(*demo.policy.rules, catalog=demo.catalog).judge(request)
    return verdict.outcome, verdict.approvals_needed


def test_the_demo_is_a_complete_configuration(demo: Configuration) -> None:
    assert (demo.organization.name, demo.organization.title) == ("acme", "Acme Platform")
    assert [service.name for service in demo.catalog.services] == ["checkout", "payments-api", "search", "web"]
    assert [each.name for each in demo.catalog.environments] == ["staging", "production"]
    assert [(person.actor.subject, person.slack) for person in demo.catalog.people] == [
        ("dev", ("U01DEV",)),
        ("sre", ("U02SRE",)),
        ("lead", ("U03LEAD",)),
        ("guest", ("U04GUEST",)),
    ]
    assert demo.simulated
    assert demo.limits.pending == timedelta(minutes=15)
    assert demo.limits.start == timedelta(minutes=5)


def test_the_demo_knows_names_and_what_depends_on_what(demo: Configuration) -> None:
    assert demo.catalog.service("shop-checkout").name == "checkout"
    assert demo.catalog.service("payments").name == "payments-api"
    assert demo.catalog.environment("live").name == "production"
    assert demo.catalog.dependents(demo.catalog.service("payments-api").name) == ("checkout", "web")
    assert demo.catalog.service("checkout").owner == "shop"
    assert demo.catalog.service("payments-api").min_replicas == 2


async def test_the_demo_lets_anybody_with_a_role_change_staging_and_asks_a_second_person_for_production(
    demo: Configuration,
) -> None:
    for who in ("dev", "sre", "lead"):
        assert await judged(demo, who, "deploy", "staging") == (Outcome.ALLOW, 0)
        assert await judged(demo, who, "deploy", "production", Risk.MEDIUM) == (Outcome.NEEDS, 1)
        assert await judged(demo, who, "deploy", "production", Risk.HIGH) == (Outcome.NEEDS, 1)
    assert await judged(demo, "guest", "status", "staging") == (Outcome.DENY, 0)


def test_a_freeze_is_in_the_organizations_time_or_its_own(demo: Configuration) -> None:
    (freeze,) = demo.policy.calendar.freezes
    assert isinstance(freeze.times, Once)
    assert freeze.times.span.start == datetime(2025, 12, 24, 11, 0, tzinfo=UTC)
    assert freeze.times.span.end == datetime(2026, 1, 2, 7, 0, tzinfo=UTC)
    assert freeze.except_skills == ("rollback",)


def test_a_guest_stays_a_guest_and_a_leaver_inactive(folder: Path) -> None:
    (folder / "people.yaml").write_text("- {subject: ann, name: Ann, roles: [sre], active: false}\n")
    actor = load(folder, {}).catalog.person("ann").actor
    assert actor == Actor(
        subject=actor.subject, name="Ann", organization=actor.organization, roles=frozenset({"sre"}), active=False
    )


def test_state_goes_to_sqlite_in_the_data_folder_unless_told_otherwise(folder: Path) -> None:
    def url(**environ: str) -> str:
        return load(folder, environ).store.url.get_secret_value()

    assert url() == "sqlite+aiosqlite:///.countersign/countersign.sqlite3"
    assert url(COUNTERSIGN_DATA="/var/lib/bot") == "sqlite+aiosqlite:////var/lib/bot/countersign.sqlite3"
    assert url(COUNTERSIGN_DATABASE_URL="postgres://bot:pw@db/bot") == "postgresql+psycopg://bot:pw@db/bot"
    with (folder / "organization.yaml").open("a") as file:
        file.write("store: {url: postgresql://db/bot}\n")
    assert url() == "postgresql+psycopg://db/bot"
    assert url(COUNTERSIGN_DATABASE_URL="sqlite:///x.db") == "sqlite+aiosqlite:///x.db"


def test_secrets_come_from_variables_or_the_files_they_name(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "signing").write_text("s3cret\n")
    environ = {"SLACK_BOT_TOKEN": "xoxb-1-verysecret", "SLACK_SIGNING_SECRET_FILE": str(tmp_path / "signing")}
    configuration = load(folder, environ)
    slack = configuration.slack
    assert slack.bot_token is not None
    assert slack.bot_token.get_secret_value() == "xoxb-1-verysecret"
    assert slack.signing_secret is not None
    assert slack.signing_secret.get_secret_value() == "s3cret"
    assert slack.missing == ("SLACK_APP_TOKEN",)
    assert "verysecret" not in repr(configuration)
    assert "s3cret" not in repr(configuration)


def test_http_needs_a_signing_secret_and_no_app_token(folder: Path) -> None:
    text = (folder / "organization.yaml").read_text()
    (folder / "organization.yaml").write_text(text.replace("mode: socket", "mode: http"))
    slack = load(folder, {"SLACK_API_URL": "http://127.0.0.1:3900/api/"}).slack
    assert slack.missing == ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET")
    assert (slack.host, slack.port, slack.api_url) == ("127.0.0.1", 3000, "http://127.0.0.1:3900/api/")


@pytest.mark.parametrize(
    ("cluster", "expected"),
    [
        ("{kind: kubernetes}", KubernetesCluster(kubeconfig="/home/ann/.kube/config")),
        (
            "{kind: kubernetes, kubeconfig: ~/k, context: prod}",
            KubernetesCluster(kubeconfig="/home/ann/k", context="prod"),
        ),
        ("{kind: kubernetes, kubeconfig: '${ROOT}/k'}", KubernetesCluster(kubeconfig="/etc/clusters/k")),
        ("{kind: kubernetes, in_cluster: true}", KubernetesCluster(in_cluster=True)),
    ],
)
def test_a_cluster_is_reached_by_kubeconfig_or_from_within(
    folder: Path, cluster: str, expected: KubernetesCluster
) -> None:
    environments = f"- {{name: staging, cluster: {cluster}, namespace: shop, discover: true}}\n- {{name: production, cluster: {{kind: simulated}}}}\n"
    (folder / "environments.yaml").write_text(environments)
    staging, production = load(folder, {"HOME": "/home/ann", "ROOT": "/etc/clusters"}).environments
    assert staging.cluster == expected
    assert (staging.discover, staging.releases, staging.environment.namespace) == (True, "unchecked", "shop")
    assert (production.discover, production.releases, production.environment.namespace) == (
        False,
        "simulated",
        "production",
    )


def test_kubeconfig_falls_back_to_the_usual_variable(folder: Path) -> None:
    (folder / "environments.yaml").write_text(
        "- {name: staging, cluster: {kind: kubernetes}}\n- {name: production, cluster: {kind: simulated}}\n"
    )
    staging, _ = load(folder, {"KUBECONFIG": "/a:/b"}).environments
    assert staging.cluster == KubernetesCluster(kubeconfig="/a:/b")


BACKSTAGE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: orders
  labels: {tier: "1", on: no}
  tags: [java]
  links: [{url: https://example.com, title: Wiki}]
  annotations:
    github.com/project-slug: acme/orders
    backstage.io/kubernetes-id: orders-v2
    countersign.dev/max-replicas: 4
    countersign.dev/environments: staging, production
spec:
  type: service
  lifecycle: production
  owner: user:default/ann
  system: storefront
  providesApis: [orders-api]
  dependsOn: [Component:default/Checkout, component:search, resource:default/orders-db]
---
apiVersion: backstage.io/v1beta1
kind: API
metadata: {name: orders-api}
spec: {type: openapi, lifecycle: production, owner: shop, definition: {$text: ./openapi.yaml}}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: orders-db}
spec: {type: database, owner: shop}
"""


def test_descriptors_that_people_bring_are_read_where_they_lie(folder: Path) -> None:
    place = folder / "catalog" / "orders" / "catalog-info.yaml"
    place.parent.mkdir()
    place.write_text(
        BACKSTAGE.replace("Default/Checkout", "").replace("Component:default/Checkout", "component:default/checkout")
    )
    orders = load(folder, {}).catalog.service("orders")
    assert orders.workload_name == "orders-v2"
    assert orders.depends_on == ("checkout", "search")
    assert orders.owner == "user:default/ann"
    assert (orders.min_replicas, orders.max_replicas) == (1, 4)
    assert orders.environments == ("staging", "production")


def test_hidden_copies_in_a_mounted_volume_are_not_read_twice(folder: Path) -> None:
    hidden = folder / "catalog" / "..2026_11_23"
    hidden.mkdir()
    (hidden / "services.yaml").write_text((folder / "catalog" / "services.yaml").read_text())
    assert len(load(folder, {}).catalog.services) == 4


def test_a_catalog_may_be_empty(folder: Path) -> None:
    for file in (folder / "catalog").iterdir():
        file.unlink()
    assert load(folder, {}).catalog.services == ()


def test_the_fingerprint_of_policy_changes_with_rules_and_not_with_comments(folder: Path) -> None:
    before = load(folder, {})
    policy = folder / "policies" / "changes.yaml"
    policy.write_text("# a comment\n" + policy.read_text())
    same = load(folder, {})
    policy.write_text(policy.read_text().replace("environments: [staging]", "environments: [production]"))
    other = load(folder, {})
    assert before.policy.fingerprint == same.policy.fingerprint != other.policy.fingerprint
    assert before.fingerprint == same.fingerprint != other.fingerprint
    (folder / "people.yaml").write_text("- {subject: ann, name: Ann, roles: [sre], teams: [shop]}\n")
    assert load(folder, {}).policy.fingerprint == other.policy.fingerprint


def test_every_mistake_is_told_at_once(folder: Path) -> None:
    (folder / "people.yaml").write_text("- subject: Ann\n  name: Ann\n  role: [sre]\n")
    (folder / "environments.yaml").write_text("- name: staging\n  cluster: {kind: kubernets}\n")
    with pytest.raises(ConfigurationError) as caught:
        load(folder, {})
    assert caught.value.problems[0] == Problem(
        file="environments.yaml",
        line=2,
        field="[0].cluster",
        text="should be simulated, kubernetes.",
    )
    assert str(caught.value).startswith(f"The configuration in {folder} has ")
    assert "\n  people.yaml, line 3: [0].role: is not a known key. Did you mean roles?\n" in str(caught.value) + "\n"
    assert len(caught.value.problems) >= 3


def test_an_alias_repeats_what_its_anchor_says(folder: Path) -> None:
    text = (folder / "environments.yaml").read_text()
    shared = text.replace("cluster: {kind: simulated}", "cluster: &here {kind: simulated}", 1)
    (folder / "environments.yaml").write_text(shared.replace("cluster: {kind: simulated}", "cluster: *here", 1))
    assert load(folder, {}).simulated


def test_the_source_of_releases_may_be_one_word(folder: Path) -> None:
    text = (folder / "environments.yaml").read_text()
    (folder / "environments.yaml").write_text(
        text.replace("namespace: staging", "namespace: staging\n  releases: unchecked")
    )
    assert [each.releases for each in load(folder, {}).environments] == ["unchecked", "simulated"]


def test_the_address_to_listen_on_may_come_from_outside(folder: Path) -> None:
    slack = load(folder, {"COUNTERSIGN_LISTEN": "0.0.0.0:8080"}).slack
    assert (slack.host, slack.port) == ("0.0.0.0", 8080)
    with pytest.raises(ConfigurationError) as caught:
        load(folder, {"COUNTERSIGN_LISTEN": "everywhere"})
    assert "COUNTERSIGN_LISTEN" in str(caught.value)


def test_a_metrics_server_is_read_with_its_secret_from_the_environment(folder: Path) -> None:
    (folder / "environments.yaml").write_text(
        "- name: staging\n  cluster: {kind: simulated}\n  metrics: {kind: none}\n"
        "- name: production\n  cluster: {kind: simulated}\n"
        "  metrics: {kind: prometheus, url: 'https://prom.internal/x/', token: PROM_TOKEN, scope: 'cluster=\"a\"', scrape_seconds: 15}\n"
    )
    staging, production = load(folder, {"PROM_TOKEN": "s3cret"}).environments
    assert staging.metrics is None
    assert isinstance(production.metrics, PrometheusSettings)
    assert production.metrics.url == "https://prom.internal/x"
    assert production.metrics.scope == 'cluster="a"'
    assert production.metrics.token is not None
    assert production.metrics.token.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(production)


def test_annotations_say_how_a_service_is_measured(folder: Path) -> None:
    (folder / "catalog" / "till.yaml").write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: till\n  annotations:\n"
        '    countersign.dev/metrics-selector: job="till"\n    countersign.dev/metrics-latency: |\n      max(\n        till_seconds\n      )\nspec: {}\n'
    )
    hints = load(folder, {}).catalog.service("till").metrics
    assert hints == MetricsHints(selector='job="till"', latency="max( till_seconds )")


def test_the_look_after_a_run_is_brief_in_the_demonstration_and_five_minutes_else(folder: Path) -> None:
    assert load(folder, {}).checkup == CheckupSettings(before=timedelta(minutes=5), after=timedelta(seconds=10))
    (folder / "organization.yaml").write_text("name: acme\n")
    assert load(folder, {}).checkup == CheckupSettings(before=timedelta(minutes=15), after=timedelta(minutes=5))
