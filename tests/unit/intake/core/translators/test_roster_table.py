"""A roster in CSV: who is aligned to whom and since when, and what comes with that for each patient."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from care_intake.core.effects import Reject
from care_intake.core.formats import Format
from tests.intake_builders import GENERAL, facts, judge, left_aside, only, refused, roster, table

HEADING = (
    "MBI,Medicaid ID,MRN,Authority,First Name,Last Name,DOB,Sex,Phone,Private Phone,Email,"
    "Private Email,Time Zone,Language,Lives Alone,Organization,"
    "Program,Effective Date,End Date,Care Manager,Backup,Home Health Agency,High Needs,Criteria,Homebound,Assessed By,"
    "Assessment Date,Opt Out,Leave Start,Leave End"
)
WHOLE = {
    "MBI": "1EG4-TE5-MK73", "Medicaid ID": "00123", "MRN": "4711", "Authority": "1.2.3", "First Name": "ANN",
    "Last Name": "SIM", "DOB": "03/22/1941", "Sex": "F", "Phone": "555-0100",
    "Private Phone": "", "Email": "", "Private Email": "", "Time Zone": "America/Chicago",
    "Language": "es", "Lives Alone": "Y", "Organization": "ACO-1", "Program": "LEAD", "Effective Date": "2026-01-01",
    "End Date": "", "Care Manager": "cm-1", "Backup": "cm-2", "Home Health Agency": "sunrise", "High Needs": "Y",
    "Criteria": "frailty;two-admissions", "Homebound": "Y", "Assessed By": "rn-7", "Assessment Date": "2026-10-01",
    "Opt Out": "Y", "Leave Start": "2026-12-20", "Leave End": "2027-01-02",
}  # fmt: skip


def row(**changes: str) -> bytes:
    cells = WHOLE | {name.replace("_", " "): value for name, value in changes.items()}
    return table(HEADING, ",".join(cells[name] for name in HEADING.split(",")))


def only_of(kind: str, **changes: str) -> dict[str, Any]:
    fact: dict[str, Any] = only(row(**changes), kind).model_dump()
    return fact


def test_what_one_whole_row_says() -> None:
    assert [fact.model_dump()["type"] for fact in facts(row())] == [
        "patient-updated", "alignment-changed", "care-team-changed", "high-needs-assessed", "home-status-assessed",
        "consent-changed", "leave-planned",
    ]  # fmt: skip


def test_who_the_patient_is() -> None:
    person = only_of("patient-updated")

    assert {(one["authority"], one["type"], one["value"]) for one in person["identifiers"]} == {
        ("1.2.3", "MR", "4711"),
        ("http://hl7.org/fhir/sid/us-mbi", "MC", "1EG4TE5MK73"),
        ("general/medicaid", "MA", "00123"),
    }
    assert (person["given_name"], person["family_name"], person["birth_date"]) == ("ANN", "SIM", date(1941, 3, 22))
    assert (person["sex"], person["home_zone"], person["language"]) == ("female", "America/Chicago", "es")
    assert person["lives_alone"] is True


@pytest.mark.parametrize(("cell", "private"), [("Y", True), ("no", False), ("", None)])
def test_whether_a_line_is_private_is_what_its_column_says_and_unknown_when_it_is_empty(
    cell: str, private: bool | None
) -> None:
    person = only_of("patient-updated", Private_Phone=cell, Email="sim@example.org", Private_Email=cell)

    assert (person["phone_is_private"], person["email_is_private"]) == (private, private)


def test_an_agreed_issuer_of_medicaid_numbers_is_used() -> None:
    agreed = replace(GENERAL, authorities={"medicaid": "2.16.840.1.113883.19.7"})

    person = only(row(), "patient-updated", agreed)

    assert ("2.16.840.1.113883.19.7", "00123") in {(one.authority, one.value) for one in person.identifiers}


def test_to_whom_the_patient_is_aligned_and_since_when() -> None:
    fact = only_of("alignment-changed", End_Date="2026-12-31")

    assert (fact["organization"], fact["programme"]) == ("ACO-1", "LEAD")
    assert (fact["starts_on"], fact["ends_on"]) == (date(2026, 1, 1), date(2026, 12, 31))


def test_the_team_and_the_needs() -> None:
    team, needs = only_of("care-team-changed"), only_of("high-needs-assessed")

    assert (team["lead_care_manager"], team["backup"], team["agency"]) == ("cm-1", "cm-2", "sunrise")
    assert (needs["high_needs"], needs["criteria"]) == (True, ("frailty", "two-admissions"))


def test_homebound_is_an_assessment_with_its_assessor_and_day() -> None:
    fact = only_of("home-status-assessed")

    assert (fact["homebound"], fact["assessor"]) == (True, "rn-7")
    assert fact["occurred_at"] == datetime(2026, 10, 1, 4, tzinfo=UTC)
    assert refused(row(**{"Assessed_By": ""})).field == "row 2 homebound_assessor"


@pytest.mark.parametrize(("opt_out", "permitted"), [("Y", False), ("N", True)])
def test_who_opted_out_of_data_sharing(opt_out: str, permitted: bool) -> None:
    fact = only_of("consent-changed", Opt_Out=opt_out)

    assert (fact["scope"], fact["permitted"]) == ("data-sharing", permitted)


def test_a_planned_leave_of_the_patient() -> None:
    fact = only_of("leave-planned")

    assert (fact["starts_on"], fact["ends_on"]) == (date(2026, 12, 20), date(2027, 1, 2))


def test_what_a_row_does_not_say_is_not_said() -> None:
    empty = dict.fromkeys(("Care_Manager", "Backup", "Home_Health_Agency", "High_Needs", "Homebound", "Opt_Out",
                           "Leave_Start", "Leave_End"), "")  # fmt: skip

    assert [fact.model_dump()["type"] for fact in facts(row(**empty))] == ["patient-updated", "alignment-changed"]


def test_as_of_orders_a_roster_against_what_others_say() -> None:
    fact = only(roster("4711,ANN", as_of="2026-11-01"), "alignment-changed")

    assert fact.stated_at == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert only_of("alignment-changed")["stated_at"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param(row(**{"Effective_Date": "SECRET-7"}), "row 2 starts_on", id="no date"),
        pytest.param(row(**{"Effective_Date": ""}), "row 2 starts_on", id="aligned since when"),
        pytest.param(row(**{"End_Date": "2025-01-01"}), "row 2 ends_on", id="ends before it begins"),
        pytest.param(row(Program=""), "row 2 programme", id="aligned in which programme"),
        pytest.param(row(**{"Time_Zone": "Nowhere/Land"}), "row 2 home_zone", id="no zone"),
        pytest.param(row(MBI="", MRN="", **{"Medicaid_ID": ""}), "row 2 patient_mrn", id="nobody"),
        pytest.param(row(**{"High_Needs": "perhaps"}), "row 2 high_needs", id="perhaps"),
        pytest.param(table("MRN,Effective Date", "1,2026-01-01"), "organization", id="aligned to whom"),
        pytest.param(roster("1,ANN").replace(b"# programme: LEAD", b"# x: y"), "programme", id="complete for which"),
        pytest.param(roster("1,ANN", as_of="soon"), "as of", id="complete as of when"),
        pytest.param(roster(), "body", id="a complete roster of nobody"),
    ],
)
def test_what_stands_in_the_way_is_named_and_no_value(body: bytes, field: str) -> None:
    effect = judge(body, form=Format.ROSTER).decision.effect

    assert getattr(effect, "error").field == field  # noqa: B009  # whichever refusal it is
    assert "SECRET-7" not in str(effect)


def test_a_bad_row_stops_no_other() -> None:
    body = roster("1,ANN", "2,1.2.3,BEA,ACO-1,LEAD,nonsense,,cm-1")

    assert [one.where for one in left_aside(body)] == ["row 7 starts_on"]
    assert len(facts(body)) == 3


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(roster("1,ANN"), id="a roster"),
        pytest.param(table("Lead,Covered by,From,To", "cm-1,cm-2,2026-12-20,2027-01-03"), id="absences"),
    ],
)
def test_a_source_that_may_not_state_it_is_refused(body: bytes) -> None:
    effect = judge(body, replace(GENERAL, may_state=frozenset({"condition-recorded"}))).decision.effect

    assert isinstance(effect, Reject)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        pytest.param("cm-1,cm-1,2026-12-20,2027-01-03", "row 2 stand_in", id="nobody stands in for oneself"),
        pytest.param("cm-1,,2026-12-20,2027-01-03", "row 2 stand_in", id="by whom"),
        pytest.param("cm-1,cm-2,2026-12-20,2026-12-01", "row 2 ends_on", id="back before going"),
        pytest.param("cm-1,cm-2,,2026-12-01", "row 2 starts_on", id="from when"),
    ],
)
def test_an_absence_that_cannot_be_used(line: str, field: str) -> None:
    assert refused(table("Lead,Covered by,From,To", line)).field == field
