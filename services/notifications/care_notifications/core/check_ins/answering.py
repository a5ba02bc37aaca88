"""Answers, one question at a time, become facts: symptoms, a survey, an instrument; words of complaint stay here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from care_notifications.core.check_ins.content import Kind, Question, Sheet
from care_shared.contracts.care_events import (
    AssessmentCompleted,
    CareEvent,
    CheckInUnanswered,
    SurveyAnswered,
    SymptomsReported,
)
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import ContactParty, EventId, PatientId, SourceId, Symptom

SOURCE = SourceId("check-in")
COMPLAINT = "complaint"  # what SERVICE-RECOVERY reads: the free text complains
LONGEST_REMARK = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose check-in, which one."""

    check_in_id: str
    patient_id: PatientId
    check_in: str
    party: ContactParty


Answers = Mapping[str, int]


def next_question(sheet: Sheet, answers: Answers) -> Question | None:
    """The first that has no answer yet; None: they are all answered."""
    return next((one for one in sheet.questions if one.id not in answers), None)


def question_before(sheet: Sheet, question: Question) -> Question | None:
    """The one before, to change an answer."""
    place = sheet.questions.index(question)
    return sheet.questions[place - 1] if place else None


def answered(sheet: Sheet, answers: Answers, name: str, said: str) -> dict[str, int] | None:
    """The answers with one more or another; None when this is no answer to any question whose turn it is."""
    question = sheet.question(name)
    following = next_question(sheet, answers)
    if question is None or (question.id not in answers and question is not following):
        return None
    if not question.takes_text(said):
        return None
    return {**answers, question.id: int(bool(said.strip())) if question.free_text else int(said)}


def crisis_texts(sheet: Sheet, answers: Answers) -> tuple[str, ...]:
    """The help that these answers call for, each once."""
    names = [
        choice.crisis
        for question in sheet.questions
        for choice in question.choices
        if choice.crisis and answers.get(question.id) == choice.points
    ]
    return tuple(sheet.crisis[name] for name in dict.fromkeys(names))


def facts_of_answers(
    asked: Asked, sheet: Sheet, answers: Answers, now: datetime, part: str = ""
) -> tuple[CareEvent, ...]:
    """What the answers say, under ids that follow from the check-in: submitted twice, they are the same facts."""
    if not answers or sheet.kind is Kind.LEAFLET:
        return ()
    envelope = _envelope(asked, now, part or "answers")
    match sheet.kind:
        case Kind.SYMPTOMS:
            symptoms = {Symptom(name): points > 0 for name, points in answers.items() if name in set(Symptom)}
            return (SymptomsReported(**envelope, symptoms=symptoms, reported_by=asked.party),) if symptoms else ()
        case Kind.SURVEY:
            return (SurveyAnswered(**envelope, survey=sheet.name, answers=dict(answers)),)
        case Kind.ASSESSMENT:
            whole = next_question(sheet, answers) is None
            total = sum(answers.values()) if whole and not _is_named(sheet) else None
            return (
                AssessmentCompleted(
                    **envelope, instrument=sheet.name, items=dict(answers), total=total, assessment_id=asked.check_in_id
                ),
            )


def urgent_facts(asked: Asked, sheet: Sheet, answers: Answers, name: str, now: datetime) -> tuple[CareEvent, ...]:
    """A grave symptom is told at once, not when the form is finished."""
    if sheet.kind is not Kind.SYMPTOMS or not crisis_texts(sheet, {name: answers[name]}):
        return ()
    return facts_of_answers(asked, sheet, {name: answers[name]}, now, f"at:{name}")


def _is_named(sheet: Sheet) -> bool:
    """Items with names are domains of their own; numbered items add up to a total."""
    return not all(question.id.isdigit() for question in sheet.questions)


def facts_of_silence(
    asked: Asked, sheet: Sheet, answers: Answers, sent_at: datetime, now: datetime
) -> tuple[CareEvent, ...]:
    """Nobody finished it in time: that is told, and what was answered until then is told as well."""
    if sheet.kind is Kind.LEAFLET:
        return ()
    silence = CheckInUnanswered(
        **_envelope(asked, now, "silence"),
        check_in_id=asked.check_in_id,
        check_in=asked.check_in,
        party=asked.party,
        sent_at=sent_at,
    )
    return (*facts_of_answers(asked, sheet, answers, now), silence)


def _envelope(asked: Asked, now: datetime, part: str) -> dict[str, Any]:
    return {
        "event_id": EventId(derived_id("check-in-answer", asked.check_in_id, part)),
        "patient_id": asked.patient_id,
        "occurred_at": now,
        "recorded_at": now,
        "source": SOURCE,
    }
