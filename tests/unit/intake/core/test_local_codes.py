"""A sender's own codes are agreed in the sources file, checked when it is read, and then mean what was agreed."""

import pytest

from care_intake.core.code_spots import NOT_SHOWN, UnreadCode, fhir_spots, hl7_spots, shown, unread
from care_intake.core.feed import Feed
from care_intake.core.hl7.parser import parse
from care_intake.core.local_codes import MEANINGS, CodeKind, is_loinc, remarks, spelled_as_standard
from care_intake.core.payers import AGREED_KINDS
from care_shared.contracts.care_events import CoverageChanged
from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass, VitalSign
from tests.intake_builders import GENERAL, adt, facts, message, observation, only, oru


def agreed(**mappings: dict[str, str]) -> Feed:
    return Feed(GENERAL.source, GENERAL.zone, mappings=spelled_as_standard(mappings))


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        *(pytest.param("patient_class", one, id=f"class {one}") for one in EncounterClass if one != "unknown"),
        *(pytest.param("admission_type", one, id=f"urgency {one}") for one in AdmissionType if one != "unknown"),
        *(pytest.param("disposition", one, id=f"disposition {one}") for one in Disposition if one != "unknown"),
    ],
)
def test_every_word_of_ours_can_be_agreed_and_comes_back(kind: str, word: str) -> None:
    feed = agreed(**{kind: {"x-1 ": word}})
    places = {"patient_class": 2, "admission_type": 4, "disposition": 36}
    fields = {"patient_class": "encounter_class"}

    # Class decides which fact it is, so all are read from the fact that every class becomes.
    said = facts(adt("A08", pv1={2: "I", places[kind]: "X-1"}), feed)

    assert getattr(said[-1], fields.get(kind, kind)) == word


def test_a_local_vital_code_and_a_local_unit_become_a_reading() -> None:
    line = "OBX|1|NM|WTX^Gewicht^L||176.37|POUNDZ|||||F"
    feed = agreed(observation_code={"wtx": "29463-7"}, unit={"poundz": "[lb_av]"})

    assert [one.model_dump()["type"] for one in facts(oru(line))] == ["lab-resulted"]
    reading = only(oru(line), "vital-sign-recorded", feed)
    assert (reading.code, reading.value) == (VitalSign.BODY_WEIGHT, 80.0)


def test_a_local_code_of_a_fhir_observation_becomes_a_reading() -> None:
    code = {"coding": [{"system": "urn:ours", "code": "WTX", "display": "Gewicht"}]}
    body = observation("", 176.37, "POUNDZ") | {"code": code}
    feed = agreed(observation_code={"WTX": "29463-7"}, unit={"POUNDZ": "[lb_av]"})

    assert only(body, "vital-sign-recorded", feed).value == 80.0
    assert list(unread(fhir_spots(body))) == [UnreadCode(CodeKind.OBSERVATION_CODE, "Observation.code", "WTX")]


def test_a_local_class_in_a_bundle_is_found() -> None:
    stay = {
        "resourceType": "Encounter",
        "class": {"code": "STAT"},
        "priority": {"coding": [{"code": "Q"}]},
        "hospitalization": {"dischargeDisposition": {"coding": [{"code": "ZZ"}]}},
    }
    bundle = {"resourceType": "Bundle", "entry": [{"resource": stay}, {"resource": None}, "no entry"]}

    assert [(one.kind, one.code) for one in unread(fhir_spots(bundle))] == [
        (CodeKind.PATIENT_CLASS, "STAT"),
        (CodeKind.ADMISSION_TYPE, "Q"),
        (CodeKind.DISPOSITION, "ZZ"),
    ]


def test_a_local_status_calls_an_appointment_off() -> None:
    booked = message("SIU^S14", "SCH||77|||||||||^^^20261201090000||||||||||||||WEG")

    assert [one.model_dump()["type"] for one in facts(booked)] == ["appointment-booked"]
    said = facts(booked, agreed(appointment_status={"WEG": "cancelled"}))
    assert [one.model_dump()["type"] for one in said] == ["appointment-cancelled"]


def test_a_local_reason_tells_whose_no_show_it_was() -> None:
    missed = message("SIU^S26", "SCH||77||||R7^room closed|||||^^^20261201090000")

    assert only(missed, "appointment-no-show").patient_absent is True
    assert only(missed, "appointment-no-show", agreed(appointment_reason={"R7": "clinic"})).patient_absent is False


