"""A form comes back filled in: PHQ, Zarit, social needs, our pulse survey, symptoms (FHIR QuestionnaireResponse)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from care_intake.core.fhir.elements import read
from care_intake.core.fhir.findings import Answer, Item, QuestionnaireResponse
from care_intake.core.fhir.measurement import plain
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import Statement, aside, stated
from care_intake.core.instruments import PULSE, PULSE_ITEMS, Form, is_asked, is_zarit
from care_intake.core.symptoms import symptom_of
from care_intake.core.translation import Ignored, Translated
from care_shared.contracts.care_events import (
    AssessmentCompleted,
    AssessmentRetracted,
    CareEvent,
    SurveyAnswered,
    SymptomsReported,
)
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import ContactParty, Symptom

_DONE = frozenset({"completed", "amended"})
_NOT_DONE = frozenset({"in-progress", "stopped"})
_ERROR = "entered-in-error"
_ORDINAL = "ordinalValue"
_MAX_DEPTH = 32


@dataclass(slots=True)
class Reading:
    """What was read of the form so far."""

    said: Statement
    is_zarit: bool
    form: Form = field(default_factory=Form)
    symptoms: dict[Symptom, bool] = field(default_factory=dict)
    ignored: list[Ignored] = field(default_factory=list)

    def take(self, where: str, item: Item) -> None:
        """One question with its answers, by what it asks."""
        code = _question(item)
        symptom = symptom_of(code)
        texts = [text for answer in item.answer for text in _texts(answer)]
        if symptom is not None:
            self._symptom(symptom, item)
        elif not texts:
            return
        elif is_asked(code):
            self._note(where, self._points(code, item))
        elif code in PULSE_ITEMS:
            self._note(where, any(self.form.note_pulse(code, text) for text in texts))
        elif self.is_zarit:
            self._note(where, any(self.form.note_zarit(code, text) for text in texts))

    def _points(self, code: str, item: Item) -> bool:
        """Several answers to one question are several problems."""
        at = self.said.now
        noted = [any(self.form.note(code, text, at) for text in _texts(answer)) for answer in item.answer]
        return all(noted)

    def _symptom(self, symptom: Symptom, item: Item) -> None:
        for answer in item.answer:
            if answer.valueBoolean is not None:
                self.symptoms[symptom] = answer.valueBoolean
            elif answer.valueCoding is not None and answer.valueCoding.code in ("LA33-6", "Y", "373066001"):
                self.symptoms[symptom] = True
            elif answer.valueCoding is not None and answer.valueCoding.code in ("LA32-8", "N", "373067005"):
                self.symptoms[symptom] = False

    def _note(self, where: str, is_noted: bool) -> None:
        if not is_noted:
            self.ignored.append(Ignored(where, "is no answer of this questionnaire"))


def translate(located: Located, scope: Scope) -> Translated:
    """The forms with their answers; a form that is under way is left aside, one entered by mistake taken back."""
    response = read(QuestionnaireResponse, located.value, located.where)
    if response.status in _NOT_DONE:
        return aside(located, "is not finished")
    if response.status not in _DONE and response.status != _ERROR:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a QuestionnaireResponse")
    said = stated(response, response.subject, located, scope)
    authored = said.moment("authored", response.authored)
    number = said.number("assessment") or derived_id(
        "assessment", *said.patient.primary, str(int((authored or said.now).timestamp()))
    )
    if response.status == _ERROR:
        return said.tell([AssessmentRetracted(**said.envelope(said.said_at), assessment_id=number)])
    title = response.questionnaire
    reading = Reading(said, is_zarit(title))
    for where, item in _items(response.item, f"{located.where}", 0):
        reading.take(where, item)
    facts = list(_facts(reading, response, number))
    nothing = [] if facts or reading.ignored else [Ignored(f"{located.where}.item", "holds no question we know")]
    return said.tell(facts, [*reading.ignored, *nothing])


def _facts(reading: Reading, response: QuestionnaireResponse, number: str) -> Iterator[CareEvent]:
    said = reading.said
    envelope = said.envelope(said.moment("authored", response.authored))
    for instrument, items, total in reading.form.assessments():
        yield AssessmentCompleted(**envelope, instrument=instrument, items=items, total=total, assessment_id=number)
    if reading.form.pulse:
        yield SurveyAnswered(**envelope, survey=PULSE, answers=reading.form.pulse)
    if reading.symptoms:
        is_by_family = "RelatedPerson" in f"{response.source.reference}{response.source.type}"
        party = ContactParty.CAREGIVER if is_by_family else ContactParty.PATIENT
        yield SymptomsReported(**envelope, symptoms=reading.symptoms, reported_by=party)


def _items(items: list[Item], where: str, depth: int) -> Iterator[tuple[str, Item]]:
    if depth > _MAX_DEPTH:
        return
    for number, item in enumerate(items):
        place = f"{where}.item[{number}]"
        yield place, item
        yield from _items(item.item, place, depth + 1)
        for one, answer in enumerate(item.answer):
            yield from _items(answer.item, f"{place}.answer[{one}]", depth + 1)


def _question(item: Item) -> str:
    """Its code: the linkId as form builders write it («/44250-9», «phq9.44250-9»), or the definition."""
    bare = item.linkId.rpartition("/")[2]
    if is_asked(bare) or symptom_of(bare) or bare in PULSE_ITEMS:
        return bare
    defined = item.definition.rpartition("#")[2].rpartition("/")[2]
    last = bare.rpartition(".")[2]
    return next((one for one in (defined, last) if is_asked(one)), bare)


def _texts(answer: Answer) -> Iterator[str]:
    coding = answer.valueCoding
    if coding is not None:
        points = (one.valueDecimal for one in coding.extension if one.url.endswith(_ORDINAL))
        yield from (one for one in (coding.code,) if one)
        yield from (str(int(one)) for one in points if one is not None and one == int(one))
    if answer.valueInteger is not None:
        yield str(answer.valueInteger)
    if answer.valueDecimal is not None:
        yield str(answer.valueDecimal)
    if answer.valueQuantity is not None and answer.valueQuantity.value is not None:
        yield plain(answer.valueQuantity)
    if answer.valueString:
        yield answer.valueString.strip()
