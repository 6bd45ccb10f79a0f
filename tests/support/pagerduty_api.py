"""A double of PagerDuty's REST API v2 and Events API v2, over TLS, by its documentation: headers, paging, errors and the shapes of what it answers."""

import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TOKEN, SENDER, ROUTING_KEY = "u+test-token", "bot@acme.example", "R" * 32
ACCEPT = "application/vnd.pagerduty+json;version=2"
NOW = "2026-11-23T09:00:00Z"


@dataclass(kw_only=True)
class Account:
    """What is in it. `services` are ids; `oncalls` as the API gives them; `failing` are statuses that the next requests get."""

    services: dict[str, str] = field(default_factory=dict)
    oncalls: list[dict[str, Any]] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    failing: list[int] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    page_size: int = 100
    lock: threading.Lock = field(default_factory=threading.Lock)

    def user_of(self, service: str) -> dict[str, Any] | None:
        """Who is on call first."""
        mine = [
            each
            for each in self.oncalls
            if each["escalation_policy"]["id"] == f"E{service}" and each["escalation_level"] == 1
        ]
        return mine[0]["user"] if mine else None

    def open(self, service: str, title: str, key: str, urgency: str) -> dict[str, Any]:
        number = len(self.incidents) + 1
        user = self.user_of(service)
        incident = {
            "id": f"Q{number:013}", "type": "incident", "summary": f"[#{number}] {title}", "title": title, "incident_number": number,
            "html_url": f"https://acme.pagerduty.com/incidents/Q{number:013}", "created_at": NOW, "status": "triggered", "incident_key": key,
            "urgency": urgency, "service": {"id": service, "type": "service_reference", "summary": service},
            "assignments": [{"at": NOW, "assignee": user}] if user else [], "acknowledgements": [],
        }  # fmt: skip
        self.incidents.insert(0, incident)
        return incident

    def with_key(self, key: str) -> dict[str, Any] | None:
        return next(
            (each for each in self.incidents if each["incident_key"] == key and each["status"] != "resolved"), None
        )


