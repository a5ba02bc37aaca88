"""Shapes of messages that senders of other vendors and countries have, in our own words: read right, or left aside."""

from datetime import UTC, datetime

import pytest

from care_shared.contracts.care_events import CoverageChanged
from care_shared.vocabulary import Beyond, EncounterClass
from tests.intake_builders import (
    NOW,
    Json,
    adt,
    facts,
    left_aside,
    message,
    observation,
    only,
    oru,
    refused,
    said,
    table,
)


def _without(element: str, record: Json) -> Json:
    return {name: value for name, value in record.items() if name != element}


class TestTimesThatCannotBeRead:
    """Another time stands in, with a remark; where none can, the message waits for a person."""

    @pytest.mark.parametrize(
        ("raw", "field"),
        [
            pytest.param(adt("A03", pv1={45: "yesterday"}), "PV1-45", id="a discharge time"),
            pytest.param(adt("A03", pv1={44: "20261332"}), "PV1-44", id="an admission in month 13"),
            pytest.param(adt("A03", evn2="soon"), "EVN-2", id="a time of the event"),
        ],
    )
    def test_a_discharge_is_heard_all_the_same(self, raw: bytes, field: str) -> None:
        fact = only(raw, "hospital-discharged")

        assert fact.encounter_id == only(adt("A03"), "hospital-discharged").encounter_id
        assert [one.where for one in left_aside(raw)] == [field]

    def test_the_time_of_the_event_stands_in_for_that_of_the_discharge(self) -> None:
        fact = only(adt("A03", pv1={45: "yesterday"}), "hospital-discharged")

        assert fact.occurred_at == datetime(2026, 11, 20, 20, 0, tzinfo=UTC)

    def test_a_made_up_admission_would_open_another_stay(self) -> None:
        assert refused(adt("A03", pv1={19: "", 44: "20261332"})).field == "PV1-44"

    def test_without_any_time_that_can_be_read_nothing_is_guessed(self) -> None:
        raw = adt("A03", evn2="soon").replace(b"20261120150105-0500", b"today")

        assert refused(raw).field == "EVN-2"

    def test_several_bad_times_are_each_remarked_on(self) -> None:
        raw = adt("A03", evn2="soon", pv1={45: "yesterday"})

        assert {one.where for one in left_aside(raw)} == {"EVN-2", "PV1-45"}

    def test_a_bad_time_of_a_merge_is_a_remark(self) -> None:
        raw = adt("A40", evn2="soon", more="MRG|99^^^1.2.3&1.2.3&ISO^MR")

        assert len(said(raw).ties) == 1


class TestWhenItWasSaid:
    """EVN-2 is often a mere day."""

    @pytest.mark.parametrize(
        ("evn2", "expected"),
        [
            pytest.param("20261120", datetime(2026, 11, 20, 20, 1, 5, tzinfo=UTC), id="the day of the message"),
            pytest.param("20261118", datetime(2026, 11, 18, 5, 0, tzinfo=UTC), id="an earlier day"),
            pytest.param("2026112014", datetime(2026, 11, 20, 19, 0, tzinfo=UTC), id="an hour"),
        ],
    )
    def test_the_hour_of_the_message_is_used_on_its_own_day(self, evn2: str, expected: datetime) -> None:
        assert only(adt("A03", evn2=evn2, pv1={45: ""}), "hospital-discharged").occurred_at == expected


@pytest.mark.parametrize(
    ("pid3", "expected"),
    [
        pytest.param("4950001234^^^AUSHIC^MC", ("general/AUSHIC", "MC", "4950001234"), id="of another country"),
        pytest.param("1EG4TE5MK73^^^PAYERS^MC", ("http://hl7.org/fhir/sid/us-mbi", "MC", "1EG4TE5MK73"),
                     id="in the form of Medicare's, whoever is named as issuer"),
        pytest.param("22^^^MEDICARE^MC", ("http://hl7.org/fhir/sid/us-mbi", "MC", "22"), id="issued by Medicare"),
    ],
)  # fmt: skip
def test_not_every_medicare_number_is_of_our_medicare(pid3: str, expected: tuple[str, str, str]) -> None:
    assert tuple(said(adt(pid3=pid3)).translations[0].patient.primary) == expected


class TestCharacterSets:
    """Names of character sets come in many spellings."""

    @pytest.mark.parametrize("name", ["ISO8859-15", "ISO 8859/15", "ISO_8859-15", "8859/15"])
    def test_spellings_of_latin_9(self, name: str) -> None:
        assert only(_written_in(name, "M\xfcLLER".encode("iso8859-15")), "patient-updated").family_name == "MüLLER"

    def test_an_unknown_name_does_no_harm_to_plain_letters(self) -> None:
        assert only(_written_in("CAN", b"MULLER"), "patient-updated").family_name == "MULLER"

    def test_an_unknown_name_is_never_guessed_at(self) -> None:
        error = refused(_written_in("CAN", b"M\xfcLLER"))

        assert (error.field, error.problem) == ("MSH-18", "names a character set that is not accepted")

    def test_plain_letters_prove_nothing_where_they_may_mean_others(self) -> None:
        assert refused(_written_in("UTF-7", b"M+APw-LLER")).field == "MSH-18"

    @pytest.mark.parametrize("family", [b"\x1b$B;3ED\x1b(B", b"Y\x00A\x00M\x00A\x00"])
    def test_sets_of_several_bytes_give_themselves_away(self, family: bytes) -> None:
        assert refused(_written_in("ISO IR87", family)).problem == "holds a control character"


