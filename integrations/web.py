"""One HTTP service that answers questions in JSON: bounded in time and bytes, patient with one that is busy, and honest about the rest.

What goes wrong becomes `Unavailable` with a sentence; what the service itself said is quoted shortly, without secrets.
"""

import asyncio
import base64
import importlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from skills.core.errors import Unavailable
from skills.core.redaction import redact

_LONGEST_SAID = 200
_LONGEST_WAIT = 5.0
_PLENTY = 64 * 1024

Scheme = Literal["bearer", "basic", "api-key"]


@dataclass(frozen=True, kw_only=True)
class Service:
    """What is asked, and as whom. `name` is what people call it (“Loki”), `where` whose it is (“of production”), `url` its root.

    `key` is a token, or `user:password` for "basic"; "" for none. `setting` names the part of the configuration to look at.
    """

    name: str
    where: str
    url: str
    setting: str
    key: str = ""
    scheme: Scheme = "bearer"

    def __str__(self) -> str:
        return f"{self.name} {self.where}"


@dataclass(frozen=True, kw_only=True)
class WebLimits:
    """Seconds for a connection and for a whole answer, bytes of an answer, and how often a busy service is asked."""

    connect: float = 3.0
    answer: float = 10.0
    most_bytes: int = 32 * 1024 * 1024
    tries: int = 3


class Refusal(Exception):
    """The service answered with an error that the caller may know how to read. `body` is what it said, decoded if it was JSON."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body


class _TooLarge(Exception):
    """More bytes came than are wanted."""


class WebService:
    """Opens its connections on first use; `close` when done. Safe to share between the tasks of one event loop."""

    def __init__(
        self, service: Service, *, headers: Mapping[str, str] | None = None, limits: WebLimits | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self.service = service
        self._headers = {"Accept": "application/json", **_authorization(service), **(headers or {})}
        self._limits = limits or WebLimits()
        self._sleep = sleep
        self._session: Any = None

    async def get(self, path: str, query: Mapping[str, str | int]) -> Any:
        """The decoded answer to a question in the URL. Raises `Refusal` for a 4xx, `Unavailable` for everything else."""
        return await self._patiently("GET", path, params={key: str(value) for key, value in query.items()})

    async def post(self, path: str, query: Mapping[str, str | int], body: Mapping[str, Any]) -> Any:
        """The same for a question in a body; asking twice does no harm."""
        return await self._patiently("POST", path, params={key: str(value) for key, value in query.items()}, json=body)

    async def close(self) -> None:
        """Let go of the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _patiently(self, method: str, path: str, **request: Any) -> Any:
        for attempt in range(1, self._limits.tries + 1):
            status, headers, raw = await self._once(method, path, request)
            if status < 300:
                return self._decoded(raw)
            if status not in (429, 502, 503, 504) or attempt == self._limits.tries:
                raise self._refused(status, raw)
            await self._sleep(_pause(attempt, headers.get("Retry-After", "")))
        raise self._refused(503, b"")

    async def _once(self, method: str, path: str, request: Mapping[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        aiohttp = importlib.import_module("aiohttp")
        try:
            # A redirect would take the credentials elsewhere.
            async with self._opened().request(
                method, self.service.url.rstrip("/") + path, allow_redirects=False, **request
            ) as response:
                most = self._limits.most_bytes if response.status < 300 else _PLENTY
                return response.status, response.headers, await _read(response, most, strict=response.status < 300)
        except _TooLarge:
            megabytes = self._limits.most_bytes // (1024 * 1024)
            raise Unavailable(
                f"{self.service} answered with more than {megabytes} MB.", hint="Ask for a shorter time."
            ) from None
        except TimeoutError:
            raise self._silent("it took too long") from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._silent(_reason(error)) from None

    def _opened(self) -> Any:
        if self._session is None:
            aiohttp = importlib.import_module("aiohttp")
            timeout = aiohttp.ClientTimeout(total=self._limits.answer, sock_connect=self._limits.connect)
            self._session = aiohttp.ClientSession(timeout=timeout, headers=self._headers, trust_env=True)
        return self._session

    def _decoded(self, raw: bytes) -> Any:
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            raise Unavailable(
                f"What answers at the address of {self.service} does not speak its language.",
                hint=f"Check {self.service.setting}.",
            ) from None

    def _silent(self, why: str) -> Unavailable:
        return Unavailable(f"{self.service} did not answer: {why}.", hint="Try again when it is back.")

    def _refused(self, status: int, raw: bytes) -> Refusal | Unavailable:
        if status in (401, 403):
            return Unavailable(
                f"{self.service} does not let me read ({status}).", hint=f"Check the key for {self.service.setting}."
            )
        if status == 429:
            return Unavailable(f"{self.service} has too much to do ({status}).", hint="Try again in a minute.")
        if 300 <= status < 400:
            return Unavailable(f"{self.service} sends me elsewhere ({status}).", hint=f"Check {self.service.setting}.")
        if status >= 500:
            return Unavailable(f"{self.service} failed ({status}){told(_loose(raw))}.", hint="Try again in a minute.")
        return Refusal(status, _loose(raw))


def told(message: object) -> str:
    """“: ” and what a service said, fit to be shown; "" if it said nothing in words."""
    if not isinstance(message, str):
        return ""
    plain = "".join(c for c in redact(" ".join(message[: 4 * _LONGEST_SAID].split())) if c.isprintable()).rstrip(".")
    return f": {plain[:_LONGEST_SAID]}{'…' if len(plain) > _LONGEST_SAID else ''}" if plain else ""


def mapping(value: Any) -> Mapping[str, Any]:
    """`value` if it is a JSON object, else an empty one: services answer with null where one expects more."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """`value` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def _authorization(service: Service) -> dict[str, str]:
    if not service.key:
        return {}
    match service.scheme:
        case "basic":
            return {"Authorization": f"Basic {base64.b64encode(service.key.encode()).decode()}"}
        case "api-key":
            return {"Authorization": f"ApiKey {service.key}"}
        case _:
            return {"Authorization": f"Bearer {service.key}"}


def _pause(attempt: int, asked: str) -> float:
    backoff = 0.2 * float(2**attempt)
    return min(max(float(asked) if asked.isdigit() else 0.0, backoff), _LONGEST_WAIT)


def _loose(raw: bytes) -> Any:
    """The body of an error: decoded if it is JSON, else as text."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode(errors="replace")


def _reason(error: Exception) -> str:
    names = {kind.__name__ for kind in type(error).__mro__}
    if "ClientConnectorDNSError" in names:
        return "its host name is not known"
    if names & {"ClientSSLError", "ClientConnectorCertificateError"}:
        return "its TLS certificate was not accepted"
    return "the connection was refused" if "ClientConnectorError" in names else "the connection broke"


async def _read(response: Any, most: int, *, strict: bool) -> bytes:
    collected = bytearray()
    while chunk := await response.content.read(64 * 1024):
        collected += chunk
        if len(collected) > most:
            if strict:
                raise _TooLarge
            break
    return bytes(collected[:most])
