"""Cost Explorer as moto serves it: answers that were queued, in the order of the questions."""

import json
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from moto.server import ThreadedMotoServer


class Bills:
    """A moto server. `queue` what it is to answer; nothing is left of it for the next test."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def reset(self) -> None:
        self._post("/moto-api/reset", None)

    def queue(self, *results: Mapping[str, Any]) -> None:
        self._post("/moto-api/static/ce/cost-and-usage-results", {"results": list(results)})

    def _post(self, path: str, body: Any) -> None:
        request = urllib.request.Request(
            f"{self.endpoint}{path}", method="POST", data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        urllib.request.urlopen(request).close()


def group(*keys: str, amount: str | None, unit: str = "USD", quantity: tuple[str, str] | None = None, metric: str = "AmortizedCost") -> dict[str, Any]:  # fmt: skip
    """One group of one day, as Cost Explorer spells it."""
    metrics: dict[str, Any] = {metric: {"Amount": amount, "Unit": unit}}
    if quantity:
        metrics["UsageQuantity"] = {"Amount": quantity[0], "Unit": quantity[1]}
    return {"Keys": list(keys), "Metrics": metrics}


def page(start: date, days: Sequence[Sequence[dict[str, Any]]], *, estimated_from: date | None = None, token: str = "") -> dict[str, Any]:  # fmt: skip
    """An answer: the groups of each day from `start` on."""
    results = []
    for index, groups in enumerate(days):
        day = start + timedelta(days=index)
        results.append(
            {
                "TimePeriod": {"Start": day.isoformat(), "End": (day + timedelta(days=1)).isoformat()}, "Total": {}, "Groups": list(groups),
                "Estimated": estimated_from is not None and day >= estimated_from,
            }
        )  # fmt: skip
    return {"ResultsByTime": results, "DimensionValueAttributes": [], **({"NextPageToken": token} if token else {})}


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """A server that speaks AWS."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bills(moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Bills:
    """The server with nothing queued, and credentials that it takes."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    found = Bills(moto_endpoint)
    found.reset()
    return found
