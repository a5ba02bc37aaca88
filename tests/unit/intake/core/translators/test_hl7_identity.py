"""Merges, links, partings and re-numberings in HL7: who is said to be whom, and what is refused or held."""

import pytest

from care_intake.core.effects import Hold, Ignore
from tests.intake_builders import NOW, facts, judge, refused, said

PID = "PID|1||{}^^^1.2.3&1.2.3&ISO^MR||SIM^PATIENT||19410322|F"
MERGED = "names the number that survives, so nothing is to be merged"


def notice(trigger: str, *segments: str, evn2: str = "20261120150000-0500") -> bytes:
    header = f"MSH|^~\\&|ADT1|GENERAL|CARELEAD|ACO|20261120150105-0500||ADT^{trigger}|I1|P|2.5.1"
    return "\r".join([header, f"EVN|{trigger}|{evn2}", *segments]).encode()


def pid(number: str) -> str:
    return PID.format(number)


def mrg(number: str, issuer: str = "1.2.3") -> str:
    return f"MRG|{number}^^^{issuer}&{issuer}&ISO^MR" if number else "MRG|"


def ties(message: bytes) -> list[tuple[str, str, bool]]:
    return [(one.survivor.value, one.other.value, one.is_one) for one in said(message).ties]


@pytest.mark.parametrize("trigger", ["A18", "A30", "A34", "A36", "A39", "A40", "A43", "A46", "A47"])
def test_what_mrg_names_is_the_same_person_as_what_pid_names(trigger: str) -> None:
    assert ties(notice(trigger, pid("1"), mrg("2"))) == [("1", "2", True)]


def test_a_merge_also_says_what_the_hospital_knows_of_the_person() -> None:
    [fact] = facts(notice("A40", pid("1"), mrg("2")))

    assert fact.model_dump()["type"] == "patient-updated"


def test_several_groups_are_several_merges() -> None:
    message = notice("A40", pid("1"), mrg("2"), pid("3"), mrg("4"), mrg("5"))

    assert ties(message) == [("1", "2", True), ("3", "4", True), ("3", "5", True)]


def test_several_prior_numbers_are_all_given_up() -> None:
    both = "MRG|2^^^1.2.3&1.2.3&ISO^MR~9^^^1.2.9&1.2.9&ISO^MR"

    assert ties(notice("A40", pid("1"), both)) == [("1", "2", True), ("1", "9", True)]


def test_the_number_of_the_same_issuer_takes_the_place_of_the_old_one() -> None:
    two = "PID|1||7^^^1.2.9&1.2.9&ISO^MR~1^^^1.2.3&1.2.3&ISO^MR||SIM^PATIENT"

    assert ties(notice("A40", two, mrg("2"))) == [("1", "2", True)]


def test_a_merge_that_names_one_number_twice_is_taken_with_its_reason() -> None:
    effect = judge(notice("A40", pid("1"), mrg("1"))).decision.effect

    assert isinstance(effect, Ignore)
    assert (effect.reason.where, effect.reason.reason) == ("MRG-1", MERGED)


def test_one_group_of_two_that_names_one_number_twice_does_not_stop_the_other() -> None:
    found = said(notice("A40", pid("1"), mrg("1"), pid("3"), mrg("4")))

    assert [(one.survivor.value, one.other.value) for one in found.ties] == [("3", "4")]
    assert [(one.where, one.reason) for one in found.ignored] == [("MRG-1", MERGED)]


@pytest.mark.parametrize(
    ("segments", "field"),
    [
        pytest.param([pid("1")], "MRG", id="no MRG at all"),
        pytest.param([pid("1"), mrg("")], "MRG-1", id="an empty MRG"),
        pytest.param([pid("1"), mrg("2"), pid("3"), mrg("")], "MRG(2)-1", id="the second of two"),
        pytest.param([mrg("2")], "PID", id="no PID"),
        pytest.param([pid(""), mrg("2")], "PID-3", id="a PID without a number"),
        pytest.param([pid("1"), "MRG|123-45-6789^^^SS^SS"], "MRG-1", id="a government number names nobody here"),
    ],
)
def test_a_merge_without_both_sides_is_refused_by_the_field(segments: list[str], field: str) -> None:
    assert refused(notice("A40", *segments)).field == field


def test_older_senders_write_the_prior_number_into_mrg_4() -> None:
    assert ties(notice("A30", pid("1"), "MRG||||2^^^1.2.3&1.2.3&ISO^MR")) == [("1", "2", True)]


def test_a_merge_holds_from_the_time_it_was_recorded_at_the_hospital() -> None:
    [tie] = said(notice("A40", pid("1"), mrg("2"))).ties
    [undated] = said(notice("A40", pid("1"), mrg("2"), evn2="").replace(b"20261120150105-0500", b"")).ties

    assert tie.stated_at.isoformat() == "2026-11-20T15:00:00-05:00"
    assert undated.stated_at == NOW


@pytest.mark.parametrize(("trigger", "is_one"), [("A24", True), ("A37", False)], ids=["a link", "its end"])
def test_two_persons_are_linked_or_parted(trigger: str, is_one: bool) -> None:
    assert ties(notice(trigger, pid("1"), pid("2"))) == [("1", "2", is_one)]


def test_a_link_with_one_end_is_refused() -> None:
    assert refused(notice("A24", pid("1"))).field == "PID(2)"


def test_a_link_of_a_number_with_itself_is_ignored_with_reason() -> None:
    effect = judge(notice("A24", pid("1"), pid("1"))).decision.effect

    assert isinstance(effect, Ignore)
    assert effect.reason.where == "PID(2)-3"


@pytest.mark.parametrize("trigger", ["A35", "A41", "A42", "A44", "A45", "A49", "A50", "A51"])
def test_accounts_and_visits_of_one_person_change_their_numbers(trigger: str) -> None:
    effect = judge(notice(trigger, pid("1"), "MRG|1^^^1.2.3&1.2.3&ISO^MR||ACC9||VISIT9")).decision.effect

    assert isinstance(effect, Ignore)
    assert "re-numbers or moves accounts or visits" in effect.reason.reason


@pytest.mark.parametrize("trigger", ["A35", "A41", "A42", "A44", "A45"])
def test_a_stay_that_moves_to_another_person_is_held(trigger: str) -> None:
    effect = judge(notice(trigger, pid("1"), mrg("2"))).decision.effect

    assert isinstance(effect, Hold)
    assert effect.reason.where == "MRG-1"
