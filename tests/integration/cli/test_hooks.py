"""`countersign serve` as Alertmanager meets it: who may deliver, and what is answered to what cannot be taken."""

import base64
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from bot.hooks.http import LARGEST
from tests.support.alertmanager import delivery, told
from tests.support.serving import Serving
from tests.support.shell import Shell

SECRET = "s3cret-of-alertmanager"


@pytest.fixture
def serving(shell: Shell) -> Iterator[Serving]:
    serving = Serving(shell, COUNTERSIGN_ALERTMANAGER_SECRET=SECRET)
    serving.wait_for("ready")
    yield serving
    serving.close()


def post(serving: Serving, body: bytes, authorization: str = f"Bearer {SECRET}") -> tuple[int, str]:
    request = urllib.request.Request(f"{serving.url}/hooks/alertmanager", data=body)
    request.add_header("Authorization", authorization)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_what_is_delivered_is_seen_by_whoever_asks(serving: Serving, shell: Shell) -> None:
    assert post(serving, delivery(told(), told(fingerprint="b2"))) == (200, "2 taken.\n")
    basic = base64.b64encode(f"alertmanager:{SECRET}".encode()).decode()
    assert post(serving, delivery(told()), f"Basic {basic}")[0] == 200
    assert "2 alerts fire about checkout." in shell("ask", "--as", "dev", "alerts checkout").out


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {SECRET}", "Basic ÿÿ", "Digest x"])
def test_without_the_secret_nothing_is_taken(serving: Serving, shell: Shell, authorization: str) -> None:
    assert post(serving, delivery(told()), authorization) == (401, "This needs the secret of this source.\n")
    assert "No alert fires." in shell("ask", "--as", "dev", "alerts").out


def test_what_cannot_be_taken_is_refused_and_the_process_goes_on(serving: Serving) -> None:
    assert post(serving, b"\xff\xfe")[0] == 400
    assert post(serving, b'{"version": "4"}') == (
        400,
        "This is no delivery of Alertmanager, version 4: alerts: field required.\n",
    )
    assert post(serving, delivery(told()))[0] == 200


def test_ten_megabytes_are_refused_before_they_are_read(serving: Serving) -> None:
    host, port = serving.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = f"POST /hooks/alertmanager HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {SECRET}\r\nContent-Length: {10 * 1024 * 1024}\r\n\r\n"
        connection.sendall(head.encode())
        connection.sendall(b"x" * (LARGEST + 1))
        assert b"413" in connection.recv(100)


def test_without_a_secret_there_is_no_such_address(shell: Shell) -> None:
    serving = Serving(shell)
    serving.wait_for("ready")
    try:
        assert post(serving, delivery(told()))[0] == 404
    finally:
        serving.close()
