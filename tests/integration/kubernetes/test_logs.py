"""What the adapter makes of logs that real clusters have: several containers, none at all, megabytes in one line, and kubelets that are away."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from integrations.kubernetes.logs import MOST_BYTES, MOST_STREAMS
from skills.core.errors import Unavailable, UnknownName
from skills.core.ports.logs import LONGEST_LINE, LogPage, LogQuery
from skills.core.ports.workloads import Place
from tests.support.log_labs import NOW, PLACE, kubelets, pod, status
from tests.support.stores import Store, Written

WAITING = {"state": {"waiting": {"reason": "ImagePullBackOff"}}, "lastState": {}}
LOOPING = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 1}}}
STAMP = "2026-11-23T08:59:00.123456789Z"

Read = Callable[..., Any]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """One question to the adapter, about these pods, whose logs are as `log` says or as they are in `store`."""

    async def ask(there: list[Any], *, log: Any = None, store: Store | None = None, **query: Any) -> LogPage:
        async with kubelets(store or Store(), tmp_path, pods=there, log=log) as logs:
            return await logs.read(LogQuery(place=query.pop("place", PLACE), **query))

    return ask


def shown(page: LogPage) -> list[tuple[str, str, str]]:
    return [(line.pod, line.container, line.text.shown()) for line in page.lines]


async def test_all_containers_are_read_init_and_sidecars_too(read: Read) -> None:
    lines = [
        Written(at=NOW - timedelta(seconds=9 - number), pod="a", container=container, text=f"hello from {container}")
        for number, container in enumerate(("init", "app", "proxy"))
    ]

    page = await read([pod("a", containers=("app", "proxy"), init=("init",))], store=Store(lines=lines))

    assert shown(page) == [(("a"), each, f"hello from {each}") for each in ("init", "app", "proxy")]
    assert page.partial == ()


async def test_a_container_that_has_not_started_has_no_log_which_is_no_failure(read: Read) -> None:
    page = await read([pod("a", app=WAITING)])

    assert page.lines == ()
    assert page.partial == ("Container app of pod a has not started (ImagePullBackOff), so it has no log.",)


async def test_the_server_may_say_so_itself(read: Read) -> None:
    said = 'container "app" in pod "a" is waiting to start: ContainerCreating'

    page = await read([pod("a")], log=lambda request, name: status(400, said))

    assert page.partial == (f"Container app of pod a has not started ({said}), so it has no log.",)


async def test_a_container_in_a_crash_loop_is_read_and_so_is_the_one_before(read: Read) -> None:
    def log(request: web.Request, name: str) -> bytes:
        return f"{STAMP} {'before' if request.query.get('previous') else 'now'}\n".encode()

    assert shown(await read([pod("a", app=LOOPING)], log=log)) == [("a", "app", "now")]
    assert shown(await read([pod("a", app=LOOPING)], log=log, previous=True)) == [("a", "app", "before")]


async def test_none_before_is_told_once(read: Read) -> None:
    page = await read([pod("a"), pod("b")], previous=True)

    assert page.partial == ("No container ran before the present ones, as far as the cluster remembers.",)


async def test_a_pod_that_went_away_meanwhile_is_told(read: Read) -> None:
    def log(request: web.Request, name: str) -> Any:
        return status(404, 'pods "a" not found') if name == "a" else f"{STAMP} here\n".encode()

    page = await read([pod("a"), pod("b")], log=log)

    assert shown(page) == [("b", "app", "here")]
    assert page.partial == ("Pod a is gone, and its log with it.",)


async def test_a_kubelet_that_is_away_costs_only_its_own_pods(read: Read) -> None:
    def log(request: web.Request, name: str) -> Any:
        return status(500, "Get https://10.0.0.9:10250/...: dial tcp: connection refused") if name == "a" else f"{STAMP} here\n".encode()  # fmt: skip

    page = await read([pod("a"), pod("b")], log=log)

    assert shown(page) == [("b", "app", "here")]
    assert page.partial == ("The log of container app of pod a could not be read: the cluster failed (500).",)

    with pytest.raises(
        Unavailable, match=r"^The cluster of lab failed \(500\) when I tried to get pods/log a in namespace shop of lab"
    ):
        await read([pod("a")], log=log)


async def test_a_missing_right_is_named(read: Read) -> None:
    with pytest.raises(Unavailable, match="I may not get pods/log a in namespace shop of lab: the cluster forbids it"):
        await read([pod("a")], log=lambda request, name: status(403, "pods is forbidden"))


async def test_a_workload_that_is_not_there_is_unknown_and_the_nearest_is_named(read: Read) -> None:
    place = Place(environment="lab", namespace="shop", name="chekout")

    with pytest.raises(UnknownName) as raised:
        await read([], place=place)
    assert raised.value.candidates == ("checkout",)


async def test_no_pods_and_names_that_nothing_has_are_told(read: Read) -> None:
    assert (await read([])).partial == ("checkout has no pods now.",)
    page = await read([pod("a")], pods=("z",))
    assert page.partial == ("Pod z is not there (any more).",)
    page = await read([pod("a")], containers=("sidecar",))
    assert page.partial == ("There is no container sidecar; there are app.",)


async def test_fifty_megabytes_in_one_line_are_not_read(read: Read) -> None:
    asked: list[int] = []

    def log(request: web.Request, name: str) -> bytes:
        asked.append(int(request.query["limitBytes"]))
        return (f"{STAMP} " + "x" * 50_000_000).encode()[: asked[-1]]

    page = await read([pod("a")], log=log)

    assert asked == [MOST_BYTES, MOST_BYTES]
    assert [len(line.text.shown(limit=100_000)) for line in page.lines] == [LONGEST_LINE]
    assert page.partial == ("Container app of pod a writes lines so long that its newest are missing.",)


async def test_a_server_that_ignores_the_limit_is_cut_off(read: Read) -> None:
    page = await read([pod("a")], log=lambda request, name: f"{STAMP} {'x' * 15_000_000}\n".encode())

    assert len(page.lines) == 1


async def test_too_many_bytes_of_many_lines_leave_the_newest(read: Read) -> None:
    def log(request: web.Request, name: str) -> bytes:
        lines = [
            f"2026-11-23T08:{number // 60:02}:{number % 60:02}Z {number} {'x' * 12_000}\n" for number in range(2000)
        ]
        return "".join(lines[-int(request.query["tailLines"]) :]).encode()[: int(request.query["limitBytes"])]

    page = await read([pod("a")], log=log)

    assert len(page.lines) == 20
    assert page.partial == ("Container app of pod a wrote so much that I read only its last 20 lines.",)


async def test_binary_colours_and_odd_line_ends_are_read(read: Read) -> None:
    raw = (
        f"{STAMP} \x1b[31mred\x1b[0m\r\n".encode() + f"{STAMP} ".encode() + b"\xff\xfe\x00\x01 binary \x0b\x85\n"
        + f"{STAMP} \n".encode() + b"no time here\n"
    )  # fmt: skip

    page = await read([pod("a")], log=lambda request, name: raw)

    assert [text for _, _, text in shown(page)] == ["red", "\ufffd\ufffd binary \ufffd", "", "no time here"]
    assert [line.at is None for line in page.lines] == [False, False, False, True]


async def test_of_very_many_containers_those_of_the_youngest_pods_are_read(read: Read) -> None:
    page = await read([pod(f"p{number}") for number in range(40)], log=lambda request, name: f"{STAMP} x\n".encode())

    assert len(page.lines) == MOST_STREAMS
    assert page.partial == (f"There are 40 containers; I read the {MOST_STREAMS} of the youngest pods.",)


async def test_how_far_back_is_asked_of_the_servers_own_clock(read: Read) -> None:
    store = Store()
    await read([pod("a")], store=store, back=timedelta(minutes=15))
    await read([pod("a")], store=store, since=NOW - timedelta(hours=2))
    await read([pod("a")], store=store, until=NOW, back=timedelta(hours=1))
    await read([pod("a")], store=store)

    asked = [query for path, query, _ in store.asked if path.endswith("/log")]
    assert [(each.get("sinceSeconds"), each.get("sinceTime")) for each in asked] == [
        ("900", None), (None, "2026-11-23T07:00:00Z"), (None, "2026-11-23T08:00:00Z"), (None, None),
    ]  # fmt: skip
    assert {each["timestamps"] for each in asked} == {"true"}
