"""Answers that come as FHIR Observations: one question, a panel with components, or a panel with members."""

from collections.abc import Iterator

from care_intake.core import codes
from care_intake.core.fhir.elements import Concept, Reference, read
from care_intake.core.fhir.measurement import Measurement, answer_of
from care_intake.core.fhir.models import Component, Observation
from care_intake.core.instruments import Form, is_asked, is_need
from care_intake.core.symptoms import symptom_of
from care_intake.core.translation import Ignored, Translated, one_patient
from care_shared.contracts.care_events import AssessmentCompleted, AssessmentRetracted, CareEvent, SymptomsReported
from care_shared.vocabulary import Symptom

# LOINC panels whose own value is none: PHQ-9, PHQ-2, AHC-HRSN.
_PANELS = frozenset({"44249-1", "55757-9", "96777-8", "69737-5"})
_YES = frozenset({"LA33-6", "52101004", "Y", "yes", "true", "POS", "373066001"})
_NO = frozenset({"LA32-8", "2667000", "N", "no", "false", "NEG", "373067005"})


def is_answer(body: Observation) -> bool:
    """Whether it is a question or a panel of a form we know."""
    asked = (body.code, *(part.code for part in body.component))
    return any(_question(one) for one in asked) or body.code.code_in(codes.LOINC) in _PANELS


def answered(measurement: Measurement) -> Translated:
    """The forms with what was answered; a withdrawn form is taken back."""
    form = Form()
    ignored: list[Ignored] = []
    for where, part in _answers(measurement):
        code = _question(part.code)
        if code and not _noted(form, code, part, measurement):
            ignored.append(Ignored(where, "is no answer of this questionnaire"))
    facts: list[CareEvent] = [
        AssessmentCompleted(
            **measurement.envelope(measurement.at),
            instrument=instrument, items=items, total=total, assessment_id=measurement.form_id,
        )
        for instrument, items, total in form.assessments()
    ]  # fmt: skip
    return one_patient(measurement.patient, facts, ignored or _none(facts, measurement))


def taken_back(measurement: Measurement) -> Translated:
    """The form was entered by mistake."""
    fact = AssessmentRetracted(**measurement.envelope(measurement.now), assessment_id=measurement.form_id)
    return one_patient(measurement.patient, [fact])


def symptoms_in(body: Observation) -> dict[Symptom, bool]:
    """Which symptoms it says are there or not: as the question, or as the finding itself (LOINC 75325-1)."""
    asked = next(filter(None, (symptom_of(one.code) for one in body.code.coding)), None)
    if asked is not None:
        is_there = _is_there(body)
        return {} if is_there is None else {asked: is_there}
    if body.code.code_in(codes.LOINC) != "75325-1" or body.valueCodeableConcept is None:
        return {}
    found = (symptom_of(one.code) for one in body.valueCodeableConcept.coding)
    return {one: True for one in found if one is not None}


def reported(measurement: Measurement, symptoms: dict[Symptom, bool]) -> Translated:
    """The symptoms as one fact."""
    return one_patient(
        measurement.patient, [SymptomsReported(**measurement.envelope(measurement.at), symptoms=symptoms)]
    )


def _is_there(body: Observation) -> bool | None:
    if body.valueBoolean is not None:
        return body.valueBoolean
    answers = set(answer_of(body))
    if answers & _YES:
        return True
    return False if answers & _NO else None


def _answers(measurement: Measurement) -> Iterator[tuple[str, Observation | Component]]:
    body, where = measurement.body, measurement.where
    yield where, body
    for number, part in enumerate(body.component):
        yield f"{where}.component[{number}]", part
    for member in body.hasMember:
        yield from _member(member, measurement)


def _member(reference: Reference, measurement: Measurement) -> Iterator[tuple[str, Observation | Component]]:
    found = measurement.scope.find(reference)
    if found is not None and found.kind == "Observation" and found.where != measurement.where:
        member = read(Observation, found.value, found.where)
        yield found.where, member
        for number, part in enumerate(member.component):
            yield f"{found.where}.component[{number}]", part


def _noted(form: Form, code: str, part: Observation | Component, measurement: Measurement) -> bool:
    """Whether the part holds an answer, or says itself why it has none."""
    if part.dataAbsentReason:
        return True
    return any(form.note(code, answer, measurement.at) for answer in answer_of(part))


def _question(concept: Concept) -> str:
    """Which question, by LOINC; social needs are told by their numbers under any system."""
    found = (one.code for one in concept.coding if one.system in (codes.LOINC, "") or is_need(one.code))
    return next((code for code in found if is_asked(code)), "")


def _none(facts: list[CareEvent], measurement: Measurement) -> list[Ignored]:
    return [] if facts else [Ignored(measurement.where, "holds no answer")]
