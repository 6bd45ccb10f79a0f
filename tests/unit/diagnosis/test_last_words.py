"""A log is evidence: one line of it is quoted, and only names of Services are read out of it."""

import pytest

from skills.core.ports.snapshots import LogWanted
from skills.diagnosis.last_words import Words, answers, last_words, listens_on, named_services
from skills.diagnosis.objects import Ref, containers
from skills.diagnosis.trouble import Trouble, unwell
from tests.support.manifests import app, crashing, pod, running, service
from tests.support.scenes import NOW, scene

_LOGS = {
    "Traceback (most recent call last):\n  File 'a.py'\nValueError: no such colour\n": "ValueError: no such colour",
    "starting\npanic: nil map\n\ngoroutine 1\n": "panic: nil map",
    "2026-11-23T09:00:00Z INFO up\n2026-11-23T09:00:01Z FATAL no config\n2026-11-23T09:00:02Z ERROR later": "FATAL no config",
    "ERROR first\nERROR second": "ERROR first",
    "listening on :8080\nGET / 200\n": "",
    "": "",
}  # fmt: skip


def _read(log: str) -> Words:
    wanted = LogWanted(namespace="shop", pod="checkout-1", container="app")
    world = scene(pod("checkout-1", crashing(1)), logs={wanted: log})
    return last_words(world, list(unwell(world, Trouble.CRASH)))


@pytest.mark.parametrize(("log", "line"), _LOGS.items())
def test_the_line_that_says_why_is_found(log: str, line: str) -> None:
    assert _read(log).line == line


def test_a_known_line_says_what_to_do() -> None:
    words = _read('FATAL: password authentication failed for user "app"\n')
    assert words.remedy.startswith("Compare the secret that the pod uses with what the database has")


def test_a_secret_in_the_line_is_not_quoted() -> None:
    assert "hunter2" not in _read("ERROR cannot log in with password=hunter2 at db").line


def test_a_line_of_fifty_megabytes_is_read_by_its_beginning() -> None:
    words = _read("ERROR " + "x" * 50_000_000)
    assert words.line.startswith("ERROR xxx")
    assert len(words.line) <= 160


_NAMES = {
    "could not connect to db:5432": [("db", True)],
    "dial tcp: lookup db on 10.96.0.10:53: no such host": [("db", True)],
    "connect to postgres.data.svc.cluster.local:5432 refused": [("postgres", True)],
    "could not connect to cache:6379": [("cache", False)],
    "could not connect to api.example.com:443": [],
    "could not connect to localhost:5432": [],
    "ERROR for db:5432 we have no plan": [],
}


@pytest.mark.parametrize(("line", "names"), _NAMES.items())
def test_the_services_that_a_failed_connection_names(line: str, names: list[tuple[str, bool]]) -> None:
    there = [*service("db"), *service("postgres")]
    there[2]["metadata"]["namespace"] = "data"
    found = [(each.ref.name, each.exists) for each in named_services(scene(*there), "shop", _read(f"ERROR {line}"))]
    assert found == names


def test_a_service_with_a_ready_address_answers() -> None:
    world = scene(*app("db"), *app("cache", running(ready=False)))
    assert answers(world, Ref("Service", "shop", "db"))
    assert not answers(world, Ref("Service", "shop", "cache"))


@pytest.mark.parametrize(
    ("log", "port"),
    [("listening on :9090", 9090), ("Server started at http://0.0.0.0:3000/", 3000), ("Tomcat started on port 8081 (http)", 8081), ("ok", None)],
)  # fmt: skip
def test_the_port_on_which_a_program_says_that_it_listens(log: str, port: int | None) -> None:
    wanted = LogWanted(namespace="shop", pod="checkout-1", container="app")
    world = scene(pod("checkout-1"), now=NOW, logs={wanted: log})
    (app_container,) = containers(world.all("Pod")[0])
    assert listens_on(world, app_container) == port
