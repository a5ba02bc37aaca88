"""Reviewed content is read from files once, at the start, and refused whole when one of them is not right."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from care_notifications.core.check_ins.content import FALLBACK, Catalogue, Schedule, Sheet, Words
from care_notifications.core.next_steps.library import Library
from care_notifications.core.yaml_texts import checked, parsed
from care_shared.errors import ConfigurationError

NEXT_STEPS, SCHEDULE, WORDS = "next_steps.yaml", "schedule.yaml", "words.yaml"
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


def read_catalogue(folder: Traversable) -> Catalogue:
    """Every questionnaire and leaflet with the schedule. Raises ConfigurationError.

    A folder is a language. A sheet that another language has may be missing (English is used then), but where it is
    there it asks the same questions with the same points.
    """
    words: dict[str, Words] = {}
    sheets: dict[str, dict[str, Sheet]] = {}
    for place in sorted((one for one in folder.iterdir() if one.is_dir()), key=lambda one: one.name):
        words[place.name] = read_content(place / WORDS, Words)
        for file in sorted(place.iterdir(), key=lambda one: one.name):
            if file.name.endswith(".yaml") and file.name != WORDS:
                sheet = read_content(file, Sheet)
                sheets.setdefault(sheet.code, {})[place.name] = sheet
    schedule = read_content(folder / SCHEDULE, Schedule)
    _refuse_differences(sheets, schedule)
    return Catalogue(sheets, words, schedule)


def _refuse_differences(sheets: dict[str, dict[str, Sheet]], schedule: Schedule) -> None:
    for code, spoken in sheets.items():
        if FALLBACK not in spoken:
            raise ConfigurationError(f"content: {code} is not there in {FALLBACK}")
        for language, sheet in spoken.items():
            if sheet.shape != spoken[FALLBACK].shape:
                raise ConfigurationError(f"content: {code} asks otherwise in {language} than in {FALLBACK}")
    for table in schedule.timetables:
        if table.check_in not in sheets:
            raise ConfigurationError(f"content: {SCHEDULE} names {table.check_in}, which is not there")


def read_content(file: Traversable, kind: type[Content]) -> Content:
    """One file of content. Raises ConfigurationError."""
    name = f"content: {file.name}"
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"{name} is missing") from None
    return checked(kind, parsed(text, name), name)
