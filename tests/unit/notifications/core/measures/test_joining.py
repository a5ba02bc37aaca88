"""Records that are one person are counted once, and apart again when the merge was a mistake."""

import pytest

from care_notifications.core.measures.counting import tally
from care_notifications.core.measures.definitions import Measure
from care_notifications.core.measures.joining import Link, link_of
from tests.check_in_stories import fact
from tests.measure_stories import OTHER, PATIENT, ZONE, admitted, at, book_of, called, discharged, said, shares

STAY = (admitted("02-25"), discharged("03-01 10:00"))


def both(*books):
    return shares(tally(books, at("03-20"), ZONE), Measure.CONTACT)


def test_a_stay_in_one_record_and_the_call_in_the_other_belong_together():
    assert both(book_of(*STAY), book_of(called("03-02"))) == [(1, 1)]


def test_the_same_stay_in_both_records_is_counted_once():
    assert both(book_of(*STAY), book_of(*STAY, called("03-02"))) == [(1, 1)]


def test_of_two_statements_about_one_contact_the_later_holds():
    call = said(called("03-02", number="call-1"), "03-02 10:00")
    mistake = said(fact("contact-retracted", at("03-02"), contact_id="call-1"), "03-04 10:00")

    assert both(book_of(*STAY, call), book_of(mistake)) == [(0, 1)]
    assert both(book_of(mistake), book_of(*STAY, call)) == [(0, 1)]


@pytest.mark.parametrize(
    ("event", "link"),
    [
        pytest.param(
            fact("patient-merged", at("03-01"), absorbed_patient_id=OTHER, revision=3), Link(OTHER, PATIENT, 3),
            id="the survivor hears of the merge",
        ),
        pytest.param(
            fact("patient-absorbed", at("03-01"), OTHER, survivor_patient_id=PATIENT, revision=3),
            Link(OTHER, PATIENT, 3), id="the absorbed record hears of it, too",
        ),
        pytest.param(
            fact("patient-unmerged", at("03-01"), separated_patient_id=OTHER, revision=4), Link(OTHER, None, 4),
            id="the survivor hears that it was a mistake",
        ),
        pytest.param(
            fact("patient-separated", at("03-01"), OTHER, former_survivor_patient_id=PATIENT, revision=4),
            Link(OTHER, None, 4), id="and so does the other",
        ),
    ],
)  # fmt: skip
def test_both_sides_say_the_same_of_who_is_who(event, link):
    assert link_of(event) == link
