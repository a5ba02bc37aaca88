"""A change of a score as the row that history keeps: the number in columns, every line of it as JSON."""

import json

from care_scoring.core.effects import TellScore
from care_scoring.core.scores.score import Item
from care_scoring.ports import ScoreRow


def score_row(told: TellScore) -> ScoreRow:
    """The row; what nobody told is in it as missing."""
    change = told.change
    return ScoreRow(
        patient_id=change.patient_id,
        score=change.score,
        subject=change.subject,
        revision=change.revision,
        version=change.model_version,
        value=change.value,
        band=change.band or "",
        computed_at=change.computed_at,
        event_id=change.event_id,
        caused_by=change.caused_by or "",
        labels=" ".join(change.labels),
        inputs=_inputs(told),
    )


def _inputs(told: TellScore) -> str:
    """Everything the number rests on, so that it can be checked years later."""
    score, change = told.score, told.change
    beside = {"derived": dict(score.derived), "settings": dict(score.settings), "queue": change.queue}
    whole = {
        "items": [_line(item) for item in score.items],
        "missing": score.missing,
        "flags": score.flags,
        "notes": score.notes,
        "policy_version": change.policy_version,
        "factors": [factor.model_dump(mode="json", exclude_none=True) for factor in change.factors],
        **{name: value for name, value in beside.items() if value},
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _line(item: Item) -> dict[str, object]:
    """One line; when and by whom only as far as known."""
    known = {"at": item.at.isoformat() if item.at else "", "source": item.source}
    line: dict[str, object] = {"name": item.name, "input": item.input, "points": item.points}
    return line | {name: value for name, value in known.items() if value}
