"""Signals and alerts from a Prometheus server, or anything that has its HTTP API (Thanos, Mimir, VictoriaMetrics).

https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
"""

import asyncio
import base64
import json
import math
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from skills.core.errors import Anticipated, BadInput, Unavailable
from skills.core.ports.alerts import Alert
from skills.core.ports.metrics import Measured, Query, Series, Window
from skills.core.redaction import redact
from skills.core.untrusted import Untrusted

_LARGEST = 4 * 1024 * 1024
_SCRAPES = 2
"""A rate needs two scrapes within its step."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """How a server is reached. `url` is what stands before `/api/v1`; `scope` are label matchers, as in PromQL, that every query gets.

    `scrape` is how often the server looks at what it measures, `timeout` how many seconds one look at a service may take in all.
    """

    url: str
    scrape: timedelta = timedelta(seconds=30)
    timeout: float = 10.0
    scope: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    ca_file: Path | None = None


class Prometheus:
    """Satisfies `Metrics` and `Alerts` for one server. Connects on first use; `close` when done."""

    def __init__(self, access: Access, *, clock: Callable[[], datetime]) -> None:
        self._access = access
        self._clock = clock
        self._name = urlsplit(access.url).netloc
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def finest(self, environment: str) -> timedelta:
        return self._access.scrape * _SCRAPES

    def latest(self, environment: str, length: timedelta) -> Window:
        return Window.latest(self._clock(), length, finest=self.finest(environment))

    async def measure(self, queries: Sequence[Query], window: Window) -> Sequence[Measured]:
        """Each query by itself: one that fails leaves a sentence in its answer, and raises only where all of them do."""
        deadline = asyncio.get_running_loop().time() + self._access.timeout
        answers = await asyncio.gather(
            *(self._measure(query, window, deadline) for query in queries), return_exceptions=True
        )
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        for failure in failures:
            if not isinstance(failure, Anticipated) or (
                isinstance(failure, Unavailable) and len(failures) == len(queries)
            ):
                raise failure
        return [
            Measured(query=query, partial=(str(answer),)) if isinstance(answer, BaseException) else answer
            for query, answer in zip(queries, answers, strict=True)
        ]

    async def firing(self, environment: str) -> Sequence[Alert]:
        """Satisfies `Alerts`. Asked as series, so that `scope` tells environments apart and those who merely store them can answer, too."""
        deadline = asyncio.get_running_loop().time() + self._access.timeout
        scope = f",{self._access.scope}" if self._access.scope else ""
        wanted = (
            f'ALERTS_FOR_STATE{{alertname!=""{scope}}} and ignoring(alertstate) ALERTS{{alertstate="firing"{scope}}}'
        )
        body = await self._ask("query", {"query": wanted}, deadline)
        try:
            return sorted((_alert(each) for each in body["data"]["result"]), key=lambda alert: alert.since)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as odd:
            raise Unavailable(f"What {self._name} answers is no list of alerts.", hint=_HINT) from odd

    async def ranges(
        self, asked: str, *, start: datetime, end: datetime, step: timedelta
    ) -> Sequence[tuple[dict[str, str], dict[datetime, float]]]:
        """Every series that a query finds: its labels, and its finite numbers from `start` to `end`, both in it. Raises `Unavailable` or `BadInput`."""
        deadline = asyncio.get_running_loop().time() + self._access.timeout
        form = {"query": asked, "start": f"{start.timestamp():.3f}", "end": f"{end.timestamp():.3f}", "step": f"{step.total_seconds():g}"}  # fmt: skip
        body = await self._ask("query_range", form, deadline)
        try:
            return [(dict(each["metric"]), _finite(each["values"])) for each in body["data"]["result"]]
        except (KeyError, TypeError, ValueError, OverflowError) as odd:
            raise Unavailable(f"What {self._name} answers is no range of numbers.", hint=_HINT) from odd

    async def check(self) -> str:
        """A sentence on a server that answers. Raises `Unavailable`."""
        deadline = asyncio.get_running_loop().time() + self._access.timeout
        version = (await self._ask("status/buildinfo", {}, deadline))["data"].get("version", "of unknown version")
        return f"Prometheus {version} at {self._name}"

    async def _measure(self, query: Query, window: Window, deadline: float) -> Measured:
        """The first way of asking that finds a number; of those that find only gaps, the first."""
        found = Measured(query=query)
        for asked in query.asked:
            said = asked.replace("$step", _spelled(window.step)).replace(
                "$scope", f"{self._access.scope}," if self._access.scope else ""
            )
            body = await self._ask("query_range", _range(said, window), deadline)
            try:
                measured = _measured(query, said, window, body)
            except (KeyError, TypeError, ValueError, AttributeError) as odd:
                raise Unavailable(f"What {self._name} answers is no range of numbers.", hint=_HINT) from odd
            if measured.series and measured.series.values:
                return measured
            found = found if found.series or found.partial else measured
        return found

    async def _ask(self, path: str, form: dict[str, str], deadline: float) -> dict[str, Any]:
        """The body of a successful answer. Raises `BadInput` for a query that makes no sense, else `Unavailable`."""
        url = f"{self._access.url.rstrip('/')}/api/v1/{path}"
        try:
            async with asyncio.timeout_at(deadline):
                async with self._connected().request(
                    "POST" if form else "GET", url, data=form or None, allow_redirects=False
                ) as response:
                    content = await _read(response)
        except TimeoutError:
            raise Unavailable(
                f"The metrics server {self._name} did not answer within {self._access.timeout:g} s."
            ) from None
        except aiohttp.ClientConnectorCertificateError as error:
            hint = "Name the authority's certificate as ca_file of its environment's metrics in environments.yaml."
            raise Unavailable(
                f"The metrics server's ({self._name}) certificate is not one that we trust.", hint=hint
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable(
                f"The metrics server {self._name} cannot be reached ({type(error).__name__}).", hint=_HINT
            ) from error
        return self._understood(response.status, content)

    def _understood(self, status: int, content: bytes) -> dict[str, Any]:
        body = _parsed(content)
        if status == 200 and body.get("status") == "success" and isinstance(body.get("data"), dict):
            return body
        if status in (400, 422) and body.get("error"):
            said = redact(str(body["error"]))[:200]
            raise BadInput(f"The metrics server {self._name} does not understand a query: {said}.")
        if status in (401, 403):
            hint = "Check the token, or name and password, of its environment's metrics in environments.yaml."
            raise Unavailable(f"The metrics server {self._name} refuses to answer us ({status}).", hint=hint)
        if 200 <= status < 400:
            raise Unavailable(f"What answers at {self._name} does not speak like a Prometheus server.", hint=_HINT)
        raise Unavailable(f"The metrics server {self._name} answered with an error ({status}).")

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            ca_file = self._access.ca_file
            tls = ssl.create_default_context(cafile=str(ca_file)) if ca_file else True
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=tls, limit=8), headers=_authorization(self._access)
            )
        return self._session


_HINT = "Check the url of its environment's metrics in environments.yaml."


def _authorization(access: Access) -> dict[str, str]:
    if access.token:
        return {"Authorization": f"Bearer {access.token}"}
    if access.username:
        said = base64.b64encode(f"{access.username}:{access.password}".encode()).decode()
        return {"Authorization": f"Basic {said}"}
    return {}


def _range(query: str, window: Window) -> dict[str, str]:
    first = window.start + window.step
    return {
        "query": query,
        "start": f"{first.timestamp():.3f}",
        "end": f"{window.end.timestamp():.3f}",
        "step": f"{window.step.total_seconds():g}",
    }


def _measured(query: Query, said: str, window: Window, body: dict[str, Any]) -> Measured:
    result, warnings = body["data"].get("result"), body.get("warnings") or ()
    partial = tuple(f"The metrics server warns: {redact(str(warning))[:200]}." for warning in warnings)
    if not result:
        return Measured(query=query, asked=said, partial=partial)
    if len(result) > 1:
        why = f"The query for {query.signal.value} finds {len(result)} series where one is wanted; take the sum or the maximum of them."
        return Measured(query=query, asked=said, partial=(*partial, why))
    return Measured(query=query, asked=said, series=_series(result[0]["values"], window), partial=partial)


def _alert(series: dict[str, Any]) -> Alert:
    """Of the labels, those that tell one alert from another. The value is the moment since when it is active."""
    labels = {str(key): Untrusted(str(value)) for key, value in series["metric"].items() if key != "__name__"}
    return Alert(
        name=labels.pop("alertname"), labels=labels, since=datetime.fromtimestamp(float(series["value"][1]), UTC)
    )


def _series(values: Sequence[tuple[float, str]], window: Window) -> Series:
    """The server leaves gaps out; here each moment of the window has its place."""
    step = window.step.total_seconds()
    first = (window.start + window.step).timestamp()
    by_place = {round((at - first) / step): _number(value) for at, value in values}
    return Series.of((moment.astimezone(UTC), by_place.get(place)) for place, moment in enumerate(window.moments()))


def _finite(values: Sequence[tuple[float, str]]) -> dict[datetime, float]:
    read = ((datetime.fromtimestamp(at, UTC), _number(text)) for at, text in values)
    return {at: number for at, number in read if math.isfinite(number)}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _spelled(step: timedelta) -> str:
    return f"{round(step.total_seconds() * 1000)}ms"


async def _read(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > _LARGEST:
            raise Unavailable(
                f"The metrics server's answer is longer than {_LARGEST // 1024**2} MB.", hint="Ask for less at once."
            )
    return bytes(content)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
