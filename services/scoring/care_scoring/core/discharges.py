"""What followed a discharge: its clocks, the contact that was made, the attempts in vain, the next stay."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import at_local, end_of_day, known_zone, local_date
from care_scoring.core.settings.discharges import DischargeContactSettings
from care_scoring.core.state.contacts import Contact
from care_scoring.core.state.encounters import Encounter
from care_scoring.core.state.patient import PatientState
from care_scoring.core.stays import stays_of
from care_scoring.core.thresholds import Thresholds
from care_shared.vocabulary import EncounterId


@dataclass(frozen=True)
class Discharge:
    """One discharge and what came after it, as of now."""

    state: PatientState
    encounter_id: EncounterId
    stay: Encounter
    now: datetime
    thresholds: Thresholds

    @property
    def limits(self) -> DischargeContactSettings:
        """The settings of the follow-up."""
        return self.thresholds.of(DischargeContactSettings)

    @cached_property
    def left_at(self) -> datetime:
        """When the patient left; only asked of a discharge that stands."""
        return self.stay.discharged_at or self.now

    @cached_property
    def day(self) -> date:
        """The date of discharge, local to the facility; where no notice names a zone that we know, to the home."""
        zone = known_zone(self.stay.facility_zone[1]) if self.stay.facility_zone else None
        return local_date(self.left_at, zone or self.home)

    @cached_property
    def due_day(self) -> date:
        """The last business day for the contact."""
        return self.thresholds.holidays.calendar.business_day_after(self.day, self.limits.business_days)

    @cached_property
    def home(self) -> ZoneInfo:
        """The zone in which deadlines end."""
        return self.state.home_zone(self.thresholds.home_zone)

    @cached_property
    def deadline(self) -> datetime:
        """The last second of that day at home."""
        return end_of_day(self.due_day, self.home)

    @cached_property
    def raise_at(self) -> datetime:
        """When it is told."""
        return at_local(self.due_day, self.limits.raise_at, self.home)

    @cached_property
    def escalate_at(self) -> datetime:
        """When it is told louder."""
        return at_local(self.due_day, self.limits.escalate_at, self.home)

    @cached_property
    def period_end(self) -> datetime:
        """The last second of the transitional-care period at home."""
        last_day = self.day + timedelta(days=self.limits.period_days - 1)
        return end_of_day(last_day, self.home)

    @cached_property
    def contact(self) -> Contact | None:
        """The first interactive contact after the discharge, within the period and before the next admission."""
        until = min(self.period_end, self.readmitted_at or self.period_end)
        counting = [
            contact
            for contact in self.state.contacts.values()
            if contact.is_interactive_care and self.left_at <= contact.at <= until
        ]
        return min(counting, key=lambda contact: (contact.at, contact.event_id), default=None)

    @cached_property
    def readmitted_at(self) -> datetime | None:
        """When another stay took over: a new admission, or a later discharge with its own follow-up."""
        superseding = self.limits.superseding_stays
        qualifying = self.limits.qualifying_stays
        taken_over: list[datetime] = []
        for other in self._other_stays():
            began, ended = other.admitted_at, other.discharged_at
            if began is not None and self.left_at <= began <= self.now and other.kind in superseding:
                taken_over.append(began)
            elif ended is not None and other.kind in qualifying and self.left_at < ended <= self.now:
                taken_over.append(ended)
        return min(taken_over, default=None)

    @cached_property
    def notices(self) -> dict[EncounterId, Encounter]:
        """Every telling of this stay, this one included, under whatever number."""
        for stay in stays_of(self.state, self.now, self.thresholds):
            if self.encounter_id in stay.encounter_ids:
                return dict(stay.notices)
        return {self.encounter_id: self.stay}

    def _other_stays(self) -> list[Encounter]:
        return [stay for number, stay in self.state.encounters.items() if number not in self.notices]

    @cached_property
    def is_told_already(self) -> bool:
        """Whether another notice of the same stay, learnt earlier, is followed up."""
        return any(self._tells_of_this(number, other) for number, other in self.notices.items())

    def _tells_of_this(self, number: EncounterId, other: Encounter) -> bool:
        """Another notice of the same discharge that we learnt of earlier."""
        if number == self.encounter_id or other.discharged_at is None:
            return False
        if other.kind not in self.limits.qualifying_stays or other.went not in self.limits.destinations:
            return False
        return (other.discharge_known_at or self.now, number) < (
            self.stay.discharge_known_at or self.now,
            self.encounter_id,
        )

    @cached_property
    def attempts(self) -> list[Contact]:
        """Unsuccessful attempts after the discharge and in time, oldest first."""
        timely = [
            contact
            for contact in self.state.contacts.values()
            if contact.is_attempt and self.left_at <= contact.at <= self.deadline
        ]
        return sorted(timely, key=lambda contact: (contact.at, contact.event_id))

    @cached_property
    def attempts_satisfied_at(self) -> datetime | None:
        """When enough separate attempts were made: hours apart, or over different channels."""
        apart = self.limits.attempts_apart
        separate: list[Contact] = []
        for attempt in self.attempts:
            if all(attempt.at - held.at >= apart or attempt.channel is not held.channel for held in separate):
                separate.append(attempt)
            if len(separate) >= self.limits.attempts_needed:
                return attempt.at
        return None
