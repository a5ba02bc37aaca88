"""A hospital says that a patient came, left, or that it was a mistake."""

from datetime import UTC, date, datetime

import pytest

from care_shared.contracts.care_events import Identifier
from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass
from tests.intake_builders import NOW, adt, facts, left_aside, only, refused

MORNING = datetime(2026, 11, 14, 13, 5, tzinfo=UTC)  # 08:05 in New York
EVENING = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # 15:00 in New York


def kinds(message: bytes) -> list[str]:
    return [fact.model_dump()["type"] for fact in facts(message)]


@pytest.mark.parametrize(
    ("trigger", "patient_class", "expected"),
    [
        pytest.param("A01", "I", "hospital-admitted", id="A01 inpatient"),
        pytest.param("A01", "V", "hospital-admitted", id="A01 observation"),
        pytest.param("A01", "P", "hospital-admitted", id="A01 is an admission even when the class lags behind"),
        pytest.param("A01", "", "hospital-admitted", id="A01 without a class"),
        pytest.param("A01", "E", "emergency-arrived", id="A01 of an emergency patient"),
        pytest.param("A01", "O", "encounter-updated", id="A01 of an outpatient opens no stay"),
        pytest.param("A04", "E", "emergency-arrived", id="A04 emergency"),
        pytest.param("A04", "I", "hospital-admitted", id="A04 inpatient: this site never sends A01"),
        pytest.param("A04", "O", "encounter-updated", id="A04 outpatient"),
        pytest.param("A04", "P", "encounter-updated", id="A04 pre-admission"),
        pytest.param("A03", "I", "hospital-discharged", id="A03 inpatient"),
        pytest.param("A03", "E", "emergency-departed", id="A03 emergency"),
        pytest.param("A03", "O", "encounter-updated", id="A03 outpatient"),
        pytest.param("A06", "I", "hospital-admitted", id="A06 an outpatient becomes an inpatient"),
        pytest.param("A08", "I", "encounter-updated", id="A08"),
        pytest.param("A11", "I", "admission-cancelled", id="A11"),
        pytest.param("A13", "I", "discharge-cancelled", id="A13"),
    ],
)
def test_which_fact_an_event_is(trigger: str, patient_class: str, expected: str) -> None:
    assert kinds(adt(trigger, pv1={2: patient_class})) == ["patient-updated", expected]


def test_events_about_the_person_only() -> None:
    assert kinds(adt("A31")) == kinds(adt("A28")) == ["patient-updated"]


def test_an_admission() -> None:
    fact = only(adt("A01", more="DG1|1||I50.23^Acute heart failure^I10|||F"), "hospital-admitted")

    assert fact.occurred_at == MORNING
    assert fact.stated_at == EVENING
    assert fact.recorded_at == NOW
    assert fact.encounter_class is EncounterClass.INPATIENT
    assert fact.admission_type is AdmissionType.EMERGENCY
    assert (fact.facility, fact.facility_zone) == ("GENERAL", "America/New_York")
    assert [(one.system, one.code) for one in fact.diagnoses] == [("http://hl7.org/fhir/sid/icd-10-cm", "I50.23")]


@pytest.mark.parametrize(
    "code", ["1", "01", "Discharged home", "HM^Discharged home", "01^Skilled nursing, it once meant"]
)
def test_a_discharge(code: str) -> None:
    fact = only(adt("A03", pv1={36: code, 45: "20261120142200-0500"}), "hospital-discharged")

    assert fact.occurred_at == datetime(2026, 11, 20, 19, 22, tzinfo=UTC)
    assert fact.admitted_at == MORNING
    assert fact.disposition is Disposition.HOME


def test_a_time_without_an_offset_is_the_feed_s() -> None:
    fact = only(adt("A03", pv1={45: "20261031233000"}), "hospital-discharged")

    assert fact.occurred_at == datetime(2026, 11, 1, 3, 30, tzinfo=UTC)


def test_without_a_discharge_time_the_event_s_own_time_counts() -> None:
    assert only(adt("A03"), "hospital-discharged").occurred_at == EVENING


