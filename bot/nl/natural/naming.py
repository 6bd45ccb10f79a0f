"""Which words of a sentence are the name of something that nobody here knows.

A name is told by how it is written (in quotes, with a hyphen or a digit), by what stands beside it (“the … deployment”, “pod …”), or by
its place (“of …”, “is … healthy?”). Ordinary words are none, and neither is what says whose things are meant (“Istio proxies”).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.nl.kinds import KINDS, kind_of, known_kind, several
from bot.nl.natural.harmless import HARMLESS, words_of
from bot.nl.natural.items import Item
from bot.nl.natural.ordinary import ordinary, product
from bot.nl.natural.symptoms import is_symptom
from skills.core.skill import Slot

_ARTICLES = words_of("the our my a an this that your their its existing current new old same whole entire all every")
_SERVED = words_of(
    "service services svc app apps application deployment deployments pod pods workload api component microservice release statefulset daemonset job cronjob container"
    " containers node database db replicas instances server backend stack rollout resource vm"
)
"""“The cart service”: what stands behind a name."""
_PARTS = words_of("controller operator agent helm argo api ingress gateway proxy manager server main")
_LEADING = words_of(
    "service svc app application deployment workload component microservice release statefulset daemonset job cronjob container node pod vm"
)
"""“Deployment cart”: what stands before one."""
_PLACED = words_of("namespace namespaces ns environment env cluster")
_WITHIN = words_of("in within inside into onto on to")
_AFTER = words_of("of for from in on by to at inside within behind about into against with regarding named called")
_ASKED = words_of("is are was were does do did has have can will")
_TOLD = words_of(
    "is are was were has have had does did keeps keep kept seems looks went goes got gets failed fails failing crashed crashes crashing crashlooping down up healthy unhealthy ok okay running"
    " working broken slow stuck not doing returns returning restarted restarts restarting ready degraded logs pods latency errors metrics status"
)
"""What is said of something: “cart keeps …”, “is cart healthy”, “cart logs”."""
_SHAPED = re.compile(r".*(?:[a-zA-Z0-9][-_/.][a-zA-Z0-9]|[0-9]).*")
_PLACES = re.compile(
    r"(?:qa|uat|dev|test|tests|sandbox|preprod|pre-prod|preview|integration|int|perf|demo|canary|dr|e2e|nightly|local|(?:eu|us|ap|sa|ca)-[a-z0-9-]+)"
)
"""What people call environments everywhere."""
_GROUP = re.compile(r"[a-z0-9.-]+\.k8s\.io(?:/\w+)?|[\w.]+[(\[].*")
"""“gateway.networking.k8s.io” is a group of kinds, “rate(…)” a formula."""
_SOURCES = words_of("chart charts repo repository image registry module plugin prompt tool")
"""“The postgresql chart”: where something comes from, or what it is done with."""
_TOOLED = words_of("using calling via")
_QUOTED, _NAMED, _BESIDE, _WRITTEN, _STANDING, _SLIGHT = 6, 5, 4, 4, 2, 1
ENOUGH = _STANDING


@dataclass(frozen=True, kw_only=True)
class Named:
    """A run of words that may be a name, how much speaks for it, and whether it says where rather than what."""

    places: tuple[int, ...]
    strength: int
    where: bool

    def text(self, items: Sequence[Item]) -> str:
        """As it was typed, without a possessive."""
        said = " ".join(items[index].text for index in self.places)
        return re.sub(r"['’]s?$", "", said)


def named(
    items: Sequence[Item], left: Sequence[int], used: frozenset[int] = frozenset()
) -> tuple[list[Named], list[int]]:
    """The possible names among the words at `left`, the likeliest first, and the words that are no names.

    `used` are the places of the words that say what is asked for: “status cart”.
    """
    plain = {index for index in left if _plain(items, index)}
    found: list[Named] = []
    for run in groups([index for index in left if index not in plain]):
        cores = _cores(run, items)
        plain |= set(run) - {index for core in cores for index in core}
        for core in cores:
            strength = _strength(core, items) + _STANDING * asked_of(core, items, used)
            strength = min(_SLIGHT, strength) if _mere(core, items) or _means(core, items) else strength
            found.append(Named(places=core, strength=strength, where=_says_where(core, items)))
    return sorted(found, key=lambda each: (-each.strength, each.places)), sorted(plain)


def environs(text: str) -> bool:
    """Is it what environments are called everywhere?"""
    return bool(_PLACES.fullmatch(text.lower()))


def _plain(items: Sequence[Item], index: int) -> bool:
    """No name by itself."""
    item = items[index]
    if item.marked or _introduced(items, index):
        return False
    if _GROUP.fullmatch(item.text) or (_after(items, index) == "api" and "." in item.text):
        return True
    return ordinary(item.key) or item.key in HARMLESS or (kind_of(item.text) is not None and item.key in KINDS)


def _introduced(items: Sequence[Item], index: int) -> bool:
    """“Named cart”, and “the paying thing”, which is told by what it does."""
    before = items[index - 1].key if index else ""
    after = _after(items, index)
    told = items[index].key.endswith("ing") and after in ("thing", "thingy")
    return (
        before in ("named", "called") or _baptized(items, index) or (told and before in ("the", "that", "this", "our"))
    )


def baptized(items: Sequence[Item]) -> str:
    """The name that something is to get (“name it cart”), or ""."""
    return next((item.text for index, item in enumerate(items) if not item.slot and _baptized(items, index)), "")


def _baptized(items: Sequence[Item], index: int) -> bool:
    """“Name it cart”."""
    return index > 1 and items[index - 1].key == "it" and items[index - 2].key in ("name", "call")


def _mere(run: Sequence[int], items: Sequence[Item]) -> bool:
    """“An audit”, or a program's name that says whose things are meant: no name if there is any other."""
    if any(items[index].marked or _SHAPED.fullmatch(items[index].text) for index in run):
        return False
    indefinite = run[0] > 0 and items[run[0] - 1].key in ("a", "an")
    return indefinite or (all(product(items[index].key) for index in run) and _attributive(items, run[-1]))


