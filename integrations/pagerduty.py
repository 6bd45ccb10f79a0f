"""PagerDuty: pages by its Events API v2 where a service has a routing key, else by its REST API, which is also asked who is on call.

A page's key is PagerDuty's dedup key, so sending it again is the same incident there. The official client blocks, so every call has a thread. It is
given a few tries and then says so, instead of waiting for ever as it would by itself.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from skills.core.errors import NotAllowed, Unavailable, UnknownName
from skills.core.names import ServiceName, Subject
from skills.core.ports.pager import Called, Page, Paged, PageState, Responder, Rota, Shift, Urgency
from skills.core.redaction import redact

T = TypeVar("T")

API, EVENTS = "https://api.pagerduty.com", "https://events.pagerduty.com"
_SUMMARY = 1024
_TITLE = 500
_AHEAD = timedelta(days=30)
_OPEN_THERE = 2002
"""What PagerDuty's REST API answers, with 400, where an incident with that key is open."""
_STATES = {each.value: each for each in PageState}


@dataclass(frozen=True, kw_only=True)
class PagerDutyService:
    """A service of ours: its id there, and the routing key of an Events API v2 integration on it, "" for none."""

    id: str
    routing_key: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class PagerDutyAccount:
    """Where and as whom. `sender` is the e-mail address of a user there, in whose name incidents are opened; `people` are users there by our subjects."""

    token: str = field(repr=False)
    sender: str
    services: Mapping[str, PagerDutyService]
    people: Mapping[str, str] = field(default_factory=dict)
    api_url: str = API
    events_url: str = EVENTS
    tries: int = 2
    pause: float = 0.5


