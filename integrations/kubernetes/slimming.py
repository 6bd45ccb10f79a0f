"""Objects without what no diagnosis reads, which is most of their bytes, and without what nobody may read."""

from collections import defaultdict
from collections.abc import Iterable, MutableSequence, Sequence
from typing import Any

Object = dict[str, Any]

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_EVENTS_OF_ONE_OBJECT = 50
_EVENT_METADATA = ("name", "namespace", "creationTimestamp")
_WRITER = ("manager", "operation", "apiVersion", "subresource", "time")
_WRITTEN_BY_PROGRAMS = frozenset({"Pod", "Event", "ReplicaSet", "EndpointSlice", "Node"})
"""Who last wrote them says nothing."""


def slimmed(kind: str, items: Iterable[object]) -> list[Object]:
    """The objects among `items`, each changed in place. Of a ConfigMap only the keys are kept, of a Secret nothing but its metadata."""
    found = [item for item in items if isinstance(item, dict) and isinstance(item.get("metadata"), dict)]
    for item in found:
        metadata = item["metadata"]
        writers = metadata.pop("managedFields", None)
        if writers and kind not in _WRITTEN_BY_PROGRAMS:
            metadata["managedFields"] = [{name: each[name] for name in _WRITER if name in each} for each in writers]
        if metadata.get("annotations"):
            metadata["annotations"].pop(_APPLIED, None)
        if kind == "ConfigMap":
            _keys_only(item)
        elif kind == "Secret":
            _metadata_only(item)
        elif kind == "Event":
            item["metadata"] = {name: metadata[name] for name in _EVENT_METADATA if name in metadata}
            item.pop("source", None)
    return found


def newest(events: Sequence[Object]) -> list[Object]:
    """At most 50 events about one object, the latest of them, in the order in which they came."""
    if len(events) <= _EVENTS_OF_ONE_OBJECT:
        return list(events)
    by_object: dict[tuple[str, str, str], MutableSequence[Object]] = defaultdict(list)
    for event in events:
        about = event.get("involvedObject") or {}
        by_object[(str(about.get("kind")), str(about.get("namespace")), str(about.get("name")))].append(event)
    return [
        event
        for same in by_object.values()
        for event in (same if len(same) <= _EVENTS_OF_ONE_OBJECT else sorted(same, key=_last)[-_EVENTS_OF_ONE_OBJECT:])
    ]


def _last(event: Object) -> str:
    """When it was last seen; RFC 3339 in UTC sorts as text."""
    series = event.get("series") or {}
    return str(event.get("lastTimestamp") or series.get("lastObservedTime") or event.get("eventTime") or "")


def _keys_only(item: Object) -> None:
    for field in ("data", "binaryData"):
        if item.get(field):
            item[field] = dict.fromkeys(item[field], "")


def _metadata_only(item: Object) -> None:
    for field in [name for name in item if name not in ("metadata", "type")]:
        del item[field]
