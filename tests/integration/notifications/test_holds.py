"""What waits, waits in PostgreSQL: it is judged again in time, told as one, and nothing of it is ever forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from care_notifications.adapters.postgres_directory import NamedPerson, ensure_directory
from care_notifications.core.attempts import Accepted, Unavailable
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.topics import CARE_ALERT_ACTIVITY
from care_shared.vocabulary import AlertChange, GapId, SensitivityLabel, Tier
from tests.care_alerts import ANNA, BOTH, NOW, care_alert
from tests.fakes.memory_channel import MemoryChannel
from tests.notifications_house import FAR, of_patient

pytestmark = pytest.mark.stack

NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # ten in the evening in New York


async def test_by_night_a_notice_waits_for_morning_also_over_a_restart(house):
    house.clock.now = NIGHT
    await house.hear(of_patient(1), of_patient(2), of_patient(3, tier=Tier.P1))
    await house.turn(minutes=1)
    assert [one.gap_id for one in house.mail.messages] == ["gap-3"], "P1 passes"
    assert await house.mail_of("gap-1") == ("held", "quiet-hours")

    house.restart()
    await house.turn(hours=9, minutes=58)
    assert len(house.mail.messages) == 1
    await house.turn(minutes=1)

    assert house.mails() == [1, 2], "one notice in the morning for both"
    assert await house.mail_of("gap-1") == ("delivered", "quiet-hours")


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        pytest.param("2026-03-08T03:00", "2026-03-08T12:00", id="the clock goes forward"),
        pytest.param("2026-11-01T03:00", "2026-11-01T13:00", id="the clock goes back"),
    ],
)
async def test_morning_is_morning_when_the_clock_jumps(house, evening, morning):
    house.clock.now = datetime.fromisoformat(evening).replace(tzinfo=UTC)
    await house.hear(of_patient(1))
    until = await house.there.pool.fetchval("SELECT held_until FROM deliveries WHERE channel = 'email'")

    assert until == datetime.fromisoformat(morning).replace(tzinfo=UTC)


async def test_morning_comes_where_the_recipient_is(house):
    await ensure_directory(house.there.pool, [NamedPerson(ANNA, "Anna", "anna@lead.example")])
    await house.there.pool.execute("UPDATE people SET zone = 'Pacific/Honolulu' WHERE person_id = $1", ANNA)
    house.clock.now = NOW  # four in the morning there
    await house.hear(of_patient(1))

    assert await house.mail_of("gap-1") == ("held", "quiet-hours")
    await house.turn(hours=3, minutes=59)
    assert house.mail.messages == []
    await house.turn(minutes=1)
    assert house.mails() == [1]


async def test_what_closed_by_night_is_not_told_in_the_morning(house):
    house.clock.now = NIGHT
    await house.hear(of_patient(1))
    await house.hear(of_patient(1, revision=2, change=AlertChange.CLOSED))
    await house.turn(seconds=1)

    assert await house.mail_of("gap-1") == ("suppressed", "closed-before-send")


async def test_what_somebody_took_by_night_is_not_told_in_the_morning(house):
    house.clock.now = NIGHT
    await house.hear(of_patient(1))
    await house.there.taken("gap-1", ANNA, NIGHT)
    await house.turn(hours=10)

    assert await house.mail_of("gap-1") == ("suppressed", "acknowledged-before-send")
    assert house.mail.messages == []


async def test_what_gets_graver_by_night_is_told_at_once_and_once(house):
    house.clock.now = NIGHT
    await house.hear(of_patient(1))
    await house.hear(of_patient(1, revision=2, change=AlertChange.ESCALATED, tier=Tier.P1))
    await house.turn(minutes=1)
    await house.turn(hours=10)

    assert [one.tier for one in house.mail.messages] == [Tier.P1]
    ends = await house.there.pool.fetch(
        "SELECT tier, state, reason FROM deliveries WHERE channel = 'email' ORDER BY tier"
    )
    assert [tuple(row) for row in ends] == [("P1", "delivered", None), ("P2", "suppressed", "already-told")]


async def test_several_at_once_become_one_notice_with_an_end_for_each(house):
    await house.hear(*(of_patient(number) for number in range(10)))
    await house.turn(seconds=1)
    await house.turn(seconds=60)

    assert house.mails() == [1, 1, 1, 7]
    assert house.mail.messages[3].listing.counts == ((Tier.P2, 7),)
    ended = await house.there.published(CARE_ALERT_ACTIVITY.name)
    kinds = [(one.gap_id, one.kind.value) for one in map(AlertActivity.model_validate_json, ended)]
    assert sorted(kinds) == sorted((f"gap-{number}", "delivered") for number in range(10))


async def test_two_about_one_patient_become_one(house):
    await house.hear(care_alert("gap-1", due_at=FAR))
    await house.hear(care_alert("gap-2", due_at=FAR), care_alert("gap-3", due_at=FAR))
    await house.turn(seconds=61)

    assert house.mails() == [1, 2]


async def test_what_closed_while_folded_is_taken_out_and_an_empty_fold_is_not_sent(house):
    await house.hear(*(of_patient(number) for number in range(5)))
    house.clock.forward(seconds=61)
    await house.releaser.release_due()
    await house.hear(*(of_patient(number, revision=2, change=AlertChange.CLOSED) for number in (3, 4)))
    await house.turn(seconds=1)

    assert house.mails() == [1, 1, 1]
    assert await house.mail_of("gap-4") == ("suppressed", "closed-before-send")
    assert await house.there.pool.fetchval("SELECT state FROM folds") == "suppressed"


async def test_a_mail_server_that_is_away_keeps_the_fold(house):
    await house.hear(*(of_patient(number) for number in range(6)))
    await house.turn(seconds=1)
    answers = iter([Unavailable("421"), Accepted()])
    house.mail = MemoryChannel(lambda _: next(answers))
    house.restart()
    await house.turn(seconds=61)
    assert await house.mail_of("gap-5") == ("folded", "grouped")
    await house.turn(seconds=10)

    assert house.mails() == [3, 3]
    assert house.mail.messages[0].delivery_id == house.mail.messages[1].delivery_id
    assert await house.mail_of("gap-5") == ("delivered", "grouped")


async def test_the_digest_comes_on_the_next_working_morning_with_all_that_waited(house):
    await house.hear(*(of_patient(number, tier=Tier.P3 if number % 2 else Tier.P4) for number in range(5)))
    await house.turn(hours=23)
    assert house.mail.messages == []
    assert await house.mail_of("gap-1") == ("held", "digest")

    house.restart()
    await house.turn(minutes=31)

    assert house.mails() == [5]
    assert house.mail.messages[0].listing.counts == ((Tier.P3, 2), (Tier.P4, 3))
    assert await house.mail_of("gap-1") == ("delivered", "digest")


async def test_what_is_over_the_budget_comes_with_the_next_digest_and_says_so(house):
    for number in range(20):
        await house.hear(of_patient(number))
        await house.turn(minutes=2)
    await house.hear(of_patient(20, tier=Tier.P1))
    await house.turn(seconds=1)

    assert house.mails() == [1] * 13, "twelve, and the P1"
    assert await house.mail_of("gap-12") == ("held", "over-budget")
    await house.turn(hours=2)
    assert house.mails()[13:] == [8]


async def test_a_graver_alert_covers_another_of_its_episode_until_it_ends(house):
    await house.hear(of_patient(1, card_id="card", tier=Tier.P1))
    await house.hear(of_patient(1, card_id="card", tier=Tier.P1).model_copy(update={"gap_id": GapId("lesser")}))
    lesser = care_alert("covered", patient_id="patient-1", card_id="card", due_at=FAR)
    await house.hear(lesser)
    await house.turn(minutes=20)
    assert await house.mail_of("covered") == ("held", "covered")
    assert len(house.mail.messages) == 2

    for gap in ("gap-1", "lesser"):
        closing = care_alert(gap, 2, patient_id="patient-1", card_id="card", tier=Tier.P1, change=AlertChange.CLOSED)
        await house.hear(closing)
        await house.turn(seconds=1)

    assert await house.mail_of("covered") == ("delivered", "covered")
    assert [one.gap_id for one in house.mail.messages] == ["gap-1", "lesser", "covered"]


async def test_what_was_covered_and_closed_is_not_told(house):
    await house.hear(of_patient(1, card_id="card", tier=Tier.P1))
    covered = care_alert("covered", patient_id="patient-1", card_id="card", due_at=FAR, audience=BOTH)
    await house.hear(covered)
    await house.hear(care_alert("covered", 2, patient_id="patient-1", card_id="card", change=AlertChange.CLOSED))
    await house.turn(seconds=1)

    assert await house.mail_of("covered") == ("suppressed", "closed-before-send")


async def test_a_covered_alert_is_told_before_its_own_deadline_in_any_case(house):
    await house.hear(of_patient(1, card_id="card", tier=Tier.P1))
    due = NOW + timedelta(hours=6)
    await house.hear(care_alert("covered", patient_id="patient-1", card_id="card", due_at=due))
    await house.turn(hours=1, minutes=59)
    assert await house.mail_of("covered") == ("held", "covered")
    await house.turn(minutes=1)

    assert await house.mail_of("covered") == ("delivered", "covered")


async def test_while_in_hospital_a_missed_visit_waits_and_is_told_when_the_stay_ends(house):
    stay = of_patient(1, rule_id="ARRIVAL", reason="admitted")
    await house.hear(stay, care_alert("visit", patient_id="patient-1", rule_id="VISIT-MISSED", due_at=FAR))
    await house.turn(seconds=1)
    assert await house.mail_of("visit") == ("held", "covered")

    await house.hear(of_patient(1, revision=2, rule_id="ARRIVAL", reason="stay_ended", change=AlertChange.CLOSED))
    await house.turn(seconds=1)

    assert await house.mail_of("visit") == ("delivered", "covered")


async def test_a_partner_is_not_kept_in_the_dark_by_what_it_may_not_know(house):
    label = (SensitivityLabel.PART_2,)
    await house.hear(of_patient(1, card_id="card", tier=Tier.P1, labels=label, audience=BOTH))
    await house.hear(care_alert("visit", patient_id="patient-1", card_id="card", due_at=FAR, audience=BOTH))
    await house.turn(seconds=1)

    assert [one.gap_id for one in house.hook.messages] == ["visit"]


async def test_a_consent_opens_and_its_revocation_closes_in_the_instant_of_sending(house):
    label = (SensitivityLabel.PART_2,)
    grant = "INSERT INTO consents VALUES ($1, '42CFRPart2', 'agency-harbor', true, NULL, now())"
    for number in (1, 2):
        await house.there.pool.execute(grant, f"patient-{number}")
    await house.hear(of_patient(1, labels=label, audience=BOTH), of_patient(2, labels=label, audience=BOTH))
    await house.there.pool.execute("UPDATE consents SET permitted = false WHERE patient_id = 'patient-2'")
    await house.turn(seconds=1)

    assert [one.gap_id for one in house.hook.messages] == ["gap-1"]
    assert (
        await house.there.pool.fetchval("SELECT reason FROM deliveries WHERE gap_id = 'gap-2' AND channel = 'webhook'")
        == "sensitive"
    )


async def test_complaint_02_after_an_outage_of_eight_days_nothing_old_goes_out(house):
    house.clock.now = NIGHT
    await house.hear(*(of_patient(number) for number in range(3)), of_patient(9, tier=Tier.P3))
    await house.turn(days=8)

    assert house.mail.messages == []
    assert await house.mail_of("gap-1") == ("suppressed", "expired")
    assert await house.mail_of("gap-9") == ("suppressed", "expired")


async def test_complaint_12_what_waits_for_morning_resumes_after_a_restart_to_the_second(house):
    house.clock.now = NIGHT
    await house.hear(of_patient(1))
    house.restart()
    await house.turn(hours=10)

    assert house.mails() == [1]


async def test_complaint_01_ten_thousand_looks_at_two_due_notices_send_each_once(house):
    await house.hear(of_patient(1), of_patient(2))
    for _ in range(200):
        await house.turn(milliseconds=10)

    assert house.mails() == [1, 1]


async def test_who_stops_digests_while_one_is_on_its_way_gets_none_and_each_alert_in_it_says_so(house):
    await house.hear(of_patient(1, tier=Tier.P3), of_patient(2, tier=Tier.P4), of_patient(3))
    await house.turn(seconds=1)
    house.clock.forward(hours=24)
    await house.releaser.release_due()
    await house.there.pool.execute("INSERT INTO opt_outs VALUES ($1, 'email', 'digest', $2, 'link')", ANNA, NOW)
    await house.turn(seconds=1)

    assert [one.gap_id for one in house.mail.messages] == ["gap-3"]
    assert await house.mail_of("gap-1") == await house.mail_of("gap-2") == ("suppressed", "no-digests")
    assert await house.unexplained() == 0