def _written_in(name: str, family: bytes) -> bytes:
    raw = adt("A31").replace(b"SIM^PATIENT", family + b"^PATIENT")
    return raw.replace(b"|P|2.5.1\r", b"|P|2.5.1||||||" + name.encode() + b"\r")


@pytest.mark.parametrize("scheduled", ["^^^20261203083000-0500", "20261203083000-0500^20261203090000-0500"])
def test_the_hour_of_an_appointment_also_where_old_senders_write_it(scheduled: str) -> None:
    raw = message("SIU^S12", f"SCH|1|||||||||| {scheduled}".replace(" ", ""))

    assert only(raw, "appointment-booked").starts_at == datetime(2026, 12, 3, 13, 30, tzinfo=UTC)


def test_a_quantity_is_no_hour() -> None:
    assert only(message("SIU^S12", "SCH|1||||||||||1^^30"), "appointment-booked").starts_at is None


@pytest.mark.parametrize("trigger", ["R30", "R31", "R32"])
def test_readings_at_the_bedside_are_readings(trigger: str) -> None:
    raw = oru("OBX|1|NM|8867-4^Heart rate^LN||78|/min|||||F").replace(b"ORU^R01", f"ORU^{trigger}".encode())

    assert only(raw, "vital-sign-recorded").value == 78


@pytest.mark.parametrize(("text", "expected", "limit"), [("HI", Beyond.HIGH, 600), ("Low", Beyond.LOW, 20)])
def test_a_meter_beyond_its_scale_is_as_grave_in_hl7_as_in_a_table(text: str, expected: Beyond, limit: float) -> None:
    fact = only(oru(f"OBX|1|ST|41653-7^Glucose by meter^LN||{text}|mg/dL|||||F"), "vital-sign-recorded")

    assert (fact.beyond, fact.value) == (expected, limit)


def test_names_of_segments_may_be_written_small() -> None:
    raw = adt("A01").replace(b"\rPID|", b"\rpid|").replace(b"\rPV1|", b"\rpv1|")

    assert only(raw, "hospital-admitted").encounter_class is EncounterClass.INPATIENT


def test_nulls_in_every_field_say_nothing() -> None:
    nulls = dict.fromkeys((4, 7, 8, 9, 11, 12, 13, 14, 15, 16, 20, 36, 37, 45), '""')
    fact = only(adt("A01", pv1=nulls), "hospital-admitted")

    assert fact.occurred_at == datetime(2026, 11, 14, 13, 5, tzinfo=UTC)
    assert left_aside(adt("A01", pv1=nulls)) == ()


def _in1(*plan: str, numbers: dict[int, str]) -> bytes:
    more = "|".join(["IN2", *(numbers.get(field, "") for field in range(1, 9))])
    return adt("A01", more="\r".join(["|".join(["IN1", "1", *plan]), more]))


@pytest.mark.parametrize(
    ("plan", "numbers", "kinds"),
    [
        pytest.param(("77",), {6: "1EG4"}, ["medicare"], id="a number of Medicare"),
        pytest.param(("77",), {8: "M55"}, ["medicaid"], id="a number of Medicaid"),
        pytest.param(("77",), {6: "1EG4", 8: "M55"}, ["medicare", "medicaid"], id="both"),
        pytest.param(("77^ACME HEALTH",), {6: "1EG4"}, ["other"], id="a named plan that only knows the number"),
        pytest.param(("77",), {}, [], id="neither name nor number"),
    ],
)
def test_a_plan_without_a_name_is_known_by_its_number(
    plan: tuple[str, ...], numbers: dict[int, str], kinds: list[str]
) -> None:
    told = [fact for fact in facts(_in1(*plan, numbers=numbers)) if isinstance(fact, CoverageChanged)]

    assert [fact.payer_kind for fact in told] == kinds


