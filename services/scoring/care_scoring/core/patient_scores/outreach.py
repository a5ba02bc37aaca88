"""The outreach priority of a patient from all we know: open gaps, deadlines, stays, home, medicines, contacts."""

from dataclasses import dataclass, replace
from functools import cached_property

from care_scoring.core.patient_scores.circumstances import Circumstances
from care_scoring.core.patient_scores.moments import Clock
from care_scoring.core.patient_scores.open_gaps import OpenGaps
from care_scoring.core.patient_scores.picture import Labels, Picture
from care_scoring.core.patient_scores.standing import Standing, standing_priority
from care_scoring.core.patient_scores.transitions import Transition
from care_scoring.core.scores.outreach_input import OutreachInput
from care_scoring.core.scores.outreach_priority import USUAL, outreach_priority
from care_scoring.core.state.consents import OUTREACH
from care_scoring.core.state.registers import all_labels


@dataclass(frozen=True)
class Outreach:
    """The answers to what the priority asks, with the labels of all that they rest on, and when they change."""

    picture: Picture

    @cached_property
    def clock(self) -> Clock:
        """The moments at which an answer changes by itself."""
        return Clock(self.picture)

    @cached_property
    def standing(self) -> Standing:
        """The priority as it stands now."""
        picture, clock = self.picture, self.clock
        state, now = picture.state, picture.now
        transition = Transition(picture, clock)
        gaps = OpenGaps(picture, clock)
        about = Circumstances(picture, clock)
        asked = OutreachInput(
            patient_id=state.patient_id,
            as_of=now,
            deceased=state.is_deceased,
            opted_out=self._opted_out(),
            in_hospice=state.in_hospice,
            inpatient=self._inpatient(),
            days_since_discharge=transition.days_since_discharge,
            days_since_ed_release=transition.days_since_ed_release,
            lace=transition.lace,
            readmitted_within_30_days=transition.readmitted,
            open_p1=gaps.open_p1,
            open_p2=gaps.open_p2,
            trend_alert=gaps.trend,
            critical_visit_missed=gaps.critical_visit,
            missed_visits_in_a_row=gaps.missed_in_a_row,
            device_silent=gaps.silence,
            gaps=gaps.due,
            high_needs=about.high_needs,
            homebound=about.homebound,
            lives_alone=about.lives_alone,
            cognitive_impairment=about.cognitive_impairment,
            dual_eligible=about.dual,
            caregiver_burden_high=about.caregiver_burden,
            positive_social_needs=about.social_needs,
            pdc=about.covered,
            medicines_unreconciled=transition.unreconciled,
            days_since_primary_care=about.days_since_primary_care,
            ed_visits_6_months=transition.ed_visits,
            working_channel=about.working_channel,
            days_since_contact=about.days_since_contact,
        )
        found = standing_priority(outreach_priority(asked, USUAL), self._labels(transition, gaps, about))
        return replace(found, place=replace(found.place, earliest_deadline=gaps.earliest)) if found.place else found

    def _labels(self, *parts: Transition | OpenGaps | Circumstances) -> Labels:
        return all_labels(part.labels for part in parts)

    def _opted_out(self) -> bool:
        answer = self.picture.state.consents.get(f"{OUTREACH}|")
        if answer is not None and answer.expires_at is not None:
            self.clock.at(answer.expires_at)
        return self.picture.state.has_opted_out(self.picture.now)

    def _inpatient(self) -> bool:
        until = self.picture.state.away_until(self.picture.now)
        if until is not None:
            self.clock.at(until)
        return until is not None
