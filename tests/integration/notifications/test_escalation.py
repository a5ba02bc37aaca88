"""Alerts climb, work moves and the auditor looks, on real PostgreSQL: twice at once, after a kill, by a bad clock."""

import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio

from care_notifications.adapters.postgres_acts import PostgresActs
from care_notifications.adapters.postgres_audit import PostgresAuditor
from care_notifications.adapters.postgres_chores import PostgresChores
from care_notifications.adapters.postgres_escalations import PostgresEscalations
from care_notifications.adapters.postgres_handing import PostgresHanding
from care_notifications.chores import Chores, build_chores
from care_notifications.core.acts import Acknowledge, Ask, Done, HandOverReason, Snooze, SnoozeReason
from care_notifications.core.state import Channel
from care_notifications.courier import Courier
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.topics import CARE_ALERT_ACTIVITY
from care_shared.vocabulary import GapId, Tier
from tests.care_alerts import ANNA, BEN, DESK, NOW, care_alert
from tests.fakes.memory_channel import MemoryChannel
from tests.notifications_world import SOURCE, SteppedClock, nobody_rings

pytestmark = pytest.mark.stack

GAP = GapId("gap-1")
HALF_AN_HOUR = timedelta(minutes=30)
LEAVE = "INSERT INTO leaves VALUES ($1, $2, $3, $4, $5, 'ops', $3)"


@pytest_asyncio.fixture
async def there(there):
    there.acts = PostgresActs(there.pool, nobody_rings, SOURCE)
    there.ladders = PostgresEscalations(there.pool, SOURCE, nobody_rings)
    there.handing = PostgresHanding(there.pool, SOURCE)
    there.auditor = PostgresAuditor(there.pool, SOURCE)
    return there


async def take(there, now):
    return [(one.kind.value, one.target, one.recipients) for one in await there.ladders.take_due(now, 50)]


async def next_at(there):
    return await there.pool.fetchval("SELECT next_escalation_at FROM alerts WHERE gap_id = $1", GAP)


async def acknowledge(there, now, by=ANNA, gap=GAP):
    return await there.acts.act(Ask(gap, Acknowledge(), by, f"{gap}-{by}-{now}"), now)


async def findings(there):
    return [(row["kind"], row["subject"]) for row in await there.auditor.standing()]


async def owners(there):
    rows = await there.pool.fetch("SELECT gap_id, owner, covering_for FROM alerts ORDER BY gap_id")
    return [tuple(row) for row in rows]


async def activities(there):
    values = await there.published(CARE_ALERT_ACTIVITY.name)
    found = map(AlertActivity.model_validate_json, values)
    return [(one.kind.value, one.by, one.detail.get("reason")) for one in found]


async def test_nobody_answers_and_the_next_one_is_told_by_every_channel(there):
    await there.hear(care_alert(tier=Tier.P1))

    assert await take(there, NOW + HALF_AN_HOUR - timedelta(seconds=1)) == []
    assert await take(there, NOW + HALF_AN_HOUR) == [("escalated", "backup", (BEN,))]

    mail, clock = MemoryChannel(), SteppedClock(NOW + HALF_AN_HOUR)
    await Courier(there.store, {Channel.EMAIL: mail}, clock).send_due(f"email:{BEN}")
    assert [(one.recipient, one.kind) for one in mail.messages] == [(BEN, "care-gap.escalated")]
    assert await activities(there) == [
        ("escalated", "escalation", "backup"),
        ("delivered", "notifications", None),
    ]


async def test_a_step_is_taken_once_however_many_look_at_once(there):
    await there.hear(*(care_alert(f"gap-{number}", tier=Tier.P1) for number in range(20)))
    replicas = [PostgresEscalations(there.pool, SOURCE, nobody_rings) for _ in range(3)]

    taken = await asyncio.gather(*(one.take_due(NOW + HALF_AN_HOUR, 50) for one in replicas))

    assert sum(len(one) for one in taken) == 20
    assert await there.pool.fetchval("SELECT count(*) FROM escalation_steps") == 20
    told = await there.pool.fetchval("SELECT count(*) FROM deliveries WHERE recipient = $1", BEN)
    assert told == 20 * 2, "by log and by mail"


async def test_acknowledging_against_a_step_ends_in_one_order_and_then_all_is_silent(there):
    gaps = [GapId(f"gap-{number}") for number in range(12)]
    await there.hear(*(care_alert(gap, tier=Tier.P1) for gap in gaps))
    now = NOW + HALF_AN_HOUR

    answers = await asyncio.gather(
        *(acknowledge(there, now, gap=gap) for gap in gaps), *(there.ladders.take_due(now, 5) for _ in range(4))
    )

    assert all(isinstance(one, Done) for one in answers[: len(gaps)])
    waiting = await there.pool.fetchval("SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'held')")
    states = await there.pool.fetch("SELECT DISTINCT state FROM alerts")
    assert (waiting, [row["state"] for row in states]) == (0, ["acknowledged"])
    later = await there.ladders.take_due(now + timedelta(minutes=1), 50)
    assert later == []


