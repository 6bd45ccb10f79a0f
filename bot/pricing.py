"""What a plan changes about the bill, from the price sheet and from what was just read of the cluster. Waits for nothing."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from skills.core.cost_delta import CostDelta
from skills.core.plan import Plan
from skills.core.ports.workloads import Place, Workload
from skills.core.workload_change import place_of
from skills.costing.delta import delta
from skills.costing.prices import PriceSheet

log = structlog.get_logger()


@dataclass(frozen=True)
class Pricing:
    """Satisfies `Price`. `seen` gives what a workload looked like when the plan was made, which was a moment ago."""

    sheet: PriceSheet | None
    seen: Callable[[Place], Workload | None]

    def __call__(self, plan: Plan) -> CostDelta | None:
        try:
            return delta(plan, self.sheet, lambda target: self.seen(place_of(target)))
        except Exception:
            # An estimate is never a reason to refuse somebody's request.
            log.exception("a plan was not priced", plan=plan.summary)
            return CostDelta(why="something went wrong while it was worked out.")