class PagerDuty:
    """Satisfies `OnCall` and `Pager`. `names` are our people's, by subject. Opens its connections on first use; `close` when done."""

    def __init__(self, account: PagerDutyAccount, *, names: Mapping[str, str], clock: Callable[[], datetime]) -> None:
        self._account = account
        self._names = names
        self._clock = clock
        self._subjects = {user: Subject(subject) for subject, user in account.people.items()}
        self._rest: Any = None
        self._events: dict[str, Any] = {}
        self._lock = asyncio.Lock()

    def covers(self, service: str) -> bool:
        """Is this a service that PagerDuty knows?"""
        return service in self._account.services

    async def covered(self) -> Sequence[ServiceName]:
        return sorted(map(ServiceName, self._account.services))

    async def rota(self, service: ServiceName, *, at: datetime) -> Rota:
        policy = await self._policy_of(self._service(service))
        query = {
            "escalation_policy_ids[]": [policy["id"]], "since": at.isoformat(), "until": (at + _AHEAD).isoformat(), "time_zone": "UTC",
        }  # fmt: skip
        shifts = [
            self._shift(each) for each in await self._ask(lambda: self._client().list_all("/oncalls", params=query))
        ]
        shifts.sort(key=lambda each: (each.level, each.start or at))
        now = tuple(
            each for each in shifts if (each.start is None or each.start <= at) and (each.end is None or at < each.end)
        )
        following: dict[tuple[int, str], Shift] = {}
        for each in shifts:
            if each.start and each.start > at:
                following.setdefault((each.level, each.schedule), each)
        return Rota(service=service, escalation=str(policy.get("summary", "")), now=now, next=tuple(following.values()))

    async def page(self, page: Page) -> Paged:
        service = self._service(page.service)
        if page.subjects:
            raise NotAllowed(
                "PagerDuty calls whoever is on call, and nobody by name.", hint="Page the service instead."
            )
        if there := await self.look(page.key):
            return there
        if service.routing_key:
            await self._ask(lambda: self._trigger(service, page))
            return await self.look(page.key) or Paged(key=page.key, state=PageState.TRIGGERED, service=page.service)
        opened = await self._ask(lambda: self._open(service, page))
        if opened is None:
            there = await self.look(page.key)
            if there is None:
                raise Unavailable("PagerDuty says that the incident is there already, and does not show it.")
            return there
        return self._paged(page.key, opened)

    async def acknowledge(self, key: str, *, by: Subject) -> Paged:
        return await self._move(key, PageState.ACKNOWLEDGED)

    async def resolve(self, key: str, *, by: Subject | None) -> Paged:
        return await self._move(key, PageState.RESOLVED)

    async def look(self, key: str) -> Paged | None:
        found = await self._found(key)
        return self._paged(key, found) if found else None

    async def check(self) -> str:
        """Reads every service that is configured; a sentence for `doctor`. Raises like the others."""
        for service in self._account.services.values():
            await self._policy_of(service)
        count = len(self._account.services)
        return f"{self._account.api_url} knows {count} service{'s' if count != 1 else ''} of ours"

    async def close(self) -> None:
        """Let go of the connections."""
        for client in (self._rest, *self._events.values()):
            if client is not None:
                client.close()
        self._rest, self._events = None, {}

    async def _policy_of(self, service: PagerDutyService) -> Mapping[str, Any]:
        found = await self._ask(lambda: self._client().rget(f"/services/{service.id}"))
        policy: Mapping[str, Any] = found["escalation_policy"]
        return policy

    async def _move(self, key: str, state: PageState) -> Paged:
        found = await self._found(key)
        if found is None:
            raise UnknownName("page", key)
        there = self._paged(key, found)
        if there.state in (state, PageState.RESOLVED):
            return there
        body = {"incident": {"type": "incident_reference", "status": state.value}}
        moved = await self._ask(lambda: self._client().rput(f"/incidents/{found['id']}", json=body["incident"]))
        return self._paged(key, moved)

    async def _found(self, key: str) -> Mapping[str, Any] | None:
        """The newest incident with this key."""
        query = {"incident_key": key, "date_range": "all", "sort_by": "created_at:desc"}
        found = await self._ask(lambda: self._client().list_all("/incidents", params=query))
        return found[0] if found else None

    def _trigger(self, service: PagerDutyService, page: Page) -> str:
        client = self._events_client(service.routing_key)
        key: str = client.trigger(
            page.summary[:_SUMMARY],
            str(page.service),
            dedup_key=page.key,
            severity="critical" if page.urgency is Urgency.HIGH else "warning",
            custom_details={"requester": self._names.get(page.requester or "", "") or "Countersign"},
            links=[{"href": page.url, "text": "Look at it"}] if page.url else None,
        )
        return key

    def _open(self, service: PagerDutyService, page: Page) -> Mapping[str, Any] | None:
        """The incident that was opened; None where one of this key is open already."""
        incident = {
            "type": "incident",
            "title": page.summary[:_TITLE],
            "service": {"id": service.id, "type": "service_reference"},
            "urgency": page.urgency.value,
            "incident_key": page.key,
            "body": {"type": "incident_body", "details": f"{page.summary} {page.url}".strip()},
        }
        response = self._client().post("/incidents", json={"incident": incident})
        if response.status_code == 400 and (response.json().get("error") or {}).get("code") == _OPEN_THERE:
            return None
        from pagerduty import HttpError  # noqa: PLC0415 - only who has PagerDuty pays for it

        if not response.is_success:
            raise HttpError("PagerDuty did not open an incident", response)
        opened: Mapping[str, Any] = response.json()["incident"]
        return opened

    def _paged(self, key: str, incident: Mapping[str, Any]) -> Paged:
        called = tuple(
            Called(
                responder=self._responder(each["assignee"]),
                step=0,
                level=1,
                at=_moment(each.get("at")) or self._clock(),
            )
            for each in incident.get("assignments") or ()
        )
        answered = tuple(self._responder(each["acknowledger"]) for each in incident.get("acknowledgements") or ())
        service = next(
            (name for name, each in self._account.services.items() if each.id == incident["service"]["id"]), ""
        )
        return Paged(
            key=key,
            state=_STATES[incident["status"]],
            service=service,
            summary=str(incident.get("title") or ""),
            opened_at=_moment(incident.get("created_at")),
            called=called,
            acknowledged_by=answered,
            incident=str(incident["id"]),
            url=str(incident.get("html_url") or ""),
        )

    def _shift(self, oncall: Mapping[str, Any]) -> Shift:
        return Shift(
            responder=self._responder(oncall["user"]),
            start=_moment(oncall.get("start")),
            end=_moment(oncall.get("end")),
            level=int(oncall["escalation_level"]),
            schedule=str((oncall.get("schedule") or {}).get("summary") or ""),
        )

    def _responder(self, user: Mapping[str, Any]) -> Responder:
        subject = self._subjects.get(str(user["id"]))
        name = self._names.get(subject, "") if subject else ""
        return Responder(name=name or str(user.get("summary") or user["id"]), subject=subject)

    def _service(self, service: str) -> PagerDutyService:
        found = self._account.services.get(service)
        if found is None:
            raise NotAllowed(f"Nobody is on call for {service}: PagerDuty is told of no such service.", hint="Name it in oncall.yaml (pagerduty.services).")  # fmt: skip
        return found

    def _client(self) -> Any:
        if self._rest is None:
            from pagerduty import RestApiV2Client  # noqa: PLC0415

            account = self._account
            self._rest = self._patient(
                RestApiV2Client(account.token, default_from=account.sender, base_url=account.api_url)
            )
        return self._rest

    def _events_client(self, routing_key: str) -> Any:
        if routing_key not in self._events:
            from pagerduty import EventsApiV2Client  # noqa: PLC0415

            self._events[routing_key] = self._patient(EventsApiV2Client(routing_key, base_url=self._account.events_url))
        return self._events[routing_key]

    def _patient(self, client: Any) -> Any:
        """The client with an end to its patience: by itself it tries 429 for ever."""
        client.retry.update(dict.fromkeys((429, 500, 502, 503, 504), self._account.tries))
        client.max_network_attempts = self._account.tries
        client.sleep_timer = self._account.pause
        return client

    async def _ask(self, call: Callable[[], T]) -> T:
        """One after another, in a thread. Raises `Unavailable` and `NotAllowed` with sentences."""
        from pagerduty import Error  # noqa: PLC0415

        async with self._lock:
            try:
                return await asyncio.to_thread(call)
            except Error as error:
                raise _told(error) from error


