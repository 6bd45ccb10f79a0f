"""Where logs and traces are kept, as environments.yaml says it."""

import re
from pathlib import Path

import pytest
import yaml

from bot.configuration import EnvironmentSettings, LokiSettings, OpenSearchSettings, TracesSettings, load
from tests.unit.configuration.conftest import DEMO, SKILLS, Mistakes

START = "- name: production\n  namespace: production\n  cluster: {kind: simulated}\n"


def written(folder: Path, text: str, **environ: str) -> EnvironmentSettings:
    (folder / "environments.yaml").write_text(f"{START}{text}- name: staging\n  cluster: {{kind: simulated}}\n")
    return load(folder, environ, skills=SKILLS).environments[0]


def test_without_a_word_logs_are_the_clusters_own_and_there_are_no_traces(folder: Path) -> None:
    plain = written(folder, "")
    named = written(folder, "  logs: {kind: kubernetes}\n")

    assert (plain.logs, plain.traces, named.logs) == (None, None, None)


def test_a_loki_needs_only_its_address(folder: Path) -> None:
    found = written(
        folder, "  logs: {kind: loki, url: 'http://loki:3100', labels: {pod: pod_name}, tenant: shop}\n"
    ).logs

    assert isinstance(found, LokiSettings)
    assert (found.url, found.auth, found.tenant, found.key) == ("http://loki:3100", "bearer", "shop", None)
    assert found.labels == {"namespace": "namespace", "pod": "pod_name", "container": "container", "workload": ""}


def test_an_opensearch_needs_only_its_address(folder: Path) -> None:
    found = written(folder, "  logs: {kind: opensearch, url: 'https://search:9200', fields: {message: log}}\n").logs

    assert isinstance(found, OpenSearchSettings)
    assert (found.auth, found.index, found.fields["message"], found.fields["time"]) == (
        "basic",
        "logs-*",
        "log",
        "@timestamp",
    )


def test_traces_are_kept_by_jaeger_or_zipkin(folder: Path) -> None:
    found = written(folder, "  traces: {kind: zipkin, url: 'http://zipkin:9411'}\n").traces

    assert found == TracesSettings(kind="zipkin", url="http://zipkin:9411", auth="bearer", key=None)


def test_keys_come_from_the_environment_that_of_the_environment_first(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    text = "  logs: {kind: loki, url: 'http://loki:3100'}\n  traces: {kind: jaeger, url: 'http://jaeger:16686'}\n"

    both = written(folder, text, COUNTERSIGN_LOGS_KEY="shared", COUNTERSIGN_LOGS_KEY_PRODUCTION="own")
    file = written(folder, text, COUNTERSIGN_TRACES_KEY_FILE=str(tmp_path / "key"), COUNTERSIGN_LOGS_KEY="shared")

    assert both.logs
    assert both.logs.key
    assert both.logs.key.get_secret_value() == "own"
    assert "own" not in repr(both)
    assert file.logs
    assert file.logs.key
    assert file.logs.key.get_secret_value() == "shared"
    assert file.traces
    assert file.traces.key
    assert file.traces.key.get_secret_value() == "from a file"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("logs: {kind: splunk}", "should be kubernetes, loki, opensearch."),
        ("logs: {kind: loki}", "is missing."),
        ("logs: {kind: loki, url: 'http://loki:3100', label: {}}", "is not a known key. Did you mean labels?"),
        ("logs: {kind: loki, url: 'http://loki:3100', labels: {pods: pod}}", "is not a known key. Did you mean pod?"),
        ("logs: {kind: loki, url: 'http://loki:3100', token: x}", "is not a known key. Secrets come from environment variables only"),
        ("logs: {kind: loki, url: 'loki:3100'}", "“loki:3100” is not the address of a service; write http://host:port or https://host/path."),
        ("logs: {kind: loki, url: 'http://u:p@loki:3100'}", "looks like a secret."),
        ("logs: {kind: opensearch, url: 'http://s:9200', index: '../_all'}", "should match"),
        ("traces: {kind: tempo, url: 'http://tempo:3200'}", "should be"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(mistakes: Mistakes, text: str, said: str) -> None:
    found = mistakes("environments.yaml", f"{START}  {text}\n")

    assert any(said in problem for problem in found), found


def test_what_the_shipped_file_shows_are_the_defaults(folder: Path) -> None:
    shown = re.sub(r"^# ?", "", (DEMO / "environments.yaml").read_text(), flags=re.MULTILINE)
    blocks = re.findall(r"^  ((?:logs|traces):(?: \{.*|\n(?:    .*\n)+))", shown, re.MULTILINE)
    assert len(blocks) == 3
    for block in blocks:
        ((part, described),) = yaml.safe_load(block).items()
        short = {key: described[key] for key in ("kind", "url")}
        whole = yaml.safe_dump([{"x": {part: described}}])
        assert getattr(written(folder, f"  {part}: {described}\n"), part) == getattr(written(folder, f"  {part}: {short}\n"), part), whole  # fmt: skip
