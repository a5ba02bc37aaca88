"""What the outreach priority looks at: one patient now, as typed facts with their times and events."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from care_scoring.core.scores.questions import Asks
from care_scoring.core.scores.score import STRICT, Answer

Days = Annotated[float, Field(ge=0, le=36_500)]
Visits = Annotated[int, Field(ge=0, le=1000)]


class AlertCause(StrEnum):
    """Why a P2 alert is open. The named causes have points of their own, and are not counted twice."""

    TREND = "trend"
    CRITICAL_VISIT = "critical-visit"
    MISSED_VISITS = "missed-visits"
    SILENCE = "silence"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DueGap:
    """One thing that is due at a time."""

    __pydantic_config__ = STRICT

    name: Annotated[str, Field(min_length=1, max_length=80)]
    due_in_hours: Annotated[float, Field(ge=-87_600, le=87_600)]
    regulatory: bool = True
    at: AwareDatetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class OutreachInput:
    """Facts that events tell are absent unless given; what somebody must have asked is unknown unless given."""

    __pydantic_config__ = STRICT

    patient_id: Annotated[str, Asks("breaks the last tie of the order")] = ""
    as_of: Annotated[AwareDatetime | None, Asks("now; places the deadlines of different patients in one order")] = None
    deceased: Annotated[bool, Asks("the patient died")] = False
    opted_out: Annotated[bool, Asks("the patient wants no outreach")] = False
    in_hospice: Annotated[bool, Asks("hospice care; has its own queue")] = False
    inpatient: Annotated[bool, Asks("in hospital now; the transition queue")] = False
    # A
    days_since_discharge: Annotated[Answer[Days] | None, Asks("since the last discharge", "days")] = None
    days_since_ed_release: Annotated[Answer[Days] | None, Asks("since an ED visit without admission", "days")] = None
    lace: Annotated[
        Answer[Annotated[int, Field(ge=0, le=19)]] | None, Asks("LACE of the last discharge; unknown unless given")
    ] = None
    readmitted_within_30_days: Annotated[Answer[bool] | None, Asks("the stay was itself a readmission")] = None
    # B
    open_p1: Annotated[Answer[bool] | None, Asks("a P1 alert is open")] = None
    open_p2: Annotated[
        Answer[tuple[AlertCause, ...]] | None, Asks("causes of the open P2 alerts, such as [«other»]")
    ] = None
    trend_alert: Annotated[Answer[bool] | None, Asks("a trend alert is open")] = None
    critical_visit_missed: Annotated[Answer[bool] | None, Asks("a critical visit was missed")] = None
    missed_visits_in_a_row: Annotated[Answer[Visits] | None, Asks("home visits missed in a row", "visits")] = None
    device_silent: Annotated[Answer[bool] | None, Asks("the patient's device stopped transmitting")] = None
    # C
    gaps: Annotated[tuple[DueGap, ...], Asks("what is due; overdue has negative hours")] = ()
    # D
    high_needs: Annotated[Answer[bool] | None, Asks("High Needs; unknown unless given")] = None
    homebound: Annotated[Answer[bool] | None, Asks("homebound; unknown unless given")] = None
    lives_alone: Annotated[Answer[bool] | None, Asks("lives alone; unknown unless given")] = None
    cognitive_impairment: Annotated[Answer[bool] | None, Asks("cognitive impairment; unknown unless given")] = None
    dual_eligible: Annotated[Answer[bool] | None, Asks("Medicare and Medicaid; unknown unless given")] = None
    caregiver_burden_high: Annotated[Answer[bool] | None, Asks("high Zarit burden; unknown unless given")] = None
    positive_social_needs: Annotated[
        Answer[Annotated[int, Field(ge=0, le=13)]] | None, Asks("positive HRSN domains; unknown unless given")
    ] = None
    # E
    pdc: Annotated[
        Answer[Annotated[float, Field(ge=0, le=1)]] | None, Asks("proportion of days covered; unknown unless given")
    ] = None
    medicines_unreconciled: Annotated[Answer[bool] | None, Asks("medicines not reconciled; unknown unless given")] = (
        None
    )
    days_since_primary_care: Annotated[
        Answer[Days] | None, Asks("since the last contact with primary care; unknown unless given", "days")
    ] = None
    ed_visits_6_months: Annotated[Answer[Visits] | None, Asks("emergency visits in 6 months", "visits")] = None
    working_channel: Annotated[Answer[bool] | None, Asks("a phone or portal that works; unknown unless given")] = None
    # minus
    days_since_contact: Annotated[Answer[Days] | None, Asks("since the last two-way contact that worked", "days")] = (
        None
    )


MUST_BE_ASKED = (
    "high_needs",
    "homebound",
    "lives_alone",
    "cognitive_impairment",
    "dual_eligible",
    "caregiver_burden_high",
    "positive_social_needs",
    "pdc",
    "medicines_unreconciled",
    "days_since_primary_care",
    "working_channel",
)
