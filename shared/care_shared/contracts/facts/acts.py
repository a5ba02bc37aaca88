"""Facts about what people did about an alert, and about check-ins that nobody answered."""

from typing import Literal

from pydantic import Field

from care_shared.contracts.envelope import CareEvent, NonEmpty, UtcDatetime
from care_shared.vocabulary import ContactParty, GapId, PersonId


class _AboutAlert(CareEvent):
    """What every fact about one alert carries. Codes only; what people wrote stays with notifications."""

    gap_id: GapId
    rule_id: NonEmpty
    by: PersonId | None = None


class AlertOutcomeStated(_AboutAlert):
    """A person says how the alert ended."""

    type: Literal["alert-outcome-stated"] = "alert-outcome-stated"
    outcome: NonEmpty


class AlertRated(_AboutAlert):
    """A person says whether the alert was worth their time; the newest word of a person counts."""

    type: Literal["alert-rated"] = "alert-rated"
    useful: bool
    reason: str = Field(default="", description="why not: known, wrong, late, repeated, nothing-to-do, not-ours")


class NextStepTaken(_AboutAlert):
    """A step of the reviewed library was taken for the patient."""

    type: Literal["next-step-taken"] = "next-step-taken"
    step_id: NonEmpty
    step: NonEmpty = Field(description="its code in the library: call-script, telehealth-check, respite …")
    core_service: str = Field(default="", description="which core service of a Health Home it is")


class CheckInUnanswered(CareEvent):
    """A check-in was sent and nobody answered in its time. Silence is told too; it is no answer."""

    type: Literal["check-in-unanswered"] = "check-in-unanswered"
    check_in_id: NonEmpty
    check_in: NonEmpty = Field(description="which questionnaire")
    party: ContactParty = ContactParty.PATIENT
    sent_at: UtcDatetime
