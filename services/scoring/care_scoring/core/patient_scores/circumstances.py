"""What the outreach priority asks about the person: home, helpers, payers, medicines at hand, contacts."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from care_scoring.core.calendar import local_date
from care_scoring.core.patient_scores.coverage import Covered, lowest_covered
from care_scoring.core.patient_scores.moments import Clock
from care_scoring.core.patient_scores.picture import Labels, Picture
from care_scoring.core.scores.outreach_priority import USUAL
from care_scoring.core.scores.score import Answer
from care_scoring.core.scores.zarit import USUAL as ZARIT
from care_scoring.core.state.assessments import Assessment, latest_two
from care_scoring.core.state.contacts import Contact
from care_scoring.core.state.packed_ids import packed, unpacked
from care_scoring.core.state.referrals import AppointmentStatus
from care_scoring.core.state.registers import all_labels
from care_shared.vocabulary import ContactOutcome

IMPAIRED = ("cognitive-impairment", "dementia")
SOCIAL_FORM = "AHC-HRSN"
MOST_NEEDS = 13
# Two forms of the Zarit interview, the one that confirms first, each with the total that is high.
ZARIT_FORMS = (("ZBI-12", ZARIT.long_high_from), ("ZBI-4", ZARIT.short_high_from))
PRIMARY_CARE = frozenset({"", "primary-care", "family-medicine", "internal-medicine", "general-practice"})
Reached = tuple[datetime, bytes, Labels]


@dataclass(frozen=True)
class Circumstances:
    """Answers of domains D and E, and the last conversation."""

    picture: Picture
    clock: Clock

    @cached_property
    def high_needs(self) -> Answer[bool] | None:
        """As somebody assessed it; it holds until its last valid day."""
        word = self.picture.state.person.high_needs
        if word is None or word.void:
            return None
        self.clock.after_days(word.valid_through, 0)
        return Answer(word.holds_on(self.picture.today), word.at, word.event_id)

    @cached_property
    def homebound(self) -> Answer[bool] | None:
        """As an assessor said."""
        word, older = self.picture.state.person.home_status, self.picture.state.person.homebound
        if word is not None and not word.void:
            return Answer(word.homebound, word.at, word.event_id)
        return Answer(older[1], older[0]) if older else None

    @cached_property
    def lives_alone(self) -> Answer[bool] | None:
        """As last stated."""
        said = self.picture.state.person.lives_alone
        return Answer(said[1], said[0]) if said else None

    @cached_property
    def cognitive_impairment(self) -> Answer[bool] | None:
        """A diagnosis of it; that there is none in our records says nothing."""
        return Answer(True) if any(map(self.picture.state.has, IMPAIRED)) else None

    @cached_property
    def dual(self) -> Answer[bool] | None:
        """Medicare and Medicaid on the same day; unknown while nobody said who pays."""
        state = self.picture.state
        if not state.coverages:
            return None
        for plan in state.coverages.values():
            self.clock.on(plan.starts_on)
            self.clock.after_days(plan.ends_on, 0)
        latest = max(state.coverages.values(), key=lambda plan: plan.rank)
        return Answer(state.is_dual(self.picture.today), latest.at, latest.event_id)

    @cached_property
    def caregiver_burden(self) -> Answer[bool] | None:
        """The newest form of the Zarit interview."""
        forms = [(self._newest(name), cut) for name, cut in ZARIT_FORMS]
        held = [(form, cut) for form, cut in forms if form is not None and form.total is not None]
        if not held:
            return None
        form, cut = max(held, key=lambda each: (each[0].at, each[0].event))
        return Answer((form.total or 0) >= cut, form.at, form.event_id)

    @cached_property
    def social_needs(self) -> Answer[int] | None:
        """How many domains the newest screening found positive, as its total says."""
        form = self._newest(SOCIAL_FORM)
        if form is None or form.total is None:
            return None
        return Answer(min(max(form.total, 0), MOST_NEEDS), form.at, form.event_id)

    def _newest(self, instrument: str) -> Assessment | None:
        return latest_two(self.picture.state.assessments, instrument)[0]

    @cached_property
    def _covered(self) -> Covered | None:
        found = lowest_covered(self.picture)
        if found is not None:
            self.clock.on(found.changes_on)
        return found

    @property
    def covered(self) -> Answer[float] | None:
        """The lowest proportion of days covered of any class that is measured."""
        found = self._covered
        if found is None or found.proportion is None:
            return None
        return Answer(found.proportion, found.last_at, found.last_event or "")

    @cached_property
    def days_since_primary_care(self) -> Answer[float] | None:
        """Since a visit to primary care, or since the care team talked with the patient; unknown without either."""
        seen = [word for word in (self._last_reached, self._last_visit) if word is not None]
        if not seen:
            return None
        at, event, _ = max(seen)
        day = local_date(at, self.picture.home)
        self.clock.after_days(day, USUAL.actionability.primary_care_days - 1)
        return Answer(float(self.picture.days_since(day)), at, unpacked(event))

    @cached_property
    def _last_visit(self) -> Reached | None:
        kept = [
            (one.stand.at, one.stand.event, one.labels)
            for one in self.picture.state.appointments.values()
            if one.stand is not None
            and one.stand.status is AppointmentStatus.FULFILLED
            and not one.stand.void
            and (one.booking is None or one.booking.specialty.casefold() in PRIMARY_CARE)
            and one.stand.at <= self.picture.now
        ]
        return max(kept, default=None)

    @cached_property
    def _last_reached(self) -> Reached | None:
        """When somebody last talked with patient or caregiver about care."""
        state, now = self.picture.state, self.picture.now
        recent = [
            (one.at, packed(one.event_id), one.labels)
            for one in state.contacts.values()
            if one.is_interactive_care and one.at <= now
        ]
        return max([*recent, *state.reached.values()], default=None)

    @cached_property
    def days_since_contact(self) -> Answer[float] | None:
        """Since the last conversation that worked, in calendar days."""
        if self._last_reached is None:
            return None
        at, event, _ = self._last_reached
        day = local_date(at, self.picture.home)
        self.clock.after_days(day, USUAL.contact_days)
        return Answer(float(self.picture.days_since(day)), at, unpacked(event))

    @cached_property
    def working_channel(self) -> Answer[bool] | None:
        """A number or address that nobody found wrong since it was stated; unknown without any."""
        person = self.picture.state.person
        said = [word[0] for word in (person.phone, person.email) if word and word[1]]
        if not said:
            return None
        stated = max(said)
        wrong = [one for one in self.picture.state.contacts.values() if _was_wrong(one) and one.at >= stated]
        return Answer(not wrong, stated)

    @property
    def labels(self) -> Labels:
        """Of every statement looked at."""
        state = self.picture.state
        assessed = [form.labels for form in state.assessments.values()]
        words = [word.labels for word in (state.person.high_needs, state.person.home_status) if word]
        impaired = [held.labels for held in state.conditions.values()] if self.cognitive_impairment else []
        talked = [word[2] for word in (self._last_reached, self._last_visit) if word]
        covered = [self._covered.labels] if self._covered else []
        wrong = [one.labels for one in state.contacts.values() if _was_wrong(one)]
        return all_labels([*assessed, *words, *impaired, *talked, *covered, *wrong])


def _was_wrong(contact: Contact) -> bool:
    return not contact.retracted and contact.outcome is ContactOutcome.WRONG_NUMBER
