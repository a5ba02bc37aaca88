"""Which kinds of FHIR resource become facts, and which only explain others."""

from collections.abc import Callable

from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.translation import Translated
from care_intake.core.translators import (
    fhir_appointment,
    fhir_care_plan,
    fhir_care_team,
    fhir_communication,
    fhir_condition,
    fhir_consent,
    fhir_coverage,
    fhir_diagnostic_report,
    fhir_document_reference,
    fhir_encounter,
    fhir_flag,
    fhir_goal,
    fhir_group,
    fhir_medication_dispense,
    fhir_medication_request,
    fhir_medication_statement,
    fhir_observation,
    fhir_patient,
    fhir_questionnaire_response,
    fhir_related_person,
    fhir_service_request,
    fhir_task,
)

Translator = Callable[[Located, Scope], Translated]

TRANSLATORS: dict[str, Translator] = {
    "Patient": fhir_patient.translate,
    "Encounter": fhir_encounter.translate,
    "Observation": fhir_observation.translate,
    "Condition": fhir_condition.translate,
    "Appointment": fhir_appointment.translate,
    "CarePlan": fhir_care_plan.translate,
    "CareTeam": fhir_care_team.translate,
    "Communication": fhir_communication.translate,
    "Consent": fhir_consent.translate,
    "Coverage": fhir_coverage.translate,
    "DiagnosticReport": fhir_diagnostic_report.translate,
    "DocumentReference": fhir_document_reference.translate,
    "Flag": fhir_flag.translate,
    "Goal": fhir_goal.translate,
    "Group": fhir_group.translate,
    "MedicationDispense": fhir_medication_dispense.translate,
    "MedicationRequest": fhir_medication_request.translate,
    "MedicationStatement": fhir_medication_statement.translate,
    "QuestionnaireResponse": fhir_questionnaire_response.translate,
    "RelatedPerson": fhir_related_person.translate,
    "ServiceRequest": fhir_service_request.translate,
    "Task": fhir_task.translate,
}
# They resolve references and give names; alone they are taken, and left aside with the reason.
CONTEXT = frozenset({"Practitioner", "PractitionerRole", "Organization", "Location", "Medication", "Device"})
