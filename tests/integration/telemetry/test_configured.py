"""From a line in environments.yaml to an answer: the whole bot, with the services that it was told of."""

import shutil
from datetime import timedelta
from pathlib import Path

from skills.core.report import Report, Table
from tests.support.stores import Store, Written, loki, serving
from tests.support.trace_labs import jaeger_trace
from tests.support.worlds import CONFIG, SlowTime, open_office

NOW = SlowTime().now


async def test_logs_and_traces_are_read_where_the_configuration_says(tmp_path: Path) -> None:
    trace = jaeger_trace(NOW - timedelta(minutes=1))
    line = Written(
        at=NOW - timedelta(minutes=1), pod="checkout-6d4cf56db6-bxk2p", container="app",
        text=f"ERROR dial tcp 10.0.0.7:5432: connect: connection refused trace_id={trace['traceID']}",
    )  # fmt: skip
    store = Store(lines=[line], namespace="production")
    answers = {
        "/loki/api/v1/query_range": lambda request: loki(store, request.query),
        "/jaeger/api/traces": lambda _: {"data": [trace], "errors": None},
    }
    async with serving(store, answers) as url:
        config = shutil.copytree(CONFIG, tmp_path / "config")
        told = f"  logs: {{kind: loki, url: '{url}', tenant: shop}}\n  traces: {{kind: jaeger, url: '{url}/jaeger/'}}\n"
        with (config / "environments.yaml").open("a") as file:
            file.write(told)
        environ = {"COUNTERSIGN_LOGS_KEY_PRODUCTION": "k1", "COUNTERSIGN_TRACES_KEY": "k2"}
        async with open_office(tmp_path / "data", config=config, environ=environ) as office:
            logs = (await office.say("dev", "logs checkout in production --since 15m")).report
            traces = (await office.say("dev", "traces checkout")).report
            staging = (await office.say("dev", "logs checkout in staging")).report

    assert isinstance(logs, Report)
    assert logs.summary == "1 error in 1 line of checkout. Nothing listens where the program wants to connect."
    assert isinstance(traces, Report)
    assert traces.summary == "1 of 1 trace of checkout failed; the slowest took 90.0 ms."
    (joined,) = [each for each in traces.parts if isinstance(each, Table) and each.title.startswith("What the logs")]
    assert "connection refused" in joined.rows[0][3]
    assert [sent["Authorization"] for sent in store.headers] == ["Bearer k1", "Bearer k2", "Bearer k1"]
    assert store.headers[0]["X-Scope-OrgID"] == "shop"
    assert isinstance(staging, Report)
    assert staging.summary.startswith("I see no errors in ")


async def test_the_demo_answers_of_a_release_that_crashes(tmp_path: Path) -> None:
    async with open_office(tmp_path / "data") as office:
        await office.say("dev", "deploy payments-api v43 to staging")
        office.time.pass_by(seconds=1)
        number = (await office.world.store.open())[0].id
        runner = office.runner()
        await runner.advance(number)
        await runner.advance(number)
        office.time.pass_by(seconds=4)
        report = (await office.say("dev", "logs payments-api in staging")).report

    assert isinstance(report, Report)
    assert report.summary.startswith("2 errors in ")
    assert report.summary.endswith(" lines of payments-api. The program does not understand its configuration.")
