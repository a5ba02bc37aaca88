"""Whether somebody assessed the patient as homebound: explicit coded answers in an ADT message, and never words."""

from collections.abc import Iterator
from datetime import datetime

from care_intake.core.hl7.message import Message, Segment
from care_intake.core.hl7_person import stated_time
from care_intake.core.translation import Ignored, Reception
from care_shared.contracts.care_events import HomeStatusAssessed

_QUESTIONS = frozenset({"HOMEBOUND", "HOMEBOUND STATUS", "PATIENT HOMEBOUND", "IS PATIENT HOMEBOUND", "HOME BOUND"})
# HL7 table 0136, LOINC answers, SNOMED CT qualifiers and findings.
_ANSWERS = {
    **dict.fromkeys(("Y", "YES", "LA33-6", "373066001", "160689007", "HOMEBOUND"), True),
    **dict.fromkeys(("N", "NO", "LA32-8", "373067005", "NOT HOMEBOUND"), False),
}
_CODED = frozenset({"CE", "CWE", "CNE", "CF", "IS", "ID"})
_FINAL = frozenset({"", "F", "C", "U"})
_LONGEST = 256


def home_facts(
    message: Message, reception: Reception, said: datetime | None
) -> tuple[list[HomeStatusAssessed], list[Ignored]]:
    """The assessments; one without an assessor or a coded answer is left aside, never guessed."""
    facts: list[HomeStatusAssessed] = []
    ignored: list[Ignored] = []
    for segment in _asked(message):
        where, answer = segment.location(5), _ANSWERS.get(segment.text(5).upper())
        assessor = _assessor(segment)
        if segment.text(2).upper() not in _CODED or answer is None:
            ignored.append(Ignored(where, "is no coded yes or no"))
        elif segment.text(11).upper() not in _FINAL:
            ignored.append(Ignored(where, "is not a final result"))
        elif not assessor:
            ignored.append(Ignored(segment.location(16), "names nobody who assessed it"))
        else:
            stated = stated_time(segment.text(14), segment.location(14), reception)
            at = stated.at if stated else said or reception.received_at
            facts.append(
                HomeStatusAssessed(
                    **reception.envelope(at, said), homebound=answer, assessor=assessor, evidence=_evidence(segment)
                )
            )
    return facts, ignored


def _asked(message: Message) -> Iterator[Segment]:
    for segment in message.segments("OBX"):
        words = (segment.text(3), segment.text(3, 2))
        if any(" ".join(one.upper().replace("_", " ").replace("-", " ").split()) in _QUESTIONS for one in words):
            yield segment


def _assessor(segment: Segment) -> str:
    """The observer's number, else the name (XCN)."""
    observer = segment.field(16)
    return (observer.component(1) or " ".join(filter(None, (observer.component(3), observer.component(2)))))[:_LONGEST]


def _evidence(segment: Segment) -> str:
    return f"{segment.text(3) or segment.text(3, 2)} = {segment.text(5)}"[:_LONGEST]
