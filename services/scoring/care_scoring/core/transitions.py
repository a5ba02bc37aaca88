"""The four windows of HEDIS TRC around one stay, and what lies in them (clinical.md 1.3)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import at_local, end_of_day, local_date
from care_scoring.core.episodes import Episode
from care_scoring.core.settings.transitions import TransitionSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import Document
from care_scoring.core.state.statements import Statement
from care_scoring.core.thresholds import Thresholds
from care_shared.contracts.care_alerts import Evidence
from care_shared.vocabulary import ContactParty, DocumentSection

DISCHARGE_SUMMARY = "discharge-summary"
CANNOT_SPEAK_FOR_SELF = "cognitive-impairment"  # then the caregiver counts


@dataclass(frozen=True)
class Transition:
    """One inpatient stay and the four windows around it. Days are the facility's, deadlines end at home."""

    state: PatientState
    stay: Episode
    thresholds: Thresholds

    @cached_property
    def limits(self) -> TransitionSettings:
        """The settings."""
        return self.thresholds.of(TransitionSettings)

    @cached_property
    def home(self) -> ZoneInfo:
        """The zone in which deadlines end."""
        return self.state.home_zone(self.thresholds.home_zone)

    @cached_property
    def discharged_on(self) -> date:
        """D; only asked of a stay that ended."""
        return self.stay.last.ended_on or date.max

    @cached_property
    def admission_deadline(self) -> datetime | None:
        """The last second for the notice of admission; None when nobody stated the admission."""
        stated = any(one.began_at for bed in self.stay.bedded for _, one in bed.notices)
        admitted_on = self.stay.bedded_on if stated else None
        return self._end(admitted_on, self.limits.notice_days) if admitted_on else None

    @cached_property
    def summary_asked_at(self) -> datetime:
        """When missing discharge information is asked for."""
        return at_local(self.discharged_on + timedelta(days=1), self.limits.summary_asked_at, self.home)

    @cached_property
    def summary_deadline(self) -> datetime:
        """The last second for the discharge information."""
        return self._end(self.discharged_on, self.limits.notice_days)

    @cached_property
    def deadline(self) -> datetime:
        """The last second for engagement and reconciliation."""
        return self._end(self.discharged_on, self.limits.follow_up_days)

    def morning_of(self, days: int) -> datetime:
        """The first second of D+n at home."""
        return self._end(self.discharged_on, days - 1) + timedelta(seconds=1)

    def _end(self, day: date, days: int) -> datetime:
        return end_of_day(day + timedelta(days=days), self.home)

    @cached_property
    def noticed_at(self) -> datetime | None:
        """When a notice of the admission was received: by feed, or as a document."""
        known = [one.admission_known_at for bed in self.stay.bedded for _, one in bed.notices if one.admission_known_at]
        papers = [one.known_at for one in self._documents if one.kind in self.limits.admission_documents]
        return min(known + papers, default=None)

    @property
    def _documents(self) -> list[Document]:
        return [
            one
            for one in self.state.documents.values()
            if not one.void and (one.encounter_id is None or one.encounter_id in self.stay.encounter_ids)
        ]

    @cached_property
    def summaries(self) -> list[Document]:
        """Final discharge summaries of this stay, by when they were received."""
        left_at = self.stay.ended_at
        found = [
            one
            for one in self._documents
            if one.kind == DISCHARGE_SUMMARY
            and one.final
            and (one.encounter_id is not None or (left_at is not None and one.known_at >= left_at))
        ]
        return sorted(found, key=lambda one: (one.known_at, one.event))

    def lacks(self, summary: Document) -> list[str]:
        """What a summary does not hold although it should, as far as anybody looked."""
        if summary.sections is None:
            return [] if self.limits.unchecked_summary_counts else [one.value for one in DocumentSection]
        return [one.value for one in DocumentSection if one not in summary.sections]

    def is_within(self, moment: datetime, first_day: int) -> bool:
        """Whether a moment lies on D+first through the last day, by the calendar at home."""
        day = local_date(moment, self.home)
        return self.discharged_on + timedelta(days=first_day) <= day and moment <= self.deadline

    @cached_property
    def engaged_by(self) -> Evidence | None:
        """The first visit or talk from the day after the discharge on; what happens on D itself does not count."""
        for_patient = {ContactParty.PATIENT}
        if self.state.has(CANNOT_SPEAK_FOR_SELF):
            for_patient.add(ContactParty.CAREGIVER)
        talks = [
            Evidence(event_id=one.event_id, what="Contact made", at=one.at)
            for one in self.state.contacts.values()
            if one.is_interactive_care and one.party in for_patient
        ]
        seen = [
            Evidence(event_id=one.stand.event_id, what="Seen in clinic", at=one.kept_at)
            for one in self.state.appointments.values()
            if one.stand is not None and one.kept_at is not None
        ]
        services = [
            _evidence(one, "Transitional care service")
            for one in self.state.services.values()
            if not one.void and one.code in self.limits.engaging_services
        ]
        return self._first(talks + seen + services, first_day=1)

    @cached_property
    def reconciled_by(self) -> Evidence | None:
        """The first reconciliation by somebody whose reconciliation counts, from D on."""
        done = [
            _evidence(one, "Medicines reconciled")
            for one in self.state.reconciliations.values()
            if not one.void and " ".join(one.role.casefold().split()) in self.limits.reconcilers
        ]
        return self._first(done, first_day=0)

    def _first(self, found: list[Evidence], first_day: int) -> Evidence | None:
        within = [one for one in found if self.is_within(one.at, first_day)]
        return min(within, key=lambda one: (one.at, one.event_id), default=None)


def _evidence(said: Statement, what: str) -> Evidence:
    return Evidence(event_id=said.event_id, what=what, at=said.at)
