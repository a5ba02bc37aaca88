"""A patient who came home from a stay hears from us within two business days, or somebody is told in time to call."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import at_local, end_of_day, local_date, spoken_day, spoken_time, zone_named
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons import Reason
from care_scoring.core.state.contacts import Contact
from care_scoring.core.state.encounters import Encounter
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import ContactLogged, ContactRetracted
from care_shared.vocabulary import CloseReason, EncounterId, Role, Tier

RULE_ID = "TCM-CONTACT"
SPOKEN_OF = timedelta(days=90)  # an older discharge is history: its period ended long ago
SAME_STAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class DischargeContact:
    """TCM-CONTACT (CPT 99495/99496): interactive contact by the second business day after the discharge."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | STAY_FACTS | {ContactLogged, ContactRetracted, ClockTicked}

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per discharge, and one for the outreach that goes on after attempts in vain."""
        outreach_open = state.open_episodes(self.rule_id)
        for encounter_id, stay in state.encounters.items():
            if stay.discharged is None or stay.discharged[1] < now - SPOKEN_OF:
                continue
            follow_up = _FollowUp(state, encounter_id, stay, now, thresholds)
            settled = follow_up.without_ground() or follow_up.ended()
            if settled is not None:
                yield settled
                if follow_up.outreach in outreach_open:
                    yield follow_up.outreach_settled(settled)
            elif follow_up.attempts_satisfied_at is not None:
                yield from follow_up.after_attempts()
            else:
                yield follow_up.waiting()


@dataclass(frozen=True)
class _FollowUp:
    """The follow-up of one discharge, as of now."""

    state: PatientState
    encounter_id: EncounterId
    stay: Encounter
    now: datetime
    thresholds: Thresholds

    # ---- the clocks: the date of discharge is local to the facility, the deadline to the patient's home

    @cached_property
    def left_at(self) -> datetime:
        return self.stay.discharged_at or self.now

    @cached_property
    def day(self) -> date:
        zone = self.stay.facility_zone[1] if self.stay.facility_zone else "UTC"
        return local_date(self.left_at, zone_named(zone))

    @cached_property
    def due_day(self) -> date:
        return self.thresholds.holidays.calendar.business_day_after(
            self.day, self.thresholds.discharge_contact.business_days
        )

    @cached_property
    def home(self) -> ZoneInfo:
        return self.state.home_zone(self.thresholds.home_zone)

    @cached_property
    def deadline(self) -> datetime:
        return end_of_day(self.due_day, self.home)

    @cached_property
    def raise_at(self) -> datetime:
        return at_local(self.due_day, self.thresholds.discharge_contact.raise_at, self.home)

    @cached_property
    def escalate_at(self) -> datetime:
        return at_local(self.due_day, self.thresholds.discharge_contact.escalate_at, self.home)

    @cached_property
    def period_end(self) -> datetime:
        last_day = self.day + timedelta(days=self.thresholds.discharge_contact.period_days - 1)
        return end_of_day(last_day, self.home)

    @property
    def outreach(self) -> str:
        return f"{self.encounter_id}:outreach"

    # ---- what ends it

    def without_ground(self) -> Settled | None:
        """The discharge was withdrawn, or asks for no contact in the first place."""
        if self.stay.never_happened:
            return self._settled(CloseReason.WITHDRAWN, Reason.ADMISSION_CANCELLED)
        if self.stay.discharged_at is None:
            return self._settled(CloseReason.WITHDRAWN, Reason.DISCHARGE_CANCELLED)
        if self.stay.kind not in self.thresholds.discharge_contact.qualifying_stays:
            return self._settled(CloseReason.WITHDRAWN, Reason.NOT_A_QUALIFYING_STAY)
        if self.stay.went not in self.thresholds.discharge_contact.destinations:
            return self._settled(CloseReason.WITHDRAWN, Reason.NOT_DISCHARGED_HOME)
        if self.state.in_hospice:
            return self._settled(CloseReason.SUPERSEDED, Reason.HOSPICE)
        if any(self._is_told_by(other) for other in self._other_stays()):
            return self._settled(CloseReason.SUPERSEDED, Reason.DUPLICATE_STAY)
        return None

    def ended(self) -> Settled | None:
        """Reached, admitted again, or the period is over: whichever came first."""
        contact, again = self.contact, self.readmitted_at
        if contact is not None:
            in_time = contact.at <= self.deadline
            reached = spoken_time(contact.at, self.home)
            reason = Reason.CONTACT_MADE if in_time else Reason.CONTACT_MADE_LATE
            return Settled(
                episode=self.encounter_id,
                close_reason=CloseReason.EVIDENCE if in_time else CloseReason.LATE_EVIDENCE,
                reason=reason,
                explanation=f"{reason.sentence} Reached {reached}.",
                evidence=(Evidence(event_id=contact.event_id, what="Contact made", at=contact.at),),
            )
        if again is not None:
            return self._settled(CloseReason.SUPERSEDED, Reason.READMITTED)
        if self.now > self.period_end:
            return self._settled(CloseReason.EXPIRED, Reason.PERIOD_ENDED)
        return None

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
        superseding = self.thresholds.discharge_contact.superseding_stays
        qualifying = self.thresholds.discharge_contact.qualifying_stays
        taken_over: list[datetime] = []
        for _, other in self._other_stays():
            began, ended = other.admitted_at, other.discharged_at
            if began is not None and self.left_at <= began <= self.now and other.kind in superseding:
                taken_over.append(began)
            elif ended is not None and other.kind in qualifying and self._left_again(other, ended):
                taken_over.append(ended)
        return min(taken_over, default=None)

    def _left_again(self, other: Encounter, ended: datetime) -> bool:
        return self.left_at < ended <= self.now and not self._overlaps(other)

    def _other_stays(self) -> list[tuple[EncounterId, Encounter]]:
        return [item for item in self.state.encounters.items() if item[0] != self.encounter_id]

    def _overlaps(self, other: Encounter) -> bool:
        """Whether two feeds tell of one stay: both ended within a day, neither began after the other ended."""
        ended = other.discharged_at
        if ended is None or abs(ended - self.left_at) > SAME_STAY:
            return False
        began, other_began = self.stay.admitted_at, other.admitted_at
        return (other_began is None or other_began < self.left_at) and (began is None or began < ended)

    def _is_told_by(self, item: tuple[EncounterId, Encounter]) -> bool:
        """Another notice of the same stay that we learnt of earlier."""
        encounter_id, other = item
        if other.kind not in self.thresholds.discharge_contact.qualifying_stays or not self._overlaps(other):
            return False
        if other.went not in self.thresholds.discharge_contact.destinations:
            return False
        return (other.discharge_known_at or self.now, encounter_id) < (
            self.stay.discharge_known_at or self.now,
            self.encounter_id,
        )

    # ---- attempts

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
        apart = self.thresholds.discharge_contact.attempts_apart
        separate: list[Contact] = []
        for attempt in self.attempts:
            if all(attempt.at - held.at >= apart or attempt.channel is not held.channel for held in separate):
                separate.append(attempt)
            if len(separate) >= self.thresholds.discharge_contact.attempts_needed:
                return attempt.at
        return None

    def after_attempts(self) -> Iterator[Verdict]:
        """The requirement is met; the outreach goes on."""
        evidence = tuple(
            Evidence(event_id=attempt.event_id, what="Attempt without answer", at=attempt.at)
            for attempt in self.attempts
        )
        yield Settled(
            episode=self.encounter_id,
            close_reason=CloseReason.EVIDENCE,
            reason=Reason.ATTEMPTS_SATISFIED,
            evidence=evidence,
        )
        yield self._open(
            self.outreach,
            Tier.P3,
            Reason.KEEP_TRYING,
            self.period_end,
            "Keep trying to reach the patient or caregiver.",
        )

    # ---- waiting for contact

    def waiting(self) -> Verdict:
        """Before noon of the last day we watch; then it is told, then told louder, then it is overdue."""
        if self.now < self.raise_at:
            return Watching(episode=self.encounter_id, reason=Reason.CONTACT_PENDING, wake_at=self.raise_at)
        call = "Call the patient or caregiver today and log the contact."
        if self.now < self.escalate_at:
            return self._open(self.encounter_id, Tier.P2, Reason.CONTACT_DUE_TODAY, self.escalate_at, call)
        if self.now <= self.deadline:
            passed = self.deadline + ONE_SECOND
            return self._open(self.encounter_id, Tier.P1, Reason.CONTACT_DUE_TONIGHT, passed, call)
        overdue = "Call now, log the contact, and note why it was late."
        return self._open(self.encounter_id, Tier.P1, Reason.CONTACT_OVERDUE, self.period_end + ONE_SECOND, overdue)

    def _open(self, episode: str, tier: Tier, reason: Reason, wake_at: datetime, next_step: str) -> Open:
        known_at = self.stay.discharge_known_at or self.left_at
        late_notice = known_at > self.raise_at
        place = f" from {self.stay.facility[1]}" if self.stay.facility else ""
        explanation = reason.say(discharged=spoken_day(self.day), place=place, due=spoken_day(self.due_day))
        if late_notice:
            explanation += f" The notice reached us on {spoken_time(known_at, self.home)}."
        event_id = self.stay.discharged[2] if self.stay.discharged else None
        return Open(
            episode=episode,
            tier=tier,
            reason=reason,
            explanation=explanation,
            next_step=next_step,
            evidence=(Evidence(event_id=event_id, what=f"Discharge{place}", at=self.left_at),) if event_id else (),
            due_at=self.deadline,
            audience=(Role.CARE_MANAGER,),
            labels=self.stay.labels,
            late_notice=late_notice,
            wake_at=wake_at,
        )

    def outreach_settled(self, settled: Settled) -> Settled:
        """The outreach ends with the episode it belongs to; reaching somebody at last is what it was for."""
        late = settled.close_reason is CloseReason.LATE_EVIDENCE
        return Settled(
            episode=self.outreach,
            close_reason=CloseReason.EVIDENCE if late else settled.close_reason,
            reason=settled.reason,
            explanation=settled.explanation,
            evidence=settled.evidence,
        )

    def _settled(self, close_reason: CloseReason, reason: Reason) -> Settled:
        return Settled(episode=self.encounter_id, close_reason=close_reason, reason=reason)
