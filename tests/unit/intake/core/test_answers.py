"""The one word that a sender heard."""

import pytest

from care_intake.core.answers import answer_of
from care_intake.core.effects import Verdict
from care_intake.core.formats import Format
from care_intake.core.translation import Ignored

NOTHING = Ignored("", "")


@pytest.mark.parametrize(
    ("verdict", "why", "answer"),
    [
        (Verdict.ACCEPTED, NOTHING, "AA"),
        (Verdict.IGNORED, Ignored("message", "is of no use"), "AA"),
        (Verdict.HELD, Ignored("patient", "must be looked at"), "AA"),
        (Verdict.TEST, NOTHING, "AA"),
        (Verdict.QUARANTINED, Ignored("PID-3", "is missing"), "AE"),
        (Verdict.QUARANTINED, Ignored("MSH-12", "is missing"), "AR"),
        (Verdict.REJECTED, Ignored("MSH-9", "is not taken"), "AR"),
        (Verdict.CONFLICT, Ignored("message id", "came before"), "AE"),
    ],
)
def test_an_hl7_sender_heard_an_acknowledgement_code(verdict: Verdict, why: Ignored, answer: str) -> None:
    assert answer_of(Format.HL7, verdict, why) == answer


@pytest.mark.parametrize(
    ("verdict", "answer"),
    [
        (Verdict.ACCEPTED, "2xx"), (Verdict.HELD, "2xx"), (Verdict.QUARANTINED, "422"), (Verdict.REJECTED, "422"),
        (Verdict.CONFLICT, "409"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", [Format.FHIR, Format.EVV, Format.ROSTER])
def test_everybody_else_got_a_status(form: Format, verdict: Verdict, answer: str) -> None:
    assert answer_of(form, verdict, NOTHING) == answer
