"""An independent FHIR library reads what we read: the same ids, times, codes and quantities."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_intake.core.effects import Accept
from care_intake.core.fhir import findings, medicines, models, people, work
from care_intake.core.fhir.elements import Element, Resource, read
from care_intake.core.fhir_kinds import CONTEXT, TRANSLATORS
from care_intake.core.iso_times import instant
from care_shared.contracts.care_events import CareEvent
from tests.fhir_mutations import mutated
from tests.fhir_records import LOINC, SAID, concept, record
from tests.intake_builders import Json, judge, raw

SAMPLES = Path(__file__).resolve().parents[4] / "samples"
ZONE = ZoneInfo("America/New_York")
MODELS: dict[str, type[Resource]] = {
    "Patient": models.Patient, "Encounter": models.Encounter, "Observation": models.Observation,
    "Condition": models.Condition, "Appointment": models.Appointment, "MessageHeader": models.MessageHeader,
    "RelatedPerson": people.RelatedPerson, "Coverage": people.Coverage, "Group": people.Group,
    "Consent": people.Consent, "Flag": people.Flag, "CareTeam": people.CareTeam, "Medication": medicines.Medication,
    "MedicationRequest": medicines.MedicationRequest, "MedicationDispense": medicines.MedicationDispense,
    "MedicationStatement": medicines.MedicationStatement, "ServiceRequest": work.ServiceRequest, "Task": work.Task,
    "Communication": work.Communication, "CarePlan": work.CarePlan, "Goal": work.Goal,
    "DiagnosticReport": findings.DiagnosticReport, "DocumentReference": findings.DocumentReference,
    "QuestionnaireResponse": findings.QuestionnaireResponse,
}  # fmt: skip
# What we take and the library does not, and why that is right.
LENIENT = {
    "diagnosticreport-cbc": "its narrative has no div, which nobody here reads",
    "LAB-ORU-1-expected": "its Provenance names no agent, which nobody here reads",
}


def samples() -> Iterator[tuple[str, Json]]:
    for file in sorted(SAMPLES.rglob("*.json")):
        body = json.loads(file.read_bytes())
        if isinstance(body, dict) and "resourceType" in body:
            yield file.stem, body


def resources() -> Iterator[tuple[str, Json]]:
    for name, body in samples():
        inside = [one["resource"] for one in body["entry"]] if body["resourceType"] == "Bundle" else [body]
        for number, one in enumerate(inside):
            if one["resourceType"] in MODELS:
                yield f"{name}[{number}] {one['resourceType']}", one


WHOLE = list(samples())
SINGLE = list(resources())


def agree(ours: object, theirs: object, where: str) -> None:
    """Every value that our model holds, the library's holds as well."""
    if isinstance(ours, Element):
        for name in ours.model_fields_set - {"resourceType"}:
            alias = type(ours).model_fields[name].alias or name
            found = getattr(theirs, alias, None) if hasattr(theirs, alias) else getattr(theirs, f"{alias}_fhir")
            agree(getattr(ours, name), found, f"{where}.{alias}")
    elif isinstance(ours, list):
        assert isinstance(theirs, list), where
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            agree(one, other, f"{where}[{number}]")
    elif isinstance(theirs, datetime | date):
        assert same_time(str(ours), theirs), where
    elif isinstance(theirs, Decimal):
        assert float(theirs) == ours, where
    else:
        assert str(theirs) == str(ours), where


def same_time(text: str, theirs: datetime | date) -> bool:
    if not isinstance(theirs, datetime):
        # A year or a month alone is padded by the library; what is stated must be the same.
        return theirs.isoformat().startswith(text) or text.startswith(theirs.isoformat())
    local = theirs if theirs.tzinfo else theirs.replace(tzinfo=ZONE)
    return instant(text, "time", ZONE) == local.astimezone(UTC)


@pytest.mark.parametrize(("name", "body"), [one for one in WHOLE if one[1]["resourceType"] != "MeasureReport"])
def test_every_sample_we_take_is_valid_for_the_library_or_the_difference_is_explained(name: str, body: Json) -> None:
    effect = judge(body).decision.effect
    if isinstance(effect, Accept) and name not in LENIENT:
        get_fhir_model_class(body["resourceType"]).model_validate_json(raw(body))