def test_all_notices_of_one_stay_share_its_id() -> None:
    ids = {facts(adt(trigger))[-1].model_dump()["encounter_id"] for trigger in ("A01", "A03", "A08", "A11", "A13")}

    assert len(ids) == 1


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        pytest.param({}, {19: "V101"}, False, id="another visit number"),
        pytest.param({19: "V100^^^VIS&1.9&ISO"}, {19: "V100^^^VISITS&1.9&ISO"}, True, id="the same numbering by OID"),
        pytest.param({19: ""}, {19: "", 44: "20261114080500-0500"}, True, id="no number: patient and admission"),
        pytest.param({19: ""}, {19: "", 44: "20261115080500-0500"}, False, id="no number: another admission"),
    ],
)
def test_which_stay_a_notice_means(first: dict[int, str], second: dict[int, str], is_same: bool) -> None:
    one, other = only(adt("A01", pv1=first), "hospital-admitted"), only(adt("A03", pv1=second), "hospital-discharged")

    assert (one.encounter_id == other.encounter_id) is is_same


def test_the_account_number_stands_in_for_the_visit_number() -> None:
    account = {18: "ACC99^^^GENERAL^AN"}
    one = only(adt("A01", pid=account, pv1={19: "", 44: ""}), "hospital-admitted")
    other = only(adt("A03", pid=account, pv1={19: "", 44: ""}, evn2="20261121150000-0500"), "hospital-discharged")

    assert one.encounter_id == other.encounter_id


def test_the_person() -> None:
    fact = only(adt("A01", pid={13: "fax^WPN^FX~^PRN^PH^^^555^0100", 15: "ENG"}), "patient-updated")

    assert (fact.family_name, fact.given_name, fact.birth_date, fact.sex) == (
        "SIM", "PATIENT", date(1941, 3, 22), "female",
    )  # fmt: skip
    assert (fact.phone, fact.language) == ("555-0100", "ENG")
    assert fact.identifiers == (Identifier(authority="1.2.3", type="MR", value="4711"),)


def test_a_death_stops_the_clocks() -> None:
    fact = only(adt("A31", pid={29: "20261119031500-0500", 30: "Y"}), "patient-deceased")

    assert fact.occurred_at == datetime(2026, 11, 19, 8, 15, tzinfo=UTC)


def test_a_broken_birth_date_keeps_no_discharge_from_the_care_manager() -> None:
    message = adt("A03", pid={7: "22.3.1942"})

    assert only(message, "hospital-discharged")
    assert [one.where for one in left_aside(message)] == ["PID-7"]


def test_a_statement_from_the_future_has_no_say_in_what_is_newest() -> None:
    assert only(adt("A08", evn2="20290801070624+0115"), "encounter-updated").stated_at is None


def test_a_message_without_pv1_still_says_that_somebody_came() -> None:
    message = b"MSH|^~\\&|S|FAC|R|FAC|20261121120000||ADT^A01|9|P|2.5\rPID|1||1^^^MRN||TEST^P"

    fact = only(message, "hospital-admitted")

    assert fact.encounter_class is EncounterClass.UNKNOWN
    assert fact.occurred_at == datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        pytest.param(adt(pid3=""), "PID-3", id="no patient number"),
        pytest.param(adt(pid3="123-45-6789^^^USSSA^SS"), "PID-3", id="a social security number only"),
    ],
)
def test_the_field_that_stands_in_the_way_is_named(message: bytes, field: str) -> None:
    assert refused(message).field == field


@pytest.mark.parametrize(
    ("status", "planned"),
    [
        pytest.param("81", True, id="home, with a planned readmission"),
        pytest.param("86", True, id="home with home health, with a planned readmission"),
        pytest.param("01", False, id="home"),
        pytest.param("HOME", None, id="words say nothing of it"),
    ],
)
def test_a_discharge_status_says_whether_the_patient_comes_back_as_planned(status: str, planned: bool | None) -> None:
    assert only(adt("A03", pv1={36: status}), "hospital-discharged").planned_readmission is planned
