"""A score after one change as a RiskAssessment: one per change, so that history is free."""

from datetime import datetime

from care_notifications.core.fhir.names import Names, Resource, instant, present
from care_shared.contracts.envelope import derived_id
from care_shared.contracts.score_changes import ScoreChanged, ScoreFactor


def change_id(score: ScoreChanged) -> str:
    """The same change has the same id, which can stand in an address whatever the producer's ids look like."""
    return derived_id("score-change", score.patient_id, score.score, score.subject, str(score.revision))


def risk_assessment(score: ScoreChanged, received_at: datetime, names: Names) -> Resource:
    """The RiskAssessment of one change. A score that could not be computed has notes, and no prediction."""
    return present(
        resourceType="RiskAssessment",
        id=change_id(score),
        meta={"versionId": "1", "lastUpdated": instant(received_at)},
        extension=_extensions(score, names),
        identifier=[names.identifier("event", score.event_id)],
        status="final" if score.value is not None else "cancelled",
        method=_method(score, names),
        subject=names.patient(score.patient_id),
        occurrenceDateTime=instant(score.computed_at),
        basis=[names.event(one) for one in score.evidence],
        prediction=_prediction(score, names),
        mitigation="; ".join(one.lowered_by for one in score.factors if one.lowered_by),
        note=[{"text": text} for text in _notes(score)],
    )


def _method(score: ScoreChanged, names: Names) -> Resource:
    coding = {"system": names.system("score"), "code": score.score, "version": score.model_version}
    return {"coding": [coding], "text": score.label or score.score}


def _extensions(score: ScoreChanged, names: Names) -> list[Resource]:
    found: list[Resource] = []
    if score.value is not None:
        # No element of RiskAssessment holds a number of points; a probability it is not.
        found.append({"url": names.extension("score-value"), "valueInteger": score.value})
    if score.subject:
        found.append({"url": names.extension("score-subject"), "valueString": score.subject})
    return found


def _prediction(score: ScoreChanged, names: Names) -> list[Resource]:
    if score.value is None:
        return []
    return [
        present(
            outcome={"text": score.label or score.score},
            qualitativeRisk=names.code("score-band", score.band) if score.band else None,
            rationale="; ".join(_told(one) for one in score.factors),
        )
    ]


def _told(factor: ScoreFactor) -> str:
    return f"{factor.factor}: {factor.points}"


def _notes(score: ScoreChanged) -> list[str]:
    missing = [f"missing: {one}" for one in score.missing]
    return [*missing, *score.flags, *score.notes]