def test_a_local_type_makes_a_discharge_summary() -> None:
    document = message("MDM^T02", "TXA|1|EB^Entlassbrief|TX||||||||||D1|||||AU")

    assert only(document, "document-received").kind == "other"
    assert only(document, "document-received", agreed(document_type={"EB": "discharge-summary"})).kind == (
        "discharge-summary"
    )


@pytest.mark.parametrize(("word", "kinds"), [*AGREED_KINDS.items(), ("self-pay", ())])
def test_a_plans_code_pays_as_agreed_whatever_it_is_called(word: str, kinds: tuple[str, ...]) -> None:
    body = adt("A08", more="IN1|1|GC7^Golden Choice||Golden")

    said = facts(body, agreed(payer={"GC7": word}))
    assert tuple(one.payer_kind for one in said if isinstance(one, CoverageChanged)) == kinds


def test_the_bytes_give_the_same_ids_with_and_without_an_agreement() -> None:
    plain, mapped = (facts(adt("A01"), feed) for feed in (GENERAL, agreed(patient_class={"ZZ": "inpatient"})))

    assert plain == mapped


@pytest.mark.parametrize(
    ("mappings", "problem"),
    [
        pytest.param({"colour": {}}, "'colour' is none of", id="a kind nobody knows"),
        pytest.param({"patient_class": {"Q": "inpatiant"}}, "patient_class.Q: 'inpatiant' is none of", id="a typo"),
        pytest.param({"observation_code": {"W": "29463-8"}}, "observation_code.W", id="a wrong check digit"),
        pytest.param({"unit": {"CB": "cubit"}}, "unit.CB", id="a unit that nothing converts"),
        pytest.param({"payer": {" ": "medicare"}}, "payer: a code is empty", id="an empty code"),
        pytest.param(
            {"patient_class": {"q": "inpatient", "Q ": "emergency"}}, "stands twice", id="one code in two spellings"
        ),
    ],
)
def test_an_entry_that_means_nothing_is_refused_by_name(mappings: dict[str, dict[str, str]], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        spelled_as_standard(mappings)


def test_a_reviewer_sees_what_is_not_needed_and_what_overrules_the_standard() -> None:
    said = list(
        remarks(
            {
                "patient_class": {"I": "inpatient", "E": "observation", "ZZ": "inpatient"},
                "unit": {"lbs": "[lb_av]"},
                "observation_code": {"weight": "29463-7", "2345-7": "29463-7"},
            }
        )
    )

    assert said == [
        "patient_class.I: is not needed; the standard says the same",
        "patient_class.E: overrules the standard, which says emergency",
        "unit.lbs: is not needed; the standard says the same",
        "observation_code.weight: is not needed; the standard says the same",
        "observation_code.2345-7: overrules the standard, which says 2345-7",
    ]


@pytest.mark.parametrize(
    ("code", "right"),
    [("29463-7", True), ("8867-4", True), ("2345-7", True), ("29463-8", False), ("29463", False), ("X-1", False)],
)
def test_the_check_digit_of_a_loinc_code_is_checked(code: str, right: bool) -> None:
    assert is_loinc(code) is right


def test_codes_that_nothing_explains_are_asked_for_with_their_place() -> None:
    body = adt("A03", pv1={2: "ZZ", 4: "Q9", 36: "GONE"}, more="OBX|1|NM|K9^Kalium^L||4.1|mmol/l|||||F")

    assert sorted(unread(hl7_spots(parse(body)))) == [
        UnreadCode(CodeKind.ADMISSION_TYPE, "PV1-4", "Q9"),
        UnreadCode(CodeKind.DISPOSITION, "PV1-36", "GONE"),
        UnreadCode(CodeKind.OBSERVATION_CODE, "OBX-3", "K9"),
        UnreadCode(CodeKind.PATIENT_CLASS, "PV1-2", "ZZ"),
    ]


def test_codes_of_the_standard_that_say_nothing_are_not_asked_for() -> None:
    assert list(unread(hl7_spots(parse(adt("A08", pv1={2: "N", 4: "9"}))))) == []


@pytest.mark.parametrize(
    ("code", "is_shown"),
    [
        pytest.param("X-12", True, id="a code"),
        pytest.param("mm[Hg]", True, id="a unit"),
        pytest.param("gone home with her daughter", False, id="words"),
        pytest.param("555012399", False, id="a long number, which may be a person's"),
        pytest.param("A" * 25, False, id="too long"),
        pytest.param("Müller", False, id="letters no code has"),
    ],
)
def test_only_what_looks_like_a_code_is_shown(code: str, is_shown: bool) -> None:
    assert shown(code) == (code if is_shown else NOT_SHOWN)


def test_every_kind_of_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(CodeKind)
