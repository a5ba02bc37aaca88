"""A device gateway or laboratory reports what it measured."""

from datetime import UTC, datetime

import pytest

from care_shared.contracts.care_events import LabResulted, VitalSignRecorded, VitalSignRetracted
from care_shared.vocabulary import MeasurementSlot, ReadingQuality, VitalSign
from tests.intake_builders import facts, left_aside, only, oru, refused

EIGHT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)  # 08:00 in New York
WEIGHT = "OBX|1|NM|29463-7^Body weight^LN||176.37|[lb_av]|||||F|||20261120070000-0500"


def reading(obx: str) -> VitalSignRecorded:
    [fact] = facts(oru(obx))
    assert isinstance(fact, VitalSignRecorded)
    return fact


def test_a_weight_in_pounds() -> None:
    fact = reading(WEIGHT)

    assert (fact.code, fact.value, fact.quality) == (VitalSign.BODY_WEIGHT, 80.0, ReadingQuality.VALID)
    assert fact.occurred_at == datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    assert fact.stated_at == datetime(2026, 11, 20, 13, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("obx", "code", "value"),
    [
        pytest.param("OBX|1|NM|8867-4^Heart rate^LN||72|/min|||||F", VitalSign.HEART_RATE, 72, id="LOINC"),
        pytest.param("OBX|1|NM|8889-8^Pulse by oximeter^LN||72|/min|||||F", VitalSign.HEART_RATE, 72, id="neighbour"),
        pytest.param("OBX|1|NM|HR^Heart Rate^L||72|bpm|||||F", VitalSign.HEART_RATE, 72, id="a local code"),
        pytest.param("OBX|1|NM|99^PULSE RATE^L||72|bpm|||||F", VitalSign.HEART_RATE, 72, id="local words"),
        pytest.param(
            "OBX|1|NM|150456^^MDC||94|%|||||R", VitalSign.OXYGEN_SATURATION, 94, id="a device code, unverified"
        ),
        pytest.param("OBX|1|NM|SPO2^^L||0.94|1|||||F", VitalSign.OXYGEN_SATURATION, 94, id="a fraction"),
        pytest.param(
            "OBX|1|SN|2339-0^Glucose^LN||=^8.2|mmol/L|||||F", VitalSign.GLUCOSE, 147.7, id="a structured number"
        ),
        pytest.param(
            "OBX|1|ST|8310-5^Temp^LN||101.0|deg F|||||", VitalSign.BODY_TEMPERATURE, 38.33, id="text, no status"
        ),
    ],
)
def test_what_a_result_means(obx: str, code: VitalSign, value: float) -> None:
    fact = reading(obx)

    assert (fact.code, fact.value, fact.quality) == (code, value, ReadingQuality.VALID)
    assert fact.occurred_at == EIGHT


def test_a_pressure_in_two_lines_is_one_panel() -> None:
    upper, lower = facts(
        oru("OBX|1|NM|8480-6^Systolic^LN|1|142|mmHg|||||F", "OBX|2|NM|8462-4^Diastolic^LN|2|88|mmHg|||||F")
    )

    assert isinstance(upper, VitalSignRecorded)
    assert isinstance(lower, VitalSignRecorded)
    assert (upper.value, lower.value) == (142, 88)
    assert upper.panel == lower.panel is not None


def test_a_pressure_in_one_text_is_two_readings() -> None:
    values = [
        fact.model_dump()["value"] for fact in facts(oru("OBX|1|ST|85354-9^Blood pressure^LN||142/88|mm[Hg]|||||F"))
    ]

    assert values == [142, 88]


def test_half_a_pressure_says_nothing() -> None:
    message = oru("OBX|1|NM|8480-6^Systolic^LN||142|mmHg|||||F", WEIGHT.replace("OBX|1", "OBX|2"))

    assert [fact.model_dump()["code"] for fact in facts(message)] == [VitalSign.BODY_WEIGHT]
    assert [one.reason for one in left_aside(message)] == ["is half of a blood pressure"]


