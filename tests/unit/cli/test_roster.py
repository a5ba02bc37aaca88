"""A roster on the command line: what a person sees before and after."""

from care_cli.running.roster import MOST_LINES, told
from care_intake.core.previews import Preview
from care_intake.core.translation import Ignored


def test_a_person_sees_rows_fields_refusals_and_sums() -> None:
    shown = Preview(
        "accepted",
        {"alignment-changed": 2},
        [("row 6", "changed", ("ends_on", "programme")), ("member m1", "ended", ("ends_on",))],
        {"new": 0, "changed": 1, "ended": 1, "unchanged": 9},
        (Ignored("row 7 starts_on", "is missing", is_refused=True), Ignored("column 3", "has a heading we do not use")),
    )

    assert list(told(shown)) == [
        "  changed  row 6  ends_on, programme",
        "    ended  member m1  ends_on",
        "  refused  row 7 starts_on is missing",
        "   remark  column 3 has a heading we do not use",
        "accepted: 0 new, 1 changed, 1 ended, 9 unchanged",
    ]


def test_a_long_difference_is_cut_and_says_so() -> None:
    changes = [(f"row {number}", "new", ()) for number in range(MOST_LINES + 3)]

    assert list(told(Preview("accepted", {}, changes, {}, ())))[-2:] == ["           and 3 more", "accepted"]
