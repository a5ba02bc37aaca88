"""A message of a feed can be shown without its patient, in the language it came in."""

from care_intake.core.fhir_kinds import TRANSLATORS
from care_intake.core.formats import Format
from care_shared.masking import masked_hl7, masked_json, pattern

MOST_SHOWN = 200_000
_WORDS = {"resourceType": frozenset({*TRANSLATORS, "Bundle", "MessageHeader"})}


def masked(body: bytes, form: Format) -> str:
    """The message with letters as x and digits as 9; segment names, keys, types and lengths stay."""
    text = body.decode("utf-8", "replace") if form is not Format.HL7 else body.decode("latin-1")
    if form.is_table:
        return pattern(text[:MOST_SHOWN])
    return (masked_hl7(text) if form is Format.HL7 else masked_json(text, _WORDS))[:MOST_SHOWN]
