"""Messages as other vendors write them: patient, event, times and stay are right, whatever the habits of the sender."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from care_intake.core.effects import Accept, Hold, Ignore
from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass
from tests.intake_builders import facts, judge, left_aside, only


def lines(text: str) -> bytes:
    """A message as an engine sends it: one segment per line, CR at the end of each; `PV1 2=I ; 19=V9` by number."""
    return "".join(f"{spelt(line.strip())}\r" for line in text.strip().splitlines()).encode()


def spelt(line: str) -> str:
    if line[3:4] != " ":
        return line
    fields = dict(one.split("=", 1) for one in line[4:].split(" ; "))
    return "|".join([line[:3], *(fields.get(str(number), "") for number in range(1, max(map(int, fields)) + 1))])


def utc(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=UTC)


STYLES = Path(__file__).resolve().parents[3] / "samples" / "hl7v2-dialects"
# File, number of the patient, left, came, went.
ADT = {
    "an enterprise record": ("enterprise-record", "MR4711", "202611201922", "202611141305", Disposition.HOME),
    "an interface of the nineties": ("nineties", "000471", "202611201922", "202611141305", Disposition.OTHER_HOSPITAL),
    "an Australian network": ("australian", "UR4711", "202611201922", "202611141305", Disposition.HOME),
    "a British trust": ("british", "T4711", "202611201922", "202611141305", Disposition.HOME),
    "a Dutch hospital": ("dutch", "4711", "202611201922", "202611141305", Disposition.UNKNOWN),
    "a nursing home": ("post-acute", "4711", "202611201922", "202611141305", Disposition.HOME_HEALTH),
}
IDS = list(ADT)


def sent(style: str, trigger: str, structure: str = "ADT_A01") -> bytes:
    return lines((STYLES / f"{ADT[style][0]}.txt").read_text().format(trigger, structure))


@pytest.mark.parametrize("style", IDS)
def test_a_discharge_in_each_style(style: str) -> None:
    _, number, left, came, went = ADT[style]
    fact = only(sent(style, "A03", "ADT_A03"), "hospital-discharged")

    assert (fact.occurred_at, fact.admitted_at, fact.disposition) == (utc(left), utc(came), went)
    person = only(sent(style, "A03", "ADT_A03"), "patient-updated")
    assert number in {one.value for one in person.identifiers}
    assert person.birth_date == date(1941, 3, 22)


@pytest.mark.parametrize("style", IDS)
def test_every_notice_of_a_stay_has_its_id_in_each_style(style: str) -> None:
    triggers = ("A01", "A02", "A03", "A06", "A07", "A08", "A11", "A12", "A13")
    ids = {facts(sent(style, trigger))[-1].model_dump()["encounter_id"] for trigger in triggers}

    assert len(ids) == 1


@pytest.mark.parametrize("style", IDS)
def test_the_admission_begins_when_it_began_in_each_style(style: str) -> None:
    assert only(sent(style, "A01"), "hospital-admitted").occurred_at == utc(ADT[style][3])


def test_what_an_enterprise_record_says_beside() -> None:
    stay = only(sent("an enterprise record", "A01"), "hospital-admitted")
    person = only(sent("an enterprise record", "A01"), "patient-updated")
    payers = [
        one for one in facts(sent("an enterprise record", "A01")) if one.model_dump()["type"] == "coverage-changed"
    ]

    assert (stay.service, stay.facility, stay.admission_type) == ("MED", "NORTHCAMPUS", AdmissionType.EMERGENCY)
    assert [one.code for one in stay.diagnoses] == ["I50.23", "E11.9", "I50.9"]
    assert (person.email, person.phone) == ("pat@example.org", "(937)555-0100")
    assert [one.model_dump()["payer_kind"] for one in payers] == ["medicare", "medicaid"]


# What the events of a stay become; the sender's style is the enterprise record's.
EVENTS = {
    "A01": "hospital-admitted", "A02": "encounter-updated", "A03": "hospital-discharged", "A04": "hospital-admitted",
    "A05": "encounter-updated", "A06": "hospital-admitted", "A07": "encounter-updated", "A08": "encounter-updated",
    "A11": "admission-cancelled", "A12": "encounter-updated", "A13": "discharge-cancelled", "A14": "encounter-updated",
    "A23": "admission-cancelled", "A27": "admission-cancelled", "A38": "admission-cancelled",
}  # fmt: skip
ASIDE = ("A09", "A10", "A15", "A16", "A21", "A22", "A25", "A26", "A32", "A33", "A52", "A53", "A54", "A55", "A61", "A62")
BESIDE = {"patient-updated", "coverage-changed"}


def kinds(message: bytes) -> set[str]:
    return {fact.model_dump()["type"] for fact in facts(message)}


@pytest.mark.parametrize(("trigger", "expected"), EVENTS.items())
def test_which_fact_an_event_becomes(trigger: str, expected: str) -> None:
    assert kinds(sent("an enterprise record", trigger)) - BESIDE == {expected}


@pytest.mark.parametrize("trigger", ASIDE)
def test_an_event_without_news_of_the_stay_still_says_who_the_patient_is(trigger: str) -> None:
    message = sent("an enterprise record", trigger)

    assert kinds(message) == BESIDE
    assert [one.where for one in left_aside(message)] == ["MSH-9.2"]


@pytest.mark.parametrize("trigger", ["A17", "A19", "A20", "A60"])
def test_an_event_of_no_use_is_ignored_with_a_reason(trigger: str) -> None:
    assert isinstance(judge(sent("an enterprise record", trigger)).decision.effect, Ignore)


def test_to_delete_a_person_is_a_person_s_decision() -> None:
    assert isinstance(judge(sent("an enterprise record", "A29")).decision.effect, Hold)


def test_an_update_without_a_visit_is_about_the_person() -> None:
    message = lines(
        "MSH|^~\\&|A|B|C|D|20261120150105-0500||ADT^A08|1|P|2.5.1\nEVN|A08|20261120150105-0500\n"
        "PID|1||4711^^^H^MR||SIM^PATIENT"
    )

    assert kinds(message) == {"patient-updated"}
    assert [one.where for one in left_aside(message)] == ["PV1"]


# ---- how a message is written ---------------------------------------------------------------------------------------
HEAD = "MSH|^~\\&|A|B|C|D|20261120150105-0500||{}|1|P|2.3"
REST = ("EVN|A03|20261120150000-0500", "PID|1||4711^^^H^MR||SIM^PATIENT", "PV1|1|I|||||||||||||||||V9")


def written(*segments: str, end: str = "\r") -> bytes:
    return end.join([*segments, ""]).encode()


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(written(HEAD.format("ADT^A03^ADT_A03"), *REST), id="with a structure"),
        pytest.param(written(HEAD.format("ADT^A03^ADT_A01"), *REST), id="with the wrong structure"),
        pytest.param(written(HEAD.format("ADT^A03"), *REST), id="without a structure"),
        pytest.param(written(HEAD.format("ADT"), *REST), id="the event in EVN-1 only"),
        pytest.param(written(HEAD.format("ADT_A03"), REST[0], *REST[1:]), id="joined by a line"),
        pytest.param(written(HEAD.format("adt^a03"), *REST), id="small letters"),
        pytest.param(written(HEAD.format("ADT A03"), *REST), id="joined by a blank"),
        pytest.param(written(HEAD.format("ADT^A03").replace("^~\\&", "^~&"), *REST), id="the escape sign lost"),
        pytest.param(written(HEAD.format("ADT^A03"), *REST[1:]), id="without EVN"),
        pytest.param(written(HEAD.format("ADT^A03"), "EVN", *REST[1:]), id="EVN without fields"),
        pytest.param(
            written(HEAD.format("ADT^A03"), "EVN||20261120150000-0500", *REST[1:]), id="EVN without the event"
        ),
        pytest.param(written(HEAD.format("ADT^A03"), *REST[::-1]), id="segments in another order"),
        pytest.param(written(HEAD.format("ADT^A03"), *REST, "PV1|2|O|||||||||||||||||V10"), id="PV1 twice"),
        pytest.param(written(HEAD.format("ADT^A03"), *REST, REST[1]), id="PID twice, the same person"),
        pytest.param(written(HEAD.format("ADT^A03"), *REST, "ZXX|1|x", "NTE|1"), id="segments nobody knows"),
        pytest.param(written(HEAD.format("ADT^A03"), *REST, end="\n"), id="LF"),
        pytest.param(written(HEAD.format("ADT^A03"), *REST, end="\r\n"), id="CR LF"),
        pytest.param(b"\xef\xbb\xbf" + written(HEAD.format("ADT^A03"), *REST), id="a byte order mark"),
        pytest.param(written(HEAD.format("ADT^A03"), *(f"{one}||||||" for one in REST)), id="separators at the end"),
        pytest.param(written(HEAD.format("ADT^A03"), *REST, "NTE|1||line one\nline two"), id="LF within a note"),
        pytest.param(written(HEAD.format("ADT^A03"), *REST).replace(b"|P|", b"|P^T|"), id="a processing mode"),
        pytest.param(written(HEAD.format("ADT^A03").replace("2.3", "2.8.2"), *REST), id="version 2.8.2"),
        pytest.param(written(HEAD.format("ADT^A03").replace("2.3", "2.5.1^USA^1"), *REST), id="a national version"),
        pytest.param(
            written(HEAD.format("ADT^A03"), *REST).replace(b"|20261120150105-0500|", b"||"), id="without MSH-7"
        ),
    ],
)
def test_a_discharge_however_it_is_written(message: bytes) -> None:
    fact = only(message, "hospital-discharged")
    usual = only(written(HEAD.format("ADT^A03"), *REST), "hospital-discharged")

    assert (fact.encounter_id, fact.encounter_class) == (usual.encounter_id, EncounterClass.INPATIENT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("20261120142200-0500", "202611201922", id="seconds and offset"),
        pytest.param("20261120142200.1234-0500", "202611201922", id="fractions"),
        pytest.param("202611201422-0500", "202611201922", id="minutes"),
        pytest.param("202611201422", "202611201922", id="the feed's zone"),
        pytest.param("20261120192200+0000", "202611201922", id="Greenwich"),
        pytest.param("2026112014-0500", "202611201900", id="an hour"),
        pytest.param("20261120", "202611200500", id="a day begins at midnight"),
        pytest.param("202611201422^M", "202611201922", id="the precision of old versions"),
        pytest.param("00000000", "202611202000", id="zeros are no date"),
        pytest.param('""', "202611202000", id="a deleted date is none"),
        pytest.param("20260705142200", "202607051822", id="summer"),
    ],
)
def test_when_the_patient_left(text: str, expected: str) -> None:
    message = written(HEAD.format("ADT^A03"), *REST[:2], f"PV1|1|I{'|' * 17}V9{'|' * 26}{text}")

    occurred_at = only(message, "hospital-discharged").occurred_at.replace(second=0, microsecond=0)
    assert occurred_at == utc(expected)


@pytest.mark.parametrize(
    ("pid", "number"),
    [
        pytest.param("PID|1||4711^^^H^MR", "4711", id="PID-3"),
        pytest.param("PID|1||123456789^^^USSSA^SS~4711^^^H^MR", "4711", id="a social security number first"),
        pytest.param("PID|1|4711", "4711", id="PID-2 of old versions"),
        pytest.param("PID|1|4711|ACC1^^^H^AN", "4711", id="PID-3 holds an account"),
        pytest.param("PID|1|||4711^^^H", "4711", id="PID-4 of old versions"),
        pytest.param("PID|1||4711^5^M11^H^MR", "4711", id="with a check digit"),
        pytest.param("PID|1||~4711^^^H^MR", "4711", id="an empty repetition"),
        pytest.param("PID|1||0004711", "0004711", id="zeros in front belong to it"),
    ],
)
def test_whose_message_it_is(pid: str, number: str) -> None:
    message = written(HEAD.format("ADT^A31"), REST[0], pid)

    assert [one.value for one in only(message, "patient-updated").identifiers] == [number]


def test_without_its_escape_sign_a_message_still_has_subcomponents() -> None:
    message = written(HEAD.format("ADT^A31").replace("^~\\&", "^~&"), "PID|1||4711^^^&1.2.3&ISO^MR")

    assert [one.authority for one in only(message, "patient-updated").identifiers] == ["1.2.3"]


@pytest.mark.parametrize(
    ("telecom", "phone", "email"),
    [
        pytest.param(
            "555-0100~^NET^Internet^pat@example.org", "555-0100", "pat@example.org", id="as the standard has it"
        ),
        pytest.param("555-0100~555-0101^pat@example.org^EMAIL", "555-0100", "pat@example.org", id="in the second part"),
        pytest.param("pat@example.org^^^EMAIL~555-0100", "555-0100", "pat@example.org", id="in the first part"),
        pytest.param("555-0100^^^pat@example.org", "555-0100", "pat@example.org", id="beside the number"),
        pytest.param("555-0100^PRN^CP", "555-0100", None, id="none"),
    ],
)
def test_how_to_reach_the_patient(telecom: str, phone: str, email: str | None) -> None:
    fact = only(written(HEAD.format("ADT^A31"), f"PID|1||4711^^^H^MR{'|' * 10}{telecom}"), "patient-updated")

    assert (fact.phone, fact.email) == (phone, email)


@pytest.mark.parametrize(
    ("telecom", "phone", "private"),
    [
        pytest.param("555-0100^PRS^CP", "555-0100", True, id="a personal number"),
        pytest.param("555-0100^PRN^CP", "555-0100", None, id="a mobile phone that belongs to the home"),
        pytest.param("555-0100^PRN^PH", "555-0100", None, id="the phone of the home"),
        pytest.param("555-0100", "555-0100", None, id="nothing said"),
        pytest.param("555-0100^PRN^PH~555-0101^PRS^CP", "555-0100", None, id="another number is personal"),
        pytest.param("^NET^Internet^pat@example.org~555-0101^PRS", "555-0101", True, id="after a mailbox"),
    ],
)
def test_a_line_is_private_only_where_the_number_is_said_to_be_personal(
    telecom: str, phone: str, private: bool | None
) -> None:
    fact = only(written(HEAD.format("ADT^A31"), f"PID|1||4711^^^H^MR{'|' * 10}{telecom}"), "patient-updated")

    assert (fact.phone, fact.phone_is_private, fact.email_is_private) == (phone, private, None)


@pytest.mark.parametrize(
    ("code", "sex"), [("F", "female"), ("2", "female"), ("Male", "male"), ("M^Male^HL70001", "male"), ("X", None)]
)
def test_the_sex_of_the_patient(code: str, sex: str | None) -> None:
    assert only(written(HEAD.format("ADT^A31"), f"PID|1||4711^^^H^MR{'|' * 5}{code}"), "patient-updated").sex == sex


@pytest.mark.parametrize(
    ("more", "same_as"),
    [
        pytest.param({"PV1-19": "V9", "PV1-50": "A1", "PID-18": "ACC"}, {"PV1-19": "V9"}, id="the visit number first"),
        pytest.param({"PV1-50": "A1", "PID-18": "ACC"}, {"PV1-50": "A1"}, id="then the alternate visit number"),
        pytest.param({"PV1-19": '""', "PID-18": "ACC"}, {"PID-18": "ACC"}, id="a deleted number is none"),
    ],
)
def test_which_number_names_the_stay(more: dict[str, str], same_as: dict[str, str]) -> None:
    def stay(numbers: dict[str, str]) -> Any:
        pid = f"PID|1||4711^^^H^MR{'|' * 15}{numbers.get('PID-18', '')}"
        visit = f"PV1|1|I{'|' * 17}{numbers.get('PV1-19', '')}{'|' * 31}{numbers.get('PV1-50', '')}"
        return only(written(HEAD.format("ADT^A01"), pid, visit), "hospital-admitted").encounter_id

    assert stay(more) == stay(same_as)


@pytest.mark.parametrize(
    ("nk1", "relationship"),
    [
        pytest.param("NK1|1|SIM^CARL|CGV^Care giver||555-0101", "Care giver", id="the relationship says so"),
        pytest.param("NK1|1|SIM^CARL|SPO^Spouse||555-0101||CGV", "Spouse", id="the role says so"),
        pytest.param("NK1|1|SIM^CARL|Wife||555-0101||PRIMARY CAREGIVER", "Wife", id="the role says so in words"),
    ],
)
def test_a_caregiver(nk1: str, relationship: str) -> None:
    fact = only(written(HEAD.format("ADT^A31"), *REST[:2], nk1), "caregiver-named")

    assert (fact.name, fact.phone, fact.relationship, fact.active) == ("CARL SIM", "555-0101", relationship, True)


def test_a_next_of_kin_is_no_caregiver() -> None:
    assert "caregiver-named" not in kinds(written(HEAD.format("ADT^A31"), *REST[:2], "NK1|1|SIM^CARL|SPO||555||NK"))


def test_a_caregiver_until_last_year() -> None:
    nk1 = "NK1|1|SIM^CARL|CGV||555-0101||||20251231"

    assert not only(written(HEAD.format("ADT^A31"), *REST[:2], nk1), "caregiver-named").active


def test_local_codes_give_way_to_everybody_s() -> None:
    segments = ["DG1|1||HF1^Failure^99LOC^I50.9^Heart failure^I10", "PR1|1||X1^Local^L^0210093^Bypass^I10P"]
    fact = only(written(HEAD.format("ADT^A01"), *REST, *segments), "hospital-admitted")

    assert [(one.code, one.display) for one in fact.diagnoses] == [("I50.9", "Heart failure")]
    assert [one.code for one in fact.procedures] == ["0210093"]


def test_a_deleted_diagnosis_is_none() -> None:
    message = written(HEAD.format("ADT^A08"), *REST, f"DG1|1||I50.9^Heart failure^I10{'|' * 18}D")

    assert only(message, "encounter-updated").diagnoses == ()
    assert [one.where for one in left_aside(message)] == ["DG1-21"]


def test_a_death_without_a_readable_time_is_a_death() -> None:
    message = written(HEAD.format("ADT^A08"), f"PID|1||4711^^^H^MR{'|' * 26}last night|Y", REST[2])

    assert only(message, "patient-deceased").occurred_at == utc("202611202001").replace(second=5)


# ---- several patients, results, appointments -------------------------------------------------------------------------
ORU = "MSH|^~\\&|LIS|B|C|D|20261120150105-0500||ORU^R01|1|P|2.5.1"
LAB = "OBR|1|P1^EHR|F1^LIS|2823-3^Potassium^LN|||20261120080000-0500|||||||||||||||||LAB|{}"


def result(value: str, kind: str = "NM", status: str = "F", code: str = "2823-3^Potassium^LN") -> str:
    return f"OBX|1|{kind}|{code}||{value}|mmol/L||||{'|'}{status}"


def lab(value: str, kind: str = "NM", status: str = "F", order: str = "F") -> bytes:
    return written(ORU, REST[1], LAB.format(order), result(value, kind, status))


def test_each_patient_gets_their_own_results() -> None:
    other = "PID|2||815^^^H^MR"
    message = written(ORU, REST[1], LAB.format("F"), result("4.1"), other, LAB.format("F"), result("6.9"))
    effect = judge(message).decision.effect

    assert isinstance(effect, Accept)
    said = {
        one.patient.primary.value: [fact.model_dump()["value"] for fact in one.facts]
        for one in effect.said.translations
    }
    assert said == {"4711": [4.1], "815": [6.9]}


@pytest.mark.parametrize(
    ("value", "kind", "number", "text"),
    [
        pytest.param("4.1", "NM", 4.1, "", id="a number"),
        pytest.param("=^4.1", "SN", 4.1, "", id="an equal number"),
        pytest.param("^4.1", "SN", 4.1, "", id="a structured number"),
        pytest.param(">^180", "SN", None, ">180", id="more than"),
        pytest.param("^1^-^2", "SN", None, "1-2", id="a range"),
        pytest.param("^1^:^128", "SN", None, "1:128", id="a titre"),
        pytest.param("<0.01", "ST", None, "<0.01", id="less than, in words"),
        pytest.param("10^3 CFU", "ST", None, "10^3 CFU", id="a sign nobody escaped"),
        pytest.param("POSITIVE", "TX", None, "POSITIVE", id="one line of text"),
        pytest.param("260385009^Negative^SCT", "CE", None, "Negative", id="a code"),
        pytest.param("A^Anti-A^L~B^Anti-B^L", "CE", None, "Anti-A; Anti-B", id="two codes"),
    ],
)
def test_the_value_of_a_result(value: str, kind: str, number: float | None, text: str) -> None:
    fact = only(lab(value, kind), "lab-resulted")

    assert (fact.value, fact.text) == (number, text)


def test_a_report_in_lines_is_no_result() -> None:
    segments = [f"OBX|{at}|TX|REP^Report^L||line {at}||||||F" for at in (1, 2, 3)]
    message = written(ORU, REST[1], LAB.format("F"), *segments)

    assert [one.reason for one in left_aside(message)][-3:] == ["is a line of a longer text"] * 3


@pytest.mark.parametrize(
    ("order", "status", "expected"),
    [
        pytest.param("F", "F", {"lab-resulted"}, id="final"),
        pytest.param("", "F", {"lab-resulted"}, id="final, the order is silent"),
        pytest.param("F", "C", {"lab-resulted"}, id="corrected"),
        pytest.param("P", "P", {"result-pending"}, id="preliminary"),
        pytest.param("", "P", {"result-pending"}, id="preliminary, the order is silent"),
        pytest.param("I", "I", {"result-pending"}, id="in the laboratory"),
        pytest.param("A", "F", {"lab-resulted", "result-pending"}, id="some of it"),
        pytest.param("F", "D", {"lab-retracted"}, id="deleted"),
        pytest.param("C", "W", {"lab-retracted"}, id="wrong patient"),
        pytest.param("X", "X", set(), id="cannot be had"),
    ],
)
def test_how_far_a_result_is(order: str, status: str, expected: set[str]) -> None:
    message = lab("4.1", status=status, order=order)
    effect = judge(message).decision.effect

    assert (kinds(message) if isinstance(effect, Accept) and effect.said.translations else set()) == expected


def test_a_pending_result_and_the_result_name_one_order() -> None:
    asked = written(ORU, REST[1], "ORC|NW|P1^EHR", LAB.format("O").replace("F1^LIS", ""))

    assert only(asked, "result-pending").order_id == only(lab("4.1"), "lab-resulted").order_id


def test_a_local_code_with_loinc_beside_is_a_vital_sign() -> None:
    message = written(ORU, REST[1], "OBX|1|NM|WT^Gewicht^L^29463-7^Body weight^LN||80.5|kg|||||F|||20261120080500-0500")

    assert only(message, "vital-sign-recorded").value == 80.5


SIU = "MSH|^~\\&|SCH|B|C|D|20261120150105-0500||SIU^{}|1|P|2.5.1"


def booked(trigger: str = "S12", *, reason: str = "", kind: str = "OFFICE", status: str = "", order: str = "") -> bytes:
    sch = f"SCH|A1|B1||||{reason}||{kind}|30|min|^^30^20261202093000-0500{'|' * 14}{status}|{order}"
    return written(SIU.format(trigger), sch, REST[1], "AIS|1|A|CARD^Cardiology|20261202093000-0500")


@pytest.mark.parametrize(
    ("reason", "by_clinic"),
    [("Patient request", False), ("PROV^Provider unavailable", True), ("", None), ("WEATHER", None)],
)
def test_who_called_the_appointment_off(reason: str, by_clinic: bool | None) -> None:
    assert only(booked("S15", reason=reason), "appointment-cancelled").by_clinic is by_clinic


@pytest.mark.parametrize(("kind", "is_remote"), [("TELEHEALTH", True), ("VV^Video Visit", True), ("OFFICE", False)])
def test_an_appointment_on_the_screen(kind: str, is_remote: bool) -> None:
    assert only(booked(kind=kind), "appointment-booked").telehealth is is_remote


def test_an_appointment_for_a_referral_names_it() -> None:
    referral = written(ORU.replace("ORU^R01", "REF^I12"), "RF1|A|R|CARD|||REF9^EHR", "PRD|RP|DOC", REST[1])

    assert (
        only(booked(order="REF9^EHR"), "appointment-booked").referral_id
        == only(referral, "referral-ordered").referral_id
    )


@pytest.mark.parametrize(
    ("trigger", "status", "expected"),
    [
        ("S12", "", "appointment-booked"), ("S13", "", "appointment-booked"), ("S14", "", "appointment-booked"),
        ("S14", "No_Show", "appointment-no-show"), ("S14", "X^Cancelled", "appointment-cancelled"),
        ("S14", "Complete", "appointment-fulfilled"), ("S15", "", "appointment-cancelled"),
        ("S16", "", "appointment-cancelled"), ("S17", "", "appointment-cancelled"), ("S26", "", "appointment-no-show"),
    ],
)  # fmt: skip
def test_what_became_of_an_appointment(trigger: str, status: str, expected: str) -> None:
    assert kinds(booked(trigger, status=status)) == {expected}


@pytest.mark.parametrize("trigger", ["S18", "S19", "S20", "S21", "S22", "S23", "S24"])
def test_news_of_a_calendar_is_ignored_with_a_reason(trigger: str) -> None:
    assert isinstance(judge(booked(trigger)).decision.effect, Ignore)


def test_a_course_of_medicine_ends_and_names_its_stay() -> None:
    rde = written(
        ORU.replace("ORU^R01", "RDE^O11"), REST[1], REST[2], "ORC|NW|RX1^EHR",
        "TQ1|1||BID|||7^d|20261120150000-0500", "RXE||8640^Prednisone^RXNORM|10||MG",
    )  # fmt: skip
    fact = only(rde, "medication-ordered")

    assert fact.ends_on == date(2026, 11, 26)
    assert fact.encounter_id == only(written(HEAD.format("ADT^A03"), *REST), "hospital-discharged").encounter_id


def test_a_dispense_names_its_order() -> None:
    more = (REST[1], "ORC|RE|RX1^EHR|D7^PHARM", "RXE||1^Atorvastatin^NDC|10||MG")
    order = only(written(ORU.replace("ORU^R01", "RDE^O11"), *more), "medication-ordered")
    rds = written(ORU.replace("ORU^R01", "RDS^O13"), *more, "RXD|2|1^Atorvastatin^NDC|20261119|30|||D7^PHARM")

    assert only(rds, "medication-dispensed").order_id == order.order_id
    assert (
        only(rds, "medication-dispensed").dispense_id
        != only(rds.replace(b"RXD|2", b"RXD|3"), "medication-dispensed").dispense_id
    )
