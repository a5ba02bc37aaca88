"""Numbers as hospitals write them, and what a gateway can dial."""

import pytest

from care_notifications.core.check_ins.phones import dialable
from tests.check_in_stories import Household, fact, living, local, told


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("(212) 555-0134", "+12125550134"),
        ("212-555-0134", "+12125550134"),
        ("212.555.0134", "+12125550134"),
        ("1 212 555 0134", "+12125550134"),
        ("+1 (212) 555-0134", "+12125550134"),
        ("+44 20 7946 0958", "+442079460958"),
        ("555-0134", ""),
        ("012-555-0134", ""),
        ("(212) 555-0134 x12", ""),
        ("(212) 555-0134 ext. 12", ""),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_a_number_as_it_is_written_and_as_it_is_dialled(written, dialled):
    assert dialable(written) == dialled


def test_a_number_that_cannot_be_dialled_is_no_address():
    house = Household()
    house.hear(*living({"aligned": "2026-11-01", "phone": "ask the daughter"}))

    assert told(house.look(local("2026-11-15 10:00")))[2]["mood"] == "no-address"


def test_one_phone_in_two_spellings_is_one_phone():
    house = Household()
    patient = {
        "aligned": "2026-11-01",
        "phone": "(212) 555-0134",
        "phone_is_private": True,
        "caregiver": "212.555.0134",
    }
    house.hear(*living(patient))

    assert told(house.look(local("2026-11-15 10:00")))[2]["mood"] == "line-not-private"


def test_a_new_number_that_cannot_be_dialled_does_not_leave_the_old_one():
    house = Household()
    house.hear(*living({"aligned": "2026-11-01"}), fact("patient-updated", local("2026-11-02 09:00"), phone="none"))

    assert house.profile.phone == ""


OLD, NEW = local("2026-11-02 09:00"), local("2026-11-03 09:00")


@pytest.mark.parametrize(
    ("said", "private"),
    [
        pytest.param([(OLD, {"phone": "212-555-0134", "phone_is_private": True})], True, id="said with the number"),
        pytest.param([(OLD, {"phone": "212-555-0134"})], None, id="nobody said"),
        pytest.param(
            [(OLD, {"phone": "212-555-0134", "phone_is_private": True}), (NEW, {"phone": "(212) 555-0134"})],
            True, id="the same number again, without a word",
        ),
        pytest.param(
            [(OLD, {"phone": "212-555-0134", "phone_is_private": True}), (NEW, {"phone": "212-555-0199"})],
            None, id="of another number nobody said so",
        ),
        pytest.param(
            [(NEW, {"phone": "212-555-0199"}), (OLD, {"phone": "212-555-0134", "phone_is_private": True})],
            None, id="an older word about another number comes late",
        ),
        pytest.param(
            [(OLD, {"phone": "212-555-0134"}), (NEW, {"phone_is_private": True})], True, id="said of the known number"
        ),
        pytest.param(
            [
                (OLD, {"phone": "212-555-0134", "phone_is_private": True}),
                (NEW, {"phone": "212-555-0134", "phone_is_private": False}),
            ],
            False, id="the newer word holds",
        ),
    ],
)  # fmt: skip
def test_what_is_said_of_a_line_is_said_of_that_line_only(said, private):
    house = Household()
    house.hear(*living({}), *(fact("patient-updated", at, **fields) for at, fields in said))

    assert house.profile.phone_is_private is private
