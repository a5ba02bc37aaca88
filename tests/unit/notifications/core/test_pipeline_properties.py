"""Whatever comes, in whatever order and however often: all end told, waiting or with a reason."""

import asyncio
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from care_notifications.core.departures import Clockwork
from care_notifications.core.effects import Deliver
from care_notifications.core.notice_policy import SHIPPED
from care_notifications.core.reasons import Hold, Reason
from care_notifications.core.releasing import Held, Receiver, release
from care_notifications.core.situation import Neighbour, Traffic
from care_notifications.core.state import Channel, Notice, Person, Standing
from care_notifications.handler import handle
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import AlertChange, GapId, PersonId, Role, SensitivityLabel, Tier
from tests.care_alerts import ANNA, BEN, BOTH, DESK, HARBOR, NOW, care_alert, directory
from tests.fakes.memory_alert_store import MemoryAlertStore
from tests.notifications_world import SLOT, raws

NURSE = PersonId("nurse-kim")
PEOPLE = {
    ANNA: Person(ANNA, zone="America/New_York"),
    BEN: Person(BEN, zone="Pacific/Honolulu", no_digests_over=frozenset({Channel.EMAIL})),
    DESK: Person(DESK),
    NURSE: Person(NURSE, roles=(Role.NURSE,), channels=(Channel.EMAIL, Channel.SMS)),
}
GAPS = ("gap-1", "gap-2", "gap-3")
TEAMS = (CareTeam(lead_care_manager=ANNA, agency=HARBOR), CareTeam(backup=BEN), CareTeam(lead_care_manager=BEN))