async def test_complaint_12_after_a_restart_three_days_later_one_step_is_taken_and_then_it_goes_on(there):
    await there.hear(care_alert(tier=Tier.P1))
    late = NOW + timedelta(days=3)
    reborn = PostgresEscalations(there.pool, SOURCE, nobody_rings)

    [step] = await reborn.take_due(late, 50)

    assert step.late
    assert await reborn.take_due(late, 50) == []
    assert await next_at(there) == late + HALF_AN_HOUR


async def test_who_took_it_and_did_nothing_is_told_and_it_climbs_again(there):
    await there.hear(care_alert(tier=Tier.P1))
    await acknowledge(there, NOW)

    assert await take(there, NOW + timedelta(hours=2)) == [("acknowledgement-timed-out", "owner", (ANNA,))]
    assert (await there.states())["gap-1"][0] == "open"
    assert await take(there, NOW + timedelta(hours=2, minutes=30)) == [("escalated", "backup", (BEN,))]


async def test_a_snooze_ends_by_itself(there):
    await there.hear(care_alert())
    until = NOW + timedelta(hours=6)
    await there.acts.act(Ask(GAP, Snooze(until, SnoozeReason.VISIT_PLANNED), ANNA, "act-1"), NOW)

    assert await take(there, until - timedelta(seconds=1)) == []
    assert await take(there, until) == [("woken", "owner", (ANNA,))]
    assert (await there.states())["gap-1"][0] == "open"


async def test_a_chain_that_ended_unanswered_is_found_once_and_gone_when_somebody_comes(there):
    await there.hear(care_alert(tier=Tier.P1))
    now = NOW
    for _ in range(40):
        now += HALF_AN_HOUR
        await there.ladders.take_due(now, 50)

    first, second = await there.auditor.look(now), await there.auditor.look(now + timedelta(minutes=1))
    assert [one.kind.value for one in first.appeared] == ["chain-ended-unanswered"]
    assert second.appeared == []
    assert await findings(there) == [("chain-ended-unanswered", "gap-1")]

    await acknowledge(there, now)
    third = await there.auditor.look(now + timedelta(minutes=2))
    assert [one.kind.value for one in third.gone] == ["chain-ended-unanswered"]
    assert await findings(there) == []


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        pytest.param("UPDATE alerts SET next_escalation_at = NULL", "no-next-step", id="no next step"),
        pytest.param(
            "UPDATE alerts SET next_escalation_at = next_escalation_at + interval '400 days'", "step-too-far",
            id="a clock was a year ahead",
        ),
    ],
)  # fmt: skip
async def test_the_auditor_gives_an_open_alert_its_next_step_again(there, damage, kind):
    await there.hear(care_alert(tier=Tier.P1))
    await there.pool.execute(damage)

    report = await there.auditor.look(NOW)

    assert [(one.kind.value, one.subject) for one in report.repaired] == [(kind, "gap-1")]
    assert await next_at(there) == NOW + HALF_AN_HOUR
    assert (await there.auditor.look(NOW)).repaired == []


async def test_the_auditor_leaves_in_peace_what_is_as_it_must_be(there):
    await there.hear(*(care_alert(f"gap-{tier}", tier=tier) for tier in Tier))
    await acknowledge(there, NOW, gap=GapId("gap-P2"))
    await there.acts.act(Ask(GapId("gap-P4"), Acknowledge(), ANNA, "act-9"), NOW)

    report = await there.auditor.look(NOW + timedelta(minutes=1))

    assert (report.repaired, report.appeared) == ([], [])


async def test_nobody_is_without_a_lead_the_auditor_gives_the_work_of_a_leaver_away(there):
    await there.hear(care_alert())
    await there.pool.execute("UPDATE people SET active = false WHERE person_id = $1", ANNA)

    report = await there.auditor.look(NOW)

    assert [one.kind.value for one in report.repaired] == ["no-owner"]
    assert await owners(there) == [("gap-1", BEN, None)]
    assert ("handed-over", "auditor", "left") in await activities(there)


async def test_an_overdue_step_tells_that_the_escalator_does_not_get_on(there):
    await there.hear(care_alert(tier=Tier.P1))

    report = await there.auditor.look(NOW + timedelta(hours=1))

    assert [(one.kind.value, one.subject) for one in report.appeared] == [("step-overdue", "gap-1")]


