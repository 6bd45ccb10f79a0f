"""`python -m tests.bench.look_server faulty|large SECONDS`: a cluster in a process of its own, each answer late by so much. Prints its port."""

import asyncio
import sys
from email.utils import format_datetime

from tests.bench import clusters
from tests.support.look_server import look_server, serving
from tests.support.scenes import NOW


async def main(world: str, latency: float) -> None:
    objects = clusters.faulty() if world == "faulty" else clusters.large()
    server = look_server(objects, latency=latency, date=format_datetime(NOW, usegmt=True))
    async with serving(server):
        print(server.port, flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(sum(server.lists.values()), flush=True)
            server.lists.clear()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
