"""Reviewed content is read from files once, at the start, and refused whole when one of them is not right."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from care_notifications.core.next_steps.library import Library
from care_shared.errors import ConfigurationError

NEXT_STEPS = "next_steps.yaml"
Content = TypeVar("Content", bound=BaseModel)


def content_folder(named: str = "") -> Traversable:
    """The organisation's own folder of content, else the one that is shipped."""
    if not named:
        return files("care_notifications") / "content"
    folder = Path(named)
    if not folder.is_dir():
        raise ConfigurationError("CARE_NOTIFICATIONS_CONTENT_FOLDER is not a folder")
    return folder


def read_library(folder: Traversable) -> Library:
    """The next steps. Raises ConfigurationError that names file, place and problem."""
    return read_content(folder / NEXT_STEPS, Library)


def read_content(file: Traversable, kind: type[Content]) -> Content:
    """One file of content. Raises ConfigurationError."""
    try:
        return kind.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except FileNotFoundError:
        raise ConfigurationError(f"content: {file.name} is missing") from None
    except yaml.YAMLError:
        raise ConfigurationError(f"content: {file.name} is not YAML") from None
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        # A misspelt word explains the missing one better than the other way round.
        first = next((one for one in problems if one["type"] == "extra_forbidden"), problems[0])
        place = ".".join(str(part) for part in first["loc"]) or "file"
        raise ConfigurationError(f"content: {file.name}: {place}: {first['msg']}") from None
