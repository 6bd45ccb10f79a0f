"""What narrows a question down and stands in no catalog: since when, how many, matching what, in which namespace, of which kind, yes or no.

Only for skills that have a parameter for it, and always introduced by words or by its shape: “the last 20 lines”, “in the debug
namespace”, “grep timeout”. A word that nothing introduces is never taken for one of these.
"""

import re
from collections.abc import Iterator, Sequence

from bot.nl.fields import Field
from bot.nl.kinds import kind_of, known_kind, several
from bot.nl.natural.harmless import HARMLESS, words_of
from bot.nl.natural.items import Item
from bot.nl.natural.ordinary import ordinary
from bot.nl.natural.sizing import sizes
from bot.nl.natural.speech import JOINT
from bot.nl.phrased import phrased
from bot.nl.values import shaped, value_of
from skills.core.canonical import Json
from skills.core.skill import Slot

Found = tuple[str, Json, set[int]]
"""A parameter, its value, and the places of the words that said it."""

_ARTICLES = words_of("the a an our my this that any all its")
SEEKING = words_of("grep containing contains contain matching matches match mentioning mentions mention saying pattern")
_SEARCHING = words_of("grep search scan look filter find")
_COUNTED = words_of("lines line entries events rows messages records results items")
_COUNTING = words_of("last first latest tail top limit recent newest --tail --limit --lines")
_UNITS = {"second": "s", "sec": "s", "minute": "m", "min": "m", "hour": "h", "hr": "h", "day": "d", "week": "w"}
_NAMESPACE = frozenset({"namespace", "ns", "-n", "--namespace"})
_CALLED = frozenset({"named", "called"})
_SYSTEM = "kube-"
_RINGING = words_of("firing fires fire fired ringing rings triggered")
_WORKLOADS = words_of("service app application workload pods component release container")
_LABEL = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_ALERT = frozenset({"alert", "alarm"})
_COINED = re.compile(r"[A-Z0-9_-]")
_THINGS = words_of("named called resource resources object objects")
_TOLD = words_of(
    "metrics logs log usage utilization labels limits images yaml manifest conditions restarts errors resource resources"
)
"""What is asked about an object: “node metrics” is none of that name."""
_LISTED = frozenset({"resources", "objects"})
"""“Gateway API HTTPRoute resources”: the word before is the kind."""
_OWN = words_of("kubernetes k8s kube clusterip loadbalancer nodeport")
_LONGEST_KIND = 3
"""Words: “persistent volume claims”."""


def narrow(fields: Sequence[Field], items: Sequence[Item]) -> Iterator[Found]:
    """Everything of that sort that is said, in the order in which the sorts are looked for; no word is used twice."""
    taken: set[int] = set()
    for each in fields:
        for value, places in _found(each, fields, items, taken):
            if not places & taken:
                taken |= places
                yield each.name, value, places


def _found(  # noqa: C901 - a table
    each: Field, fields: Sequence[Field], items: Sequence[Item], taken: set[int]
) -> Iterator[tuple[Json, set[int]]]:
    match each.slot:
        case Slot.SINCE | Slot.DURATION:
            yield from _lengths(each.slot, items)
        case Slot.COUNT:
            yield from _counts(items)
        case Slot.PATTERN:
            yield from _patterns(items)
        case Slot.NAMESPACE:
            yield from _namespaces(items)
        case Slot.KIND:
            yield from _kinds(items)
        case Slot.OBJECT:
            yield from _objects(items, each.name != "pod")
        case Slot.ALERT:
            yield from _alerts(items)
        case Slot.CPU | Slot.MEMORY:
            yield from sizes(each.slot, items)
        case Slot.FLAG:
            yield from _flags(each.name, items)
        case Slot.PERIOD | Slot.TEAM | Slot.GROUPING:
            yield from _phrases(each.slot, items)
        case _:
            return


