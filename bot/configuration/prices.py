"""prices.yaml: what things cost."""

from collections.abc import Collection
from decimal import Decimal

from bot.configuration.checking import check, unknown
from bot.configuration.documents import Document
from bot.configuration.price_shapes import PricesShape
from bot.configuration.problems import Problem
from skills.core.money import currency
from skills.costing.prices import PriceSheet


def prices(document: Document, *, environments: Collection[str] | None, problems: list[Problem]) -> PriceSheet | None:
    """The price sheet; None, with a problem noted for each mistake, where it makes no sense. `environments` are None where not known."""
    shape = check(document, PricesShape, problems)
    if shape is None:
        return None
    for name in shape.factors:
        if environments is not None and name not in environments:
            text = unknown("environment", name, sorted(environments))
            problems.append(document.problem(("factors", name), text))
    return PriceSheet(
        currency=currency(shape.currency),
        cpu_hour=shape.cpu_hour,
        memory_hour=shape.memory_hour,
        storage_month=shape.storage_month,
        load_balancer_hour=shape.load_balancer_hour,
        traffic_out=shape.traffic_out,
        node_hour=shape.node_hour,
        error=Decimal(shape.error_percent) / 100,
        factors=shape.factors,
        shared_namespaces=tuple(shape.shared_namespaces),
    )
