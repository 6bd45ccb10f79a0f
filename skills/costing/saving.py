"""Where money could be saved: what nobody uses, and what is requested far beyond what is needed. Pure; each with amount, confidence and risk.

What a replica should request follows from what it needed lately:

* CPU: the 95th percentile and 15 % on top, to the next 10m. Who wants more for a moment is throttled, or has it from what is free;
* memory: the most that was ever needed and 20 % on top, to the next 16Mi. Who has too little is killed.

Only what was measured for a week and 500 times at least is believed; from two weeks and 2,000 times on it is likely, else possible.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal

from skills.core.money import Money
from skills.core.ports.usage import Footprint, Measure, Need, Thing
from skills.core.ports.workloads import Size

CPU_MARGIN, MEMORY_MARGIN = Decimal("1.15"), Decimal("1.2")
_CPU_STEP, _MEMORY_STEP = Decimal("0.01"), Decimal(16) / 1024
LEAST_SHARE = Decimal("0.1")
"""Requests that are off by less than a tenth are left alone."""

_WINDOW, _SAMPLES = timedelta(days=7), 500
_LONG, _MANY = timedelta(days=14), 2000
HOURS_OFF = Decimal(168 - 5 * 13) / 168
"""The share of a week that is night or weekend, if somebody works from 7 to 20 o'clock on five days."""

Monthly = Callable[[Size, str], Money | None]


@dataclass(frozen=True, kw_only=True)
class Saving:
    """One way to pay less. `command` is the request that would do it, "" where a person has to."""

    what: str
    amount: Money
    confidence: str
    risk: str
    why: str
    command: str = ""
    remedy: str = ""


def smaller(footprint: Footprint) -> Size:
    """What each replica would do with: never more than it has, and as it is where too little is known."""
    cpu, memory = (_believed(footprint.need(each)) for each in (Measure.CPU_USED, Measure.MEMORY_USED))
    size = footprint.size
    if size.cpu is not None and cpu:
        size = replace(size, cpu=_less(size.cpu, _up(cpu.p95 * CPU_MARGIN, _CPU_STEP)))
    if size.memory is not None and memory:
        size = replace(size, memory=_less(size.memory, _up(memory.most * MEMORY_MARGIN, _MEMORY_STEP)))
    return size


def rightsizing(footprints: Sequence[Footprint], monthly: Monthly) -> Iterator[Saving]:
    """Services that request more than they need. The command names both amounts that change."""
    for each in footprints:
        becomes, where = smaller(each), each.whose.environment
        was, is_ = monthly(each.size, where), monthly(becomes, where)
        if becomes == each.size or not was or not is_ or not each.whose.service or not each.replicas:
            continue
        changed = _options(each.size, becomes)
        memory = becomes.memory != each.size.memory
        yield Saving(
            what=f"{each.whose.service} in {where} requests more than it needs",
            amount=(was - is_) * each.replicas,
            confidence=_confidence(each),
            risk="a replica that needs more memory than that is killed" if memory else "a replica that wants more CPU may be throttled",
            why=_measured(each),
            command=f"rightsize {each.whose.service} in {where} {changed}",
        )  # fmt: skip


def unused(things: Sequence[Thing], price: Callable[[Thing], Money | None]) -> Iterator[Saving]:
    """What is there and serves nobody. Taking it away is a person's work: there is no way back."""
    for each in things:
        amount = price(each)
        if each.used is not False or amount is None or not amount.amount:
            continue
        since = f" since {each.since:%Y-%m-%d}" if each.since else ""
        size = f" of {each.size.normalize():f} GiB" if each.size else ""
        yield Saving(
            what=f"Nobody uses the {each.kind} {each.name}{size} in {each.whose.environment}",
            amount=amount,
            confidence="likely",
            risk="what is on it is lost" if each.kind == "volume" else "whoever still uses it is cut off",
            why=f"nothing refers to it{since}",
            remedy="Ask whose it is, keep a copy of what is on it, and delete it by hand: that cannot be undone, so I do not offer it.",
        )


def resting(footprints: Sequence[Footprint], monthly: Monthly, environment: str) -> Iterator[Saving]:
    """An environment that nobody needs at night or on weekends."""
    months = [month * each.replicas for each in footprints if (month := monthly(each.size, environment))]
    if not months:
        return
    total = sum(months[1:], months[0])
    yield Saving(
        what=f"{environment} runs at night and on weekends",
        amount=total * HOURS_OFF,
        confidence="possible",
        risk="nobody can try anything there in the meantime",
        why=f"it is not protected, and {HOURS_OFF * 100:.0f} % of a week are outside of 7 to 20 o'clock on weekdays",
        remedy="Have something scale it down in the evening (KEDA's cron scaler, kube-downscaler); it saves that much only if nodes go, too.",
    )


def _believed(need: Need | None) -> Need | None:
    return need if need and need.window >= _WINDOW and need.samples >= _SAMPLES else None


def _less(size: Decimal, wanted: Decimal) -> Decimal:
    return wanted if wanted <= size * (1 - LEAST_SHARE) else size


def _up(amount: Decimal, step: Decimal) -> Decimal:
    return max(step, (amount / step).to_integral_value(rounding=ROUND_CEILING) * step)


def _options(was: Size, becomes: Size) -> str:
    said = []
    if becomes.cpu is not None and becomes.cpu != was.cpu:
        said.append(f"--cpu {becomes.cpu * 1000:.0f}m")
    if becomes.memory is not None and becomes.memory != was.memory:
        said.append(f"--memory {becomes.memory * 1024:.0f}Mi")
    return " ".join(said)


def _confidence(footprint: Footprint) -> str:
    believed = [need for need in footprint.needs if _believed(need)]
    return "likely" if all(need.window >= _LONG and need.samples >= _MANY for need in believed) else "possible"


def _measured(footprint: Footprint) -> str:
    said = []
    if (cpu := footprint.need(Measure.CPU_USED)) and footprint.size.cpu is not None:
        said.append(f"CPU {_short(cpu.p95)} of {_short(footprint.size.cpu)} cores in 95 of 100 measurements")
    if (memory := footprint.need(Measure.MEMORY_USED)) and footprint.size.memory is not None:
        said.append(f"memory {_short(memory.most)} of {_short(footprint.size.memory)} GiB at most")
    window = max((need.window for need in footprint.needs), default=timedelta())
    return f"it used {' and '.join(said)}, in {window.days} days"


def _short(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01')).normalize():f}"