def _lengths(slot: Slot, items: Sequence[Item]) -> Iterator[tuple[Json, set[int]]]:
    """What the reader of items left as words: “today”, and a length that nothing introduces (“checkout logs, 15 minutes”)."""
    for index, item in enumerate(items):
        if item.slot is None and item.began:
            yield item.began if slot is Slot.SINCE else item.back, {index}
        elif slot is Slot.DURATION and item.slot is None and Slot.DURATION in (found := shaped(item.text)):
            yield found[Slot.DURATION], {index}
        elif (
            slot is Slot.DURATION
            and item.slot is Slot.REPLICAS
            and isinstance(item.value, int)
            and _after(items, index)
        ):
            unit = _UNITS.get(_after(items, index).removesuffix("s"))
            length = value_of(Slot.DURATION, f"{item.value}{unit}") if unit else None
            if length is not None:
                yield length, {index, index + 1}


def _phrases(slot: Slot, items: Sequence[Item]) -> Iterator[tuple[Json, set[int]]]:
    """Values of several words, whatever the reader of items took single ones of them for (“the payments team”)."""
    spoken = [(key, index) for index, item in enumerate(items) for key in item.text.lower().split()]
    keys, place = [key for key, _ in spoken], 0
    while place < len(keys):
        found = phrased(keys[place:], keys[place - 1] if place else "")
        if found and found[1] is slot:
            yield found[2], {index for _, index in spoken[place : place + found[0]]}
        place += found[0] if found else 1


def _counts(items: Sequence[Item]) -> Iterator[tuple[Json, set[int]]]:
    for index, item in enumerate(items):
        if item.slot is not Slot.REPLICAS or not isinstance(item.value, int) or item.value < 1:
            continue
        counted = {_after(items, index), _after(items, index + 1)} & _COUNTED
        if counted or (
            index and items[index - 1].key in _COUNTING and _after(items, index).removesuffix("s") not in _UNITS
        ):
            yield item.value, {index}


def _patterns(items: Sequence[Item]) -> Iterator[tuple[Json, set[int]]]:
    """After “for”, “with” only what is quoted, unless something is searched; after “grep” whatever comes next."""
    searching = any(item.text.lower() in _SEARCHING for item in items)
    sought = [
        index for index, item in enumerate(items) if item.key == "for" and searching and _sought(items, index + 1)
    ]
    for index, item in enumerate(items[:-1]):
        quotes = (
            item.key in ("find", "search", "look")
            and items[index + 1].marked
            and not _names_a_workload(items, index, index + 1)
        )
        nearby = (item.key in SEEKING or quotes) and not (item.key == "grep" and sought)
        place = index + 2 if items[index + 1].key in _ARTICLES and index + 2 < len(items) else index + 1
        quoted = (
            items[place].marked
            and item.key in ("for", "with", "like", "text", "phrase", "string", "message")
            and not _names_a_workload(items, index, place)
        )
        if nearby or quoted or index in sought or _within_logs(items, index, place):
            # “Search the logs …”: there the word is no service of that name.
            verbs = {at for at, other in enumerate(items[:index]) if other.slot and other.text.lower() in _SEARCHING}
            verbs = {min(verbs)} if verbs else verbs
            yield items[place].text.replace(JOINT, " "), {index, place} | verbs
            return


def _within_logs(items: Sequence[Item], cue: int, place: int) -> bool:
    """“Any 'deadlock' in the cart logs?”"""
    after = [item.key for item in items[place + 1 :]]
    return (
        items[cue].key in ("any", "see", "is", "there")
        and items[place].marked
        and after[:1] == ["in"]
        and "logs" in after
    )


def _names_a_workload(items: Sequence[Item], cue: int, place: int) -> bool:
    """“Logs for the 'cart' deployment”, “logs for 'cart-api'”: whose they are, and not what is in them."""
    after = _after(items, place)
    told = any(item.slot is Slot.SERVICE for item in items) or any(item.marked for item in items[:cue])
    written = items[cue].key == "for" and bool(_LABEL.fullmatch(items[place].text)) and not told
    return place > cue + 1 or kind_of(after) is not None or after in _WORKLOADS or written


def _plain(items: Sequence[Item], index: int) -> bool:
    """Is there a word that names nothing known?"""
    return index < len(items) and items[index].slot is None and items[index].key not in HARMLESS


def _sought(items: Sequence[Item], index: int) -> bool:
    """What may be looked for: a plain word, or a number (“401”)."""
    return _plain(items, index) or (index < len(items) and bool(re.fullmatch(r"[0-9]{3,}", items[index].text)))


