"""A whole diagnosis over HTTP, with the API server in another process: look, conclude, memory, and a bare client beside it.

The bare client fetches the same lists over the same number of connections and parses the JSON, and does nothing else.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from integrations.kubernetes import KubernetesCluster
from integrations.kubernetes.kinds import KINDS
from skills.core.ports.snapshots import Scope
from skills.diagnosis.diagnose import conclude, look
from skills.diagnosis.looking import FIRST
from skills.diagnosis.registry import all_detectors
from tests.bench.figures import show
from tests.support.look_server import TOKEN, LookServer

TIMES = 5
LATENCY = 0.02


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server in a process of its own."""

    process: "subprocess.Popen[str]"
    port: int

    def lists(self) -> int:
        """How many list calls it has answered since the last time this was asked."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextlib.contextmanager
def served(world: str, latency: float) -> Iterator[Served]:
    command = [sys.executable, "-m", "tests.bench.look_server", world, str(latency)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Served(process=process, port=int(process.stdout.readline()))
    finally:
        process.kill()
        process.communicate()


async def bare(port: int, namespace: str) -> float:
    """Seconds for fetching and parsing what the first look lists."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as session:

        async def everything(name: str) -> None:
            kind, token = KINDS[name], ""
            while True:
                query = {"limit": str(kind.page), **({"continue": token} if token else {})}
                async with session.get(kind.path(namespace), params=query) as answer:
                    body = json.loads(await answer.read())
                token = (body.get("metadata") or {}).get("continue", "")
                if not token:
                    return

        begun = time.perf_counter()
        await asyncio.gather(*(everything(name) for name in FIRST if not KINDS[name].addition))
        return time.perf_counter() - begun


async def diagnosed(world: str, namespace: str, *, latency: float) -> None:
    """Diagnose `TIMES` times, and print the median run. Memory is that of the first, in a process that has loaded everything."""
    all_detectors()
    with served(world, latency) as server, tempfile.TemporaryDirectory() as folder:
        kubeconfig = LookServer(objects={}, places={}, port=server.port).kubeconfig(Path(folder))
        cluster = KubernetesCluster.connect(environment="bench", namespace=namespace, kubeconfig=kubeconfig)
        await cluster.open()
        before = _resident_mb("VmRSS")
        runs = [await _run(cluster, namespace) for _ in range(TIMES)]
        lists = server.lists() // TIMES
        await cluster.close()
        alone = sorted([await bare(server.port, namespace) for _ in range(TIMES)])[TIMES // 2]
    whole, pure, calls, size, found = sorted(runs)[TIMES // 2]
    show(
        f"look: {world}, {latency * 1000:.0f} ms latency", ms=round(whole * 1000), pure_ms=round(pure * 1000), list_calls=lists,
        calls=calls, received_mb=round(size / 1e6, 1), rss_growth_mb=round(_resident_mb("VmHWM") - before), findings=found,
        bare_client_ms=round(alone * 1000), ratio_to_bare_client=round(whole / alone, 2),
    )  # fmt: skip


async def _run(cluster: KubernetesCluster, namespace: str) -> tuple[float, float, int, int, int]:
    scope = Scope(environment="bench", namespaces=(namespace,) if namespace else ())
    begun = time.perf_counter()
    seen = await look(cluster, scope)
    looked = time.perf_counter()
    diagnosis = conclude(seen)
    done = time.perf_counter()
    assert not seen.unseen, seen.unseen
    return done - begun, done - looked, seen.calls, seen.bytes, len(diagnosis.findings)


def _resident_mb(field: str) -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Each in a process of its own, because memory that was once taken is not given back."""
    if len(sys.argv) > 1:
        world, namespace, latency = sys.argv[1:]
        asyncio.run(diagnosed(world, namespace, latency=float(latency)))
        return
    for world, namespace, latency in (("faulty", "shop", 0.0), ("faulty", "shop", LATENCY), ("large", "", LATENCY)):
        subprocess.run([sys.executable, "-m", "tests.bench.look", world, namespace, str(latency)], check=True)


if __name__ == "__main__":
    main()
