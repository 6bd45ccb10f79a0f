"""What a clause leaves open and the clauses around it say: “cart is down. Why?”, “… use the last five minutes”."""

from collections.abc import Collection, Sequence

from bot.nl.fields import Field
from bot.nl.interpretation import Resolved
from bot.nl.natural.asking import Open, from_words
from bot.nl.natural.naming import ENOUGH, likeliest
from bot.nl.natural.narrowing import namespace_of, narrow
from bot.nl.natural.requesting import Part
from skills.core.skill import Slot

_PLACES = (Slot.NAMESPACE, Slot.OBJECT)


def lend(request: Open, around: Sequence[Part]) -> None:
    """What is missing, from the clauses around: a name that is known, or else the one that looks most like a name."""
    filling = request.filling
    lent = _lend_places(request, around)
    said = {str(value).lower() for value in filling.params.values()}
    object_named = any(each.slot is Slot.OBJECT and each.name in filling.values for each in request.fields)
    for each in request.fields:
        if each.slot not in (Slot.SERVICE, Slot.ENVIRONMENT) or each.name in filling.values:
            continue
        known = [item for part in around for item in part.items if item.slot is each.slot]
        firm = filling.strength.get(each.name, 0) if each.name in filling.unresolved else 0
        if len({str(item.value) for item in known}) == 1 and firm <= ENOUGH:
            filling.unresolved.pop(each.name, None)
            filling.take(each.name, known[0].value, from_words(each.name, known[0]))
        elif (
            each.slot is Slot.SERVICE
            and not (known or object_named)
            and (named := _named(around, lent, said))
            and named[1] > firm
        ):
            filling.unresolved[each.name], filling.strength[each.name] = named
        elif each.slot is Slot.ENVIRONMENT and each.name not in filling.unresolved:
            _lend_place(request, each, around)


def _lend_place(request: Open, each: Field, around: Sequence[Part]) -> None:
    """The namespace that another clause names, for a skill that knows environments only."""
    if any(other.slot is Slot.NAMESPACE for other in request.fields):
        return
    place = next((said for part in around if (said := namespace_of(part.items))), "")
    if place and request.filling.unresolved.get("service") != place:
        request.filling.unresolved[each.name] = place


def _lend_places(request: Open, around: Sequence[Part]) -> set[int]:
    """The namespace, the object and the length of time that another clause names, where this one names none; the items that say so, by identity."""
    filling, lent = request.filling, set[int]()
    for part in around:
        wanted = [each for each in request.fields if each.slot in _PLACES and each.name not in filling.values]
        for name, value, places in narrow(wanted, part.items):
            words_said = " ".join(part.items[place].text for place in sorted(places))
            filling.take(name, value, Resolved(parameter=name, words=words_said, value=value))
            lent |= {id(part.items[place]) for place in places}
        _lend_time(request, part)
    return lent


def _lend_time(request: Open, part: Part) -> None:
    """“Use the metrics of the last 5 minutes”, said after the question."""
    for each in request.fields:
        for item in part.items:
            if each.slot in (Slot.SINCE, Slot.DURATION) and each.name not in request.filling.values and item.began:
                value = item.began if each.slot is Slot.SINCE else item.back
                request.filling.take(each.name, value, Resolved(parameter=each.name, words=item.text, value=value))


def _named(around: Sequence[Part], lent: set[int], said: Collection[str]) -> tuple[str, int] | None:
    """What looks most like a name in other clauses, and names nothing known, `lent` or `said`; and how much."""
    found = [
        (each.strength, each.text(items))
        for part in around
        if (items := [item for item in part.items if id(item) not in lent]) and (each := likeliest(items))
    ]
    strength, text = max(
        [each for each in found if each[1].lower() not in said], key=lambda each: each[0], default=(0, "")
    )
    return (text, strength) if text else None
