"""Why a need outside medicine is told, worked on or over."""

from care_scoring.core.reasons.reason import Reason


class SocialReason(Reason):
    """Codes and sentences."""

    NO_STEADY_PLACE = "no_steady_place", "On {day} the patient said to have no steady place to live."
    NOT_SAFE = "not_safe", "The safety answers of {day} are positive."
    NEED_FOUND = "need_found", "The answers of {day} show a need: {need}."
    NEED_OVER = "need_over", "The latest answers show no such need."
    NEED_MET = "need_met", "The work for this need is completed."
    NEED_IN_HAND = "need_in_hand", "A task for this need is open already."