def _namespaces(items: Sequence[Item]) -> Iterator[tuple[Json, set[int]]]:
    for index, item in enumerate(items):
        before = items[index - 1].key if index else ""
        if item.key in _NAMESPACE:
            after = index + 2 if _after(items, index) in _CALLED else index + 1
            if after < len(items) and items[after].slot is Slot.SERVICE:
                # “Namespace payments” is one, whatever service has that name, too.
                yield value_of(Slot.NAMESPACE, items[after].text), {index, after}
                return
            for place in (index - 1, after) if _stands_before(items, index) else (after, index - 1):
                standing = place < index and _stands_before(items, index)
                if 0 <= place < len(items) and (name := _name(items[place], Slot.NAMESPACE, standing)) is not None:
                    yield name, {index, place}
                    return
        elif before in ("in", "from", "on") and item.key.startswith(_SYSTEM) and item.slot is None:
            yield value_of(Slot.NAMESPACE, item.text), {index}
            return


def _stands_before(items: Sequence[Item], index: int) -> bool:
    """“In the shop-test namespace keeps restarting”: the name stands between an article and the word."""
    return (
        index > 1
        and items[index - 2].key in _ARTICLES
        and (_plain(items, index - 1) or _kind(items, index - 1) is not None)
        and not (several(items[index - 1].text) and _kind(items, index - 1) is not None)
    )


def _kinds(items: Sequence[Item]) -> Iterator[tuple[Json, set[int]]]:
    """One kind: a plural goes before a singular, which may just describe a name (“the checkout service”)."""
    named = [found for index in range(len(items)) if (found := _kind(items, index)) is not None]
    many = [each for each in named if several(items[max(each[1])].text)]
    meant = [each for each in named if _after(items, max(each[1])) in _LISTED]
    yield from (many or meant or named)[:1]


def names_a_kind(items: Sequence[Item]) -> bool:
    """Is there a word for a kind of object that does not merely describe a name?"""
    found = {str(found[0]) for index in range(len(items)) if (found := _kind(items, index)) and _meant(items, index)}
    found -= {"event"}
    if found == {"service"}:
        # Of the catalog, unless Kubernetes' own are meant.
        return names_a_namespace(items) or any(item.key in _OWN for item in items)
    return bool(found)


def _meant(items: Sequence[Item], index: int) -> bool:
    """Is it a kind, and not a brand with a capital inside? Of what nobody knows, several, or one that has a name."""
    item, after = items[index], items[index + 1 : index + 2]
    if index and items[index - 1].key in ("per", "by"):
        return False
    if kind_of(item.text.lower()) or item.key == item.text:
        return True
    named = any(each.marked or each.slot is Slot.SERVICE or "-" in each.key or each.key in _THINGS for each in after)
    return named or (several(item.text) and not item.key.endswith("ops"))


def names_a_namespace(items: Sequence[Item]) -> bool:
    """Is a namespace named?"""
    return any(True for _ in _namespaces(items))


def namespace_of(items: Sequence[Item]) -> str:
    """The namespace that is named, or ""."""
    return next((str(value) for value, _ in _namespaces(items) if value is not None), "")


def places_of_namespace(items: Sequence[Item]) -> set[int]:
    """Where the words stand that name it."""
    return next((places for value, places in _namespaces(items) if value is not None), set())


def _kind(items: Sequence[Item], index: int) -> tuple[Json, set[int]] | None:
    """The kind that begins at a place, written as one word or as several (“config maps”)."""
    for count in range(min(_LONGEST_KIND, len(items) - index), 1, -1):
        words = items[index : index + count]
        kind = known_kind("".join(each.key for each in words)) if not any(each.slot for each in words) else None
        if kind:
            return kind, set(range(index, index + count))
    single = _single(items, index)
    return (single, {index}) if single else None


def _single(items: Sequence[Item], index: int) -> str | None:
    item = items[index]
    if item.slot is None and (kind := kind_of(item.text)) is not None:
        beside = [other for other in items[max(0, index - 1) : index + 2] if other is not item]
        each = index > 0 and items[index - 1].key in ("every", "each", "all", "any")
        describes = (kind == "namespace" and not each) or any(
            other.slot in (Slot.SERVICE, Slot.ENVIRONMENT)
            or (kind == "service" and (other.marked or "-" in other.key.strip("-")))
            for other in beside
        )
        return None if describes and not several(item.text) else kind
    found = shaped(item.text).get(Slot.KIND)
    return str(found) if found else None


