"""The check of signed HTTP requests, before Bolt sees them.

Bolt would raise on what is not UTF-8, not JSON or not a number, and would lose a command in whose text the word “payload” occurs. Here
everything that is not a fresh, well-formed delivery signed by Slack is answered 401, and nothing else is said about why.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from slack_sdk.signature import Clock, SignatureVerifier
from starlette.requests import ClientDisconnect, Request

LARGEST = 1_000_000
"""Bytes; Slack's own deliveries stay far below."""

ACCEPTED = timedelta(minutes=10)
"""A signature is good for five minutes before and after its time stamp."""

_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"


class Forged(Exception):
    """Not a delivery that can be trusted. The text is for the log."""


class _Now(Clock):
    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock().timestamp()


class Gate:
    """Knows the signing secret, and which signatures have done their work."""

    def __init__(self, signing_secret: str, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._verifier = SignatureVerifier(signing_secret, clock=_Now(clock))
        self._spent: dict[str, datetime] = {}

    async def admit(self, request: Request) -> tuple[str, Mapping[str, Any]]:
        """The body as it came, and what it says. Raises `Forged`."""
        body = await _limited(request)
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind == _FORM and dict(parse_qsl(body)).get("ssl_check") == "1":
            return body, {"type": "ssl_check"}
        self._check_signature(body, request.headers)
        if request.headers["x-slack-signature"] in self._spent and "x-slack-retry-num" not in request.headers:
            raise Forged("a replay")
        return body, _parsed(body, kind)

    def spend(self, request: Request) -> None:
        """This request was stored: the very same signature is a replay from now on, unless Slack says that it delivers again.

        Kept for as long as the signature would be accepted, in this process. The inbox is what keeps anything from happening twice;
        this only answers a replay for what it is.
        """
        now = self._clock()
        for signature in [each for each, until in self._spent.items() if until < now]:
            del self._spent[signature]
        if spent := request.headers.get("x-slack-signature"):
            self._spent[spent] = now + ACCEPTED

    def _check_signature(self, body: str, headers: Mapping[str, str]) -> None:
        timestamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
            raise Forged("no timestamp")
        if not signature.isascii() or not self._verifier.is_valid(body, timestamp, signature):
            raise Forged("the signature does not fit, or is too old")


async def _limited(request: Request) -> str:
    received = bytearray()
    try:
        async for piece in request.stream():
            received += piece
            if len(received) > LARGEST:
                raise Forged("too large")
    except ClientDisconnect:
        raise Forged("hung up in the middle") from None
    try:
        return received.decode()
    except UnicodeDecodeError:
        raise Forged("not UTF-8") from None


def _parsed(body: str, kind: str) -> Mapping[str, Any]:
    try:
        if kind == _JSON:
            parsed = json.loads(body)
        elif kind == _FORM:
            form = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True, max_num_fields=100))
            parsed = json.loads(form["payload"]) if "payload" in form and "command" not in form else form
        else:
            raise Forged("of an unknown content type")
    except (ValueError, RecursionError):
        raise Forged("signed, but not well-formed") from None
    if not isinstance(parsed, dict):
        raise Forged("signed, but not an object")
    return parsed
