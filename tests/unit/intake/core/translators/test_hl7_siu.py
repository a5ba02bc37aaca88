"""A clinic books, moves or calls off an appointment, or says that somebody did not appear."""

from datetime import UTC, datetime

import pytest

from tests.intake_builders import adt, facts, left_aside, message, only, refused

SAID = datetime(2026, 11, 20, 20, 1, 5, tzinfo=UTC)  # 15:01:05 in New York
NINE = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)  # 09:00 in New York
PLACES = {1: "P77", 2: "F88^SCHED", 11: "^^30^20261201090000-0500^20261201093000-0500"}


def sch(**changes: str) -> str:
    fields = PLACES | {int(name.removeprefix("f")): value for name, value in changes.items()}
    return "|".join(["SCH", *(fields.get(number, "") for number in range(1, max(fields) + 1))])


def siu(trigger: str = "S12", *more: str, **changes: str) -> bytes:
    return message(f"SIU^{trigger}", sch(**changes), *more)


def kind(value: bytes) -> list[str]:
    return [fact.model_dump()["type"] for fact in facts(value)]


@pytest.mark.parametrize(
    ("trigger", "status", "expected"),
    [
        pytest.param("S12", "", "appointment-booked", id="S12 booked"),
        pytest.param("S12", "Booked", "appointment-booked", id="S12 and its status agree"),
        pytest.param("S13", "", "appointment-booked", id="S13 moved"),
        pytest.param("S14", "", "appointment-booked", id="S14 changed"),
        pytest.param("S14", "Started", "appointment-booked", id="S14 the patient is here"),
        pytest.param("S14", "Complete^^HL70278", "appointment-fulfilled", id="S14 the patient was seen"),
        pytest.param("S14", "Noshow", "appointment-no-show", id="S14 the status tells of a no-show"),
        pytest.param("S14", "CANCELLED", "appointment-cancelled", id="S14 the status calls it off"),
        pytest.param("S15", "Booked", "appointment-cancelled", id="S15 calls it off, whatever the status lags behind"),
        pytest.param("S16", "", "appointment-cancelled", id="S16 discontinued"),
        pytest.param("S17", "", "appointment-cancelled", id="S17 deleted"),
        pytest.param("S26", "", "appointment-no-show", id="S26 nobody came"),
    ],
)
def test_which_fact_an_event_is(trigger: str, status: str, expected: str) -> None:
    assert kind(siu(trigger, f25=status)) == [expected]


def test_a_booking() -> None:
    aip = "AIP|1|A|1210^GE^ROBERT|207RC0000X^Cardiology^NUCC"
    fact = only(siu("S12", aip), "appointment-booked")

    assert fact.occurred_at == fact.stated_at == SAID
    assert fact.starts_at == NINE
    assert fact.specialty == "Cardiology"


def test_all_notices_of_one_appointment_share_its_id() -> None:
    found = {fact.model_dump()["appointment_id"] for t in ("S12", "S13", "S15", "S26") for fact in facts(siu(t))}

    assert len(found) == 1


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        pytest.param({"f1": "P77"}, {"f1": "P78"}, True, id="the scheduler's number counts, not the asker's"),
        pytest.param({"f2": "F88^SCHED"}, {"f2": "F89^SCHED"}, False, id="another number"),
        pytest.param({"f2": "F88^SCHED"}, {"f2": "F88^OTHER"}, False, id="another numbering"),
        pytest.param({"f2": "F88^A^1.9^ISO"}, {"f2": "F88^B^1.9^ISO"}, True, id="one numbering by its OID"),
        pytest.param({"f2": ""}, {"f2": ""}, True, id="only the asker's number"),
    ],
)
def test_which_appointment_a_notice_means(first: dict[str, str], second: dict[str, str], is_same: bool) -> None:
    one, other = only(siu("S12", **first), "appointment-booked"), only(siu("S15", **second), "appointment-cancelled")

    assert (one.appointment_id == other.appointment_id) is is_same


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(siu("S12"), NINE, id="SCH-11, as up to 2.4"),
        pytest.param(siu("S12", "TQ1|1||||||20261202090000-0500"), datetime(2026, 12, 2, 14, tzinfo=UTC), id="TQ1"),
        pytest.param(siu("S12", f11="^^^20261201090000"), NINE, id="without an offset it is the feed's zone"),
        pytest.param(siu("S12", "AIS|1|A|1^Visit|20261201090000-0500", f11=""), NINE, id="the service"),
        pytest.param(siu("S12", "AIP|1|A|9^DOC|||20261201090000-0500", f11=""), NINE, id="the person"),
        pytest.param(siu("S12", "AIL|1|A|ROOM|||20261201090000-0500", f11=""), NINE, id="the place"),
        pytest.param(siu("S12", "AIG|1|A|9^SCAN|||||20261201090000-0500", f11=""), NINE, id="the equipment"),
        pytest.param(siu("S12", "AIS|1|A|X|MIN", "AIL|1|A|R|||20261201090000", f11=""), NINE, id="one says no time"),
        pytest.param(siu("S12", f11=""), None, id="nobody says when"),
    ],
)
def test_when_it_is(value: bytes, expected: datetime | None) -> None:
    assert only(value, "appointment-booked").starts_at == expected


@pytest.mark.parametrize(
    ("reason", "patient_absent"),
    [
        pytest.param("", True, id="the standard's no-show is the patient's"),
        pytest.param("NS^Patient did not show", True, id="the patient"),
        pytest.param("PNS^Provider did not appear", False, id="the clinician"),
        pytest.param("X^Physician called away", False, id="the physician"),
        pytest.param("X^Patient absent, physician informed", True, id="the patient, with a physician in the sentence"),
    ],
)
def test_who_did_not_appear(reason: str, patient_absent: bool) -> None:
    fact = only(siu("S26", f6=reason), "appointment-no-show")

    assert fact.patient_absent is patient_absent
    assert fact.occurred_at == NINE


def test_what_is_not_settled_waits() -> None:
    assert [one.where for one in left_aside(siu("S12", f25="Pending"))] == ["SCH-25"]


def test_an_appointment_of_nobody_is_left_aside() -> None:
    nobody = siu().replace(b"PID|1||4711^^^1.2.3&1.2.3&ISO^MR||SIM^PATIENT\r", b"")

    assert [one.where for one in left_aside(nobody)] == ["PID"]


@pytest.mark.parametrize("role", ["PROVIDER", "D", "", "4018732956"])
def test_a_role_that_every_clinician_has_is_no_specialty(role: str) -> None:
    value = siu("S12", f"AIP|1|A|1210^GE|{role}", "PV1|1|O||||||||CAR")

    assert only(value, "appointment-booked").specialty == "CAR"


@pytest.mark.parametrize(
    ("value", "field"),
    [
        pytest.param(siu(f1="", f2=""), "SCH-2", id="no number"),
        pytest.param(siu(f11="^^^next week"), "SCH-11", id="a time that is none"),
        pytest.param(adt(pid3="").replace(b"ADT^A01", b"SIU^S12"), "PID-3", id="no patient number"),
    ],
)
def test_the_field_that_stands_in_the_way_is_named(value: bytes, field: str) -> None:
    assert refused(value).field == field
