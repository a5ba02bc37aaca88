"""What a policy may set: every number of a rule with its mark, its source and the direction in which it gets looser."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from care_scoring.core.calendar import BusinessCalendar


class Mark(StrEnum):
    """How sure we are of a number: confirmed in a public source, from memory of one, or our own proposal."""

    CONFIRMED = "C"
    MEMORY = "M"
    DESIGN = "D"


class Looser(StrEnum):
    """In which direction a number lets more pass unnoticed: `carelead policy check` warns of it."""

    HIGHER = "higher"
    LOWER = "lower"
    LATER = "later"
    FEWER = "fewer"  # a set with fewer members


class Settings(BaseModel):
    """Frozen, and a name that is not known is refused: a typo in a policy must not pass."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Section:
    """A part of the policy that belongs to one rule or a few; `section` is its key in YAML."""

    section: ClassVar[str]


class RuleSettings(Settings, Section):
    """The numbers of a rule, kept in the rule's room, or beside the code that its rules share."""


Part = TypeVar("Part", bound=Section)
Value = TypeVar("Value")


def threshold(  # noqa: PLR0913  # each by its name; a bound of its own for each of ours would say less
    default: Value,
    mark: Mark,
    why: str,
    *,
    looser: Looser | None = None,
    least: float | None = None,
    most: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> Value:
    """A field of a rule's settings: what we ship, how sure we are of it and why, and its bounds."""
    return Field(
        default,
        description=why,
        ge=least,
        le=most,
        gt=above,
        lt=below,
        json_schema_extra={"mark": mark.value, "looser": looser.value if looser else ""},
    )


class HolidaySettings(Settings):
    """Federal holidays as observed are always loaded. Local days off, and days on which your people work anyway."""

    also_closed: frozenset[date] = threshold(frozenset(), Mark.DESIGN, "local days off")
    open_anyway: frozenset[date] = threshold(frozenset(), Mark.DESIGN, "holidays and weekend days that are worked")

    @cached_property
    def calendar(self) -> BusinessCalendar:
        """The business days of the organisation."""
        return BusinessCalendar(self.also_closed, self.open_anyway)


class EpisodeSettings(Settings):
    """Notices of one stay are folded into one, and stays that follow one another into one episode (clinical.md 1.1)."""

    same_stay_hours: float = threshold(36, Mark.DESIGN, "begun this close together in one place", least=0, most=168)
    emergency_closed_after_hours: float = threshold(48, Mark.DESIGN, "an end that never came", least=1, most=336)
    handover_hours: float = threshold(12, Mark.DESIGN, "between leaving the ED and the bed upstairs", least=0, most=72)
    open_days: int = threshold(7, Mark.DESIGN, "admitted elsewhere while a stay has no end", least=0, most=60)
    transfer_days: int = threshold(1, Mark.CONFIRMED, "same or next day, acute to acute", least=0, most=7)


class RuleSwitch(Settings):
    """Whether a rule speaks: not at all, to the record only (shadow, for good or up to a date), or to people."""

    enabled: bool = True
    shadow: bool | date = False

    def in_shadow(self, today: date) -> bool:
        """Whether what the rule would tell goes to the record only; a date is the first day on which it is told."""
        return self.shadow if isinstance(self.shadow, bool) else today < self.shadow

    @property
    def ends_on(self) -> date | None:
        """The day on which the shadow ends by itself."""
        return None if isinstance(self.shadow, bool) else self.shadow


LIVE = RuleSwitch()


class Thresholds(Settings):
    """All numbers that hold for one patient. The sections of the rules are added from the rule book (`policy.py`)."""

    home_zone: str = threshold("America/New_York", Mark.DESIGN, "where patients live when no source says so")
    holidays: HolidaySettings = HolidaySettings()
    episodes: EpisodeSettings = EpisodeSettings()
    rules: Mapping[str, RuleSwitch] = Field(default_factory=dict)

    def of(self, kind: type[Part]) -> Part:
        """One rule's settings, by their class: `thresholds.of(DischargeContactSettings)`."""
        found = self.__dict__[kind.section]
        assert isinstance(found, kind)
        return found

    def switch(self, rule_id: str) -> RuleSwitch:
        """Whether the rule speaks, and to whom."""
        return self.rules.get(rule_id, LIVE) if self.rules else LIVE
