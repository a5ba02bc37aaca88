"""Two records of one person: the newer number holds, a refusal of either holds, stays and conditions add up."""

from datetime import timedelta

from care_notifications.core.check_ins.joining import join
from tests.check_in_stories import Household, fact, happened, living, local, told

AT = local("2026-11-10 09:00")


def house(*events, patient=None):
    made = Household()
    made.hear(*living(patient or {}), *events)
    return made


def test_the_newer_phone_holds_whichever_record_it_was_said_of():
    old, new = AT, AT + timedelta(days=1)
    one = house(fact("patient-updated", old, phone="+15550111"))
    other = house(fact("patient-updated", new, phone="+15550222"))

    join(one.profile, other.profile)

    assert one.profile.phone == "+15550222"
    later = house(fact("patient-updated", new, phone="+15550333"))
    join(later.profile, house(fact("patient-updated", old, phone="+15550444")).profile)
    assert later.profile.phone == "+15550333"


def test_a_phone_that_is_private_under_one_number_does_not_make_the_other_phone_private():
    old, new = AT, AT + timedelta(days=1)
    private = {"phone": "+15550111", "phone_is_private": True}
    other = house(fact("patient-updated", new, phone="+15550222"))
    join(other.profile, house(fact("patient-updated", old, **private)).profile)
    moved = house(fact("patient-updated", old, **private))
    join(moved.profile, house(fact("patient-updated", new, phone="+15550222")).profile)
    same = house(fact("patient-updated", new, phone="+15550111"))
    join(same.profile, house(fact("patient-updated", old, **private)).profile)

    assert [one.profile.phone_is_private for one in (other, moved, same)] == [None, None, True]


def test_who_opted_out_under_either_number_is_not_written_to():
    one, other = house(happened("comes home", local("2026-11-20 15:00"))), house(happened("opts out", AT))

    join(one.profile, other.profile)

    sent, _, skipped = told(one.look(local("2026-11-21 10:00")))
    assert sent == []
    assert set(skipped.values()) == {"opted-out"}


def test_a_discharge_and_a_condition_under_the_old_number_count():
    one = house()
    other = house(happened("comes home", local("2026-11-20 15:00")), patient={"conditions": ["I50.9"]})

    join(one.profile, other.profile)

    assert "heart-failure-symptoms by sms in en" in told(one.look(local("2026-11-21 10:00")))[0]
