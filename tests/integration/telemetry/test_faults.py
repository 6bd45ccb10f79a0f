"""What the adapters make of services that are down, slow, busy, forbidding, wrong, half blind or too talkative."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from integrations.jaeger import JaegerTraces
from integrations.loki import LokiLabels, LokiLogs, logql
from integrations.opensearch import LogFields, OpenSearchLogs
from integrations.web import WebLimits
from integrations.zipkin import ZipkinTraces
from skills.core.errors import Unavailable
from skills.core.ports.logs import LONGEST_LINE, LogPage, LogQuery
from skills.core.ports.traces import TraceQuery
from skills.core.ports.workloads import Place
from tests.support.log_labs import NOW, PLACE, PODS, TEXTS
from tests.support.stores import Store, Written, asking, loki, opensearch, serving

Ask = Callable[[], Awaitable[Any]]
ONE = Written(at=NOW - timedelta(seconds=3), pod=PODS[0], container="app", text=TEXTS[0])
LIMITS = WebLimits(connect=1.0, answer=0.3, most_bytes=200_000, tries=2)
NAMES = ("Loki", "OpenSearch", "Jaeger", "Zipkin")


@asynccontextmanager
async def source(name: str, store: Store, *, gone: bool = False, **client: Any) -> AsyncIterator[Ask]:
    """One question to the adapter of this name, on a server that answers well unless `store` says otherwise, or that is `gone`."""
    answers = {
        "/loki/.*": lambda request: loki(store, request.query),
        "/.*/_search": lambda _: opensearch(store, store.asked[-1][2]),
        "/api/traces": lambda _: {"data": [], "errors": None},
        "/api/v2/traces": lambda _: [],
    }
    part = "logs" if name in ("Loki", "OpenSearch") else "traces"
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(store, answers))
        if gone:
            await stack.pop_all().aclose()
        web = await stack.enter_async_context(asking(url, name, part, limits=LIMITS, **client))
        adapters: dict[str, Any] = {
            "Loki": lambda: LokiLogs(web, clock=lambda: NOW).read(LogQuery(place=PLACE)),
            "OpenSearch": lambda: OpenSearchLogs(web, clock=lambda: NOW).read(LogQuery(place=PLACE)),
            "Jaeger": lambda: JaegerTraces(web, clock=lambda: NOW).search(TraceQuery(environment="lab", service="checkout")),
            "Zipkin": lambda: ZipkinTraces(web, clock=lambda: NOW).search(TraceQuery(environment="lab", service="checkout")),
        }  # fmt: skip
        yield adapters[name]


every_source = pytest.mark.parametrize("name", NAMES)


async def complaint(name: str, store: Store, **client: Any) -> str:
    async with source(name, store, **client) as ask:
        with pytest.raises(Unavailable) as raised:
            await ask()
        return str(raised.value)


@every_source
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "{name} of lab does not let me read (401). Check the key for {part} of lab in environments.yaml."),
        (403, "{name} of lab does not let me read (403). Check the key for {part} of lab in environments.yaml."),
        (429, "{name} of lab has too much to do (429). Try again in a minute."),
        (500, "{name} of lab failed (500): it broke. Try again in a minute."),
        (302, "{name} of lab sends me elsewhere (302). Check {part} of lab in environments.yaml."),
    ],
)
async def test_a_refusal_is_a_sentence(name: str, status: int, said: str) -> None:
    part = "logs" if name in ("Loki", "OpenSearch") else "traces"

    assert await complaint(name, Store(status=status, body="it broke")) == said.format(name=name, part=part)


@every_source
async def test_what_answers_in_another_language_is_named(name: str) -> None:
    for body in ("<html>hello</html>", '"hello"', "[" * 100_000):
        said = await complaint(name, Store(status=200, body=body))
        assert said.startswith("What answers at the address of ")
        assert " of lab " in said


@every_source
async def test_a_service_that_is_not_there_is_unavailable(name: str) -> None:
    said = await complaint(name, Store(), gone=True)

    assert said == f"{name} of lab did not answer: the connection was refused. Try again when it is back."


@every_source
async def test_a_slow_one_is_given_up(name: str) -> None:
    said = await complaint(name, Store(delay=2.0))

    assert said == f"{name} of lab did not answer: it took too long. Try again when it is back."


@every_source
async def test_too_much_is_not_read(name: str) -> None:
    said = await complaint(name, Store(status=200, body=b"[" + b" " * 300_000 + b"]"))

    assert said == f"{name} of lab answered with more than 0 MB. Ask for a shorter time."


@every_source
async def test_a_busy_one_is_asked_again_and_a_secret_is_not_repeated(name: str) -> None:
    store = Store(status=429, times=1, retry_after="1")
    async with source(name, store) as ask:
        await ask()
    assert len(store.asked) == 2

    said = await complaint(name, Store(status=500, body="cannot reach http://shop:hunter2@db:9200 token=hunter2"))
    assert "hunter2" not in said


@every_source
@pytest.mark.parametrize(
    ("scheme", "key", "header"),
    [
        ("bearer", "abc", "Bearer abc"),
        ("basic", "shop:pass", "Basic c2hvcDpwYXNz"),
        ("api-key", "abc", "ApiKey abc"),
        ("bearer", "", None),
    ],
)
async def test_the_key_goes_along_as_configured(name: str, scheme: str, key: str, header: str | None) -> None:
    store = Store()
    async with source(name, store, scheme=scheme, key=key, headers={"X-Scope-OrgID": "shop"}) as ask:
        await ask()

    assert store.headers[0].get("Authorization") == header
    assert store.headers[0]["X-Scope-OrgID"] == "shop"


async def test_loki_is_asked_for_fewer_lines_where_it_allows_only_so_many() -> None:
    refused = "max entries limit per query exceeded, limit > max_entries_limit_per_query (2000 > 500)"
    store = Store(lines=[ONE], status=400, times=1, body=refused)
    async with source("Loki", store) as ask:
        page = await ask()

    assert len(page.lines) == 1
    assert [asked[1]["limit"] for asked in store.asked] == ["2000", "500"]


async def test_what_loki_refuses_is_told() -> None:
    said = await complaint("Loki", Store(status=400, body="the query time range exceeds the limit (query length: 800h, limit: 721h)"))  # fmt: skip

    assert said == (
        "Loki of lab refused the question (400): the query time range exceeds the limit (query length: 800h, limit: 721h). "
        "Ask for a shorter time, or check logs of lab in environments.yaml."
    )


async def test_warnings_of_loki_make_the_page_partial() -> None:
    async with source("Loki", Store(lines=[ONE], extra={"warnings": ["ingester 3 did not answer"]})) as ask:
        assert (await ask()).partial == ("Loki warns: ingester 3 did not answer.",)


async def test_levels_and_trace_ids_that_loki_knows_go_along() -> None:
    line = Written(at=NOW, pod=PODS[0], container="app", text="x", level="error", trace="a" * 32)
    async with source("Loki", Store(lines=[line])) as ask:
        (seen,) = (await ask()).lines

    assert (seen.level, seen.trace_id) == ("error", "a" * 32)


def test_a_question_to_loki_quotes_whatever_is_not_ours() -> None:
    place = Place(environment="lab", namespace='sh"op', name="check.out")
    query = LogQuery(place=place, containers=("a|b",), pattern='say "}) or {job=~".+"} | \\d')

    assert logql(query, LokiLabels(namespace="ns")) == (
        '{ns="sh\\"op", '
        'pod=~"check\\\\.out-([bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}|[bcdfghjklmnpqrstvwxz2456789]{5}|[0-9]{1,4})", '
        'container=~"a\\\\|b"} |~ "(?i)say\\\\ \\"\\\\}\\\\)\\\\ or\\\\ \\\\{job=\\\\~\\"\\\\.\\\\+\\"\\\\}\\\\ \\\\|\\\\ \\\\\\\\d"'
    )
    assert 'app="check.out"' in logql(query, LokiLabels(workload="app"))


async def test_pods_of_another_workload_are_kept_apart_by_their_names() -> None:
    others = [
        "checkout-worker-6d4cf56db6-bxk2p",
        "checkout-worker-x2k7p",
        "checkouts-6d4cf56db6-bxk2p",
        "web-checkout-0",
    ]
    own = [*PODS, "checkout-0", "checkout-x2k7p"]
    store = Store(lines=[Written(at=NOW, pod=pod, container="app", text="x") for pod in (*others, *own)])
    for name in ("Loki", "OpenSearch"):
        async with source(name, store) as ask:
            assert {line.pod for line in (await ask()).lines} == set(own)


async def test_a_pod_of_another_workload_is_not_read_by_naming_it() -> None:
    other = "payments-api-6d4cf56db6-bxk2p"
    store = Store(lines=[Written(at=NOW, pod=other, container="app", text="x")])
    async with (
        serving(store, {"/loki/.*": lambda request: loki(store, request.query)}) as url,
        asking(url, "Loki", "logs") as web,
    ):
        assert (await LokiLogs(web, clock=lambda: NOW).read(LogQuery(place=PLACE, pods=(other,)))).lines == ()
    async with (
        serving(store, {"/.*": lambda _: opensearch(store, store.asked[-1][2])}) as url,
        asking(url, "OpenSearch", "logs") as web,
    ):
        assert (await OpenSearchLogs(web, clock=lambda: NOW).read(LogQuery(place=PLACE, pods=(other,)))).lines == ()


async def test_opensearch_that_saw_only_a_part_says_so() -> None:
    failures = [
        {
            "shard": 0,
            "index": "logs-1",
            "reason": {"type": "es_rejected_execution_exception", "reason": "rejected execution"},
        }
    ]
    extra = {
        "timed_out": True,
        "_shards": {"total": 5, "successful": 4, "skipped": 0, "failed": 1, "failures": failures},
    }
    async with source("OpenSearch", Store(lines=[ONE], extra=extra)) as ask:
        page: LogPage = await ask()

    assert page.partial == (
        "The search was broken off after 8 seconds, so lines may be missing.",
        "1 of 5 shards failed, so lines may be missing: rejected execution.",
    )


async def test_an_index_that_is_not_there_and_a_field_that_is_not_are_told() -> None:
    missing = {"error": {"type": "index_not_found_exception", "reason": "no such index [logs-x]"}, "status": 404}
    said = await complaint("OpenSearch", Store(status=404, body=json.dumps(missing)))
    assert said == "OpenSearch of lab has no index logs-*. Check logs of lab in environments.yaml."

    cause = {"type": "query_shard_exception", "reason": "Cannot search on field [message] since it is not indexed."}
    said = await complaint(
        "OpenSearch", Store(status=400, body=json.dumps({"error": {"root_cause": [cause]}, "status": 400}))
    )
    assert said == (
        "OpenSearch of lab refused the question (400): Cannot search on field [message] since it is not indexed. "
        "Check logs of lab in environments.yaml: the fields may be called otherwise there."
    )


async def test_documents_of_other_shapes_are_read_by_the_fields_that_are_configured() -> None:
    sources = [
        {"@timestamp": 1_795_424_400_000, "log": {"message": "a"}, "kubernetes": {"pod_name": "p"}, "level": 50},
        {"@timestamp": "2026-11-23T09:00:01", "log.message": "b", "kubernetes.pod_name": "p"},
        {"@timestamp": "never", "log": {"message": {"nested": 1}}},
        {"@timestamp": "2026-11-23T09:00:02Z"},
        None,
    ]  # fmt: skip
    hits = [{"_source": each} for each in reversed(sources)]
    store = Store(status=200, body=json.dumps({"hits": {"hits": hits, "total": {"value": 5}}}))
    fields = LogFields(message="log.message", pod="kubernetes.pod_name.keyword", level="level")
    async with serving(store, {}) as url, asking(url, "OpenSearch", "logs") as web:
        page = await OpenSearchLogs(web, fields=fields).read(LogQuery(place=PLACE))

    seen = [(line.at and f"{line.at:%H:%M:%S}", line.pod, line.text.shown(), line.level) for line in page.lines]
    assert sorted(seen, key=str) == [
        ("09:00:00", "p", "a", "50"),
        ("09:00:01", "p", "b", ""),
        (None, "", '{"nested": 1}', ""),
    ]


async def test_a_line_of_any_length_is_cut() -> None:
    line = Written(at=NOW, pod=PODS[0], container="app", text="x" * (5 * LONGEST_LINE))
    for name in ("Loki", "OpenSearch"):
        async with source(name, Store(lines=[line])) as ask:
            (seen,) = (await ask()).lines
        assert len(seen.text.shown(limit=100_000)) == LONGEST_LINE


@pytest.mark.parametrize("name", ["Jaeger", "Zipkin"])
async def test_spans_that_make_no_sense_are_left_out(name: str) -> None:
    odd: list[Any] = [
        None, {}, {"startTime": "soon"}, {"timestamp": 10**40}, {"startTime": 1, "timestamp": 1, "duration": -5}, {"references": "x"},
        {"startTime": 2, "timestamp": 2, "duration": "long", "tags": None, "localEndpoint": None, "id": 3, "spanID": 3},
    ]  # fmt: skip
    traces = {"Jaeger": {"data": [{"traceID": "ab" * 8, "spans": odd}, {"traceID": "../../x", "spans": odd}, None]}, "Zipkin": [[{"traceId": "ab" * 8}, *odd], [], None]}  # fmt: skip
    async with source(name, Store(status=200, body=json.dumps(traces[name]))) as ask:
        (trace,) = (await ask()).traces

    assert trace.id == "ab" * 8
    assert [span.lasted for span in trace.spans] == [timedelta(), timedelta()]


async def test_jaeger_that_could_not_give_everything_says_so() -> None:
    body = {"data": [], "errors": [{"code": 500, "msg": "shard 2 is down"}]}
    async with source("Jaeger", Store(status=200, body=json.dumps(body))) as ask:
        assert (await ask()).partial == ("Jaeger could not give everything: shard 2 is down.",)


async def test_only_ids_go_into_a_path() -> None:
    store = Store()
    async with serving(store, {}) as url, asking(url, "Jaeger", "traces") as web:
        assert await JaegerTraces(web).find("lab", ("../../admin", "", "x y")) == {}
    assert store.asked == []
