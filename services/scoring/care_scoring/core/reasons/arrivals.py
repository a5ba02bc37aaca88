"""Why an arrival or a readmission is told, settled or passed over."""

from care_scoring.core.reasons.reason import Reason


class ArrivalReason(Reason):
    """Codes and sentences."""

    ARRIVED_IN_EMERGENCY = "arrived_in_emergency", "Arrived in the emergency department{place} on {at}."
    LEFT_EMERGENCY = "left_emergency", "Was in the emergency department{place} on {at} and left it on {left}."
    ADMITTED = "admitted", "Admitted to hospital{place} on {at}."
    UNDER_OBSERVATION = "under_observation", "Under observation in hospital{place} since {at}."
    PLANNED_ADMISSION = "planned_admission", "Admitted as planned{place} on {at}."
    STAY_ENDED = "stay_ended", "The stay ended; the follow-up of the discharge takes over."
    READMITTED = (
        "unplanned_readmission",
        "Admitted again{place} on {at}, {days} days after the discharge of {discharged}; counts for {measures}.",
    )
    RETURNED_TO_HOSPITAL = (
        "returned_to_hospital",
        "Back in hospital{place} on {at}, {days} days after the discharge of {discharged}; counts for {measures} only.",
    )
    PLANNED_SUSPECTED = (
        "planned_suspected",
        "Admitted again{place} on {at}, {days} days after the discharge of {discharged}; it looks planned.",
    )
    PLANNED_READMISSION = "planned_readmission", "The new stay was planned; it is no readmission."
    NOT_COUNTED = "readmission_not_counted", "The stay before it is none that a readmission is counted from."
    EMERGENCY_ONLY = "emergency_only", "A visit to the emergency department is no readmission."
