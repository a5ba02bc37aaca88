"""What the patient lives with and takes: diagnoses, warnings, medicines with their fills, results, questionnaires."""

from datetime import datetime
from typing import TypedDict

from care_notifications.core.picture.picture import Medicine, Named, Result
from care_notifications.core.picture.words import Words, text_of
from care_shared.contracts import care_events as facts


class Health(TypedDict):
    """The sections of the picture that this module answers for."""

    conditions: tuple[Named, ...]
    flags: tuple[Named, ...]
    medicines: tuple[Medicine, ...]
    reconciled_at: datetime | None
    reconciled_by: str
    assessments: tuple[Result, ...]
    labs: tuple[Result, ...]
    pending: tuple[Named, ...]


def health(words: Words) -> Health:
    """All of it."""
    reconciled = max(words.all(facts.MedicationsReconciled), key=lambda one: one.occurred_at, default=None)
    return Health(
        conditions=_conditions(words),
        flags=_flags(words),
        medicines=_medicines(words),
        reconciled_at=reconciled.occurred_at if reconciled else None,
        reconciled_by=reconciled.by_role if reconciled else "",
        assessments=_assessments(words),
        labs=_labs(words),
        pending=_pending(words),
    )


def _conditions(words: Words) -> tuple[Named, ...]:
    """Active ones, each dated by when it was first said; a display said once is kept."""
    found = []
    for said in words.about(facts.ConditionRecorded).values():
        if said[-1].active:
            text = next((one.condition.display for one in reversed(said) if one.condition.display), "")
            code = said[-1].condition.code
            found.append(Named(code, text or code, min(one.occurred_at for one in said)))
    return tuple(sorted(found, key=lambda one: one.code))


def _flags(words: Words) -> tuple[Named, ...]:
    found = [one for one in words.newest(facts.FlagChanged) if one.active]
    return tuple(
        sorted((Named(one.flag.code, text_of(one.flag), one.occurred_at) for one in found), key=lambda one: one.text)
    )


def _medicines(words: Words) -> tuple[Medicine, ...]:
    """Those ordered and not stopped, and those handed out without an order that we know of, by code."""
    fills: dict[str, facts.MedicationDispensed] = {}
    for fill in sorted(words.all(facts.MedicationDispensed), key=lambda one: one.occurred_at):
        fills[fill.medication.code] = fill
    orders = {one.medication.code: one for one in words.newest(facts.MedicationOrdered)}
    found = [_medicine(one, fills.get(code)) for code, one in orders.items() if one.active]
    found += [_medicine(None, one) for code, one in fills.items() if code not in orders]
    return tuple(sorted(found, key=lambda one: (one.text.casefold(), one.code)))


def _medicine(order: facts.MedicationOrdered | None, fill: facts.MedicationDispensed | None) -> Medicine:
    named = order or fill
    assert named is not None
    return Medicine(
        named.medication.code,
        text_of(named.medication),
        since=order.occurred_at if order else None,
        ends_on=order.ends_on if order else None,
        filled_at=fill.occurred_at if fill else None,
        days_supply=fill.days_supply if fill else None,
    )


def _assessments(words: Words) -> tuple[Result, ...]:
    """The newest of each instrument, by when it was answered."""
    newest: dict[str, facts.AssessmentCompleted] = {}
    for one in sorted(words.all(facts.AssessmentCompleted), key=lambda one: (one.occurred_at, one.event_id)):
        newest[one.instrument] = one
    found = [_answered(one) for one in newest.values()]
    return tuple(sorted(found, key=lambda one: one.what))


def _answered(one: facts.AssessmentCompleted) -> Result:
    value = one.total if one.total is not None else one.score
    return Result(
        one.instrument, "" if value is None else f"{value:g}", one.occurred_at, items=tuple(sorted(one.items.items()))
    )


def _labs(words: Words) -> tuple[Result, ...]:
    newest: dict[str, facts.LabResulted] = {}
    for one in sorted(words.all(facts.LabResulted), key=lambda one: (one.occurred_at, one.event_id)):
        newest[one.test.code] = one
    found = [Result(text_of(one.test), _lab_value(one), one.occurred_at, one.abnormal_flag) for one in newest.values()]
    return tuple(sorted(found, key=lambda one: (one.what.casefold(), one.at)))


def _lab_value(one: facts.LabResulted) -> str:
    return f"{one.value:g} {one.unit}".strip() if one.value is not None else one.text


def _pending(words: Words) -> tuple[Named, ...]:
    """Tests whose result has not come: no result names their order."""
    come = {one.order_id for one in words.all(facts.LabResulted) if one.order_id}
    found = [one for one in words.newest(facts.ResultPending) if one.order_id not in come]
    return tuple(
        sorted((Named(one.test.code, text_of(one.test), one.occurred_at) for one in found), key=lambda one: one.at)
    )
