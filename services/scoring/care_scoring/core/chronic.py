"""One patient's year of chronic care: age, diagnoses, services and stays, and for what a measure leaves people out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import at_local, end_of_day, local_date
from care_scoring.core.codes.conditions import groups_of_plain
from care_scoring.core.codes.lab_tests import LabTest
from care_scoring.core.codes.medicines import MedicineClass, classes_of
from care_scoring.core.codes.services import FRAILTY, PALLIATIVE_CARE, is_one_of
from care_scoring.core.reasons.chronic import ChronicReason
from care_scoring.core.settings.chronic import ChronicSettings
from care_scoring.core.state.encounters import longest_open
from care_scoring.core.state.labs import Result
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.state.services import Service
from care_scoring.core.thresholds import Thresholds
from care_shared.vocabulary import EncounterClass, SensitivityLabel

DECEMBER = 12


@dataclass(frozen=True)
class CareYear:
    """The calendar year at home in which `now` lies."""

    state: PatientState
    now: datetime
    thresholds: Thresholds

    @cached_property
    def limits(self) -> ChronicSettings:
        """The settings of the measures."""
        return self.thresholds.of(ChronicSettings)

    @cached_property
    def zone(self) -> ZoneInfo:
        """Where the days end."""
        return self.state.home_zone(self.thresholds.home_zone)

    @cached_property
    def today(self) -> date:
        """The day at home."""
        return local_date(self.now, self.zone)

    @cached_property
    def number(self) -> int:
        """The year."""
        return self.today.year

    @property
    def last_day(self) -> date:
        """New Year's Eve."""
        return date(self.number, DECEMBER, 31)

    @property
    def deadline(self) -> datetime:
        """Up to this instant it counts for the year."""
        return end_of_day(self.last_day, self.zone)

    @cached_property
    def digest_from(self) -> date:
        """From when what is due once a year is told."""
        return date(self.number, self.limits.digest_from_month, 1)

    @cached_property
    def call_from(self) -> date:
        """From when it is worth a call of its own."""
        return date(self.number, self.limits.call_from_month, 1)

    def begins(self, day: date) -> datetime:
        """The hour at which we look on a day."""
        return _hour_of(day, self.limits.look_at_hour, self.zone)

    @cached_property
    def age(self) -> int | None:
        """At the end of the year, as the measures count; None while the birth date is unknown."""
        return self.state.person.age_on(self.last_day)

    def is_aged(self, first: int, last: int = 200) -> bool:
        """Whether the age is known and within."""
        return self.age is not None and first <= self.age <= last

    def day(self, moment: datetime) -> date:
        """The day at home."""
        return local_date(moment, self.zone)

    def diagnosed(self, group: str, years: Collection[int] = ()) -> bool:
        """Whether it stands on a problem list, or was diagnosed this year (or in one of `years`)."""
        return group in (self._diagnosed_in(years) if years else self._diagnosed_this_year)

    @cached_property
    def _diagnosed_this_year(self) -> frozenset[str]:
        """Asked some fifteen times in one look at a patient."""
        return self._diagnosed_in((self.number,))

    def _diagnosed_in(self, years: Collection[int]) -> frozenset[str]:
        counting = [
            groups_of_plain(code)
            for code, held in self.state.conditions.items()
            if (held.active and held.listed) or any(year in held.years for year in years)
        ]
        return frozenset().union(*counting)

    def labels_of(self, *groups: str) -> tuple[SensitivityLabel, ...]:
        """The labels of the diagnoses of these groups."""
        labels: tuple[SensitivityLabel, ...] = ()
        for code, held in self.state.conditions.items():
            if held.labels and groups_of_plain(code) & set(groups):
                labels = joined_labels(labels, held.labels)
        return labels

    def services(self, table: tuple[str, ...], years: Collection[int] = ()) -> list[Service]:
        """The services of a table given this year (or in one of `years`) up to now."""
        if not self.state.services:
            return []
        wanted = years or (self.number,)
        return [
            one
            for one in self.state.services.values()
            if not one.void and one.at <= self.now and is_one_of(one.code, table) and self.day(one.at).year in wanted
        ]

    def results(self, *tests: LabTest) -> list[Result]:
        """The results of the year of these tests, newest first."""
        if not self.state.labs:
            return []
        found = [one for test in tests for one in self.state.results_of(test) if self.day(one.at).year == self.number]
        return sorted(found, key=lambda one: (one.at, one.rank), reverse=True)

    def takes(self, kind: MedicineClass) -> bool:
        """Whether an order holds today, or a pharmacy handed it out this year."""
        return self.state.takes(kind, self.today) or any(
            self.day(one.at).year == self.number
            for drug, fills in self.state.fills.items()
            if kind in classes_of(drug)
            for one in fills.standing()
        )

    # ------------------------------------------------------------ whom a measure leaves out

    @cached_property
    def is_palliative(self) -> bool:
        """Palliative care this year."""
        return self.diagnosed("palliative-care") or bool(self.services(PALLIATIVE_CARE))

    @cached_property
    def is_frail(self) -> bool:
        """A diagnosis or a device of frailty this year."""
        return self.diagnosed("frailty") or bool(self.services(FRAILTY))

    @cached_property
    def is_gravely_ill(self) -> bool:
        """An advanced illness this year or last, or a drug against dementia."""
        both = (self.number, self.number - 1)
        return self.diagnosed("advanced-illness", both) or self.takes(MedicineClass.DEMENTIA_DRUG)

    @cached_property
    def lives_in_nursing_home(self) -> bool:
        """More days of the year in a nursing facility than a stay for recovery takes."""
        days: set[date] = set()
        for stay in self.state.encounters.values():
            began = stay.admitted_at
            if stay.kind is EncounterClass.SKILLED_NURSING and began is not None:
                until = min(stay.discharged_at or began + longest_open(stay.kind), self.now)
                first = self.day(began)
                days |= {first + timedelta(days=n) for n in range((self.day(until) - first).days + 1)}
        return len(days) > self.limits.nursing_home_days

    def left_out_frail(self) -> ChronicReason | None:
        """Palliative care, nursing home, frailty with advanced illness (CMS122, CMS131, CMS165)."""
        if self.is_palliative:
            return ChronicReason.PALLIATIVE
        if not self.is_aged(self.limits.frail_from):
            return None
        if self.lives_in_nursing_home:
            return ChronicReason.NURSING_HOME
        return ChronicReason.FRAIL if self.is_frail and self.is_gravely_ill else None


@lru_cache(maxsize=4096)
def _hour_of(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return at_local(day, time(hour), zone)
