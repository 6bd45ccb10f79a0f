"""The addresses at which others deliver. A delivery is committed before it is answered; a sender that gets anything but 200 sends it again."""

import base64
import binascii
import hmac
import time
from collections.abc import Callable, Sequence

import structlog
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.hooks import alertmanager
from bot.store import Store
from bot.store.alerts import Arrived
from skills.core.catalog import Catalog
from skills.core.errors import BadInput, Unavailable

log = structlog.get_logger()

LARGEST = 5 * 1024 * 1024
"""Bytes of a delivery: ten thousand alerts with a page of annotations each are fewer."""
_BURST, _PER_SECOND = 200, 50.0

Reader = Callable[[bytes, Catalog], Sequence[Arrived]]


class Hooks:
    """Takes what Alertmanager delivers at /hooks/alertmanager, from whoever knows `secret`: as a bearer token, or as the password of basic
    authentication. `now` is seconds of a clock that never goes back.
    """

    def __init__(
        self, store: Store, catalog: Catalog, secret: SecretStr | None, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._secret = secret
        self._pace = _Pace(now)

    def routes(self) -> Sequence[Route]:
        """None where there is no secret."""
        return [Route("/hooks/alertmanager", self._alertmanager, methods=["POST"])] if self._secret else []

    async def _alertmanager(self, request: Request) -> Response:
        return await self._take(request, alertmanager.SOURCE, alertmanager.read)

    async def _take(self, request: Request, source: str, read: Reader) -> Response:
        if not self._known(request.headers.get("authorization", "")):
            log.warning("a delivery without the right secret", source=source)
            challenge = {"WWW-Authenticate": 'Bearer, Basic realm="countersign"'}
            return PlainTextResponse("This needs the secret of this source.\n", 401, headers=challenge)
        if wait := self._pace.wait():
            return PlainTextResponse(
                "Too many deliveries at once: group alerts, or send this again.\n",
                429,
                headers={"Retry-After": f"{wait:.0f}"},
            )
        body = await _body(request)
        if body is None:
            return PlainTextResponse(f"A delivery has at most {LARGEST} bytes.\n", 413)
        try:
            arrived = read(body, self._catalog)
            await self._store.alerts.receive(arrived)
        except BadInput as problem:
            log.warning("a delivery that cannot be read", source=source, problem=problem.text)
            return PlainTextResponse(f"{problem.text}\n", 400)
        except Unavailable as problem:
            log.warning("a delivery could not be stored", source=source, problem=problem.text)
            return PlainTextResponse("It could not be stored: send it again.\n", 503, headers={"Retry-After": "5"})
        return PlainTextResponse(f"{len(arrived)} taken.\n")

    def _known(self, header: str) -> bool:
        assert self._secret
        kind, _, rest = header.partition(" ")
        given = rest.strip() if kind.lower() == "bearer" else _password(rest) if kind.lower() == "basic" else ""
        return hmac.compare_digest(
            given.encode("utf-8", "surrogateescape"), self._secret.get_secret_value().encode("utf-8")
        )


class _Pace:
    """A bucket of deliveries that fills up again."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._left, self._at = float(_BURST), now()

    def wait(self) -> float:
        """0 if one may come in now, else in how many whole seconds."""
        now = self._now()
        self._left, self._at = min(float(_BURST), self._left + (now - self._at) * _PER_SECOND), now
        if self._left < 1:
            return 1.0
        self._left -= 1
        return 0.0


async def _body(request: Request) -> bytes | None:
    """All of it; None as soon as it is too long, whatever length it said."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST:
            return None
        parts.append(part)
    return b"".join(parts)


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
