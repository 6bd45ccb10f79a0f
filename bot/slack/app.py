"""One Bolt app for both ways in: Socket Mode and signed HTTP."""

import logging
from http import HTTPStatus
from typing import Any

import structlog
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.slack.gate import Forged, Gate
from bot.slack.ingest import PARSED, Ingest

log = structlog.get_logger()

PATH = "/slack/events"


def bolt_app(web: AsyncWebClient, ingest: Ingest) -> AsyncApp:
    """The app. Signatures are checked by the gate, which HTTP requests pass first; Socket Mode has none."""
    return AsyncApp(
        client=web,
        before_authorize=ingest,
        request_verification_enabled=False,
        logger=logging.getLogger("slack_bolt"),
    )


def http_route(app: AsyncApp, gate: Gate) -> Route:
    """Where Slack delivers events, commands and interactions in http mode."""
    bolt = AsyncSlackRequestHandler(app)

    async def receive(request: Request) -> Response:
        try:
            body, parsed = await gate.admit(request)
        except Forged as reason:
            log.warning("a request was refused", reason=str(reason))
            return Response(status_code=401)
        if parsed.get("type") == "ssl_check":
            return Response(status_code=200)
        handshake = parsed.get("type") == "url_verification"
        response = await bolt.handle(_already_read(request, body if handshake else "{}"), {PARSED: dict(parsed)})
        if response.status_code == HTTPStatus.OK:
            gate.spend(request)
        return response

    return Route(PATH, receive, methods=["POST"])


def _already_read(request: Request, body: str) -> Request:
    """The same request with this body. Bolt reads bodies in its own way and raises on odd ones: it gets to see handshakes only, and
    what is acted on is what the gate parsed.
    """

    async def replay() -> dict[str, Any]:
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    return Request(request.scope, replay)
