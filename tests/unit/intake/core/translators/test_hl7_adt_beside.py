"""What an admission message says beside the stay: who pays, who lives with whom, who is homebound, what is secret."""

from datetime import UTC, date, datetime

import pytest

from care_shared.contracts.care_events import CareEvent
from care_shared.vocabulary import AdmissionType, EncounterClass, SensitivityLabel
from tests.intake_builders import adt, facts, left_aside, only

EVENING = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # 15:00 in New York
V, ETH, HIV = SensitivityLabel.VERY_RESTRICTED, SensitivityLabel.SUBSTANCE_USE, SensitivityLabel.HIV


def of_kind(message: bytes, kind: str) -> list[CareEvent]:
    return [fact for fact in facts(message) if fact.model_dump()["type"] == kind]


def coverages(*in1: str) -> list[tuple[object, ...]]:
    found = [one.model_dump() for one in of_kind(adt("A08", more="\r".join(in1)), "coverage-changed")]
    return [(one["payer_kind"], one["plan"], one["starts_on"], one["ends_on"]) for one in found]


@pytest.mark.parametrize(
    ("in1", "expected"),
    [
        pytest.param(
            "IN1|1|MCRA^MEDICARE PART A|00882|MEDICARE||||||||20060301",
            [("medicare", "MEDICARE PART A", date(2006, 3, 1), None)],
            id="Medicare from its plan, with a beginning",
        ),
        pytest.param(
            "IN1|1|NY01|12|NYS DOH||||||||20260101|20261231||MEDICAID",
            [("medicaid", "NY01", date(2026, 1, 1), date(2026, 12, 31))],
            id="Medicaid from the type of plan, with a period",
        ),
        pytest.param(
            "IN1|1|DSNP^Dual Complete|9|UnitedHealthcare",
            [("medicare", "Dual Complete", None, None), ("medicaid", "Dual Complete", None, None)],
            id="a plan for both is two facts",
        ),
        pytest.param("IN1|1|3^PPO Gold|9|AETNA", [("other", "PPO Gold", None, None)], id="somebody else"),
        pytest.param("IN1|1|SELF PAY|1|SELF PAY", [], id="nobody"),
        pytest.param("IN1|1", [], id="an empty segment"),
    ],
)
def test_who_pays(in1: str, expected: list[tuple[object, ...]]) -> None:
    assert coverages(in1) == expected


def test_medicare_and_medicaid_are_two_facts_and_the_same_twice_is_one() -> None:
    lines = ("IN1|1|MEDICARE", "IN1|2|MEDICAID", "IN1|3|MEDICARE")

    assert [kind for kind, *_ in coverages(*lines)] == ["medicare", "medicaid"]


def test_when_the_hospital_said_who_pays() -> None:
    fact = only(adt("A31", more="IN1|1|MEDICARE"), "coverage-changed")

    assert fact.occurred_at == fact.stated_at == EVENING


def test_a_broken_date_on_a_card_keeps_no_admission_from_the_care_manager() -> None:
    message = adt("A01", more="IN1|1|MEDICARE||||||||||2026-01-01")

    assert only(message, "hospital-admitted")
    assert only(message, "coverage-changed").starts_on is None
    assert [one.where for one in left_aside(message)] == ["IN1-12"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [("A^Alone", True), ("F", False), ("S", False), ("R", False), ("I", None), ("U", None), ("", None)],
)
def test_who_lives_alone(code: str, expected: bool | None) -> None:
    assert only(adt("A31", more=f"PD1||{code}"), "patient-updated").lives_alone is expected


HOMEBOUND = "OBX|1|CE|HOMEBOUND^Homebound status^L||Y^Yes^HL70136||||||F|||20261120101500-0500||RN7^NURSE^ANNE"


def test_somebody_assessed_the_patient_as_homebound() -> None:
    fact = only(adt("A08", more=HOMEBOUND), "home-status-assessed")

    assert (fact.homebound, fact.assessor, fact.evidence) == (True, "RN7", "HOMEBOUND = Y")
    assert fact.occurred_at == datetime(2026, 11, 20, 15, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        pytest.param("|CE|", "|TX|", "OBX-5", id="words are no coded answer"),
        pytest.param("Y^Yes", "M^Maybe", "OBX-5", id="neither yes nor no"),
        pytest.param("||F|", "||P|", "OBX-5", id="preliminary"),
        pytest.param("RN7^NURSE^ANNE", "", "OBX-16", id="nobody assessed it"),
    ],
)
def test_homebound_is_never_guessed(old: str, new: str, where: str) -> None:
    message = adt("A08", more=HOMEBOUND.replace(old, new))

    assert of_kind(message, "home-status-assessed") == []
    assert [one.where for one in left_aside(message)] == [where]


def test_a_no_is_an_answer_too() -> None:
    assert not only(adt("A08", more=HOMEBOUND.replace("Y^Yes", "LA32-8^No")), "home-status-assessed").homebound


