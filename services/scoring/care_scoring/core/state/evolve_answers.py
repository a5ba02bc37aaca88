"""How questionnaires, symptoms, surveys and counted services become belief."""

from care_scoring.core.state.assessments import Assessment, Survey, SymptomSaid
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.services import Service
from care_scoring.core.state.statements import envelope_of, tell
from care_shared.contracts.care_events import (
    AssessmentCompleted,
    AssessmentRetracted,
    ServiceRecorded,
    SurveyAnswered,
    SymptomsReported,
)

AnswerFact = AssessmentCompleted | AssessmentRetracted | SymptomsReported | SurveyAnswered | ServiceRecorded


def note_answer(state: PatientState, event: AnswerFact) -> None:
    """One form, its withdrawal, or one counted service."""
    match event:
        case AssessmentCompleted():
            form = Assessment(*envelope_of(event), event.instrument, dict(event.items), event.total, event.score)
            tell(state.assessments, event.assessment_id or event.event_id, form)
        case AssessmentRetracted():
            tell(state.assessments, event.assessment_id, Assessment(*envelope_of(event, void=True)))
        case SymptomsReported():
            for symptom, present in event.symptoms.items():
                tell(state.symptoms, symptom, SymptomSaid(*envelope_of(event), present, event.reported_by))
        case SurveyAnswered():
            tell(state.surveys, event.event_id, Survey(*envelope_of(event), event.survey, dict(event.answers)))
        case ServiceRecorded():
            envelope = envelope_of(event, void=event.entered_in_error)
            tell(state.services, event.service_id, Service(*envelope, event.service.system, event.service.code))