def _means(run: Sequence[int], items: Sequence[Item]) -> bool:
    """Is it what something is done with or made from, whatever it is called: “using cart-cli”, “the cart chart”?"""
    return _after(items, run[-1]) in _SOURCES or _lead(run, items) in _TOOLED


def _attributive(items: Sequence[Item], index: int) -> bool:
    """Does what stands around a program's name leave it to say whose things are meant?"""
    before = items[index - 1].key if index else ""
    after = _after(items, index)
    if before in ("with", "using", "via", "by"):
        return True
    if known_kind(after) is not None and not several(after) and before in ("the", "our", "this", "that"):
        # “The Grafana deployment” is one.
        return False
    return bool(after) and after not in _TOLD - {"pods", "logs", "metrics", "errors"} and after not in _AFTER


def _cores(run: Sequence[int], items: Sequence[Item]) -> list[tuple[int, ...]]:
    """Of neighbours, those in quotes, or else each that is written like a name, or else all."""
    marked = [index for index in run if items[index].marked]
    if marked:
        return [tuple(marked)]
    if shaped := [(index,) for index in run if _SHAPED.fullmatch(items[index].text)]:
        return list(shaped)
    return [tuple([index for index in run if not product(items[index].key)] or run)]


def groups(indices: Sequence[int]) -> list[list[int]]:
    """Neighbours together."""
    found: list[list[int]] = []
    for index in indices:
        if found and found[-1][-1] == index - 1:
            found[-1].append(index)
        else:
            found.append([index])
    return found


