"""Each measure in words: what is counted, out of what, where that is written, and what our figure leaves out."""

from dataclasses import dataclass
from enum import StrEnum


class Measure(StrEnum):
    """What the programme page shows."""

    CONTACT = "tcm-contact"
    VISIT_14 = "tcm-visit-14"
    VISIT_7 = "tcm-visit-7"
    TIMELY = "timely-follow-up"
    READMISSION = "readmission"
    HOME_DAYS = "days-at-home"
    MONTHLY = "health-home-month"


# Counted by the month: their trend is one of months, too.
BY_MONTH = frozenset({Measure.HOME_DAYS, Measure.MONTHLY})


@dataclass(frozen=True, slots=True)
class Definition:
    """One measure as the page explains it. `lower_is_better`: what is counted should not happen."""

    name: str
    short: str
    counted: str
    out_of: str
    source: str
    leaves_out: str
    lower_is_better: bool = False


DEFINITIONS: dict[Measure, Definition] = {
    Measure.CONTACT: Definition(
        name="Contact within two business days",
        short="Contact, 2 days",
        counted="Somebody spoke with the patient or caregiver, about care, by the second business day after the "
        "discharge; or two separate attempts in that time found nobody.",
        out_of="Discharges to home from a hospital, observation, rehabilitation or nursing facility.",
        source="CMS, Transitional Care Management (CPT 99495, 99496)",
        leaves_out="Discharges to hospice, deaths, and patients who were back in hospital before the deadline. Federal "
        "holidays count; your own days off do not.",
    ),
    Measure.VISIT_14: Definition(
        name="Visit within 14 days",
        short="Visit, 14 days",
        counted="The patient was seen, in person or by video, on day 1 to 14 after the discharge.",
        out_of="Discharges to home, as above.",
        source="CMS, Transitional Care Management (CPT 99495, moderate complexity)",
        leaves_out="Patients who died or were back in hospital before they were seen. It counts kept appointments and "
        "recorded visits, not bills; laboratory, imaging, therapy and the like are no visit.",
    ),
    Measure.VISIT_7: Definition(
        name="Visit within 7 days",
        short="Visit, 7 days",
        counted="The patient was seen, in person or by video, on day 1 to 7 after the discharge.",
        out_of="Discharges to home, as above, whatever their complexity: no message states it.",
        source="CMS, Transitional Care Management (CPT 99496, high complexity)",
        leaves_out="As for 14 days. A low figure is no failure where complexity was moderate.",
    ),
    Measure.TIMELY: Definition(
        name="Timely follow-up (TFU)",
        short="TFU",
        counted="A visit within the days that the condition asks for: 7 for acute coronary disease, 14 for heart "
        "failure, asthma, hypertensive crisis and diabetic emergencies, 30 for COPD and hypertension, 42 for other "
        "coronary disease.",
        out_of="Emergency visits, observation and hospital stays whose principal diagnosis is one of these, and which "
        "ended at home.",
        source="CBE 3455, timely follow-up after acute exacerbations; a LEAD measure",
        leaves_out="Stays without a diagnosis, which no message may have named yet; deaths and new stays before the "
        "visit. Acuity is our proxy by diagnosis code; CMS counts claims.",
    ),
    Measure.READMISSION: Definition(
        name="Readmission within 30 days",
        short="Readmission",
        counted="The next stay, in hospital or under observation, began within 30 days of the discharge.",
        out_of="Discharges alive from hospital or observation, not to another hospital, of stays over at least a "
        "night.",
        source="HEDIS Plan All-Cause Readmissions (observed rate, without risk adjustment)",
        leaves_out="Elective new stays, which count as planned; pregnancy and hospice. Only the first stay after a "
        "discharge counts. No adjustment for risk: compare a group with itself over time.",
        lower_is_better=True,
    ),
    Measure.HOME_DAYS: Definition(
        name="Days at home",
        short="Days at home",
        counted="Days on which the patient was in no hospital, emergency room or nursing facility. The day of a "
        "discharge counts as at home.",
        out_of="Days on which patients were aligned and alive, in months that are over.",
        source="After CMS, Days at Home for patients with complex chronic conditions; not adjusted",
        leaves_out="Stays that nobody told us of. A stay without an end counts for at most 45 days. Home health days "
        "are days at home. CMS adjusts for risk, death and moves to nursing homes; this does not.",
    ),
    Measure.MONTHLY: Definition(
        name="Health Home: served this month",
        short="Health Home",
        counted="At least one two-way contact about care, or one recorded core service, in the calendar month.",
        out_of="Members enrolled in a Health Home on at least one day of the month.",
        source="Health Home programme (clinical minimum; states ask for more)",
        leaves_out="Your state may ask for two to four contacts, or one in person; this counts one of any kind.",
    ),
}
CAVEAT = (
    "These figures are counted from what CareLead was told, in near real time. They guide the work; what CMS or a "
    "payer pays on is counted from claims."
)