class TestRecordsThatFhirAllows:
    """What R4 lets a sender leave out is left aside with the reason; nothing else is guessed."""

    @pytest.mark.parametrize(
        ("record", "where"),
        [
            pytest.param(_without("subject", observation("8867-4", 72, "/min")), "Observation.subject", id="a reading"),
            pytest.param({"resourceType": "Encounter", "status": "finished", "class": {"code": "IMP"}},
                         "Encounter.subject", id="a stay"),
            pytest.param({"resourceType": "Task", "id": "1", "status": "completed", "intent": "order"}, "Task.for",
                         id="a task"),
            pytest.param({"resourceType": "Communication", "id": "1", "status": "completed"}, "Communication.subject",
                         id="a talk that names nobody"),
            pytest.param({"resourceType": "Appointment", "id": "1", "status": "booked", "participant": []},
                         "Appointment.participant", id="a meeting of clinicians"),
            pytest.param({"resourceType": "Group", "type": "person", "actual": True, "name": "Family"},
                         "Group.managingEntity", id="a list that is no roster"),
        ],
    )  # fmt: skip
    def test_what_is_about_nobody(self, record: Json, where: str) -> None:
        assert {one.where for one in left_aside(record)} == {where}

    def test_a_roster_that_names_no_organization_is_refused(self) -> None:
        profile = "http://hl7.org/fhir/us/davinci-atr/StructureDefinition/atr-group"
        roster = {"resourceType": "Group", "meta": {"profile": [profile]}, "type": "person", "name": "LEAD"}

        assert refused(roster).field == "Group.managingEntity"

    def test_the_patient_a_message_was_written_to_is_whom_it_is_about(self) -> None:
        talk = {
            "resourceType": "Communication", "id": "1", "status": "completed", "sent": "2026-11-20T08:00:00-05:00",
            "recipient": [{"reference": "Patient/p1"}], "sender": {"reference": "Practitioner/1"},
            "medium": [{"text": "phone"}],
        }  # fmt: skip

        assert said(talk).translations[0].patient.primary.value == "p1"

    def test_a_link_to_a_related_person_ties_nothing(self) -> None:
        link = {"other": {"reference": "RelatedPerson/r1"}, "type": "seealso"}
        patient = {"resourceType": "Patient", "id": "p1", "link": [link]}

        assert (said(patient).ties, [one.where for one in left_aside(patient)]) == ((), ["Patient.link[0].other"])


@pytest.mark.parametrize(
    ("value", "expected", "kept"),
    [
        pytest.param({"valueString": "HI"}, Beyond.HIGH, 600, id="the word"),
        pytest.param(
            {"valueQuantity": {"value": 500, "comparator": ">", "unit": "mg/dL"}}, Beyond.HIGH, 500, id="above"
        ),
        pytest.param(
            {"valueQuantity": {"value": 1.1, "comparator": "<", "unit": "mmol/L"}}, Beyond.LOW, 20, id="below"
        ),
    ],
)
def test_a_meter_beyond_its_scale_in_fhir(value: Json, expected: Beyond, kept: float) -> None:
    fact = only(observation("41653-7", None, "", **value), "vital-sign-recorded")

    assert (fact.beyond, fact.value) == (expected, kept)


def test_a_number_above_a_limit_in_hl7_is_beyond_it() -> None:
    fact = only(oru("OBX|1|SN|41653-7^Glucose by meter^LN||>^500|mg/dL|||||F"), "vital-sign-recorded")

    assert (fact.beyond, fact.value) == (Beyond.HIGH, 500)


def test_a_limit_without_a_unit_is_text_and_no_reading() -> None:
    assert only(oru("OBX|1|SN|41653-7^Glucose by meter^LN||>^33||||||F"), "lab-resulted").text == ">33"


@pytest.mark.parametrize(
    ("evn2", "expected"),
    [
        pytest.param("20261122065000-0500", datetime(2026, 11, 22, 11, 50, tzinfo=UTC), id="earlier"),
        pytest.param("20261122110000-0500", NOW, id="by a clock that is hours ahead"),
    ],
)
def test_a_merge_from_the_future_can_be_undone_today(evn2: str, expected: datetime) -> None:
    raw = adt("A40", evn2=evn2, more="MRG|99^^^1.2.3&1.2.3&ISO^MR")

    assert [tie.stated_at for tie in said(raw).ties] == [expected]


@pytest.mark.parametrize(
    "heading",
    [
        "VisitKey,ClientMedicaidID,VisitStatus,ScheduleStartTime,ScheduleEndTime,AdjInDateTime,AdjOutDateTime",
        "visit_id,member_id,status,scheduled_start_datetime,scheduled_end_datetime,actual_start_datetime,"
        "actual_end_datetime",
        "EVV ID,Client ID,Status,Shift Start,Shift End,Check In Time,Check Out Time",
    ],
)
def test_vendors_name_their_columns_each_in_their_own_way(heading: str) -> None:
    hours = [f"2026-11-20T{hour}-05:00" for hour in ("09:00:00", "10:00:00", "09:03:00", "10:01:00")]
    fact = only(table(heading, ",".join(["V1", "4711", "Verified", *hours])), "visit-delivered")

    assert (fact.scheduled_start.hour, fact.occurred_at) == (14, datetime(2026, 11, 20, 15, 1, tzinfo=UTC))
