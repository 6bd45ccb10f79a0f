"""A server that answers as OpenCost documents it: allocations and assets in its envelope, one set for each day, and its ways of failing.

Source: https://opencost.io/docs/integrations/api-examples
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.support.ports import free_port


def allocation(
    name: str, day: date, *, namespace: str, controller: str = "", cluster: str = "one", **fields: Any
) -> dict[str, Any]:
    """One allocation of a day, as it is documented; fields that are not told are zero."""
    start, end = f"{day.isoformat()}T00:00:00Z", f"{(day + timedelta(days=1)).isoformat()}T00:00:00Z"
    properties = {"cluster": cluster, "namespace": namespace, "controller": controller, "controllerKind": "deployment"}
    zeros = dict.fromkeys(
        ("cpuCores", "cpuCoreHours", "cpuCost", "cpuCostAdjustment", "gpuHours", "gpuCost", "gpuCostAdjustment", "networkCost", "networkCostAdjustment",
         "loadBalancerCost", "loadBalancerCostAdjustment", "pvBytes", "pvByteHours", "pvCost", "pvCostAdjustment", "ramBytes", "ramByteHours", "ramCost",
         "ramCostAdjustment", "sharedCost", "externalCost", "totalCost"), 0,
    )  # fmt: skip
    return {
        "name": name,
        "properties": properties,
        "window": {"start": start, "end": end},
        "start": start,
        "end": end,
        "minutes": 1440,
        **zeros,
        **fields,
    }


@dataclass(kw_only=True)
class OpenCostServer:
    """What it answers, and what it was asked. `sets` are by day; `answer` replaces the next answers to `/allocation` as (status, body)."""

    url: str = ""
    sets: dict[date, dict[str, Any]] = field(default_factory=dict)
    assets: dict[date, dict[str, Any]] = field(default_factory=dict)
    answer: tuple[int, Any] | None = None
    assets_answer: tuple[int, Any] | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def add(self, name: str, day: date, **told: Any) -> None:
        self.sets.setdefault(day, {})[name] = allocation(name, day, **told)

    async def allocation(self, request: web.Request) -> web.Response:
        return self._told(request, self.answer, self.sets)

    async def of_assets(self, request: web.Request) -> web.Response:
        return self._told(request, self.assets_answer, self.assets)

    def _told(
        self, request: web.Request, instead: tuple[int, Any] | None, kept: dict[date, dict[str, Any]]
    ) -> web.Response:
        self.asked.append((request.path, dict(request.query)))
        if instead:
            status, body = instead
            return (
                web.Response(status=status, text=body)
                if isinstance(body, str)
                else web.json_response(body, status=status)
            )
        start, end = (datetime.fromisoformat(each).date() for each in request.query["window"].split(","))
        days = [start + timedelta(days=index) for index in range((end - start).days)]
        return web.json_response({"code": 200, "status": "success", "data": [kept.get(day, {}) for day in days]})


@asynccontextmanager
async def opencost() -> AsyncIterator[OpenCostServer]:
    """It listens on a port of its own until the block ends."""
    server = OpenCostServer()
    app = web.Application()
    app.router.add_get("/allocation", server.allocation)
    app.router.add_get("/assets", server.of_assets)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    server.url = f"http://127.0.0.1:{port}"
    yield server
    await runner.cleanup()