def _objects(items: Sequence[Item], any_kind: bool) -> Iterator[tuple[Json, set[int]]]:
    for index, item in enumerate(items):
        if item.slot in (None, Slot.RELEASE) and Slot.OBJECT in (found := shaped(item.text)):
            yield found[Slot.OBJECT], ({index} if Slot.KIND not in found else set())
            return
        kind = kind_of(item.text)
        if kind is None or kind == "namespace" or (kind != "pod" and not any_kind) or several(item.text):
            continue
        if index + 2 < len(items) and kind_of(items[index + 2].text) and items[index + 1].key not in _CALLED:
            # “Gateway API HTTPRoutes”: the kind is yet to come.
            continue
        place = index + 2 if _after(items, index) in _CALLED else index + 1
        for at in (place, index - 1):
            if (
                0 <= at < len(items)
                and (name := _name(items[at], Slot.OBJECT)) is not None
                and _odd(items[at], at != place)
            ):
                yield name, {at}
                return


def _alerts(items: Sequence[Item]) -> Iterator[tuple[Json, set[int]]]:
    """“the alert HighErrorRate”, “the HighErrorRate alert”: a word with a capital, a digit or a joint in it, beside that word."""
    for index, item in enumerate(items):
        if item.key not in _ALERT:
            continue
        for at in (index + 1, index - 1):
            beside = items[at] if 0 <= at < len(items) else None
            if beside and beside.slot in (None, Slot.RELEASE) and _COINED.search(beside.text):
                rings = {place for place, other in enumerate(items) if other.key in _RINGING}
                yield value_of(Slot.ALERT, beside.text), {index, at, *rings}
                return


def _odd(item: Item, before: bool) -> bool:
    """Does a word look like a name? Before the kind it has to: “the broken pod” names nothing."""
    return not before or item.marked or "-" in item.key or any(letter.isdigit() for letter in item.key)


def _everywhere(items: Sequence[Item]) -> Iterator[tuple[Json, set[int]]]:
    """“Across all namespaces”, “the whole cluster”: unless a service or a namespace is named, of which the cluster is just the place."""
    keys = [item.key for item in items]
    for index, key in enumerate(keys):
        if key in ("namespaces", "namespace") and index and keys[index - 1] in ("all", "every", "any", "across"):
            if {"across", "in", "from", "over", "of"} & set(keys[max(0, index - 3) : index]):
                yield True, {index - 1, index}
                return
        elif (
            key in ("cluster", "clusterwide", "cluster-wide")
            and not any(item.slot is Slot.SERVICE for item in items)
            and not names_a_namespace(items)
            and (index == 0 or keys[index - 1] not in ("not", "a", "per"))
        ):
            yield True, {index}
            return


def _flags(name: str, items: Sequence[Item]) -> Iterator[tuple[Json, set[int]]]:
    if name == "cluster":
        yield from _everywhere(items)
        return
    words = name.split("_")
    for index in range(len(items) - len(words) + 1):
        keys = [item.key for item in items[index : index + len(words)]]
        if keys in (words, [*words[:-1], words[-1].removesuffix("s")]) and (
            index == 0 or items[index - 1].key != "not"
        ):
            yield True, set(range(index, index + len(words)))
            return


def _name(item: Item, slot: Slot, standing: bool = False) -> Json:
    """A name that is in no catalog, or None; `standing` where only a name can stand, so that a kind may be one."""
    plain = (
        (item.key in HARMLESS and (not standing or ordinary(item.key) or item.key in _ARTICLES))
        or item.key in _TOLD
        or (kind_of(item.text) and not standing)
        or (slot is Slot.OBJECT and (ordinary(item.key) or item.key in _ALERT))
    )
    if item.slot not in (None, Slot.RELEASE) or (plain and not item.marked):
        return None
    return value_of(slot, item.text)


def _after(items: Sequence[Item], index: int) -> str:
    return items[index + 1].key if index + 1 < len(items) else ""
