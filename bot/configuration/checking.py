"""From a document to a shape, with every complaint put into words and given its line."""

from collections.abc import Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError

from bot.configuration.documents import Document
from bot.configuration.problems import Path, Problem
from skills.core.catalog import nearest, shown
from skills.core.errors import did_you_mean
from skills.core.redaction import names_a_secret, redact

M = TypeVar("M", bound=BaseModel)


def check(document: Document, shape: type[M], problems: list[Problem]) -> M | None:
    """The document's value as `shape`; None, with a problem noted for each mistake, where it is something else."""
    try:
        return shape.model_validate(document.value)
    except ValidationError as error:
        complaints = error.errors(include_url=False)
    for complaint in complaints:
        path = _path(document, complaint["loc"], absent=complaint["type"] == "missing")
        problems.append(document.problem(path, _words(document, complaint, path, shape)))
    return None


def unknown(kind: str, word: str, known: Sequence[str]) -> str:
    """The sentence for a name that nothing bears."""
    hint = did_you_mean(nearest(word, known))
    if not hint:
        hint = f"Known: {', '.join(sorted(known)[:8])}." if known else f"No {kind} is configured."
    return f"there is no {kind} “{shown(word)}”. {hint}"


def _path(document: Document, location: Sequence[str | int], *, absent: bool) -> Path:
    """The location without the parts that name a branch of a union and not a place in the file; `absent` says that the last is not there."""
    path: Path = ()
    for index, part in enumerate(location):
        if (*path, part) in document.lines or (absent and index == len(location) - 1):
            path = (*path, part)
    return path


_NOT_KEYED = "should be keys and values, not a single value or a list."
_SENTENCES = {
    "missing": "is missing.",
    "union_tag_not_found": "needs a kind.",
    "model_type": _NOT_KEYED,
    "model_attributes_type": _NOT_KEYED,
    "dict_type": _NOT_KEYED,
    "list_type": "should be a list; put each entry on its own line after “- ”.",
    "bool_type": "should be true or false.",
    "int_type": "should be a whole number.",
    "int_from_float": "should be a whole number.",
}


def _words(document: Document, complaint: Any, path: Path, shape: type[BaseModel]) -> str:
    context = complaint.get("ctx", {})
    match complaint["type"]:
        case "extra_forbidden":
            return _unknown_key(str(path[-1]), keys_at(shape, complaint["loc"][:-1]))
        case "string_type":
            return _not_text(document, path)
        case "literal_error" | "union_tag_invalid":
            expected = str(context.get("expected") or context.get("expected_tags", "")).replace("'", "")
            return f"should be {expected}."
        case "value_error":
            return str(context["error"])
        case kind if kind in _SENTENCES:
            return _SENTENCES[kind]
        case _:
            return redact(complaint["msg"].removeprefix("Input ").removeprefix("String ")) + "."


def _not_text(document: Document, path: Path) -> str:
    spelling = document.spellings.get(path)
    if not spelling:
        return "should be text."
    return f'should be text, and YAML reads {shown(spelling)} as something else; put it in quotes: "{shown(spelling)}".'


def _unknown_key(key: str, known: Sequence[str]) -> str:
    if names_a_secret(key):
        return "is not a known key. Secrets come from environment variables only (SLACK_BOT_TOKEN and the like)."
    hint = did_you_mean(nearest(key, known, limit=1)) or f"Known keys: {', '.join(known)}."
    return f"is not a known key. {hint}"


def keys_at(shape: type[BaseModel], location: Sequence[str | int]) -> tuple[str, ...]:
    """The keys that the shape knows at a location of a validation error."""
    annotation: Any = shape
    for part in location:
        annotation = _inside(annotation, part)
    model = _models(annotation)[:1]
    return tuple(field.alias or name for name, field in model[0].model_fields.items()) if model else ()


def _inside(annotation: Any, part: str | int) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, RootModel):
        annotation = annotation.model_fields["root"].annotation
    if get_origin(annotation) is list:
        return get_args(annotation)[0]
    models = _models(annotation)
    for model in models:
        kind = model.model_fields.get("kind")
        if len(models) > 1 and kind is not None and part in get_args(kind.annotation):
            return model
        for name, field in model.model_fields.items():
            if part in (field.alias, name):
                return field.annotation
    return None


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is Annotated:
        return _models(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [model for option in get_args(annotation) for model in _models(option)]
    return []
