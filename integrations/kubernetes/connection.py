"""One connection to one API server: credentials, time limits, retries. Raw JSON in and out.

The official client brings TLS, kubeconfig, exec plugins and token renewal; its models are left aside, because they cost more than
the calls and refuse what real clusters send. It takes a second to import, so that waits for the first call.
"""

import asyncio
import importlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from integrations.kubernetes.faults import Refused, Unreachable, Unusable, refusal
from integrations.kubernetes.kubeconfig import what_is_wrong

T = TypeVar("T")
_UNSENT = (
    "ClientConnectorError",
    "ConnectionTimeoutError",
    "ClientConnectorCertificateError",
    "ClientProxyConnectionError",
)
_LONGEST_WAIT = 10.0


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Where the API server is and who we are there: a kubeconfig (and a context in it), or the pod's service account."""

    environment: str
    kubeconfig: Path | None = None
    context: str | None = None
    in_cluster: bool = False


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long, in seconds, we wait for a connection, for a whole answer (to a change, which may pass several admission webhooks, for
    longer), and between two lines of a watch; and how often we try.

    The API server is asked to end a watch after `watch`, so that a connection that died silently is noticed.
    """

    connect: float = 5.0
    answer: float = 20.0
    change: float = 35.0
    watch: float = 50.0
    silence: float = 70.0
    tries: int = 4


@dataclass(frozen=True, kw_only=True)
class Call:
    """One HTTP request. `repeatable` says that a second one does no harm: reads, reviews and dry runs."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None
    content_type: str = "application/json"
    accept: str = "application/json"
    repeatable: bool = True


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The body of a good answer, and the server's own time (aware, UTC) if it told it."""

    body: bytes
    date: datetime | None


class Meter(Protocol):
    """Is told of every request before it is sent and of every piece that arrives, and may raise to stop; waits no longer than `left` seconds."""

    def request(self) -> None: ...

    def received(self, size: int) -> None: ...

    @property
    def left(self) -> float: ...


