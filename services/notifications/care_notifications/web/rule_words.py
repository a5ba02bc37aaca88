"""Each rule in a few words, and what closes its alerts without anybody's click."""

from dataclasses import dataclass

BACK_IN_RANGE = "Readings back in range on two different days."
VISIT_HELD = "The visit, once it is kept and told to us; within its window it counts as done in time."
CONTACT = "A call, video or visit that reaches the patient or caregiver. A message left does not count."
RECORD = "The missing document or result, once a source tells us that it is there."
REVIEW = "A review that somebody records, or the end of the alignment."
FILLED = "The fill, once a pharmacy or a claim tells us of it; one paid in cash counts, too."
RECONCILED = "A reconciliation by a nurse (RN), clinical pharmacist or prescriber."
PERSON = "Only a person who did the work: later forms do not close it."


@dataclass(frozen=True, slots=True)
class RuleWords:
    """What a list calls the rule, and what would clear an alert of it."""

    title: str
    clears: str


RULES = {
    "TCM-CONTACT": RuleWords("Contact after discharge", CONTACT),
    "HIGH-NEEDS": RuleWords("High Needs review", REVIEW),
    "HOMEBOUND": RuleWords("Homebound review", REVIEW),
    "VISIT-LATE": RuleWords("Home visit late", "A clock-in, however late."),
    "ARRIVAL": RuleWords("Arrival in hospital", "The end of the stay, or the notice being taken back."),
    "TRC": RuleWords("Transition record", RECORD),
    "READMISSION": RuleWords("Readmission", "The root cause, once somebody records it."),
    "HH-SOC": RuleWords("Home health: start of care", VISIT_HELD),
    "HH-ROC": RuleWords("Home health: resumption", VISIT_HELD),
    "HH-ASSESS": RuleWords("Home health: assessment", "The comprehensive assessment."),
    "HH-RECERT": RuleWords("Home health: recertification", "The assessment for the next period."),
    "HHP-TRANS": RuleWords("Health Home: transition", CONTACT),
    "TCM-VISIT": RuleWords("Visit after discharge", VISIT_HELD),
    "TCM-MEDREC": RuleWords("Medicines before the visit", RECONCILED),
    "MED-REC": RuleWords("Medicines after a stay", RECONCILED),
    "FMC": RuleWords("Care after emergency visit", VISIT_HELD),
    "FUH": RuleWords("Visit after psychiatric stay", VISIT_HELD),
    "FUM": RuleWords("Visit after mental-health emergency", VISIT_HELD),
    "FUA": RuleWords("Care after substance-use emergency", VISIT_HELD),
    "TFU": RuleWords("Timely follow-up", VISIT_HELD),
    "VISIT-MISSED": RuleWords("Home visit missed", "Proof that the visit took place, or a replacement that is kept."),
    "VISIT-REFUSED": RuleWords("Home visits refused", CONTACT),
    "VISIT-CRITICAL": RuleWords("Critical visit missed", "A clock-in, however late, or proof that somebody was there."),
    "VISIT-WELFARE": RuleWords("Nobody answered the door", "A call or a visit that finds the patient well."),
    "VISIT-WEEK": RuleWords("Skilled visits short", "Proof of the missing visits, or the practitioner being told."),
    "FOLLOW-UP-NO-SHOW": RuleWords("Follow-up fell through", "A new appointment inside the window."),
    "NO-SHOW-REPEATED": RuleWords("Repeated no-shows", CONTACT),
    "HF-WEIGHT": RuleWords("Weight gain, heart failure", BACK_IN_RANGE),
    "HF-W3": RuleWords("Above dry weight", BACK_IN_RANGE),
    "HF-S1": RuleWords("Heart-failure symptoms", BACK_IN_RANGE),
    "BP-1": RuleWords("Very high blood pressure", BACK_IN_RANGE),
    "BP-2": RuleWords("Blood pressure above goal", BACK_IN_RANGE),
    "BP-3": RuleWords("Low blood pressure", BACK_IN_RANGE),
    "HR-1": RuleWords("Heart rate", BACK_IN_RANGE),
    "SP-1": RuleWords("Oxygen saturation", BACK_IN_RANGE),
    "GL-1": RuleWords("Glucose out of range", BACK_IN_RANGE),
    "GL-3": RuleWords("Glucose regimen", "A review of the regimen."),
    "TE-1": RuleWords("Fever", BACK_IN_RANGE),
    "RR-1": RuleWords("Respiratory rate", BACK_IN_RANGE),
    "PF-1": RuleWords("Peak flow", BACK_IN_RANGE),
    "DATA-1": RuleWords("No readings", "The next reading."),
    "DATA-2": RuleWords("Few monitoring days", "Enough days with readings, or the end of the period."),
    "VITALS-TREND": RuleWords("Trend of a vital sign", "Days without the trend, or values within the line."),
    "HHP-MONTH": RuleWords("Health Home: this month", "A core service recorded this month, or a contact that reached."),
    "HHP-PLAN": RuleWords("Health Home: plan of care", "The plan of care, once it is recorded."),
    "PHQ-I9": RuleWords("Thoughts of self-harm", PERSON),
    "PHQ-SCREEN": RuleWords("Depression screen", "The follow-up, or the full questionnaire."),
    "CAREGIVER-BURDEN": RuleWords("Caregiver under strain", "The support, once somebody records it."),
    "CAREGIVER-SCREEN": RuleWords("Caregiver screen due", "The answered questionnaire."),
    "SOCIAL-NEED": RuleWords("Social need", "A referral or service for it, or the need being met."),
    "SERVICE-RECOVERY": RuleWords("Service recovery", CONTACT),
    "PULSE-SURVEY": RuleWords("Survey after discharge", "The answer."),
    "RX-GAP": RuleWords("Refill overdue", FILLED),
    "POST-DC-FILL": RuleWords("Discharge medicine not filled", FILLED),
    "MED-DISCREP": RuleWords("Medicine discrepancy", "A reconciliation that settles it."),
    "LAB-ACK": RuleWords("Result unseen", "Somebody taking note of the result."),
    "TPAD": RuleWords("Test pending at discharge", "An owner for the result, then somebody reading it."),
    "REF-LOOP": RuleWords("Referral not closed", "The appointment, the visit and its report; a refusal, too."),
    "REC-TASK": RuleWords("Recommendation without a task", "A task for what the report recommends."),
    "GAP-CHRONIC": RuleWords("Chronic-care gap", RECORD),
    "GAP-BP": RuleWords("Blood-pressure control", "A last day of readings below 140 and 90."),
}


def rule_words(rule_id: str) -> RuleWords:
    """The words of this rule; of one that is not known here, its own name."""
    own_name = rule_id if rule_id.isupper() else rule_id.replace("-", " ").capitalize()
    return RULES.get(rule_id) or RuleWords(own_name, "What the alert asks for, once it has happened.")
