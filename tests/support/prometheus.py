"""A real Prometheus, with a past that it is given as blocks, and perhaps something to scrape."""

import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.support.peers import need
from tests.support.ports import free_port

SCRAPE = timedelta(seconds=15)
HOW = "apt-get install prometheus (the server and promtool)"
Labels = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Family:
    """One metric: its kind in OpenMetrics, and for each set of labels a value for each scrape. A NaN is written as one, None not at all.

    Of a histogram each label set has `le`, and its name is that of the buckets.
    """

    name: str
    kind: str
    samples: Iterable[tuple[str, Labels, Iterable[float | None]]]


def openmetrics(families: Iterable[Family], *, start: datetime, scrape: timedelta = SCRAPE) -> str:
    """The text that `promtool tsdb create-blocks-from openmetrics` reads."""
    lines = []
    for family in families:
        lines.append(f"# TYPE {family.name} {family.kind}")
        for suffix, labels, values in family.samples:
            written = ",".join(f'{key}="{value}"' for key, value in labels.items())
            for index, value in enumerate(values):
                if value is not None:
                    at = start + index * scrape
                    lines.append(f"{family.name}{suffix}{{{written}}} {value!r} {at.timestamp():.3f}")
    return "\n".join([*lines, "# EOF", ""])


def requests(
    count: int, *, rate: float, failing: float = 0.0, seconds: float = 0.1, status: str = "http_response_status_code",
    name: str = "http_server_request_duration_seconds", **labels: str,
) -> Family:  # fmt: skip
    """A histogram of so many scrapes of a service that steadily gets `rate` requests a second, each of which takes `seconds`.

    Buckets are at half, once and twice `seconds`, and all requests are in the second.
    """
    each = rate * SCRAPE.total_seconds()
    samples: list[tuple[str, Labels, list[float | None]]] = []
    for code, share in (("200", 1 - failing), ("500", failing)):
        base = {**labels, status: code}
        counted = [round(each * share * index, 6) for index in range(count)]
        for le, part in ((seconds / 2, 0), (seconds, 1), (seconds * 2, 1)):
            samples.append(("_bucket", {**base, "le": f"{le:g}"}, [value * part for value in counted]))
        samples.append(("_bucket", {**base, "le": "+Inf"}, list(counted)))
        samples.append(("_count", base, list(counted)))
        samples.append(("_sum", base, [value * seconds for value in counted]))
    return Family(name=name, kind="histogram", samples=samples)


def gauge(name: str, value: float | Iterable[float | None], count: int, **labels: str) -> Family:
    values = [value] * count if isinstance(value, float) else list(value)
    return Family(name=name, kind="gauge", samples=[("", labels, values)])


def counter(name: str, per_second: float, count: int, **labels: str) -> Family:
    """`name` without its “_total”."""
    values = [per_second * SCRAPE.total_seconds() * index for index in range(count)]
    return Family(name=name, kind="counter", samples=[("_total", labels, values)])


@contextmanager
def prometheus(
    folder: Path, *, past: str = "", scrape: str = "", every: str = "1h", web: str = "", rules: str = ""
) -> Iterator[str]:
    """Start one with this past, which scrapes `scrape` (host:port) if given. Yields its URL; it is stopped on leaving.

    `web` is a web configuration file's content: users, TLS. `rules` is a rule file's, which it evaluates every second.
    """
    need("Prometheus", bool(shutil.which("prometheus") and shutil.which("promtool")), HOW)
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / "store"
    if past:
        (folder / "past.txt").write_text(past)
        command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(folder / "past.txt"), str(store)]
        subprocess.run(command, check=True, capture_output=True)
    targets = f"[{{targets: ['{scrape}']}}]" if scrape else "[]"
    job = f"{{job_name: own, static_configs: {targets}}}"
    (folder / "rules.yml").write_text(rules)
    files = "rule_files: [rules.yml]" if rules else ""
    (folder / "prometheus.yml").write_text(
        f"global: {{scrape_interval: {every}, evaluation_interval: 1s}}\nscrape_configs: [{job}]\n{files}\n"
    )
    (folder / "web.yml").write_text(web or "{}\n")
    port = free_port()
    command = [
        "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={store}",
        f"--web.listen-address=127.0.0.1:{port}", f"--web.config.file={folder}/web.yml", "--storage.tsdb.retention.time=10y",
    ]  # fmt: skip
    with (folder / "prometheus.log").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            _wait_for(port, folder / "prometheus.log")
            yield f"{'https' if 'tls' in web else 'http'}://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def _wait_for(port: int, log: Path) -> None:
    """Until it is ready; one that wants a password is when it asks for one, and says in its log that it is."""
    until = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=1):
                return
        except OSError as error:
            if getattr(error, "code", None) in (400, 401) and "Server is ready" in log.read_text():
                return
            assert time.monotonic() < until, f"Prometheus did not start: {log.read_text()[-1000:]}"
            time.sleep(0.05)