@pytest.mark.parametrize("kind", sorted({one["resourceType"] for _, one in SINGLE}))
def test_the_library_reads_the_same_values_in_real_records(kind: str) -> None:
    found = [(name, one) for name, one in SINGLE if one["resourceType"] == kind]
    for name, one in found:
        if name.partition("[")[0] not in LENIENT:
            theirs = get_fhir_model_class(kind).model_validate_json(raw(one))
            agree(read(MODELS[kind], one, kind), theirs, name)


@pytest.mark.parametrize("kind", sorted(MODELS.keys() - {"Medication", "MessageHeader", "Condition", "Observation"}))
def test_our_own_test_records_are_valid_for_the_library(kind: str) -> None:
    value = record(kind)

    agree(read(MODELS[kind], value, kind), get_fhir_model_class(kind).model_validate_json(raw(value)), kind)


def test_each_kind_that_becomes_facts_has_a_model_here() -> None:
    assert TRANSLATORS.keys() <= MODELS.keys()
    assert not TRANSLATORS.keys() & CONTEXT


words = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=20)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0).isoformat()
)
offsets = st.sampled_from(["Z", "+00:00", "-05:00", "+05:30", "+14:00", "-11:00"])
times = st.builds(lambda at, offset: at.removesuffix("+00:00") + offset, moments, offsets)
identifiers = st.lists(
    st.builds(lambda value: {"system": "urn:oid:1.2.3", "value": value}, words), min_size=1, max_size=3
)
numbers = st.one_of(st.integers(-1000, 1000), st.decimals(-1000, 1000, places=4).map(float))


@given(identifiers, times, numbers, words)
@settings(max_examples=60, deadline=None)
def test_the_library_reads_the_same_values_in_made_readings(
    named: list[Json], at: str, number: float, unit: str
) -> None:
    value = {
        "resourceType": "Observation", "status": "final", "identifier": named, "code": concept("29463-7", LOINC),
        "subject": {"identifier": named[0]}, "effectiveDateTime": at, "meta": SAID,
        "valueQuantity": {"value": number, "unit": unit},
    }  # fmt: skip

    theirs = get_fhir_model_class("Observation").model_validate_json(raw(value))

    agree(read(models.Observation, value, "Observation"), theirs, "Observation")
    [fact] = [one for said in _said(value) for one in said]
    assert fact.occurred_at == theirs.effectiveDateTime.astimezone(UTC)


@given(identifiers, times, times, st.sampled_from(["IMP", "EMER", "OBSENC"]))
@settings(max_examples=60, deadline=None)
def test_the_library_reads_the_same_values_in_made_stays(named: list[Json], start: str, end: str, kind: str) -> None:
    value = record(
        "Encounter", identifier=named, subject={"identifier": named[0]}, period={"start": start, "end": end},
        **{"class": {"code": kind}},
    )  # fmt: skip

    theirs = get_fhir_model_class("Encounter").model_validate_json(raw(value))

    agree(read(models.Encounter, value, "Encounter"), theirs, "Encounter")
    began, ended = [one for said in _said(value) for one in said]
    assert began.occurred_at == theirs.period.start.astimezone(UTC)
    assert ended.occurred_at == theirs.period.end.astimezone(UTC)


def _said(value: Json) -> list[tuple[CareEvent, ...]]:
    effect = judge(value).decision.effect
    assert isinstance(effect, Accept)
    return [one.facts for one in effect.said.translations]


SMALL = [one for _, one in SINGLE if len(raw(one)) < 6_000][::7] + [record(kind) for kind in sorted(MODELS)]
BUNDLES = [
    {"resourceType": "Bundle", "type": kind, "entry": [{"fullUrl": f"urn:uuid:{n}", "resource": one}
                                                       for n, one in enumerate(SMALL[start : start + 4])]}
    for start, kind in enumerate(("batch", "collection", "transaction", "message"))
]  # fmt: skip


@given(mutated([*SMALL, *BUNDLES]))
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_sender_changes_ends_in_a_verdict(value: Json) -> None:
    assert judge(value).receipt_id
