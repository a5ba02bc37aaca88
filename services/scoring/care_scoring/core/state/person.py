"""Who the patient is, where home is, who answers for them, and whether care at home still applies."""

from datetime import date, datetime
from typing import NamedTuple

from msgspec import Struct

from care_scoring.core.state.eligibility import HighNeeds, HomeStatus, HospiceWord
from care_shared.contracts.care_alerts import CareTeam, PatientSummary
from care_shared.vocabulary import EventId, OrganizationId, PersonId


class Period(NamedTuple):
    """One period in one programme of one organisation, as last said."""

    said: datetime
    key: str
    organization: str
    programme: str
    starts_on: date
    ends_on: date  # date.max while it lasts


class Person(Struct, array_like=True, gc=False):
    """Every field is a statement with the time it was made; an absent one was never stated."""

    family_name: tuple[datetime, str] | None = None
    given_name: tuple[datetime, str] | None = None
    birth_date: tuple[datetime, date] | None = None
    phone: tuple[datetime, str] | None = None
    home_zone: tuple[datetime, str] | None = None
    lives_alone: tuple[datetime, bool] | None = None
    homebound: tuple[datetime, bool] | None = None
    care_team: tuple[datetime, str, str, str] | None = None
    deceased: tuple[datetime, EventId] | None = None
    hospice: tuple[datetime, EventId] | None = None
    # organisation and programme → when said, first day, last day (date.max while it lasts)
    # (since version 2 a third part of the key is the first day: one entry per period)
    alignments: dict[str, tuple[datetime, date, date]] = {}
    # Since version 2 of the stored state.
    sex: tuple[datetime, str] | None = None
    language: tuple[datetime, str] | None = None
    email: tuple[datetime, str] | None = None
    home_status: HomeStatus | None = None
    high_needs: HighNeeds | None = None
    hospice_word: HospiceWord | None = None

    def summary(self, default_zone: str) -> PatientSummary:
        """As much of the person as the worklist shows."""
        names = [name[1] for name in (self.given_name, self.family_name) if name]
        return PatientSummary(
            display_name=" ".join(names),
            birth_date=self.birth_date[1] if self.birth_date else None,
            phone=self.phone[1] if self.phone else None,
            home_zone=self.home_zone[1] if self.home_zone else default_zone,
        )

    def team(self, visiting_agency: str) -> CareTeam:
        """Who answers for the patient; the agency that visits stands in while no team names one."""
        _, lead, backup, agency = self.care_team or (None, "", "", "")
        return CareTeam(
            lead_care_manager=PersonId(lead) if lead else None,
            backup=PersonId(backup) if backup else None,
            agency=OrganizationId(agency or visiting_agency) if agency or visiting_agency else None,
        )

    def alignment_on(self, day: date) -> tuple[str, str]:
        """Organisation and programme on a day; the one stated last when several hold, empty when none does."""
        holding = [(period.said, period.key) for period in self.periods_on(day)]
        if not holding:
            return "", ""
        organization, programme, *_ = max(holding)[1].split("|")
        return organization, programme

    def periods_on(self, day: date) -> list["Period"]:
        """Every programme the patient is in on a day, at most one period of each: the latest word about that day.

        A word about a programme says nothing about the days before its period begins, and all about those after.
        """
        deciding: dict[tuple[str, str], Period] = {}
        for key, (said, starts, ends) in self.alignments.items():
            if starts > day:
                continue
            organization, programme, *_ = key.split("|")
            period = Period(said, key, organization, programme, starts, ends)
            held = deciding.get((organization, programme))
            deciding[organization, programme] = period if held is None else max(held, period)
        return [period for period in deciding.values() if day <= period.ends_on]

    def enrolled_on(self, programme: str, day: date) -> date | None:
        """When the period began in which the patient is in a programme on a day."""
        begins = [period.starts_on for period in self.periods_on(day) if period.programme == programme]
        return min(begins, default=None)

    def in_hospice(self) -> bool:
        """Chosen, and not left again."""
        return self.hospice_word.chosen if self.hospice_word else self.hospice is not None

    def age_on(self, day: date) -> int | None:
        """Whole years on a day; None while the birth date is unknown."""
        if self.birth_date is None:
            return None
        born = self.birth_date[1]
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def is_homebound_alone(self) -> bool:
        """Whether a person assessed the patient as homebound and we know that nobody else lives there."""
        return bool(self.homebound and self.homebound[1] and self.lives_alone and self.lives_alone[1])