class Connection:
    """Opens itself on first use; `close` when done. Safe to share between the tasks of one event loop."""

    def __init__(
        self, credentials: Credentials, *, limits: Limits | None = None, jitter: Callable[[], float] = random.random
    ) -> None:
        self.limits = limits or Limits()
        self._credentials = credentials
        self._jitter = jitter
        self._opening = asyncio.Lock()
        self._client: Any = None

    async def json(self, call: Call) -> dict[str, Any]:
        """The decoded answer. Raises `Refused` or `Unreachable`."""
        raw = await self._retrying(call, lambda: self._bytes(call, limit=None))
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused(502, message="what answered does not speak JSON; is it an API server?")
        return body

    async def text(self, call: Call, *, limit: int) -> str:
        """The first `limit` bytes of the answer as text, undecodable bytes replaced. Raises `Refused` or `Unreachable`."""
        return (await self.raw(call, limit=limit)).decode(errors="replace")

    async def raw(self, call: Call, *, limit: int) -> bytes:
        """The first `limit` bytes of the answer. Raises `Refused` or `Unreachable`."""
        return await self._retrying(call, lambda: self._bytes(call, limit=limit))

    async def answer(self, call: Call, *, meter: Meter, limit: int | None = None) -> Answer:
        """The whole answer, or its first `limit` bytes, counted. Raises `Refused`, `Unreachable`, and what the meter raises."""
        return await self._retrying(call, lambda: self._metered(call, meter, limit), meter=meter)

    async def open(self) -> None:
        """Load the client and the credentials now rather than with the first call. Raises `Unusable`."""
        await self._connected()

    @asynccontextmanager
    async def lines(self, call: Call) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The answer as JSON objects, one a line, until the server ends it. Raises `Refused` or `Unreachable`."""
        async with self._response(call, silence=self.limits.silence) as response:
            yield _decoded(response)

    async def close(self) -> None:
        """Let go of the sockets. The next call opens them again."""
        async with self._opening:
            client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _retrying(self, call: Call, once: Callable[[], Awaitable[T]], *, meter: Meter | None = None) -> T:
        """Try again where the server asks for it, and where it is certain that a repetition does no harm; never past the meter's end."""
        renewed = False
        for attempt in range(1, self.limits.tries + 1):
            try:
                return await once()
            except Refused as error:
                if error.status == 401 and not renewed:
                    renewed = True
                    await self._renew()
                    continue
                again = error.status == 429 or (call.repeatable and error.status >= 500)
                pause = self._pause(attempt, error.retry_after)
                if attempt == self.limits.tries or not again or (meter and pause >= meter.left):
                    raise
                await asyncio.sleep(pause)
            except Unreachable as error:
                if error.sent or attempt > 1:
                    raise
                await asyncio.sleep(self._pause(attempt, None))
        raise Refused(401, reason="Unauthorized")

    def _pause(self, attempt: int, asked: float | None) -> float:
        backoff = float(0.1 * 2**attempt * (0.5 + self._jitter()))
        return min(max(asked or 0.0, backoff), _LONGEST_WAIT)

    async def _metered(self, call: Call, meter: Meter, limit: int | None) -> Answer:
        meter.request()
        collected = bytearray()
        async with self._response(call, silence=None) as response:
            while (limit is None or len(collected) < limit) and (chunk := await response.content.readany()):
                meter.received(len(chunk))
                collected += chunk
            return Answer(body=bytes(collected[:limit]), date=_date(response.headers))

    async def _bytes(self, call: Call, *, limit: int | None) -> bytes:
        async with self._response(call, silence=None) as response:
            return bytes(await (response.read() if limit is None else _up_to(response, limit)))

    @asynccontextmanager
    async def _response(self, call: Call, *, silence: float | None) -> AsyncIterator[Any]:
        """The open response, if it is a good one. Every failure of the network on the way in or out becomes `Unreachable`."""
        client = await self._connected()
        aiohttp = importlib.import_module("aiohttp")
        whole = self.limits.change if call.method == "PATCH" else self.limits.answer
        total = whole if silence is None else None
        timeout = aiohttp.ClientTimeout(total=total, sock_connect=self.limits.connect, sock_read=silence)
        try:
            method, url, headers, body, _ = await client.param_serialize(
                call.method, call.path, query_params=list(call.query), body=call.body, auth_settings=["BearerToken"],
                header_params={"Content-Type": call.content_type, "Accept": call.accept},
            )  # fmt: skip
            wrapped = await client.call_api(method, url, headers, body, _request_timeout=timeout)
            response = wrapped.response
            try:
                if response.status >= 400:
                    raise refusal(response.status, await _status_body(response), _retry_after(response.headers))
                yield response
            finally:
                response.close()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unreachable(error) from None

    async def _connected(self) -> Any:
        """The client, opened by the first who asks."""
        async with self._opening:
            if self._client is None:
                self._client = await self._connect()
            return self._client

    async def _connect(self) -> Any:
        kubernetes = await asyncio.to_thread(importlib.import_module, "kubernetes.aio.client")
        configuration = kubernetes.Configuration()
        await self._authenticate(configuration)
        try:
            return kubernetes.ApiClient(configuration=configuration)
        except (OSError, ValueError) as error:
            raise self._unusable(error) from None

    async def _renew(self) -> None:
        """Read the credentials again: tokens and exec plugins expire."""
        await self._authenticate((await self._connected()).configuration)

    async def _authenticate(self, configuration: Any) -> None:
        config = await asyncio.to_thread(importlib.import_module, "kubernetes.aio.config")
        wanted = self._credentials
        if wanted.kubeconfig is not None and not wanted.kubeconfig.is_file() and not wanted.in_cluster:
            raise Unusable(
                f"There is no kubeconfig at {wanted.kubeconfig}.",
                hint="Name a file that is there, and that I may read.",
            )
        try:
            if wanted.in_cluster:
                config.load_incluster_config(client_configuration=configuration)
                return
            path = str(wanted.kubeconfig) if wanted.kubeconfig else None
            async with asyncio.timeout(self.limits.answer):  # an exec plugin may wait for somebody who is not there
                await config.load_kube_config(
                    config_file=path, context=wanted.context, client_configuration=configuration, persist_config=False
                )
        except Exception as error:  # noqa: BLE001 - a malformed kubeconfig surfaces as almost any exception of the client
            raise self._unusable(error) from None

    def _unusable(self, error: Exception) -> Unusable:
        source = "The pod's service account" if self._credentials.in_cluster else "The kubeconfig"
        wrong = what_is_wrong(self._credentials.kubeconfig, self._credentials.context, error)
        return Unusable(f"{source} does not lead to a cluster: {wrong}")


def _unreachable(error: Exception) -> Unreachable:
    names = {kind.__name__ for kind in type(error).__mro__}
    unsent = any(name in names for name in _UNSENT)
    if "ConnectionTimeoutError" in names:
        return Unreachable("the connection timed out", sent=False)
    if isinstance(error, TimeoutError):
        return Unreachable("it took too long", sent=True)
    if "ClientConnectorDNSError" in names:
        return Unreachable("its host name is not known", sent=False)
    if "ClientSSLError" in names or "ClientConnectorCertificateError" in names:
        return Unreachable("its TLS certificate was not accepted", sent=False)
    return Unreachable("the connection was refused" if unsent else "the connection broke", sent=not unsent)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    given = headers.get("Retry-After", "")
    return float(given) if given.isdigit() else None


def _date(headers: Mapping[str, str]) -> datetime | None:
    try:
        return parsedate_to_datetime(headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        return None


async def _status_body(response: Any) -> Any:
    raw = bytes(await _up_to(response, 64 * 1024))
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")[:500]


async def _up_to(response: Any, limit: int) -> bytearray:
    collected = bytearray()
    while len(collected) < limit and (chunk := await response.content.read(limit - len(collected))):
        collected += chunk
    return collected


async def _decoded(response: Any) -> AsyncIterator[dict[str, Any]]:
    try:
        while line := await response.content.readline():
            yield json.loads(line)
    except ValueError:
        raise Unreachable("the connection broke in the middle of a line", sent=True) from None
