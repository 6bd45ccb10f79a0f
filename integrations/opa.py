"""An OPA server that decides: one POST to its Data API for each question, nothing cached, nothing allowed without an answer."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from skills.core.canonical import Json
from skills.core.errors import Unavailable
from skills.core.ports.rego import QUERY, Evaluation, Undecided

_LARGEST = 1024 * 1024
"""Bytes of an answer that are read."""


class OpaServer:
    """The server at `url` (http or https, without a path). `token` is sent as a bearer token, unless it is empty."""

    def __init__(self, url: str, *, token: str = "", seconds: float = 2.0) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    @property
    def fingerprint(self) -> str:
        return f"opa:{self._url}"

    async def evaluate(self, facts: Mapping[str, Json]) -> Evaluation:
        """The server's decision, with its id and the revision of its bundles. Raises `Undecided` or `Unavailable`."""
        status, body = await self._post(json.dumps({"input": facts}))
        if status >= 500:
            raise Unavailable(f"The policy server at {self._url} has a problem (HTTP {status}).")
        if status != 200:
            raise Undecided(f"The policy server at {self._url} would not decide (HTTP {status}).")
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise Undecided(f"The policy server at {self._url} answered with something that is not a decision.")
        if "result" not in answer:
            raise Undecided(f"The policy server at {self._url} has no answer at {QUERY}; load the policies there.")
        decision = answer.get("decision_id")
        return Evaluation(
            value=answer["result"],
            bundle=self._revision(answer.get("provenance")),
            decision=decision if isinstance(decision, str) else "",
        )

    async def close(self) -> None:
        """Let go of connections; the next question makes new ones."""
        session, self._session = self._session, None
        if session:
            await session.close()

    async def _post(self, body: str) -> tuple[int, bytes]:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers={**self._headers, "Content-Type": "application/json"})
        url = f"{self._url}/v1/data/{QUERY}?provenance=true"
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._session.post(url, data=body, allow_redirects=False) as answer,
            ):
                return answer.status, await self._read(answer)
        except TimeoutError:
            raise Unavailable(
                f"The policy server at {self._url} did not answer within {self._seconds:g} seconds."
            ) from None
        except (aiohttp.ClientError, OSError):
            raise Unavailable(f"The policy server at {self._url} cannot be reached.") from None

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        body = await answer.content.read(_LARGEST + 1)
        while len(body) <= _LARGEST and (more := await answer.content.read(_LARGEST)):
            body += more
        if len(body) > _LARGEST:
            raise Undecided(f"The policy server at {self._url} gave an answer of more than {_LARGEST // 1024} KiB.")
        return body

    def _revision(self, provenance: Any) -> str:
        """What the server says of the bundles that decided; without bundles, where it is."""
        bundles = provenance.get("bundles") if isinstance(provenance, dict) else None
        if not isinstance(bundles, dict):
            return self.fingerprint
        named = [
            f"{name}={each.get('revision', '')}" for name, each in sorted(bundles.items()) if isinstance(each, dict)
        ]
        return f"{self.fingerprint}#{','.join(named)}"[:500] if named else self.fingerprint