def test_a_correction_keeps_the_reading_s_id() -> None:
    first, second = reading(WEIGHT), reading(WEIGHT.replace("176.37", "186.37").replace("|F|", "|C|"))

    assert first.observation_id == second.observation_id
    assert (first.value, second.value) == (80.0, 84.54)


@pytest.mark.parametrize("status", ["D", "W"])
def test_a_reading_is_taken_back(status: str) -> None:
    [fact] = facts(oru(WEIGHT.replace("|F|", f"|{status}|")))

    assert isinstance(fact, VitalSignRetracted)
    assert fact.observation_id == reading(WEIGHT).observation_id


def test_wrong_beside_its_replacement_is_a_correction() -> None:
    right = WEIGHT.replace("176.37", "186.37").replace("OBX|1", "OBX|2")
    [fact] = facts(oru(WEIGHT.replace("|F|", "|W|"), right))

    assert isinstance(fact, VitalSignRecorded)
    assert fact.value == 84.54


@pytest.mark.parametrize("status", ["P", "S", "I", "X", "O", "N"])
def test_what_is_not_final_waits(status: str) -> None:
    message = oru(WEIGHT, WEIGHT.replace("OBX|1", "OBX|2").replace("|F|", f"|{status}|"))

    assert len(facts(message)) == 1
    assert [(one.where, one.reason) for one in left_aside(message)] == [("OBX(2)-5", "is not a final result")]


def test_glucose_without_a_unit_is_never_critical() -> None:
    assert reading("OBX|1|NM|2339-0^Glucose^LN||8.2||||||F").quality is ReadingQuality.UNIT_SUSPECT


def test_fasting_glucose_knows_its_part_of_the_day() -> None:
    assert reading("OBX|1|NM|1558-6^Fasting glucose^LN||120|mg/dL|||||F").slot is MeasurementSlot.FASTING


def test_glucose_of_a_laboratory_is_a_laboratory_result() -> None:
    lab = "OBR|1||ORDER1|24323-8|||20261120080000-0500" + "|" * 17 + "CH"

    fact = only(oru("OBX|1|NM|2345-7^Glucose^LN||147|mg/dL|70-99|H|||C", obr=lab), "lab-resulted")

    assert (fact.value, fact.unit, fact.abnormal_flag, fact.corrected) == (147, "mg/dL", "H", True)


def test_a_coded_result_keeps_its_words() -> None:
    fact = only(oru("OBX|1|CWE|625-4^Bacteria^LN||27268008^Salmonella^SCT||||||F"), "lab-resulted")

    assert isinstance(fact, LabResulted)
    assert (fact.text, fact.value) == ("Salmonella", None)


def test_a_document_is_no_result() -> None:
    message = oru(WEIGHT, "OBX|2|ED|18842-5^Summary^LN||^application^pdf^Base64^AAAA||||||F")

    assert [one.reason for one in left_aside(message)] == ["holds no value that rules can read"]


def test_a_reading_of_next_week_is_shown_and_not_judged() -> None:
    assert reading(WEIGHT.replace("20261120", "20261201")).quality is ReadingQuality.ARTIFACT


def test_a_named_observer_typed_it_in() -> None:
    assert reading(WEIGHT).automatic
    assert not reading(WEIGHT + "||1134^NURSE").automatic


def test_two_patients_monitors_with_one_order_number_stay_apart_in_time() -> None:
    later = WEIGHT.replace("20261120070000", "20261121070000")

    assert reading(WEIGHT).observation_id != reading(later).observation_id


def test_a_broken_time_is_named() -> None:
    assert refused(oru(WEIGHT.replace("20261120070000", "half past"))).field == "OBX-14"


