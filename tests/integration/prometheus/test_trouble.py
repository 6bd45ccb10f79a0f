"""A metrics server that is down, slow, locked, or something else altogether; and one that is scraping right now."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from integrations.prometheus import Access, Prometheus
from skills.core.errors import Unavailable
from skills.core.ports.metrics import Query, Series, Signal, Window
from skills.core.ports.workloads import Place
from tests.support.peers import need
from tests.support.prometheus import prometheus

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WINDOW = Window(start=NOW - timedelta(minutes=5), end=NOW, step=timedelta(minutes=1))
CHECKOUT = Place(environment="production", namespace="shop", name="checkout")
Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


def query(*asked: str, signal: Signal = Signal.TRAFFIC) -> Query:
    return Query(signal=signal, place=CHECKOUT, asked=asked or ("up",))


@asynccontextmanager
async def answering(answer: Answering, **access: object) -> AsyncIterator[Prometheus]:
    """An adapter whose server answers so."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    adapter = Prometheus(Access(url=f"http://127.0.0.1:{port}", **access), clock=lambda: NOW)  # type: ignore[arg-type]
    try:
        yield adapter
    finally:
        await adapter.close()
        await runner.cleanup()


def body(text: str, status: int = 200, content_type: str = "application/json") -> Answering:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status, content_type=content_type)

    return answer


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (body("<html>Sign in</html>", content_type="text/html"), "does not speak like a Prometheus server. Check the url"),
        (body('{"status":"success"}'), "does not speak like a Prometheus server"),
        (body('{"status":"success","data":{"result":[{"value":[1,"2"]}]}}'), "answers is no range of numbers"),
        (body('{"status":"success","data":{"result":[7]}}'), "answers is no range of numbers"),
        (body("[]"), "does not speak like a Prometheus server"),
        (body("", 302), "does not speak like a Prometheus server"),
        (body("nope", 401), "refuses to answer us (401). Check the token, or name and password"),
        (body("nope", 403), "refuses to answer us (403)"),
        (body("{}", 404), "answered with an error (404)"),
        (body('{"status":"error","errorType":"timeout","error":"query timed out"}', 503), "answered with an error (503)"),
        (body("", 429), "answered with an error (429)"),
        (body("", 500), "answered with an error (500)"),
        (body("x" * (5 * 1024 * 1024)), "answer is longer than 4 MB. Ask for less at once."),
    ],
)  # fmt: skip
async def test_whatever_else_answers_is_said_in_a_sentence(answer: Answering, said: str) -> None:
    async with answering(answer) as server:
        with pytest.raises(Unavailable) as raised:
            await server.measure([query()], WINDOW)
    assert said in str(raised.value)


async def test_a_server_that_takes_too_long_is_given_up_within_the_time_for_all_queries() -> None:
    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async with answering(slow, timeout=0.3) as server:
        begun = time.monotonic()
        with pytest.raises(Unavailable, match=r"did not answer within 0\.3 s"):
            await server.measure([query("a", "b", "c"), query("d", signal=Signal.ERRORS)], WINDOW)
    assert time.monotonic() - begun < 5


async def test_nobody_there_is_said_in_a_sentence() -> None:
    server = Prometheus(Access(url="http://127.0.0.1:1"), clock=lambda: NOW)
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1 cannot be reached"):
        await server.check()
    await server.close()


async def test_one_query_that_fails_leaves_the_others_their_answers() -> None:
    async def choosy(request: web.Request) -> web.Response:
        asked = (await request.post())["query"]
        if asked == "bad":
            return web.Response(status=500)
        return web.json_response({"status": "success", "data": {"resultType": "matrix", "result": []}})

    async with answering(choosy) as server:
        bad, good = await server.measure([query("bad"), query("good", signal=Signal.ERRORS)], WINDOW)
    assert bad.partial[0].endswith("answered with an error (500).")
    assert good.partial == ()