def labels(message: bytes) -> dict[str, tuple[SensitivityLabel, ...]]:
    return {fact.model_dump()["type"]: fact.labels for fact in facts(message)}


@pytest.mark.parametrize(
    ("message", "person", "stay"),
    [
        pytest.param(adt(), (), (), id="nothing to hide"),
        pytest.param(adt(more="DG1|1||F11.20^Opioid dependence^I10"), (), (ETH,), id="an opioid diagnosis"),
        pytest.param(adt(more="DG1|1||F17.210^Nicotine^I10"), (), (), id="tobacco"),
        pytest.param(adt(more="DG1|1||B20^HIV^I10"), (), (HIV,), id="HIV"),
        pytest.param(adt(more="PV2|||F10.229^Alcohol^I10"), (), (ETH,), id="the reason for admission"),
        pytest.param(adt(more="DG1|1||I10^Hypertension^I10" + "|" * 15 + "Y"), (), (V,), id="a secret diagnosis"),
        pytest.param(adt(pv1={16: "VIP"}), (V,), (V,), id="a very important person"),
        pytest.param(adt(pv1={16: "N"}), (), (), id="no very important person"),
        pytest.param(adt(more="PV2" + "|" * 22 + "Y"), (V,), (V,), id="a protected visit"),
        pytest.param(adt(more="PD1" + "|" * 12 + "Y"), (V,), (V,), id="a protected person"),
        pytest.param(adt(more="ARV|1|A|DRG|REG"), (ETH,), (ETH,), id="drug matters are restricted"),
        pytest.param(adt(more="ARV|1|A|ALL|PAT"), (V,), (V,), id="everything is restricted"),
        pytest.param(adt(more="ARV|1|A|XYZ|PAT"), (V,), (V,), id="a restriction that we do not know"),
        pytest.param(adt(more="ARV|1|D|ALL|PAT"), (), (), id="a restriction that is lifted"),
        pytest.param(adt(more="ARV|1|A|OI|PAT"), (), (), id="a wish about a registry"),
        pytest.param(adt(more="ARV|1|A|ALL|PAT||20200101^20210101"), (), (), id="a restriction that is over"),
        pytest.param(adt(more="ARV|1|A|ALL|PAT||20200101^20300101"), (V,), (V,), id="a restriction in force"),
        pytest.param(adt(more="ARV|1|A|ALL|PAT||20200101^never"), (V,), (V,), id="its end cannot be read"),
    ],
)
def test_what_must_stay_between_few(
    message: bytes, person: tuple[SensitivityLabel, ...], stay: tuple[SensitivityLabel, ...]
) -> None:
    assert labels(message) == {"patient-updated": person, "hospital-admitted": stay}


def test_the_urgency_may_stand_in_pv2() -> None:
    message = adt(pv1={4: ""}, more="PV2" + "|" * 25 + "3")

    assert only(message, "hospital-admitted").admission_type is AdmissionType.ELECTIVE


@pytest.mark.parametrize(
    ("trigger", "patient_class", "kind", "expected"),
    [
        pytest.param("A06", "I", "hospital-admitted", EncounterClass.INPATIENT, id="observation becomes inpatient"),
        pytest.param("A06", "V", "hospital-admitted", EncounterClass.OBSERVATION, id="outpatient becomes observation"),
        pytest.param("A07", "O", "encounter-updated", EncounterClass.AMBULATORY, id="inpatient becomes outpatient"),
        pytest.param("A07", "V", "encounter-updated", EncounterClass.OBSERVATION, id="inpatient becomes observation"),
        pytest.param("A12", "I", "encounter-updated", EncounterClass.INPATIENT, id="a transfer is called off"),
    ],
)
def test_a_change_of_class_stays_one_stay(
    trigger: str, patient_class: str, kind: str, expected: EncounterClass
) -> None:
    before, after = (
        only(adt("A01", pv1={2: "V"}), "hospital-admitted"),
        only(adt(trigger, pv1={2: patient_class}), kind),
    )

    assert after.encounter_class is expected
    assert after.encounter_id == before.encounter_id


def test_an_observation_that_becomes_inpatient_began_with_the_observation() -> None:
    """TRC counts from the start of the observation (clinical.md 1.1): PV1-44 says so, not the hour of the change."""
    fact = only(adt("A06", evn2="20261115120000-0500"), "hospital-admitted")

    assert fact.occurred_at == datetime(2026, 11, 14, 13, 5, tzinfo=UTC)


def test_people_around_the_patient_do_not_disturb() -> None:
    roles = "ROL|1|AD|PP^Primary Care Provider^HL70443|123^SMITH^JOHN\rPRT|1|AD||AP|123^SMITH^JOHN"

    assert set(labels(adt("A01", more=roles))) == {"patient-updated", "hospital-admitted"}
