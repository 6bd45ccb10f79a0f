"""A policy server that answers, and every way in which one does not."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.policy import Judge
from integrations.opa import OpaServer
from skills.core.calendar import Calendar
from skills.core.errors import Anticipated, Unavailable
from skills.core.policy import UNREACHABLE
from skills.core.ports.rego import Undecided
from skills.core.verdict import Outcome
from tests.support.policies import NOBODY
from tests.unit.policy.test_judge import REQUEST

YES = {"allow": [{"rule": "r", "because": "B."}], "needs": [], "deny": []}
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(answer: Answer, **options: Any) -> AsyncIterator[OpaServer]:
    """An HTTP server that answers every POST to the Data API in this way."""
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.router.add_post("/v1/data/countersign/policy/decision", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    opa = OpaServer(f"http://127.0.0.1:{port}/", **options)
    try:
        yield opa
    finally:
        await opa.close()
        await runner.cleanup()


def says(body: object, status: int = 200) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(text=text, status=status, headers={"Location": "http://127.0.0.1:1/"})

    return answer


async def test_the_server_is_told_the_facts_and_its_decision_is_recorded() -> None:
    heard: list[Any] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        heard.append((request.query_string, request.headers["Authorization"], await request.json()))
        bundles = {"acme": {"revision": "r7"}, "base": {"revision": "r2"}}
        return web.json_response({"result": YES, "decision_id": "d-1", "provenance": {"bundles": bundles}})

    async with serving(answer, token="t0ken") as opa:
        judge = Judge(rego=opa, rules=(), catalog=NOBODY, calendar=Calendar())
        verdict = await judge.judge(REQUEST)
        assert (verdict.outcome, verdict.decision) == (Outcome.ALLOW, "d-1")
        assert verdict.policy == f"{opa.fingerprint}#acme=r7,base=r2"
    query, authorization, asked = heard[0]
    assert (query, authorization) == ("provenance=true", "Bearer t0ken")
    assert asked["input"]["actor"]["subject"] == "dev"


@pytest.mark.parametrize(
    ("answer", "kind", "problem"),
    [
        (says({}), Undecided, "has no answer at countersign/policy/decision; load the policies there."),
        (says("<html>"), Undecided, "answered with something that is not a decision."),
        (says([1]), Undecided, "answered with something that is not a decision."),
        (says("", 400), Undecided, "would not decide (HTTP 400)."),
        (says("", 401), Undecided, "would not decide (HTTP 401)."),
        (says("", 302), Undecided, "would not decide (HTTP 302)."),
        (says("", 500), Unavailable, "has a problem (HTTP 500)."),
        (says("x" * 2_000_000), Undecided, "gave an answer of more than 1024 KiB."),
    ],
)
async def test_what_is_no_decision_is_told(answer: Answer, kind: type[Anticipated], problem: str) -> None:
    async with serving(answer) as opa:
        with pytest.raises(kind) as caught:
            await opa.evaluate({})
    assert str(caught.value).endswith(problem)


async def test_a_server_that_is_slow_or_gone_allows_nothing() -> None:
    async def never(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        raise AssertionError

    async with serving(never, seconds=0.05) as opa:
        verdict = await Judge(rego=opa, rules=(), catalog=NOBODY, calendar=Calendar()).judge(REQUEST)
        assert (verdict.outcome, verdict.rules) == (Outcome.DENY, (UNREACHABLE,))
        assert verdict.reasons[0].endswith("did not answer within 0.05 seconds. Nothing is allowed until it answers.")
    verdict = await Judge(rego=opa, rules=(), catalog=NOBODY, calendar=Calendar()).judge(REQUEST)
    assert verdict.reasons[0].endswith("cannot be reached. Nothing is allowed until it answers.")
    await opa.close()
