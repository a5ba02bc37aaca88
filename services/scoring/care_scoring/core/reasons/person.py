"""Why care at home is not due at all, whatever a rule is about."""

from care_scoring.core.reasons.reason import Reason


class PersonReason(Reason):
    """Codes and sentences."""

    DECEASED = "deceased", "The patient died; nothing more is due."
    MERGED = "merged", "The record was merged into another one, which answers for the patient now."
    HOSPICE = "hospice", "The patient chose hospice care; measure follow-up ends."
    INPATIENT = "inpatient", "The patient is in hospital; care at home resumes after the discharge."
    ON_LEAVE = "on_leave", "The patient is away on a planned leave; care at home resumes on return."
    OPTED_OUT = "opted_out", "The patient opted out of this outreach."
    NOT_ALIGNED = "not_aligned", "The patient is not aligned to any of our programmes today."
