"""A YAML text becomes what it has to be, or an error says in which file and where it is wrong; never a value."""

from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from care_shared.errors import ConfigurationError

Model = TypeVar("Model", bound=BaseModel)
# Both read plain values only; the one in C is ten times as fast, where PyYAML was built with it.
FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parsed(text: str, name: str) -> object:
    """What the text says; an empty one says nothing. Raises ConfigurationError with the line."""
    try:
        return yaml.load(text, FAST) or {}  # noqa: S506  # a SafeLoader
    except yaml.YAMLError:
        raise ConfigurationError(f"{name} is not YAML (line {_line_of_the_mistake(text)})") from None


def _line_of_the_mistake(text: str) -> str:
    """As the loader in Python counts it: where it noticed, which is nearer to what a person sees."""
    try:
        yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return str(mark.line + 1) if mark else "?"
    return "?"


def checked(kind: type[Model], value: object, name: str) -> Model:
    """The value as this model. Raises ConfigurationError with the place."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        # A misspelt word explains the missing one better than the other way round.
        first = next((one for one in problems if one["type"] == "extra_forbidden"), problems[0])
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigurationError(f"{name}: {place}: {first['msg']}") from None