def oncall(
    service: str, level: int, user: str, start: str | None, end: str | None, schedule: str | None = None
) -> dict[str, Any]:
    """An entry of /oncalls."""
    return {
        "escalation_policy": {"id": f"E{service}", "type": "escalation_policy_reference", "summary": f"{service} policy"},
        "escalation_level": level, "start": start, "end": end,
        "user": {"id": f"P{user.upper()}", "type": "user_reference", "summary": user.capitalize()},
        "schedule": {"id": "S1", "type": "schedule_reference", "summary": schedule} if schedule else None,
    }  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    account: Account

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        with self.account.lock:
            self.account.requests.append((self.command, url.path))
            if self.account.failing:
                return self._failing(self.account.failing.pop(0))
            if url.path == "/v2/enqueue":
                return self._event(json.loads(body))
            if self.headers.get("Authorization") != f"Token token={TOKEN}":
                return self._error(401, 2006, "Unauthorized")
            if self.headers.get("Accept") != ACCEPT:
                return self._error(406, 2001, "Not Acceptable")
            return self._rest(url.path, parse_qs(url.query), json.loads(body) if body else {})

    def _rest(self, path: str, query: dict[str, list[str]], body: dict[str, Any]) -> None:
        parts = path.strip("/").split("/")
        match self.command, parts:
            case "GET", ["services", id] if id in self.account.services:
                policy = {"id": f"E{id}", "type": "escalation_policy", "summary": f"{id} policy"}
                self._answer(
                    200, {"service": {"id": id, "type": "service", "summary": id, "escalation_policy": policy}}
                )
            case "GET", ["oncalls"]:
                wanted = query.get("escalation_policy_ids[]", [])
                self._page(
                    "oncalls",
                    [each for each in self.account.oncalls if each["escalation_policy"]["id"] in wanted],
                    query,
                )
            case "GET", ["incidents"]:
                key = query.get("incident_key", [""])[0]
                self._page(
                    "incidents",
                    [each for each in self.account.incidents if not key or each["incident_key"] == key],
                    query,
                )
            case "POST", ["incidents"]:
                self._open(body["incident"])
            case "PUT", ["incidents", id]:
                self._move(id, body["incident"])
            case _:
                self._error(404, 2100, "Not Found")

    def _open(self, wanted: dict[str, Any]) -> None:
        if self.headers.get("From") != SENDER:
            return self._error(400, 2001, "Requester User Not Found")
        if wanted["service"]["id"] not in self.account.services:
            return self._error(400, 2001, "Invalid Input Provided", "Service is invalid.")
        if self.account.with_key(wanted["incident_key"]):
            text = "Open incident with matching dedup key already exists on this service"
            return self._error(400, 2002, "Arguments Caused Error", text)
        if not self.account.user_of(wanted["service"]["id"]):
            return self._error(400, 2001, "Invalid Input Provided", "Nobody is on call.")
        return self._answer(
            201,
            {
                "incident": self.account.open(
                    wanted["service"]["id"], wanted["title"], wanted["incident_key"], wanted["urgency"]
                )
            },
        )

    def _move(self, id: str, wanted: dict[str, Any]) -> None:
        incident = next((each for each in self.account.incidents if each["id"] == id), None)
        if incident is None:
            return self._error(404, 2100, "Not Found")
        if self.headers.get("From") != SENDER:
            return self._error(400, 2001, "Requester User Not Found")
        if incident["status"] == "resolved":
            return self._error(400, 2001, "Invalid Input Provided", "Incident Already Resolved")
        incident["status"] = wanted["status"]
        if wanted["status"] == "acknowledged":
            incident["acknowledgements"] = [
                {"at": NOW, "acknowledger": {"id": "PBOT", "type": "user_reference", "summary": "Bot"}}
            ]
        return self._answer(200, {"incident": incident})

    def _event(self, event: dict[str, Any]) -> None:
        if event.get("routing_key") != ROUTING_KEY:
            return self._answer(
                400,
                {
                    "status": "invalid event",
                    "message": "Event object is invalid",
                    "errors": ["'routing_key' is invalid"],
                },
            )
        self.account.events.append(event)
        key, there = event["dedup_key"], self.account.with_key(event["dedup_key"])
        if event["event_action"] == "trigger" and there is None:
            self.account.open("SCHECKOUT", event["payload"]["summary"], key, "high")
        return self._answer(202, {"status": "success", "message": "Event processed", "dedup_key": key})

    def _page(self, name: str, found: list[dict[str, Any]], query: dict[str, list[str]]) -> None:
        offset, limit = (
            int(query.get("offset", ["0"])[0]),
            min(int(query.get("limit", ["25"])[0]), self.account.page_size),
        )
        more = offset + limit < len(found)
        self._answer(
            200, {name: found[offset : offset + limit], "offset": offset, "limit": limit, "more": more, "total": None}
        )

    def _failing(self, status: int) -> None:
        headers = (
            {"ratelimit-limit": "960", "ratelimit-remaining": "0", "ratelimit-reset": "1"} if status == 429 else {}
        )
        self._answer(status, {"error": {"message": "Rate Limit Exceeded", "code": 2020}}, headers)

    def _error(self, status: int, code: int, message: str, *errors: str) -> None:
        self._answer(status, {"error": {"message": message, "code": code, "errors": list(errors)}})

    def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(raw)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)


@contextmanager
def pagerduty(account: Account, folder: Path) -> Iterator[tuple[str, Path]]:
    """The double at an address of its own, and the certificate by which it is trusted."""
    certificate, key = _certificate(folder)
    handler = type("Handler", (_Handler,), {"account": account})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}", certificate
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _certificate(folder: Path) -> tuple[Path, Path]:

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private
