"""`countersign troubleshoot`, as a process: over HTTP without any configuration, and on the embedded world."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.look_server import LookServer, Trouble, look_server, serving
from tests.support.manifests import app, crashing, named, node, waiting
from tests.support.scenes import NOW
from tests.support.shell import Ended, Shell

BROKEN = (node(), *app("checkout", waiting("ImagePullBackOff", "not found")), *app("search", crashing()), *app("web"))
Troubleshoot = Callable[..., Awaitable[Ended]]


@pytest.fixture
async def server() -> AsyncIterator[LookServer]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(serving(look_server(BROKEN, date=format_datetime(NOW, usegmt=True))))


@pytest.fixture
def troubleshoot(server: LookServer, tmp_path: Path, bytecode: Path) -> Troubleshoot:
    """Runs the command on the server, in a world that has neither configuration nor data."""
    shell = Shell(tmp_path / "data", bytecode=bytecode, config=tmp_path / "no-such-folder")

    async def run(*words: str) -> Ended:
        kubeconfig = str(server.kubeconfig(tmp_path))
        return await asyncio.to_thread(shell, "troubleshoot", "--kubeconfig", kubeconfig, *words)

    return run


async def test_findings_are_printed_as_one_json_object(troubleshoot: Troubleshoot, server: LookServer) -> None:
    ended = await troubleshoot("--namespace", "shop", "--json")

    assert ended.code == 0
    assert set(ended.json) == {"healthy", "partial", "seconds", "api_calls", "findings"}
    assert ended.json["healthy"] is False
    assert ended.json["partial"] == []
    assert ended.json["api_calls"] == sum(server.calls.values())
    assert 0 < ended.json["seconds"] < 30
    roots = [finding["root"] for finding in ended.json["findings"]]
    assert {"kind": "Deployment", "namespace": "shop", "name": "checkout"} in roots
    keys = {"code", "cause", "confidence", "root", "affected", "since", "evidence", "remedy", "suspect_change"}
    assert all(keys <= set(finding) for finding in ended.json["findings"])


async def test_neither_configuration_nor_data_folder_is_needed_or_made(
    troubleshoot: Troubleshoot, tmp_path: Path
) -> None:
    await troubleshoot("--namespace", "shop", "--json")

    assert [path.name for path in tmp_path.iterdir()] == ["kubeconfig.yaml"]


async def test_a_service_narrows_the_findings(troubleshoot: Troubleshoot) -> None:
    ended = await troubleshoot("--namespace", "shop", "--service", "checkout", "--json")

    assert [finding["root"]["name"] for finding in ended.json["findings"]] == ["checkout"]
    assert (await troubleshoot("--namespace", "shop", "--service", "web", "--json")).json["healthy"] is True


async def test_the_whole_cluster_may_be_looked_at(troubleshoot: Troubleshoot) -> None:
    assert len((await troubleshoot("--cluster", "--json")).json["findings"]) >= 2


async def test_people_get_sentences(troubleshoot: Troubleshoot) -> None:
    ended = await troubleshoot("--namespace", "shop", "--service", "checkout")

    assert ended.out.startswith(
        "Diagnosis of checkout in namespace shop\ncheckout cannot start: there is no such image"
    )


async def test_healthy_is_an_answer(troubleshoot: Troubleshoot) -> None:
    ended = await troubleshoot("--namespace", "shop", "--service", "web")

    assert (ended.code, ended.out) == (
        0, "Diagnosis of web in namespace shop\nweb in namespace shop looks healthy: 6 pods and 3 workloads.\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--namespace", "shpo"), "I know no namespace called “shpo”. Did you mean shop?"),
        (
            ("--namespace", "shop", "--service", "chekout"),
            "I know no workload or Service called “chekout”. Did you mean checkout?",
        ),
        ((), "Which namespace? Say --namespace NS, or --cluster for all of them."),
    ],
)
async def test_an_unknown_name_is_answered_with_the_nearest(
    tmp_path: Path, bytecode: Path, words: tuple[str, ...], sentence: str
) -> None:
    shell = Shell(tmp_path / "data", bytecode=bytecode, config=tmp_path / "no-such-folder")
    objects: list[Any] = [*BROKEN, named("Namespace", "shop", namespace="")]
    async with serving(look_server(objects, date=format_datetime(NOW, usegmt=True))) as server:
        kubeconfig = str(server.kubeconfig(tmp_path))
        plain = await asyncio.to_thread(shell, "troubleshoot", "--kubeconfig", kubeconfig, *words)
        as_json = await asyncio.to_thread(shell, "troubleshoot", "--kubeconfig", kubeconfig, "--json", *words)

    assert (plain.code, plain.out, plain.err) == (2, "", f"{sentence}\n")
    assert (as_json.code, as_json.json["text"]) == (2, sentence)


async def test_a_cluster_that_forbids_everything_is_unavailable(troubleshoot: Troubleshoot, server: LookServer) -> None:
    server.troubles["*"] = Trouble(status=403)

    ended = await troubleshoot("--namespace", "shop", "--json")

    assert ended.code == 4
    assert ended.json["text"].startswith("I may not look at anything in namespace shop")


async def test_what_could_not_be_seen_is_in_the_answer(troubleshoot: Troubleshoot, server: LookServer) -> None:
    server.troubles["nodes"] = Trouble(status=403)

    ended = await troubleshoot("--namespace", "shop", "--json")

    assert ended.code == 0
    assert ended.json["partial"] == [
        "I could not look at nodes: forbidden; so I cannot say whether a node is to blame."
    ]


async def test_an_absent_kubeconfig_is_told(tmp_path: Path, bytecode: Path) -> None:
    shell = Shell(tmp_path / "data", bytecode=bytecode)

    ended = await asyncio.to_thread(shell, "troubleshoot", "--kubeconfig", "/no/such/file", "--namespace", "shop")

    assert ended.code == 4
    assert ended.err.startswith("There is no kubeconfig at /no/such/file")


def test_the_embedded_world_is_healthy_and_its_namespaces_are_known(shared: Shell) -> None:
    by_namespace = shared("troubleshoot", "--namespace", "production", "--json")
    by_name = shared("troubleshoot", "--environment", "prod", "--json")
    unknown = shared("troubleshoot", "--namespace", "productoin")

    assert by_namespace.json["healthy"] is True
    assert by_name.json["healthy"] is True
    assert (unknown.code, unknown.err) == (
        2, "I know no environment with the namespace called “productoin”. Did you mean production?\n",
    )  # fmt: skip


def test_which_environment_is_asked_back(shared: Shell) -> None:
    ended = shared("troubleshoot")

    assert (ended.code, ended.err) == (
        2,
        "More than one environment may be meant; --environment chooses one. Say which: staging, production.\n",
    )


def test_the_table_of_codes_is_printed(shared: Shell) -> None:
    codes = shared("troubleshoot", "--codes", "--json").json["codes"]

    assert {"code", "cause", "signals", "remedy"} == set(codes[0])
    assert "| `ImageNotFound` |" in shared("troubleshoot", "--codes").out
    assert json.dumps(codes)