async def test_warnings_are_passed_on_and_odd_numbers_are_gaps() -> None:
    values = [
        [NOW.timestamp() - 60 * back, text] for back, text in ((4, "1"), (3, "NaN"), (2, "+Inf"), (1, "x"), (0, "2.5"))
    ]
    said = {
        "status": "success",
        "data": {"resultType": "matrix", "result": [{"metric": {}, "values": values}]},
        "warnings": ["a store did not answer, token=abcdefghijklmnop"],
    }

    async def warn(_: web.Request) -> web.Response:
        return web.json_response(said)

    async with answering(warn) as server:
        (found,) = await server.measure([query()], WINDOW)
    assert found.series is not None
    assert [value for _, value in found.series.points] == [1.0, None, None, None, 2.5]
    assert found.partial == ("The metrics server warns: a store did not answer, token=(redacted).",)


async def test_a_token_is_sent_and_never_shown() -> None:
    seen: list[str] = []

    async def note(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.Response(status=403)

    access = Access(url="http://127.0.0.1:1", token="s3cr3t-t0ken", password="passw0rd")
    assert "s3cr3t" not in repr(access)
    assert "passw0rd" not in repr(access)
    async with answering(note, token="s3cr3t-t0ken") as server:
        with pytest.raises(Unavailable) as raised:
            await server.measure([query()], WINDOW)
    assert seen == ["Bearer s3cr3t-t0ken"]
    assert "s3cr3t" not in str(raised.value)


# Ada's password is “analytical”.
USERS = "basic_auth_users: {ada: $2b$04$U/q.pot5l7QxXxUmjXFZ6u/60wbbqB7TYTuB.LFhCt3ArRNSK4v6e}\n"


async def test_a_real_server_that_wants_a_name_and_password(tmp_path: Path) -> None:
    with prometheus(tmp_path, web=USERS) as url:
        for password, said in (
            ("analytical", None),
            ("wrong", "refuses to answer us (401)"),
            ("", "refuses to answer us (401)"),
        ):
            access = Access(url=url, username="ada" if password else "", password=password)
            server = Prometheus(access, clock=lambda: NOW)
            try:
                if said is None:
                    assert (await server.check()).startswith("Prometheus 2.")
                else:
                    with pytest.raises(Unavailable) as raised:
                        await server.check()
                    assert said in str(raised.value)
            finally:
                await server.close()


async def test_a_real_server_behind_a_certificate_of_ones_own(tmp_path: Path) -> None:
    certificate, key = tmp_path / "server.crt", tmp_path / "server.key"
    need("openssl", bool(shutil.which("openssl")), "apt-get install openssl")
    command = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=here",
        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    with prometheus(
        tmp_path / "data", web=f"tls_server_config: {{cert_file: {certificate}, key_file: {key}}}\n"
    ) as url:
        trusting, wary = (Prometheus(Access(url=url, ca_file=file), clock=lambda: NOW) for file in (certificate, None))
        assert (await trusting.check()).startswith("Prometheus 2.")
        with pytest.raises(Unavailable, match="certificate is not one that we trust"):
            await wary.check()
        await trusting.close()
        await wary.close()


async def test_what_a_real_server_scrapes_just_now_is_measured(tmp_path: Path) -> None:
    begun, served = time.monotonic(), web.Application()

    async def expose(_: web.Request) -> web.Response:
        count = round(100 * (time.monotonic() - begun))
        text = f'# TYPE http_requests_total counter\nhttp_requests_total{{code="200"}} {count}\n'
        return web.Response(text=text)

    served.router.add_get("/metrics", expose)
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with prometheus(tmp_path, scrape=f"127.0.0.1:{runner.addresses[0][1]}", every="200ms") as url:
        server = Prometheus(
            Access(url=url, scrape=timedelta(seconds=0.2)), clock=lambda: datetime.now(UTC)
        )  # fmt: skip
        found: Series | None = None
        asked = query('sum(rate(http_requests_total{job="own"}[$step]))')
        async with asyncio.timeout(30):
            # The first step may be half covered; a whole one says a hundred a second.
            while not (found and any(50 < value < 150 for value in found.values)):
                (measured,) = await server.measure([asked], server.latest("production", timedelta(seconds=10)))
                found = measured.series
                await asyncio.sleep(0.1)
        await server.close()
    await runner.cleanup()
