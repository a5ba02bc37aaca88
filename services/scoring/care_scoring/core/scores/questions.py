"""What a score asks, key by key, and the check of what people answer: a wrong answer is named, never guessed at."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from care_scoring.core.scores.score import Answer
from care_shared.errors import UnusableMessageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
SETTINGS = "settings"
HIDDEN = {"title", "description"}  # of generated schemas: our own sentences are better


@dataclass(frozen=True, slots=True)
class Asks:
    """What one key means, for people, and in which unit it is given."""

    meaning: str
    unit: str = ""


def read_object(text: str) -> dict[str, object]:
    """The JSON object in a text; a key that comes twice is refused, as nobody knows which one was meant."""
    try:
        found: object = json.loads(text, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise UnusableMessageError("the input", "is not JSON") from error
    if not isinstance(found, dict):
        raise UnusableMessageError("the input", "should be one JSON object")
    return found


def _without_doubles(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise UnusableMessageError(_spoken(key), "is given twice")
        found[key] = value
    return found


def read_answers(kind: type[T], stated: Mapping[str, object]) -> T:
    """The checked answers. A plain value is short for {"value": …}; `at` and `source` may be added."""
    answerable = {name for name, hint in _hints(kind).items() if _answered(hint) is not None}
    return _checked(kind, {key: _as_answer(value) if key in answerable else value for key, value in stated.items()})


def read_settings(kind: type[T], stated: object) -> T:
    """The checked settings; what is not stated keeps its default."""
    if not isinstance(stated, dict):
        raise UnusableMessageError(SETTINGS, "should be an object")
    return _checked(kind, stated, SETTINGS)


def _as_answer(value: object) -> object:
    """JSON null means: nobody answered."""
    return value if value is None or isinstance(value, dict) else {"value": value}


def _checked(kind: type[T], stated: Mapping[str, object], place: str = "") -> T:
    try:
        return TypeAdapter(kind).validate_json(json.dumps(stated), strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        parts = [place, *first["loc"]] if place else first["loc"]
        if first["type"] == "unexpected_keyword_argument" and len(first["loc"]) == 1:
            raise UnusableMessageError(_place(parts), _unknown_key(kind, place)) from None
        raise UnusableMessageError(_place(parts), _problem(first["type"], first["msg"])) from None


def _unknown_key(kind: type[T], place: str) -> str:
    """Whoever guesses a name wants to see those there are; their meanings and units are a longer read."""
    keys = [one.name for one in fields(kind)] + ([] if place else [SETTINGS])
    return f"is not a key of {place or 'this score'}; there are {', '.join(keys)} (--schema explains them)"


def _place(parts: Iterable[int | str]) -> str:
    """Where: the key, and for lists the number of the item as people count."""
    named = [f"item {part + 1}" if isinstance(part, int) else _spoken(part) for part in parts if part != "value"]
    return ", ".join(named) or "the input"


def _spoken(key: str) -> str:
    """A key as it may stand in a message of one line."""
    return key if key.isidentifier() else "one key"


def _problem(kind: str, message: str) -> str:
    if kind == "unexpected_keyword_argument":
        return "is not a key of this group (--schema lists them)"
    if kind == "json_invalid":
        return "is not JSON"
    if kind == "missing":
        return "is missing"
    if kind == "string_pattern_mismatch":
        return "is not spelled as --schema says"
    plain = message.removeprefix("Input ").removeprefix("Value error, ").removeprefix("Tuple ")
    return plain.replace(" after validation", "")


def described(kind: type[T]) -> dict[str, dict[str, object]]:
    """Every key with its meaning, unit and accepted values."""
    return {name: _described(hint) for name, hint in _hints(kind).items()}


def defaults(kind: type[T]) -> dict[str, dict[str, object]]:
    """Every setting with its default, its meaning and its range."""
    hints, usual = _hints(kind), kind()
    values: dict[str, object] = {field.name: getattr(usual, field.name) for field in fields(usual)}
    # A group of settings shows the defaults of its members instead of one of its own.
    return {name: _described(hints[name], None if is_dataclass(value) else value) for name, value in values.items()}


def _described(hint: type[object], default: object = None) -> dict[str, object]:
    asked = next((part for part in getattr(hint, "__metadata__", ()) if isinstance(part, Asks)), Asks(""))
    accepted = TypeAdapter(_answered(hint) or hint).json_schema()
    shown: dict[str, object] = {"meaning": asked.meaning, "unit": asked.unit, "default": default}
    stated = {key: value for key, value in shown.items() if value not in ("", None)}
    return stated | {key: _bare(value) for key, value in accepted.items() if key not in HIDDEN | {"default"}}


def _bare(schema: object) -> object:
    """A generated schema without its generated titles."""
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in schema.items() if key not in HIDDEN}
    return schema


def _hints(kind: type[T]) -> dict[str, type[object]]:
    return get_type_hints(kind, include_extras=True)


def _answered(hint: object) -> type[object] | None:
    """The type of the value inside an Answer; None when the key takes no Answer."""
    parts = [hint, *get_args(hint)] + [inner for part in get_args(hint) for inner in get_args(part)]
    return next((get_args(part)[0] for part in parts if get_origin(part) is Answer), None)
