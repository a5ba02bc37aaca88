"""Everything we believe about one patient, and what we already told people about them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from care_scoring.core.calendar import zone_named
from care_scoring.core.codes.lab_tests import LabTest
from care_scoring.core.codes.medicines import MedicineClass
from care_scoring.core.state.assessments import Assessment, Survey, SymptomSaid
from care_scoring.core.state.circle import Caregiver, StandIn
from care_scoring.core.state.conditions import Condition, has_group
from care_scoring.core.state.consents import OUTREACH, Consent
from care_scoring.core.state.contacts import Contact
from care_scoring.core.state.eligibility import MEDICAID, MEDICARE, Coverage
from care_scoring.core.state.encounters import Encounter
from care_scoring.core.state.gaps import Gap
from care_scoring.core.state.kin import Kin
from care_scoring.core.state.labs import Lab, PendingResult, Result
from care_scoring.core.state.medicines import Fills, Order, Reconciliation
from care_scoring.core.state.person import Person
from care_scoring.core.state.plans import CarePlan, CareTask, Flag, Goal, Leave, Recommendation
from care_scoring.core.state.referrals import Appointment, Document, Referral
from care_scoring.core.state.services import Service
from care_scoring.core.state.visits import Visit
from care_scoring.core.state.vitals import Series
from care_shared.vocabulary import (
    ContactId,
    Disposition,
    EncounterId,
    ObservationId,
    PatientId,
    PersonId,
    SensitivityLabel,
    Symptom,
    VitalSign,
)


class PatientState(Struct, array_like=True):
    """The one current picture. Beliefs do not depend on the order of arrival; `gaps` remembers what was told."""

    patient_id: PatientId
    as_of: datetime | None = None  # the latest moment we know of: a fact learnt, or a deadline that came
    wakes: dict[str, datetime] = {}  # when each rule wants to look again
    vitals: dict[VitalSign, Series] = {}
    # All that follows rests while readings come in (see `encoding`).
    person: Person = field(default_factory=Person)
    encounters: dict[EncounterId, Encounter] = {}
    contacts: dict[ContactId, Contact] = {}
    visits: dict[bytes, Visit] = {}  # by packed visit id
    conditions: dict[str, Condition] = {}
    visiting_agency: tuple[datetime, str, str] | None = None  # said, agency, feed
    silent_feeds: dict[str, tuple[datetime, bool]] = {}
    # What was told, by rule: its gaps and silences by episode.
    gaps: dict[str, dict[str, Gap]] = {}
    silences: dict[str, dict[str, str]] = {}
    # Since version 2 of the stored state. Books of statements (merged with `tell`), except where a noun says otherwise.
    coverages: dict[str, Coverage] = {}  # payer, plan and first day
    orders: dict[str, Order] = {}
    fills: dict[str, Fills] = {}  # by drug (ingredient), packed
    reconciliations: dict[str, Reconciliation] = {}
    labs: dict[ObservationId, Lab] = {}  # a struct of statements each
    pending_results: dict[str, PendingResult] = {}
    assessments: dict[str, Assessment] = {}
    symptoms: dict[Symptom, SymptomSaid] = {}
    surveys: dict[str, Survey] = {}
    referrals: dict[str, Referral] = {}  # a struct of statements each
    appointments: dict[str, Appointment] = {}  # a struct of statements each
    documents: dict[str, Document] = {}
    services: dict[str, Service] = {}
    consents: dict[str, Consent] = {}
    stand_ins: dict[str, StandIn] = {}
    caregivers: dict[str, Caregiver] = {}
    care_plans: dict[str, CarePlan] = {}
    goals: dict[str, Goal] = {}
    care_tasks: dict[str, CareTask] = {}
    flags: dict[str, Flag] = {}
    leaves: dict[str, Leave] = {}
    # By month (year * 12 + month - 1): when old contacts last reached somebody, by which event, with which labels.
    reached: dict[int, tuple[datetime, bytes, tuple[SensitivityLabel, ...]]] = {}
    # How the rules were asked last.
    judged_under: str = ""  # the version of the policy
    # What was told of the scores, by score and subject: revision, a stamp of what was told, labels; packed.
    told_scores: dict[str, bytes] = {}
    kin: Kin | None = None  # only of a patient who was ever merged
    recommendations: dict[str, Recommendation] = {}  # a struct of statements each

    @property
    def is_absorbed(self) -> bool:
        """Whether another record answers for this person."""
        return self.kin is not None and self.kin.survivor_of(self.patient_id) != self.patient_id

    @property
    def has_parted(self) -> bool:
        """Whether another record was part of this one and took its facts with it."""
        return self.kin is not None and any(not is_part for _, is_part in self.kin.absorbed.values())

    @property
    def next_wake_at(self) -> datetime | None:
        """The earliest deadline any rule asked for."""
        return min(self.wakes.values()) if self.wakes else None

    def open_episodes(self, rule_key: str) -> dict[str, Gap]:
        """The gaps of one rule that somebody still has to act on."""
        held = self.gaps.get(rule_key)
        return {episode: gap for episode, gap in held.items() if gap.is_open} if held else {}

    def has(self, group: str) -> bool:
        """Whether an active diagnosis of this group is recorded."""
        return has_group(self.conditions, group)

    @property
    def is_deceased(self) -> bool:
        """Stated, or a stay ended so."""
        return self.person.deceased is not None or self._ended_as(Disposition.EXPIRED)

    @property
    def in_hospice(self) -> bool:
        """Stated, or discharged to hospice; whoever left hospice after that is in it no more."""
        word = self.person.hospice_word
        if word is not None and not word.chosen:
            ends = [stay.end_stated for stay in self.encounters.values() if stay.went is Disposition.HOSPICE]
            return any(end is not None and end[0] > word.said for end in ends)
        return self.person.in_hospice() or self._ended_as(Disposition.HOSPICE)

    def _ended_as(self, went: Disposition) -> bool:
        if not self.encounters:
            return False
        return any(stay.went is went and stay.discharged_at is not None for stay in self.encounters.values())

    def is_away(self, moment: datetime) -> bool:
        """Whether the patient was in a hospital or facility at `moment`."""
        return any(stay.holds(moment) for stay in self.encounters.values())

    def away_until(self, moment: datetime) -> datetime | None:
        """When the stay ends that the patient is in at `moment`, stated or presumed; None when at home."""
        if not self.encounters:
            return None
        return max((stay.holds_until for stay in self.encounters.values() if stay.holds(moment)), default=None)

    def home_zone(self, default: str) -> ZoneInfo:
        """The zone in which this patient's days end."""
        return zone_named(self.person.home_zone[1] if self.person.home_zone else default)

    def payers_on(self, day: date) -> frozenset[str]:
        """Who pays on a day: medicare, medicaid, other. Of each plan the latest word about that day decides."""
        deciding: dict[tuple[str, str], Coverage] = {}
        for said in self.coverages.values():
            held = deciding.get((said.payer_kind, said.plan))
            if said.starts_on <= day and (held is None or said.rank > held.rank):
                deciding[said.payer_kind, said.plan] = said
        return frozenset(plan.payer_kind for plan in deciding.values() if plan.holds_on(day))

    def is_dual(self, day: date) -> bool:
        """Medicare and Medicaid at the same time."""
        return {MEDICARE, MEDICAID} <= self.payers_on(day)

    def is_on_leave(self, day: date) -> bool:
        """Whether the patient is away by plan on a day, local to home."""
        return any(leave.holds_on(day) for leave in self.leaves.values())

    def is_permitted(self, scope: str, recipient: str, moment: datetime) -> bool | None:
        """What the patient answered for this recipient, else for everybody; None when never asked or run out."""
        for answer in (self.consents.get(f"{scope}|{recipient}"), self.consents.get(f"{scope}|")):
            if answer is not None and answer.is_permitted_at(moment):
                return True
            if answer is not None and answer.is_refused_at(moment):
                return False
        return None

    def has_opted_out(self, moment: datetime) -> bool:
        """Whether the patient refused outreach."""
        return self.is_permitted(OUTREACH, "", moment) is False

    def lead_on(self, day: date) -> PersonId | None:
        """The Lead, or who stands in on that day."""
        lead = self.person.team("").lead_care_manager
        standing_in = [one for one in self.stand_ins.values() if one.lead == lead and one.holds_on(day)]
        return max(standing_in, key=lambda one: one.rank).stand_in if standing_in else lead

    def goals_for(self, measure: str) -> list[Goal]:
        """The personal lines of a measure (LOINC), the latest first."""
        lines = [goal for goal in self.goals.values() if goal.measure == measure and goal.active and not goal.void]
        return sorted(lines, key=lambda goal: goal.rank, reverse=True)

    def takes(self, kind: MedicineClass, day: date) -> bool:
        """Whether an order of this class holds on a day."""
        return any(kind in order.classes and order.is_taken_on(day) for order in self.orders.values())

    def results_of(self, test: LabTest) -> list[Result]:
        """The results of a test that stand, newest first."""
        standing = [lab.result for lab in self.labs.values() if lab.result and not lab.result.void]
        return sorted((one for one in standing if one.test is test), key=lambda one: (one.at, one.rank), reverse=True)

    def still_pending(self) -> dict[str, PendingResult]:
        """Orders whose result has not come."""
        come = {lab.result.order_id for lab in self.labs.values() if lab.result and not lab.result.void}
        return {order: one for order, one in self.pending_results.items() if order not in come and not one.void}

    def last_reached_at(self) -> datetime | None:
        """When somebody last talked with patient or caregiver about care, as far as we remember (seven months)."""
        recent = [contact.at for contact in self.contacts.values() if contact.is_interactive_care]
        return max(recent + [word[0] for word in self.reached.values()], default=None)

    def home_since(self) -> datetime | None:
        """When the last stay away from home ended; None when we know of none."""
        ends = [stay.discharged_at for stay in self.encounters.values() if stay.is_away]
        return max((end for end in ends if end is not None), default=None)
