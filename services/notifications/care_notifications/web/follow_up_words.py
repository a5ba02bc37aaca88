"""What people did about an alert, in words: booked, reconciled, a step taken, useful or not."""

from collections.abc import Mapping

from care_notifications.core.follow_up import NotUseful, ReconciledBy
from care_shared.vocabulary import ActivityKind

WHY_NOT_USEFUL = {
    NotUseful.KNOWN: "We knew already",
    NotUseful.WRONG: "It was wrong",
    NotUseful.LATE: "It came too late",
    NotUseful.REPEATED: "Told before",
    NotUseful.NOTHING_TO_DO: "Nothing to do about it",
    NotUseful.NOT_OURS: "Not ours",
}
RECONCILERS = {
    ReconciledBy.NURSE: "Nurse (RN)",
    ReconciledBy.PHARMACIST: "Clinical pharmacist",
    ReconciledBy.PRESCRIBER: "Prescriber",
    ReconciledBy.PRACTICAL_NURSE: "Practical nurse (LPN)",
}


def follow_up_in_words(kind: str, codes: Mapping[str, str]) -> tuple[str, str] | None:
    """What, and what more; None when the act is another's to tell."""
    match kind:
        case ActivityKind.VISIT_BOOKED:
            return "Visit booked", codes.get("starts_at", "")[:16].replace("T", " ") + " UTC"
        case ActivityKind.MEDICINES_RECONCILED:
            return "Medicines reconciled", RECONCILERS.get(ReconciledBy(codes.get("role", "RN")), "")
        case ActivityKind.STEP_TAKEN:
            return "Step taken", codes.get("step", "").replace("-", " ")
        case ActivityKind.RATED:
            useful = codes.get("useful") == "yes"
            reason = codes.get("reason")
            return ("Rated useful" if useful else "Rated not useful"), (
                WHY_NOT_USEFUL[NotUseful(reason)].lower() if reason else ""
            )
        case _:
            return None