def _told(error: Any) -> Unavailable | NotAllowed:
    """What went wrong, without anything secret."""
    response = error.response
    if response is None:
        return Unavailable(
            "PagerDuty does not answer.", hint="Is its address in oncall.yaml right, and reachable from here?"
        )
    match response.status_code:
        case 401:
            return Unavailable(
                "PagerDuty does not accept our key.", hint="Renew PAGERDUTY_TOKEN; it may be of another region."
            )
        case 403:
            return Unavailable(
                "PagerDuty's key may not do that.",
                hint="It needs to read services and on-calls, and to write incidents.",
            )
        case 429:
            return Unavailable("PagerDuty has had too many requests from this account.")
        case status if status >= 500:
            return Unavailable(f"PagerDuty has trouble of its own ({status}).")
        case status:
            return NotAllowed(f"PagerDuty refuses that ({status}){_said(response)}.")


def _said(response: Any) -> str:
    try:
        body = response.json()
    except ValueError:
        return ""
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping):
        lines = [str(error.get("message") or ""), *map(str, error.get("errors") or ())]
    else:
        lines = (
            [str(body.get("message") or ""), *map(str, body.get("errors") or ())] if isinstance(body, Mapping) else []
        )
    text = redact("; ".join(line.rstrip(".") for line in lines if line))[:200]
    return f": {text}" if text else ""


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