moments = st.integers(0, 7 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


@st.composite
def messages(draw):
    """One message about one of three gaps of one patient."""
    revision = draw(st.integers(1, 6))
    change = draw(st.sampled_from(list(AlertChange))) if revision > 1 else AlertChange.OPENED
    return care_alert(
        draw(st.sampled_from(GAPS)),
        revision,
        change=change,
        tier=draw(st.sampled_from(list(Tier))),
        care_team=draw(st.sampled_from(TEAMS)),
        audience=draw(
            st.sampled_from([(Role.CARE_MANAGER,), BOTH, (Role.CARE_MANAGER, Role.NURSE), (*BOTH, Role.SUPERVISOR)])
        ),
        labels=draw(st.sampled_from([(), (SensitivityLabel.PART_2,), (SensitivityLabel.VERY_RESTRICTED,)])),
        private=draw(st.booleans()),
        card_id=draw(st.sampled_from(["", "card"])),
        rule_id=draw(st.sampled_from(["VISIT-MISSED", "ARRIVAL", "HF-WEIGHT"])),
        reason=draw(st.sampled_from(["admitted", "gained"])),
        due_at=draw(st.none() | moments),
        changed_at=NOW,
    )


histories = st.lists(messages(), min_size=1, max_size=12)


@st.composite
def crowded_histories(draw):
    """Up to forty messages about a dozen gaps of four patients of the same few people, some of them merged away."""
    history = []
    for message in draw(st.lists(messages(), min_size=2, max_size=40)):
        number = draw(st.integers(0, 11))
        patient = number % 4 if draw(st.integers(0, 9)) else 0
        told = {"gap_id": f"gap-{number}", "patient_id": f"patient-{patient}", "labels": ()}
        history.append(
            message.model_copy(update=told if draw(st.integers(0, 3)) else told | {"labels": message.labels})
        )
    return history


def after(history, now=NOW, most=1):
    """What is kept after these messages, so many folded at once."""

    async def play():
        store = MemoryAlertStore(directory(people=PEOPLE))
        for offset in range(0, len(history), most):
            await handle({SLOT: raws(history[offset : offset + most], offset)}, store, now)
        return store.kept

    return asyncio.run(play())


def outcome(kept):
    return kept.records, kept.deliveries, kept.suppressions


@settings(max_examples=60, deadline=None)
@given(histories, moments)
def test_every_recipient_is_told_waits_with_a_time_or_has_a_reason(history, now):
    kept = after(history, now)

    for gap, record in kept.records.items():
        notices = [one for one in kept.deliveries.values() if one.gap_id == gap]
        spoken = {(one.recipient, one.channel) for one in notices}
        spoken |= {(one.recipient, one.channel) for one in kept.suppressions if one.gap_id == gap}
        if record.state.value == "open":
            assert {(record.owner, channel) for channel in PEOPLE[record.owner].channels} <= spoken
        for one in notices:
            assert one.wait is None or one.wait.until >= now
            assert one.expires_at > (one.wait.until if one.wait else now)
    assert all(one.reason in set(Reason) for one in kept.suppressions)


@settings(max_examples=60, deadline=None)
@given(histories, st.data())
def test_duplicates_change_nothing_wherever_they_come(history, data):
    doubled = list(history)
    for index in data.draw(st.lists(st.integers(0, len(history) - 1), max_size=6)):
        first = doubled.index(history[index])
        doubled.insert(data.draw(st.integers(first + 1, len(doubled))), history[index])

    assert outcome(after(doubled)) == outcome(after(history))


@settings(max_examples=60, deadline=None)
@given(histories)
def test_reading_the_topic_again_tells_nobody(history):
    assert outcome(after(history + history)) == outcome(after(history))


@settings(max_examples=300, deadline=None)
@given(crowded_histories(), moments, st.integers(2, 40))
def test_messages_that_are_folded_together_lead_to_what_they_lead_to_one_by_one(history, now, most):
    assert outcome(after(history, now, most)) == outcome(after(history, now))


@settings(max_examples=60, deadline=None)
@given(histories, moments)
def test_the_gravest_wait_for_nothing_but_a_storm_and_partners_never_for_the_night(history, now):
    for one in after(history, now).deliveries.values():
        if one.wait is not None and one.tier is Tier.P1:
            assert one.wait.because is Hold.GROUPED
        if one.wait is not None and one.standing is Standing.PARTNER:
            assert one.wait.because is Hold.COVERED
        if one.notice is Notice.CLOSED:
            assert one.wait is None


@settings(max_examples=60, deadline=None)
@given(histories)
def test_what_is_labelled_or_private_reaches_no_partner_and_no_log(history):
    kept = after(history)
    labelled = {message.gap_id for message in history if message.labels}

    for message in history:
        if all((other.labels or other.private) for other in history if other.gap_id == message.gap_id):
            assert not any(
                one.standing is Standing.PARTNER for one in kept.deliveries.values() if one.gap_id == message.gap_id
            )
    for gap in labelled:
        if all(message.labels for message in history if message.gap_id == gap):
            assert not any(one.channel is Channel.CONSOLE for one in kept.deliveries.values() if one.gap_id == gap)


@st.composite
def held_notices(draw, number):
    neighbour = Neighbour(GapId("graver"), "HF-WEIGHT", "gained", Tier.P1, "card", told=frozenset({ANNA}))
    alert = care_alert(
        f"gap-{number}",
        tier=draw(st.sampled_from(list(Tier))),
        card_id=draw(st.sampled_from(["", "card"])),
        due_at=draw(st.none() | moments),
    )
    return Held(
        f"notice-{number}",
        draw(st.sampled_from(list(Hold))),
        alert,
        draw(st.none() | st.sampled_from([Reason.EXPIRED, Reason.CLOSED_BEFORE_SEND])),
        draw(st.sampled_from([(), (neighbour,)])),
    )


crowds = st.integers(0, 8).flatmap(lambda count: st.tuples(*(held_notices(number) for number in range(count))))
traffics = st.builds(Traffic, in_hour=st.integers(0, 20), in_day=st.integers(0, 80))


@settings(max_examples=200, deadline=None)
@given(crowds, moments, traffics, st.sampled_from([Channel.EMAIL, Channel.SMS, Channel.CONSOLE]))
def test_what_is_judged_again_goes_to_exactly_one_place(crowd, now, traffic, channel):
    receiver = Receiver(ANNA, Standing.CARE_TEAM, channel, traffic)
    released = release(crowd, receiver, Clockwork(directory(people=PEOPLE), SHIPPED, now))

    placed = [name for name, _ in released.suppressed] + [name for name, _ in released.waiting] + list(released.alone)
    placed += [name for fold in released.folds for name in fold.members]
    assert sorted(placed) == sorted(one.delivery_id for one in crowd)
    assert all(wait.until > now for _, wait in released.waiting)
    refused = {one.delivery_id for one in crowd if one.refused}
    assert {name for name, _ in released.suppressed} == refused
    if channel is not Channel.CONSOLE:
        assert len(released.alone) + len(released.folds) <= 2, "one notice, and one digest"


def test_a_delivery_that_waits_is_still_one_delivery():
    kept = after([care_alert(tier=Tier.P3), care_alert(revision=2, tier=Tier.P3)])

    assert [one.channel for one in kept.deliveries.values() if isinstance(one, Deliver)] == ["console", "email"]
