"""What can go wrong between us and an API server, and the sentence for each.

Inside this package a failed call is `Refused` (the server said no), or `Unreachable` (it said nothing). Only `translate` and its
siblings turn them into the errors that the rest of Countersign knows, because only the caller knows what was being attempted.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from integrations.kubernetes.kinds import GRANT
from skills.core.errors import Anticipated, Conflict, NotAllowed, Unavailable, Unclear
from skills.core.redaction import redact

_LONGEST_SAID = 300
_BLOB = re.compile(r'"(?:[^"\\]|\\.){100,}"')


class Refused(Exception):
    """The API server answered with an error. `causes` are the server's own details, in order."""

    def __init__(
        self, status: int, *, reason: str = "", message: str = "", named: bool = False, causes: tuple[str, ...] = (),
        retry_after: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.message = message
        self.named = named
        self.causes = causes
        self.retry_after = retry_after

    @property
    def failed_test(self) -> bool:
        """Did a `test` of a JSON patch fail? The server then says 422 and names neither object nor cause; every other 422 does."""
        return self.status == 422 and not self.named and not self.causes


class Unreachable(Exception):
    """No answer came. `sent` is false when the request certainly never reached a server."""

    def __init__(self, text: str, *, sent: bool) -> None:
        super().__init__(text)
        self.text = text
        self.sent = sent


class Unusable(Unavailable):
    """The connection cannot be set up at all: no kubeconfig, no such context, no service account."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What was being tried, in words for people: `verb` and `resource` are Kubernetes' own ("patch", "deployments")."""

    verb: str
    resource: str
    environment: str
    namespace: str = ""
    name: str = ""
    extra: str = field(default="")

    def __str__(self) -> str:
        what = f"{self.resource} {self.name}".strip()
        where = f" in namespace {self.namespace}" if self.namespace else ""
        return f"{self.verb} {what}{where} of {self.environment}"


def refusal(status: int, body: Any, retry_after: float | None) -> Refused:
    """The `Refused` in a Status body, or in whatever a proxy put in its place."""
    if not isinstance(body, dict):
        return Refused(status, message=str(body or ""), retry_after=retry_after)
    details = body.get("details") or {}
    causes = tuple(str(cause.get("message", "")) for cause in details.get("causes") or ())
    seconds = details.get("retryAfterSeconds")
    return Refused(
        status,
        reason=str(body.get("reason", "")),
        message=str(body.get("message", "")),
        named=bool(details.get("name")),
        causes=causes,
        retry_after=float(seconds) if retry_after is None and seconds else retry_after,
    )


def said(message: str) -> str:
    """A server's sentence fit to show: quoted objects left out, secrets and control characters too, and short."""
    plain = redact(" ".join(_BLOB.sub("“…”", message).split()))
    plain = "".join(c for c in plain if c.isprintable()).rstrip(".")
    return plain if len(plain) <= _LONGEST_SAID else plain[:_LONGEST_SAID] + "…"


def translate(error: Refused | Unreachable, attempt: Attempt) -> Anticipated:
    """The error for a call that changes nothing."""
    if isinstance(error, Unreachable):
        return Unavailable(
            f"The cluster of {attempt.environment} did not answer when I tried to {attempt}: {error.text}.",
            hint="Try again when it is back; nothing was changed.",
        )
    if error.status == 401:
        return Unavailable(
            f"The cluster of {attempt.environment} does not accept my credentials.",
            hint="Check the kubeconfig or the service account token with `countersign doctor`.",
        )
    if error.status == 403:
        return Unavailable(
            f"I may not {attempt}: the cluster forbids it.",
            hint=f"The Role in {GRANT} grants exactly what I need; `countersign doctor` lists what is missing.",
        )
    if error.status == 429:
        return Unavailable(
            f"The cluster of {attempt.environment} has too much to do to {attempt.verb} {attempt.resource} for me.",
            hint="Try again in a minute.",
        )
    told = f": {said(error.message)}" if error.message else ""
    return Unavailable(
        f"The cluster of {attempt.environment} failed ({error.status}) when I tried to {attempt}{told}.",
        hint="Try again in a minute.",
    )


def translate_change(error: Refused | Unreachable, attempt: Attempt, *, dry_run: bool) -> Anticipated:
    """The error for a patch. Without an answer to the real one, nobody knows whether it was made: `Unclear`."""
    if isinstance(error, Refused):
        return _refused_change(error, attempt, dry_run=dry_run)
    if dry_run or not error.sent:
        return translate(error, attempt)
    return _unclear(attempt, error.text)


def _refused_change(error: Refused, attempt: Attempt, *, dry_run: bool) -> Anticipated:
    if error.status == 404:
        return Conflict(f"{attempt.name} is no longer in namespace {attempt.namespace} of {attempt.environment}.")
    if error.status == 409 or error.failed_test:
        return Conflict(
            f"{attempt.name} in {attempt.environment} changed between looking and acting; nothing was done.",
            hint="Ask again to see it as it is now.",
        )
    if error.status in {400, 422} or (error.status == 403 and not _lacks_rights(error)):
        return NotAllowed(
            f"The cluster of {attempt.environment} refuses this change of {attempt.name}: {said(error.message)}."
        )
    if error.status >= 500 and not dry_run:
        return _unclear(attempt, f"the server failed with {error.status}")
    return translate(error, attempt)


def _lacks_rights(error: Refused) -> bool:
    """Is this 403 about our Role? Admission (quotas, webhooks, policies) also says 403, in other words."""
    return bool(re.search(r"\bUser \"[^\"]*\" cannot (?:\w+ )+resource\b", error.message)) or not error.message


def _unclear(attempt: Attempt, why: str) -> Unclear:
    return Unclear(
        f"I sent the change of {attempt.name} to the cluster of {attempt.environment} and got no answer ({why}).",
        hint="It may or may not have been made; I read it back before anything else.",
    )
