"""Questionnaires, leaflets and their schedule as the reviewed files say them, in every language the same questions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from care_notifications.core.next_steps.library import CODE, Entry, Review
from care_shared.vocabulary import ContactParty, Symptom

FALLBACK = "en"
OTHER_NAMES = {"eng": "en", "english": "en", "spa": "es", "spanish": "es"}
LOWEST, HIGHEST = 0, 10


class Kind(StrEnum):
    """What the answers become."""

    SYMPTOMS = "symptoms"
    SURVEY = "survey"
    ASSESSMENT = "assessment"
    LEAFLET = "leaflet"


class Choice(Entry):
    """One answer: how many points it is, and which help is shown at once where it calls for help."""

    points: int = Field(ge=0, le=10)
    text: str = Field(min_length=1)
    crisis: str = ""


class Question(Entry):
    """One question: choices, a scale of 0 to 10, or a few words of one's own."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    text: str = Field(min_length=1)
    choices: tuple[Choice, ...] = ()
    scale: tuple[str, str] | None = None
    free_text: bool = False

    @model_validator(mode="after")
    def _asks_in_one_way(self) -> Self:
        if [bool(self.choices), self.scale is not None, self.free_text].count(True) != 1:
            raise ValueError("a question has choices, a scale or free text")
        points = [choice.points for choice in self.choices]
        if len(points) != len(set(points)):
            raise ValueError("two choices count the same points")
        return self

    def takes(self, points: int) -> bool:
        """Whether this is an answer to it."""
        if self.scale is not None:
            return LOWEST <= points <= HIGHEST
        return any(choice.points == points for choice in self.choices)

    def takes_text(self, said: str) -> bool:
        """Whether what a form holds is an answer to it."""
        return self.free_text or (said.isascii() and said.isdigit() and len(said) <= 2 and self.takes(int(said)))


class Sheet(Entry):
    """One questionnaire or leaflet in one language."""

    code: str = Field(pattern=CODE)
    kind: Kind
    name: str = Field(default="", description="the instrument or survey that facts name")
    private: bool = Field(default=False, description="never to a line or mailbox that others read")
    title: str = Field(min_length=1)
    intro: str = Field(min_length=1)
    licence: str = Field(min_length=1, description="whose words these are")
    reviewed: Review
    questions: tuple[Question, ...] = ()
    crisis: dict[str, str] = Field(default_factory=dict)
    text: tuple[str, ...] = ()
    thanks: str = Field(min_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.kind is Kind.LEAFLET) != (not self.questions):
            raise ValueError("a leaflet asks nothing, everything else asks something")
        if self.kind is Kind.LEAFLET and not self.text:
            raise ValueError("a leaflet has text")
        if self.kind in (Kind.SURVEY, Kind.ASSESSMENT) and not self.name:
            raise ValueError("answers need the name of the instrument or survey")
        return self

    @model_validator(mode="after")
    def _names_hold(self) -> Self:
        ids = [question.id for question in self.questions]
        if len(ids) != len(set(ids)):
            raise ValueError("two questions have the same id")
        if self.kind is Kind.SYMPTOMS and not set(ids) <= set(Symptom):
            raise ValueError("a question about symptoms is named after the symptom")
        shown = {choice.crisis for question in self.questions for choice in question.choices if choice.crisis}
        if shown != set(self.crisis):
            raise ValueError("crisis texts and the answers that call for them do not match")
        return self

    @property
    def shape(self) -> object:
        """All that must be the same in every language."""
        asked = [
            (one.id, one.free_text, one.scale is None, [(choice.points, choice.crisis) for choice in one.choices])
            for one in self.questions
        ]
        return self.code, self.kind, self.name, self.private, asked

    def question(self, name: str) -> Question | None:
        """The question of that id."""
        return next((one for one in self.questions if one.id == name), None)


class WishWords(Entry):
    """What the page says that asks how to write to somebody."""

    change: str
    title: str
    language: str
    when: str
    any: str
    morning: str
    afternoon: str
    evening: str
    how: str
    text: str
    email: str
    save: str
    saved: str


class Words(Entry):
    """What messages and pages say in one language. `{sender}` and `{link}` are filled in.

    An organisation's own words may lack what came later: `wishes` (there is no such page then), and what is empty here.
    """

    language: str
    subject: str
    message: str
    begin: str
    next: str
    back: str
    progress: str
    required: str
    privacy: str
    emergency: str
    done: str
    gone: str
    busy: str
    stop: str
    stop_question: str
    stop_yes: str
    stopped: str
    started: str
    keep: str
    name: str = Field(default="", description="what the language calls itself")
    gone_help: str = Field(default="", description="what to do when a link leads nowhere")
    call: str = Field(default="", description="stands before the number to call")
    reply_stop: str = Field(default="", description="ends the first text to a line, where replies are read")
    wishes: WishWords | None = None

    @model_validator(mode="after")
    def _the_message_has_a_link_and_little_else(self) -> Self:
        if "{link}" not in self.message or len(self.message) > 160:
            raise ValueError("a message has {link} and fits into one text")
        return self


class Trigger(StrEnum):
    """What a check-in follows."""

    DISCHARGE = "discharge"
    CAREGIVER_HINT = "caregiver-hint"
    EVERY_MONTHS = "every-months"


class Timetable(Entry):
    """When one check-in is due, and for whom."""

    check_in: str
    party: ContactParty = ContactParty.PATIENT
    after: Trigger
    days: tuple[int, ...] = Field(default=(0,), description="days after a discharge or hint")
    months: int = Field(default=1, ge=1, le=24, description="for every-months")
    first_after_days: int = Field(default=14, ge=0, description="for every-months: so long after the alignment began")
    within_days: int = Field(default=2, ge=0, le=30, description="still worth sending so many days later")
    conditions: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    not_within_days: int = Field(default=0, ge=0, description="not again so soon after the last one")
    answer_hours: int = Field(default=72, ge=1, le=336)


class Hours(Entry):
    """Local time at home."""

    begin: time
    end: time

    @model_validator(mode="after")
    def _is_one_stretch(self) -> Self:
        if self.begin >= self.end:
            raise ValueError("the day begins before it ends")
        return self


class Schedule(Entry):
    """All timetables; earlier ones go first when a day has room for a few only."""

    reviewed: Review
    send_hours: Hours
    most_a_day: int = Field(ge=1, le=5)
    conditions: dict[str, tuple[str, ...]]
    timetables: tuple[Timetable, ...]

    def groups_of(self, code: str) -> Iterator[str]:
        """The condition groups that a diagnosis code belongs to."""
        plain = code.upper().replace(".", "")
        for group, beginnings in self.conditions.items():
            if any(plain.startswith(one.upper().replace(".", "")) for one in beginnings):
                yield group


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every sheet in every language, the words around them, and the schedule."""

    sheets: Mapping[str, Mapping[str, Sheet]]
    words: Mapping[str, Words]
    schedule: Schedule

    def language_for(self, wanted: str) -> str:
        """The language to use for somebody who speaks `wanted`: es-MX is es, what we do not have is English."""
        plain = wanted.replace("_", "-").partition("-")[0].casefold()
        found = OTHER_NAMES.get(plain, plain)
        return found if found in self.words else FALLBACK

    def sheet(self, check_in: str, language: str) -> Sheet:
        """The sheet in that language, else in English."""
        spoken = self.sheets[check_in]
        return spoken.get(language) or spoken[FALLBACK]
