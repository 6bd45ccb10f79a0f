"""From a plan's own differences to what they cost: replicas, requests, autoscaling bounds, storage. Pure; a month is 730 hours.

The fields of the real diff are read, not what a skill says of itself, so that every change that touches them has its price.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from skills.core.cost_delta import CostDelta
from skills.core.money import Money
from skills.core.plan import FieldChange, Plan, Step, Target
from skills.core.ports.workloads import Size, Workload
from skills.costing.prices import PriceSheet
from skills.costing.sizes import GIB
from skills.diagnosis.quantities import amount

_REQUEST = re.compile(
    r"spec\.template\.spec\.(?P<list>containers|initContainers)\[(?P<name>[^\]]+)\]\.resources\.(?P<field>requests|limits)\.(?P<resource>cpu|memory)"
)
_BOUNDS = {"spec.minReplicas": "lowest", "spec.maxReplicas": "highest"}
_STORAGE = re.compile(r"spec\.(?:volumeClaimTemplates\[(?P<claim>[^\]]+)\]\.spec\.)?resources\.requests\.storage")

Known = Callable[[Target], Workload | None]
"""What a workload looked like when it was read last; None where it was not."""


def delta(plan: Plan, sheet: PriceSheet | None, known: Known) -> CostDelta | None:
    """What the steps of a plan come to; None where none of them touches anything that is paid for."""
    touching = [step for step in plan.steps if any(_paid_for(change.path) for change in step.diff)]
    if not touching:
        return None
    if sheet is None:
        return CostDelta(why="no prices are configured (prices.yaml).")
    source = f"price sheet in {sheet.currency}"
    parts: list[_Part] = []
    for step in touching:
        try:
            parts += _parts(step, sheet, known(step.target))
        except _Unknown as unknown:
            return CostDelta(why=str(unknown), source=source)
    total = sum((part.monthly for part in parts), Money(amount=Decimal(), currency=sheet.currency))
    basis = "; ".join(part.basis for part in parts)
    return CostDelta(monthly=total, error=sheet.error, reconciled=sheet.reconciled, basis=basis, source=source)


class _Unknown(Exception):
    """Why nobody can tell."""


@dataclass(frozen=True, kw_only=True)
class _Part:
    monthly: Money
    basis: str


def _paid_for(path: str) -> bool:
    return path == "spec.replicas" or path in _BOUNDS or bool(_REQUEST.fullmatch(path) or _STORAGE.fullmatch(path))


def _parts(step: Step, sheet: PriceSheet, workload: Workload | None) -> Iterator[_Part]:
    changes = {change.path: change for change in step.diff}
    if any(path in _BOUNDS for path in changes):
        yield _bounds(changes, sheet, workload, step.target)
    if "spec.replicas" in changes or any(_REQUEST.fullmatch(path) for path in changes):
        yield _pods(changes, sheet, workload, step.target)
    for path, change in changes.items():
        if match := _STORAGE.fullmatch(path):
            each = workload.replicas if match["claim"] and workload else 1
            yield _storage(change, sheet, step.target, each)


def _pods(changes: dict[str, FieldChange], sheet: PriceSheet, workload: Workload | None, target: Target) -> _Part:
    """So many replicas of one size become so many of another."""
    workload = _read(workload, target)
    replicas = changes.get("spec.replicas")
    before = _count(replicas.before, workload.replicas) if replicas else workload.replicas
    after = _count(replicas.after, workload.replicas) if replicas else workload.replicas
    was = workload.size
    becomes = _resized(was, changes)
    old, new = _price(was, sheet, target), _price(becomes, sheet, target)
    if was == becomes:
        return _Part(
            monthly=new * (after - before), basis=f"{before} → {after} replicas at {new} each ({_said(new, was)})"
        )
    limits_only = (was.cpu, was.memory) == (becomes.cpu, becomes.memory)
    if limits_only and before == after:
        return _Part(monthly=new - new, basis="limits are not paid for, what is requested stays")
    count = f"{after} replica{'' if after == 1 else 's'}" if before == after else f"{before} → {after} replicas"
    basis = f"{count} at {old} → {new} each ({_said(old, was)} → {_said(new, becomes)})"
    return _Part(monthly=new * after - old * before, basis=basis)


def _bounds(changes: dict[str, FieldChange], sheet: PriceSheet, workload: Workload | None, target: Target) -> _Part:
    """How many may run at most. What will really run is up to the autoscaler, so the most that it may come to is told."""
    workload = _read(workload, target)
    each = _price(workload.size, sheet, target)
    highest, lowest = changes.get("spec.maxReplicas"), changes.get("spec.minReplicas")
    if highest is not None:
        before, after = _count(highest.before, workload.replicas), _count(highest.after, workload.replicas)
        return _Part(monthly=each * (after - before), basis=f"at most {before} → {after} replicas at {each} each")
    assert lowest is not None
    before, after = (_count(text, 1) for text in (lowest.before, lowest.after))
    kept = max(before, workload.replicas), max(after, workload.replicas if after >= before else 0)
    now, then = kept if after >= before else (max(before, 1), max(after, 1))
    return _Part(monthly=each * (then - now), basis=f"at least {before} → {after} replicas at {each} each")


def _storage(change: FieldChange, sheet: PriceSheet, target: Target, each: int) -> _Part:
    price = sheet.storage("default")
    before, after = amount(change.before or "0"), amount(change.after or "0")
    if price is None:
        raise _Unknown("the price sheet has no price for storage.")
    if before is None or after is None:
        raise _Unknown(f"{change.path} is no size that I can read.")
    gib = (after - before) / GIB * each
    monthly = Money(amount=gib * price * sheet.factor(target.environment), currency=sheet.currency)
    return _Part(monthly=monthly, basis=f"storage {change.before or 'none'} → {change.after or 'none'}")


def _read(workload: Workload | None, target: Target) -> Workload:
    if workload is None:
        raise _Unknown(f"nobody has read what a replica of {target.service} reserves.")
    return workload


def _price(size: Size, sheet: PriceSheet, target: Target) -> Money:
    price = sheet.month(size, target.environment)
    if price is None:
        reserves = size.cpu is not None or size.memory is not None
        why = (
            "the price sheet has no price for CPU and memory."
            if reserves
            else f"{target.service} requests neither CPU nor memory."
        )
        raise _Unknown(why)
    return price


def _resized(size: Size, changes: dict[str, FieldChange]) -> Size:
    """The size after the changes: of each container's request the difference, since the others stay."""
    for path, change in changes.items():
        match = _REQUEST.fullmatch(path)
        if not match or match["list"] != "containers":
            continue
        name = match["resource"] + ("_limit" if match["field"] == "limits" else "")
        before, after = amount(change.before or "0"), amount(change.after or "0")
        if before is None or after is None:
            raise _Unknown(f"{path} is no size that I can read.")
        unit = GIB if match["resource"] == "memory" else Decimal(1)
        size = replace(size, **{name: (getattr(size, name) or Decimal()) + (after - before) / unit})
    return size


def _count(text: str | None, unsaid: int) -> int:
    try:
        return unsaid if text is None else int(text)
    except ValueError:
        raise _Unknown(f"“{text[:20] if text else ''}” is no number of replicas.") from None


def _said(price: Money, size: Size) -> str:
    """“0.5 cores, 1 GiB”."""
    parts = [f"{size.cpu.normalize():f} core{'' if size.cpu == 1 else 's'}"] if size.cpu is not None else []
    parts += [f"{size.memory.quantize(Decimal('0.01')).normalize():f} GiB"] if size.memory is not None else []
    return ", ".join(parts)


def with_error(found: CostDelta, errors: Sequence[Decimal]) -> CostDelta:
    """The same with the error that earlier estimates turned out to have, where there were any: the largest of them."""
    return replace(found, error=max(errors), reconciled=True) if errors and found.known else found
