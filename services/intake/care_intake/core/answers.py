"""What a sender was told about its message, in the one word that its interface team looks for."""

from care_intake.core.effects import Verdict, error_of
from care_intake.core.formats import Format
from care_intake.core.hl7.refusals import refusal_of
from care_intake.core.translation import Ignored

_STATUS = {Verdict.CONFLICT: "409", Verdict.QUARANTINED: "422", Verdict.REJECTED: "422"}
YES_OVER_HTTP = "2xx"  # 200 or 201, as the door and the wish of the sender have it


def answer_of(form: Format, verdict: Verdict, why: Ignored) -> str:
    """«AA», «AE», «AR» for HL7 (a sender in enhanced mode hears CA, CE, CR), the status for everybody else."""
    if form is not Format.HL7:
        return _STATUS.get(verdict, YES_OVER_HTTP)
    error = error_of(verdict, why.where, why.reason)
    return "AA" if error is None else f"A{refusal_of(error).outcome}"
