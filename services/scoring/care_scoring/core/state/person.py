"""Who the patient is, where home is, who answers for them, and whether care at home still applies."""

from datetime import date, datetime

from msgspec import Struct

from care_shared.contracts.care_alerts import CareTeam, PatientSummary
from care_shared.vocabulary import EventId, OrganizationId, PersonId


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
    alignments: dict[str, tuple[datetime, date, date]] = {}

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
        holding = [(said, key) for key, (said, starts, ends) in self.alignments.items() if starts <= day <= ends]
        if not holding:
            return "", ""
        organization, _, programme = max(holding)[1].partition("|")
        return organization, programme

    def is_homebound_alone(self) -> bool:
        """Whether a person assessed the patient as homebound and we know that nobody else lives there."""
        return bool(self.homebound and self.homebound[1] and self.lives_alone and self.lives_alone[1])