async def test_a_leave_moves_the_open_work_and_its_end_brings_it_back(there):
    await there.hear(care_alert("gap-1"), care_alert("gap-2"))
    begin, end = NOW + timedelta(hours=1), NOW + timedelta(days=7)
    await there.pool.execute(LEAVE, "leave-1", ANNA, begin, end, DESK)

    assert await there.handing.keep_leaves(NOW) == 0
    assert await there.handing.keep_leaves(begin) == 2
    assert await there.handing.keep_leaves(begin) == 0
    assert await owners(there) == [("gap-1", DESK, ANNA), ("gap-2", DESK, ANNA)]

    await there.hear(care_alert("gap-3"), now=begin + timedelta(hours=1))
    assert (await owners(there))[2] == ("gap-3", DESK, ANNA)

    assert await there.handing.keep_leaves(end) == 3
    assert await owners(there) == [("gap-1", ANNA, None), ("gap-2", ANNA, None), ("gap-3", ANNA, None)]
    said = await activities(there)
    assert said.count(("handed-over", "carelead", "leave-began")) == 2
    assert said.count(("handed-over", "carelead", "leave-ended")) == 3
    lines = await there.pool.fetchval("SELECT count(*) FROM acts WHERE kind = 'handed-over' AND to_person = $1", DESK)
    assert lines == 2


async def test_the_history_tells_who_stood_in_and_when(there):
    await there.hear(care_alert())
    await there.pool.execute(LEAVE, "leave-1", ANNA, NOW, NOW + timedelta(days=7), DESK)
    await there.handing.keep_leaves(NOW + timedelta(minutes=1))
    await there.handing.keep_leaves(NOW + timedelta(days=7))

    rows = await there.pool.fetch("SELECT person_id, reason FROM lead_history ORDER BY since, entry")

    assert [tuple(row) for row in rows] == [(ANNA, "named"), (DESK, "leave-began"), (ANNA, "leave-ended")]


async def test_the_work_of_somebody_who_goes_is_somebodys_at_once(there):
    await there.hear(*(care_alert(f"gap-{number}") for number in range(250)))
    await there.pool.execute("UPDATE people SET active = false WHERE person_id = $1", ANNA)

    moved = await there.handing.give_away(ANNA, HandOverReason.LEFT, "ops", NOW)

    assert moved == 250
    assert await there.pool.fetchval("SELECT count(*) FROM alerts WHERE owner = $1", BEN) == 250
    assert await there.pool.fetchval("SELECT count(*) FROM acts WHERE done_by = 'ops' AND reason = 'left'") == 250


async def test_work_for_a_team_is_spread_also_within_one_storm(there):
    await there.pool.execute("INSERT INTO teams (team_id, display_name) VALUES ('team-west', 'West')")
    await there.pool.execute("UPDATE people SET team_id = 'team-west' WHERE person_id = ANY($1)", [ANNA, BEN])
    team = care_alert().care_team.model_copy(update={"lead_care_manager": "team-west", "backup": None})

    await there.hear(*(care_alert(f"gap-{number}", care_team=team) for number in range(10)))

    rows = await there.pool.fetch("SELECT owner, count(*) FROM alerts GROUP BY owner ORDER BY owner")
    assert [tuple(row) for row in rows] == [(ANNA, 5), (BEN, 5)]


async def test_complaint_13_who_stands_on_a_ladder_without_an_address_is_found_at_night(there):
    report = await there.auditor.look_at_ladders(NOW)

    assert [(one.kind.value, one.subject) for one in report.appeared] == [("unreachable", DESK)]
    await there.pool.execute("UPDATE people SET email = 'desk@lead.example' WHERE person_id = $1", DESK)
    again = await there.auditor.look_at_ladders(NOW + timedelta(days=1))
    assert [one.subject for one in again.gone] == [DESK]


async def test_complaint_09_chores_take_turns_and_a_failed_one_is_found(there):
    clock, turns = SteppedClock(), PostgresChores(there.pool)
    both = [Chores(turns, build_chores(there.handing, there.auditor, turns), clock) for _ in range(2)]
    await asyncio.gather(*(one.run_due() for one in both))
    ran = await turns.ran()
    assert {name: outcome for name, (_, outcome) in ran.items()} == {
        "audit": "done",
        "ladders": "done",
        "leaves": "done",
    }

    await there.pool.execute("UPDATE chores SET outcome = 'failed' WHERE chore = 'ladders'")
    clock.forward(minutes=2)
    await both[0].run_due()
    assert ("chore-overdue", "ladders") in await findings(there)

    clock.forward(days=-30)
    assert await turns.take("leaves", timedelta(minutes=1), clock.now), "a clock that went back does not stop a chore"


async def test_complaint_03_what_was_stored_without_a_step_is_taken_up_within_a_minute(there):
    """An alert that an older release stored, or that lost its step in any other way, is nobody's secret."""
    await there.hear(*(care_alert(f"gap-{number}", tier=Tier.P1) for number in range(77)))
    await there.pool.execute("UPDATE alerts SET next_escalation_at = NULL")

    report = await there.auditor.look(NOW + timedelta(minutes=1))

    assert len(report.repaired) == 77
    assert await there.pool.fetchval("SELECT count(*) FROM alerts WHERE next_escalation_at IS NULL") == 0