def lab(flags: str = "", status: str = "F", value: str = "6.9", number: int = 1) -> str:
    return f"OBX|{number}|NM|2823-3^Potassium^LN||{value}|mmol/L|3.5-5.1|{flags}|||{status}"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        pytest.param("HH", "HH", id="critically high"), pytest.param("LL", "LL", id="critically low"),
        pytest.param("AA", "AA", id="very abnormal"), pytest.param("H~HH", "HH", id="the gravest of two"),
        pytest.param("A^Abnormal^HL70078~LL", "LL", id="coded, as from 2.7"), pytest.param("hh", "HH", id="small"),
        pytest.param("B~H", "H", id="better, and still high"), pytest.param("", "", id="nothing said"),
    ],
)  # fmt: skip
def test_how_abnormal_a_result_is(flags: str, expected: str) -> None:
    assert only(oru(lab(flags)), "lab-resulted").abnormal_flag == expected


ORDER = "OBR|1||ORDER1|PANEL|||20261120080000-0500" + "|" * 18


@pytest.mark.parametrize(
    ("order_status", "status", "is_taken"),
    [
        pytest.param("P", "F", True, id="one final result of an order under way"),
        pytest.param("P", "", False, id="no status of its own, the order is preliminary"),
        pytest.param("F", "", True, id="no status of its own, the order is final"),
        pytest.param("X", "", False, id="the order was cancelled"),
        pytest.param("F", "P", False, id="one preliminary result of a final order"),
    ],
)
def test_whose_status_counts(order_status: str, status: str, is_taken: bool) -> None:
    value = oru(lab(status=status), WEIGHT.replace("OBX|1", "OBX|2"), obr=ORDER + order_status)

    assert ("lab-resulted" in [fact.model_dump()["type"] for fact in facts(value)]) is is_taken


def test_a_corrected_order_corrects_its_results() -> None:
    assert only(oru(lab(status=""), obr=ORDER + "C"), "lab-resulted").corrected


@pytest.mark.parametrize("status", ["W", "D"])
def test_a_result_of_another_patient_is_retracted(status: str) -> None:
    first, taken_back = only(oru(lab("HH")), "lab-resulted"), only(oru(lab("HH", status)), "lab-retracted")

    assert first.observation_id == taken_back.observation_id


def test_a_wrong_result_beside_its_replacement_is_a_correction() -> None:
    [fact] = facts(oru(lab("HH", "W"), lab("", "C", "4.1", 2)))

    assert isinstance(fact, LabResulted)
    assert (fact.value, fact.corrected) == (4.1, True)


PHQ_9 = ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8")


def phq(*points: object, total: int | None = None) -> list[str]:
    lines = [
        f"OBX|{n}|NM|{code}^^LN||{one}||||||F" for n, (code, one) in enumerate(zip(PHQ_9, points, strict=False), 1)
    ]
    return lines if total is None else [*lines, f"OBX|10|NM|44261-6^PHQ-9 total^LN||{total}||||||F"]


def test_a_depression_questionnaire() -> None:
    fact = only(oru(*phq(0, 0, 1, 1, 0, 0, 0, 0, 1, total=3)), "assessment-completed")

    assert (fact.instrument, fact.total, fact.occurred_at) == ("PHQ-9", 3, EIGHT)
    assert fact.items == {"1": 0, "2": 0, "3": 1, "4": 1, "5": 0, "6": 0, "7": 0, "8": 0, "9": 1}


def test_a_coded_answer_to_the_ninth_question_is_heard() -> None:
    item9 = "OBX|1|CWE|44260-8^^LN||LA6569-3^Several days^LN||||||F"

    assert only(oru(item9), "assessment-completed").items == {"9": 1}


def test_an_answer_that_is_none_is_left_aside() -> None:
    value = oru(*phq(1, 7))

    assert only(value, "assessment-completed").items == {"1": 1}
    assert [(one.where, one.reason) for one in left_aside(value)] == [
        ("OBX(2)-5", "is no answer of this questionnaire")
    ]


def test_two_orders_are_two_questionnaires() -> None:
    second = ["OBR|2||ORDER2|PHQ|||20261121080000-0500", *phq(1, 1)]

    assert [fact.model_dump()["total"] for fact in facts(oru(*phq(0, 0), *second))] == [0, 2]


def test_the_same_question_in_local_codes_is_no_questionnaire() -> None:
    assert only(oru("OBX|1|NM|PHQ9^PHQ-9^L||1||||||F"), "lab-resulted").value == 1
