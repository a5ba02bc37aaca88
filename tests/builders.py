"""The language of scoring's tests: facts in the words people use, days counted from Monday 1 March 2027, and `play`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CodedConcept
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import (
    ContactChannel,
    ContactId,
    ContactOutcome,
    ContactParty,
    ContactPurpose,
    Discipline,
    Disposition,
    EncounterClass,
    EncounterId,
    EventId,
    MeasurementSlot,
    MissedVisitReason,
    ObservationId,
    OrganizationId,
    PatientId,
    PersonId,
    ReadingQuality,
    SensitivityLabel,
    SourceId,
    VisitId,
    VitalSign,
)
from tests.playing import (
    DEFAULT_POLICY_TEXT,
    HOME,
    MONDAY,
    PATIENT,
    POLICY,
    Day,
    Played,
    Step,
    play,
    policy_with,
    tick,
    when,
)

# Tests take the whole language from here.
__all__ = [
    "DEFAULT_POLICY_TEXT",
    "HOME",
    "MONDAY",
    "PATIENT",
    "POLICY",
    "Played",
    "Step",
    "play",
    "policy_with",
    "tick",
    "when",
]

SOURCE = SourceId("test-feed")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Known:
    """When a fact was learnt and stated, if not at once; and whose fact it is."""

    at: datetime | None = None
    stated: datetime | None = None
    patient: PatientId = PATIENT
    labels: tuple[SensitivityLabel, ...] = ()
    source: SourceId = SOURCE


AT_ONCE = Known()


def _envelope(kind: str, occurred: datetime, known: Known, *content: object) -> dict[str, object]:
    """The envelope; the id is derived from all of the content, so that the same words are the same event."""
    recorded = known.at or occurred
    parts = [kind, known.patient, occurred.isoformat(), recorded.isoformat(), str(known.stated), *map(str, content)]
    return {
        "event_id": EventId(derived_id("test", *parts)),
        "patient_id": known.patient,
        "occurred_at": occurred,
        "recorded_at": recorded,
        "stated_at": known.stated,
        "source": known.source,
        "labels": known.labels,
    }


# ---------------------------------------------------------------- the person


def lives_in(zone: str, day: Day = -30, known: Known = AT_ONCE, **more: object) -> AnyCareEvent:
    """Where home is."""
    body = {"home_zone": zone, **more}
    return facts.PatientUpdated.model_validate(_envelope("lives", when(day), known, body) | body)


def assessed(
    day: Day = -30, *, homebound: bool = True, alone: bool | None = True, known: Known = AT_ONCE
) -> AnyCareEvent:
    """A person assessed the home."""
    body = {"homebound": homebound, "lives_alone": alone}
    return facts.HomeStatusAssessed.model_validate(_envelope("assessed", when(day), known, body) | body)


def died(day: Day, clock: str = "12:00", known: Known = AT_ONCE) -> AnyCareEvent:
    """The patient died."""
    return facts.PatientDeceased.model_validate(_envelope("died", when(day, clock), known))


def chose_hospice(day: Day, clock: str = "12:00", known: Known = AT_ONCE) -> AnyCareEvent:
    """The patient chose hospice care."""
    return facts.HospiceElected.model_validate(_envelope("hospice", when(day, clock), known))


def has_condition(code: str = "I50.22", day: Day = -30, *, active: bool = True, known: Known = AT_ONCE) -> AnyCareEvent:
    """A diagnosis; heart failure unless said otherwise."""
    condition = CodedConcept(system="http://hl7.org/fhir/sid/icd-10-cm", code=code)
    envelope = _envelope("condition", when(day), known, code, active)
    return facts.ConditionRecorded.model_validate(envelope | {"condition": condition, "active": active})


def cared_for_by(lead: str, agency: str = "", day: Day = -30, known: Known = AT_ONCE) -> AnyCareEvent:
    """The care team."""
    body = {"lead_care_manager": PersonId(lead), "agency": OrganizationId(agency) if agency else None}
    return facts.CareTeamChanged.model_validate(_envelope("team", when(day), known, body) | body)


def aligned(organization: str, programme: str, day: Day = -30, known: Known = AT_ONCE) -> AnyCareEvent:
    """The organisation and programme."""
    body = {"organization": organization, "programme": programme, "starts_on": when(day).date()}
    return facts.AlignmentChanged.model_validate(_envelope("aligned", when(day), known, body) | body)


# ---------------------------------------------------------------- stays


def admitted(
    day: Day,
    clock: str = "10:00",
    *,
    stay: str = "stay-1",
    kind: EncounterClass | str = EncounterClass.INPATIENT,
    zone: str = HOME,
    known: Known = AT_ONCE,
) -> AnyCareEvent:
    """A stay began."""
    body = {"encounter_id": EncounterId(stay), "encounter_class": kind, "facility_zone": zone}
    return facts.HospitalAdmitted.model_validate(_envelope("admitted", when(day, clock, zone), known, body) | body)


def discharged(
    day: Day = 0,
    clock: str = "10:00",
    *,
    stay: str = "stay-1",
    kind: EncounterClass | str = EncounterClass.INPATIENT,
    to: Disposition | str = Disposition.HOME,
    zone: str = HOME,
    facility: str = "Mercy Hospital",
    known: Known = AT_ONCE,
) -> AnyCareEvent:
    """A stay ended."""
    body = {
        "encounter_id": EncounterId(stay),
        "encounter_class": kind,
        "disposition": to,
        "facility_zone": zone,
        "facility": facility,
    }
    return facts.HospitalDischarged.model_validate(_envelope("discharged", when(day, clock, zone), known, body) | body)


def discharge_cancelled(day: Day, clock: str, *, stay: str = "stay-1", known: Known = AT_ONCE) -> AnyCareEvent:
    """A13."""
    body = {"encounter_id": EncounterId(stay)}
    return facts.DischargeCancelled.model_validate(_envelope("a13", when(day, clock), known, body) | body)


def admission_cancelled(day: Day, clock: str, *, stay: str = "stay-1", known: Known = AT_ONCE) -> AnyCareEvent:
    """A11."""
    body = {"encounter_id": EncounterId(stay)}
    return facts.AdmissionCancelled.model_validate(_envelope("a11", when(day, clock), known, body) | body)


# ---------------------------------------------------------------- contacts


def contacted(
    day: Day,
    clock: str = "12:00",
    outcome: ContactOutcome | str = ContactOutcome.REACHED,
    *,
    channel: ContactChannel | str = ContactChannel.PHONE,
    party: ContactParty | str = ContactParty.PATIENT,
    purpose: ContactPurpose | str = ContactPurpose.CARE,
    contact: str = "",
    known: Known = AT_ONCE,
) -> AnyCareEvent:
    """Somebody tried to reach the patient; reached unless said otherwise."""
    occurred = when(day, clock)
    body = {
        "contact_id": ContactId(contact or f"contact-{occurred.isoformat()}-{channel}"),
        "outcome": outcome,
        "channel": channel,
        "party": party,
        "purpose": purpose,
    }
    return facts.ContactLogged.model_validate(_envelope("contact", occurred, known, body) | body)


def contact_retracted(day: Day, clock: str, contact: str, known: Known = AT_ONCE) -> AnyCareEvent:
    """That contact was a mistake."""
    body = {"contact_id": ContactId(contact)}
    return facts.ContactRetracted.model_validate(_envelope("retract", when(day, clock), known, body) | body)


# ---------------------------------------------------------------- visits


@dataclass(frozen=True)
class Visit:
    """A planned visit, an hour long unless said otherwise; its methods are the notices about it."""

    day: Day
    clock: str = "09:00"
    discipline: Discipline = Discipline.AIDE
    critical: bool = False
    hours: float = 1
    visit_id: str = ""
    labels: tuple[SensitivityLabel, ...] = ()

    @property
    def starts(self) -> datetime:
        """The planned start."""
        return when(self.day, self.clock)

    @property
    def ends(self) -> datetime:
        """The planned end."""
        return self.starts + self.hours * HOUR

    @property
    def name(self) -> str:
        """Its id."""
        return self.visit_id or f"{self.discipline}@{self.starts.isoformat()}"

    def _plan(self) -> dict[str, object]:
        return {
            "visit_id": VisitId(self.name),
            "discipline": self.discipline,
            "scheduled_start": self.starts,
            "scheduled_end": self.ends,
            "critical": self.critical,
            "agency": OrganizationId("agency-1"),
        }

    def _said(self, kind: str, occurred: datetime, known: Known, body: dict[str, object]) -> dict[str, object]:
        whole = self._plan() | body
        return _envelope(kind, occurred, Known(known.at, known.stated, known.patient, self.labels), whole) | whole

    def scheduled(self, known: Known = AT_ONCE) -> AnyCareEvent:
        """Planned, a week ahead."""
        return facts.VisitScheduled.model_validate(self._said("scheduled", self.starts - 168 * HOUR, known, {}))

    def started(self, clock: str, known: Known = AT_ONCE) -> AnyCareEvent:
        """Clocked in."""
        return facts.VisitStarted.model_validate(self._said("started", when(self.day, clock), known, {}))

    def delivered(self, known: Known = AT_ONCE, proof: str = "evv") -> AnyCareEvent:
        """Proven, at its end unless learnt later."""
        return facts.VisitDelivered.model_validate(self._said("delivered", self.ends, known, {"proof": proof}))

    def missed(
        self,
        reason: MissedVisitReason | str = MissedVisitReason.AGENCY_NO_SHOW,
        known: Known = AT_ONCE,
        *,
        moved_to: datetime | None = None,
        source_code: str = "",
    ) -> AnyCareEvent:
        """Missed, told at the planned start unless learnt later."""
        body = {"reason": reason, "replacement_start": moved_to, "source_code": source_code}
        return facts.VisitMissed.model_validate(self._said("missed", self.starts, known, body))

    def cancelled(self, hours_ahead: float, *, by_patient: bool, known: Known = AT_ONCE) -> AnyCareEvent:
        """Called off ahead of time."""
        occurred = self.starts - hours_ahead * HOUR
        return facts.VisitCancelled.model_validate(self._said("cancelled", occurred, known, {"by_patient": by_patient}))


# ---------------------------------------------------------------- readings


def measured(
    code: VitalSign,
    value: float,
    day: Day,
    clock: str = "07:00",
    *,
    slot: MeasurementSlot = MeasurementSlot.ANY,
    quality: ReadingQuality = ReadingQuality.VALID,
    observation: str = "",
    known: Known = AT_ONCE,
) -> AnyCareEvent:
    """One reading."""
    occurred = when(day, clock)
    body = {
        "observation_id": ObservationId(observation or f"{code}@{occurred.isoformat()}"),
        "code": code,
        "value": value,
        "slot": slot,
        "quality": quality,
    }
    return facts.VitalSignRecorded.model_validate(_envelope("vital", occurred, known, body) | body)


def weight(value: float, day: Day, clock: str = "07:00", known: Known = AT_ONCE) -> AnyCareEvent:
    """A weight in kilograms."""
    return measured(VitalSign.BODY_WEIGHT, value, day, clock, known=known)


def glucose(
    value: float,
    day: Day,
    clock: str = "07:00",
    slot: MeasurementSlot = MeasurementSlot.FASTING,
    known: Known = AT_ONCE,
) -> AnyCareEvent:
    """A glucose in mg/dL, fasting unless said otherwise."""
    return measured(VitalSign.GLUCOSE, value, day, clock, slot=slot, known=known)


def reading_retracted(code: VitalSign, day: Day, clock: str, observation: str, known: Known = AT_ONCE) -> AnyCareEvent:
    """That reading was entered in error."""
    body = {"observation_id": ObservationId(observation), "code": code}
    return facts.VitalSignRetracted.model_validate(_envelope("vital-error", when(day, clock), known, body) | body)


def daily(code: VitalSign, values: Sequence[float], first_day: int = 0, clock: str = "07:00") -> list[AnyCareEvent]:
    """One reading a day."""
    slot = MeasurementSlot.FASTING if code is VitalSign.GLUCOSE else MeasurementSlot.ANY
    return [measured(code, value, first_day + number, clock, slot=slot) for number, value in enumerate(values)]
