"""What a roster says that was not said before, and when it must not be believed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from care_intake.core.decide import decide
from care_intake.core.effects import Accept
from care_intake.core.feed import MOST_ENDED
from care_intake.core.formats import Format, RawMessage
from care_intake.core.previews import preview_of
from care_intake.core.roster_settling import settled, stand_ins
from care_intake.core.roster_terms import HeldMember, LeadAbsence, RosterDiff, StatedRoster
from care_intake.core.rosters import counts_of, roster_diff
from care_intake.core.translation import type_of
from tests.intake_builders import GENERAL, NOW, judge, roster, table

ROWS = tuple(f"{number},P{number}" for number in range(1, 12))


def stated(body: bytes, *, hours: int = 0) -> StatedRoster:
    message = RawMessage(body, Format.ROSTER, NOW + timedelta(hours=hours))
    effect = decide(message, GENERAL).effect
    assert isinstance(effect, Accept), effect
    assert effect.said.roster is not None
    return effect.said.roster


def after(*bodies: bytes) -> tuple[HeldMember, ...]:
    """What is held when these rosters came one after the other."""
    held: dict[str, HeldMember] = {}
    for hour, body in enumerate(bodies):
        held |= {one.member_id: one for one in roster_diff(list(held.values()), stated(body, hours=hour)).held}
    return tuple(held.values())


def diff(held: Sequence[HeldMember], body: bytes) -> RosterDiff:
    return roster_diff(held, stated(body, hours=9))


def said(found: RosterDiff, kind: str) -> list[dict[str, Any]]:
    return [one.fact.model_dump(mode="json") for change in found.of(kind) for one in change.statements]


def test_a_first_roster_is_all_new() -> None:
    found = diff((), roster("1,ANN", "2,BEA"))

    assert counts_of(found) == {"new": 2, "changed": 0, "ended": 0, "unchanged": 0}
    assert [type_of(one.fact) for one in found.of("new")[0].statements] == [
        "patient-updated", "alignment-changed", "care-team-changed",
    ]  # fmt: skip


def test_the_same_roster_again_changes_nothing() -> None:
    found = diff(after(roster("1,ANN", "2,BEA")), roster("1,ANN", "2,BEA", as_of="2026-12-01"))

    assert counts_of(found) == {"new": 0, "changed": 0, "ended": 0, "unchanged": 2}


def test_a_changed_row_says_only_what_changed_and_names_the_fields() -> None:
    found = diff(after(roster("1,ANN")), roster("1,1.2.3,ANN,ACO-1,LEAD,2026-01-01,,cm-2"))

    [change] = found.of("changed")
    assert (change.place, change.fields) == ("row 6", ("lead_care_manager",))
    assert [type_of(one.fact) for one in change.statements] == ["care-team-changed"]


def test_a_cell_that_became_empty_erases_no_demographics() -> None:
    found = diff(after(roster("1,ANN")), roster("1,1.2.3,,ACO-1,LEAD,2026-01-01,,cm-1"))

    assert found.of("changed") == []


def test_who_is_missing_from_a_complete_roster_ends_the_day_before_it() -> None:
    found = diff(after(roster("1,ANN", "2,BEA")), roster("1,ANN", as_of="2026-12-01"))

    [ended] = said(found, "ended")
    assert (ended["organization"], ended["programme"]) == ("ACO-1", "LEAD")
    assert (ended["starts_on"], ended["ends_on"]) == ("2026-01-01", "2026-11-30")
    assert [one.value for one in found.of("ended")[0].patient.identifiers] == ["2"]


def test_an_ending_is_said_once() -> None:
    held = after(roster("1,ANN", "2,BEA"), roster("1,ANN", as_of="2026-12-01"))

    assert diff(held, roster("1,ANN", as_of="2027-01-01")).of("ended") == []


def test_nobody_ends_before_the_beginning() -> None:
    held = after(roster("1,1.2.3,ANN,ACO-1,LEAD,2027-01-01,,cm-1", "2,BEA"))

    [ended] = said(diff(held, roster("2,BEA", as_of="2026-12-01")), "ended")
    assert (ended["starts_on"], ended["ends_on"]) == ("2027-01-01", "2027-01-01")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(roster("1,ANN", complete=False), id="a roster that does not call itself complete"),
        pytest.param(
            roster("1,ANN").replace(b"programme: LEAD", b"programme: HEALTH-HOME"), id="a roster of another programme"
        ),
        pytest.param(roster("1,ANN").replace(b"organization: ACO-1", b"organization: ACO-9"), id="of another ACO"),
        pytest.param(roster("1,ANN", "2,1.2.3,BEA,ACO-1,LEAD,nonsense,,cm-1"), id="the row is there, though unusable"),
        pytest.param(roster("1,ANN", ",1.2.3,BEA,ACO-1,LEAD,2026-01-01,,cm-1"), id="a row that could be anybody"),
        pytest.param(roster("1,ANN", as_of="2026-10-01"), id="a roster older than what is held"),
    ],
)
def test_nobody_is_ended_by(body: bytes) -> None:
    assert diff(after(roster("1,ANN", "2,BEA")), body).of("ended") == []


def test_who_moved_to_another_programme_ends_in_this_one() -> None:
    moved = roster("1,ANN", "2,1.2.3,BEA,ACO-1,HEALTH-HOME,2026-12-01,,cm-1", as_of="2026-12-01")

    found = diff(after(roster("1,ANN", "2,BEA")), moved)

    assert [one["programme"] for one in said(found, "ended")] == ["LEAD"]
    assert [one["programme"] for one in said(found, "changed")] == ["HEALTH-HOME"]


def test_an_older_roster_that_arrives_late_changes_nothing_back() -> None:
    held = after(roster("1,1.2.3,ANN,ACO-1,LEAD,2026-01-01,,cm-2", as_of="2026-12-01"))

    assert counts_of(diff(held, roster("1,ANN", as_of="2026-11-01")))["unchanged"] == 1


def test_a_patient_known_by_another_number_of_the_row_is_the_same_member() -> None:
    heading = "MRN,Authority,MBI,Organization,Program,Effective Date"
    first = roster("1,1.2.3,1EG4TE5MK73,ACO-1,LEAD,2026-01-01", heading=heading)
    by_mbi = roster(",,1EG4-TE5-MK73,ACO-1,LEAD,2026-01-01", heading=heading, as_of="2026-12-01")

    found = diff(after(first), by_mbi)

    assert counts_of(found) == {"new": 0, "changed": 0, "ended": 0, "unchanged": 1}
    assert {number.value for number in found.held[0].numbers} == {"1", "1EG4TE5MK73"}


def test_two_rows_of_one_patient_are_one_member() -> None:
    found = diff((), roster("1,ANN", "1,1.2.3,ANN,ACO-1,HEALTH-HOME,2026-03-01,,cm-1"))

    assert len(found.held) == 1
    assert [one["programme"] for one in said(found, "new") if one["type"] == "alignment-changed"] == [
        "LEAD", "HEALTH-HOME",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("left", "may_end_many", "is_held"),
    [
        pytest.param(10, False, False, id="one of eleven may leave"),
        pytest.param(9, False, True, id="two of eleven wait for a person"),
        pytest.param(9, True, False, id="two of eleven may leave when a person says so"),
        pytest.param(1, False, True, id="a file cut off after its first row waits"),
    ],
)
def test_a_roster_that_ends_unusually_many_waits_for_a_person(left: int, may_end_many: bool, is_held: bool) -> None:
    body = roster(*ROWS[:left], as_of="2026-12-01")
    now = stated(body, hours=9)
    found = diff(after(roster(*ROWS)), body)
    effect = judge(body).decision.effect
    assert isinstance(effect, Accept)

    outcome = settled(effect.said, now, found, (), may_end_many=may_end_many)

    assert (MOST_ENDED, len(found.of("ended"))) == (0.10, 11 - left)
    assert (outcome.held_for is not None) is is_held
    assert bool(outcome.members) is not is_held
    if not may_end_many:
        assert (preview_of(judge(body).decision, found).verdict == "held") is is_held


def test_ids_are_those_of_the_file_and_the_row_so_that_reading_it_again_repeats_them() -> None:
    body = roster("1,ANN", "2,BEA")
    effect = judge(body).decision.effect
    assert isinstance(effect, Accept)
    at_first = [event_id for one in effect.said.translations for event_id in one.event_ids]

    now = stated(body)
    again = settled(effect.said, now, roster_diff((), now), (), may_end_many=False).said

    assert [event_id for one in again.translations for event_id in one.event_ids] == at_first
    assert len(set(at_first)) == 6


def test_the_preview_names_rows_and_fields_and_no_value() -> None:
    body = roster("1,SECRET-7", "3,1.2.3,CY,ACO-1,LEAD,nonsense,,cm-1")

    shown = preview_of(judge(body).decision, diff(after(roster("1,ANN")), body))

    assert shown.changes == [("row 6", "changed", ("given_name",))]
    assert [one.where for one in shown.remarks if one.is_refused] == ["row 7 starts_on"]
    assert "SECRET-7" not in repr(shown)


class TestStandIns:
    def test_each_patient_of_the_absent_lead_gets_the_stand_in(self) -> None:
        held = after(roster("1,ANN", "2,BEA", "3,1.2.3,CY,ACO-1,LEAD,2026-01-01,,cm-9"))
        effect = judge(table("Lead,Covered by,From,To", "cm-1,cm-2,2026-12-20,2027-01-03")).decision.effect
        assert isinstance(effect, Accept)

        found = stand_ins(effect.said.absences, held)

        facts = [fact.model_dump(mode="json") for one in found for fact in one.facts]
        assert sorted(one.patient.primary.value for one in found) == ["1", "2"]
        assert {(one["lead_care_manager"], one["stand_in"], one["ends_on"]) for one in facts} == {
            ("cm-1", "cm-2", "2027-01-03")
        }

    def test_a_patient_who_comes_to_an_absent_lead_hears_of_the_stand_in(self) -> None:
        away = [_absence("cm-1"), _absence("cm-7")]
        body = roster("1,ANN")
        effect = judge(body).decision.effect
        assert isinstance(effect, Accept)
        now = stated(body)

        said = settled(effect.said, now, roster_diff((), now), away, may_end_many=False).said

        kinds = [type_of(fact) for one in said.translations for fact in one.facts]
        assert kinds.count("stand-in-named") == 1


def _absence(lead: str) -> LeadAbsence:
    effect = judge(table("Lead,Covered by,From,To", f"{lead},cm-2,2026-12-20,2027-01-03")).decision.effect
    assert isinstance(effect, Accept)
    return effect.said.absences[0]