def _strength(run: Sequence[int], items: Sequence[Item]) -> int:
    lead, beside = _lead(run, items), items[run[0] - 1].key if run[0] else ""
    after = _following(run, items)
    worth = 0
    worth += _QUOTED * any(items[index].marked for index in run)
    worth += _NAMED * (beside in ("named", "called") or _baptized(items, run[0]))
    worth += _BESIDE * (
        after in _SERVED | _PLACED or beside in _LEADING or (known_kind(after) is not None and not several(after))
    )
    worth += _WRITTEN * any(_SHAPED.fullmatch(items[index].text) for index in run)
    worth += _STANDING * (lead in _AFTER | _ASKED or after in _TOLD or items[run[-1]].text.endswith(("'s", "’s")))
    worth += _SLIGHT * (not after) + _SLIGHT * (run[0] > 0 and items[run[0]].text[:1].isupper())
    return worth


def _following(run: Sequence[int], items: Sequence[Item]) -> str:
    """The word after; of “cart controller pods” the last."""
    index = run[-1] + 1
    while index + 1 < len(items) and items[index].key in _PARTS and items[index + 1].key in _SERVED:
        index += 1
    return items[index].key if index < len(items) else ""


def _after(items: Sequence[Item], index: int) -> str:
    return items[index + 1].key if index + 1 < len(items) else ""


def _says_where(run: Sequence[int], items: Sequence[Item]) -> bool:
    after = _after(items, run[-1])
    if after in _PLACED or (run[0] and items[run[0] - 1].key in _PLACED):
        return True
    text = items[run[-1]].text
    return (
        _lead(run, items) in _WITHIN
        and after not in _SERVED
        and (environs(text) or text.lower().endswith(("-ns", "-namespace", "-system")))
    )


def _lead(run: Sequence[int], items: Sequence[Item]) -> str:
    """The word before, articles aside."""
    index = run[0] - 1
    while index >= 0 and items[index].key in _ARTICLES:
        index -= 1
    return items[index].key if index >= 0 else ""


def within(run: Sequence[int], items: Sequence[Item]) -> bool:
    """“In cart”, and not “in the cart service”."""
    after = _after(items, run[-1])
    return _lead(run, items) in _WITHIN and after not in _SERVED


def stands_for(run: Sequence[int], items: Sequence[Item], used: frozenset[int], *, loosely: bool) -> bool:
    """Does an ordinary word stand where only a name can: “scale recommendations”, or with `loosely` “logs of recommendations”?"""
    if loosely:
        return _lead(run, items) in ("of", "for", "from")
    return asked_of(run, items, used)


def asked_of(run: Sequence[int], items: Sequence[Item], used: frozenset[int]) -> bool:
    """Does it stand right behind what is asked for, articles aside?"""
    index = run[0] - 1
    while index >= 0 and items[index].key in _ARTICLES and index not in used:
        index -= 1
    return index in used


def onto(run: Sequence[int], items: Sequence[Item]) -> bool:
    """“On cart-0”: what something happens to, rather than where."""
    return _lead(run, items) == "on"


def towards(run: Sequence[int], items: Sequence[Item]) -> bool:
    """“To cart”."""
    return _lead(run, items) == "to"


def things(items: Sequence[Item]) -> bool:
    """Are several of a kind spoken of (“the pods in …”)?"""
    return any(item.slot is None and kind_of(item.text) and several(item.text) for item in items)


def likeliest(items: Sequence[Item]) -> Named | None:
    """The likeliest name in a clause, whatever it is about; None where nothing looks much like one."""
    left = [
        index for index, item in enumerate(items) if item.slot is None and (item.marked or item.key not in HARMLESS)
    ]
    found = [
        each
        for each in named(items, left)[0]
        if each.strength > ENOUGH and not each.where and not is_symptom(items[each.places[0]])
    ]
    return found[0] if found else None


def known(items: Sequence[Item], slot: Slot) -> bool:
    """Is a name of that sort said?"""
    return any(item.slot is slot for item in items)
