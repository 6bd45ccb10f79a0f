"""What a plan would change about the bill: an estimate beside the plan, and never a part of what is approved.

A price may change between approval and run; that changes nothing about what is done. So this is stored beside the proposal, stands on its
card and in its audit entry, and is told to policy, and no digest covers it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from skills.core.canonical import Json
from skills.core.money import Money


@dataclass(frozen=True, kw_only=True)
class CostDelta:
    """By how much a month costs more (or less, negative) once the plan has run. None as `monthly`: nobody can tell, because of `why`.

    Of a plan that moves bounds, `monthly` is the most that it may come to. `error` is the share by which it may be off, and `basis` what it
    is worked out from, in words: “6 → 12 replicas at €68.70 (2 cores, 4 GiB)”. `source` names the prices.
    """

    monthly: Money | None = None
    error: Decimal | None = None
    reconciled: bool = False
    basis: str = ""
    why: str = ""
    source: str = ""

    @property
    def known(self) -> bool:
        return self.monthly is not None

    @property
    def sentence(self) -> str:
        """“about +€412 a month (±15 %), 6 → 12 replicas at …”, or “cannot tell, because …”."""
        if self.monthly is None:
            return f"cannot tell, because {self.why}"
        basis = f", {self.basis}" if self.basis else ""
        if not self.monthly.amount:
            return f"no difference{basis}"
        return f"about {self.monthly.signed} a month{self._margin}{basis}"

    @property
    def _margin(self) -> str:
        if self.error is None:
            return " (error unknown)"
        return f" (±{percent(self.error)}{'' if self.reconciled else ', not reconciled'})"

    def to_json(self) -> dict[str, Json]:
        return {
            "known": self.known,
            "monthly": self.monthly.to_json() if self.monthly else None,
            "error": None if self.error is None else format(self.error, "f"),
            "reconciled": self.reconciled,
            "basis": self.basis,
            "why": self.why,
            "source": self.source,
            "sentence": self.sentence,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "CostDelta":
        monthly, error = value.get("monthly"), value.get("error")
        return cls(
            monthly=Money.from_json(monthly) if monthly else None,
            error=None if error is None else Decimal(error),
            reconciled=bool(value.get("reconciled", False)),
            basis=value.get("basis", ""),
            why=value.get("why", ""),
            source=value.get("source", ""),
        )


def percent(share: Decimal) -> str:
    """“15 %”, “2.5 %”."""
    points = share * 100
    return f"{points.quantize(Decimal(1)) if abs(points) >= 10 else points.quantize(Decimal('0.1')).normalize():f} %"
