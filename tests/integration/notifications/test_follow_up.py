"""What people do about an alert: kept once, told as facts in the same transaction, and counted per rule."""

from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from care_notifications.adapters.postgres_follow_up import PostgresFollowUp
from care_notifications.adapters.rule_precision import rule_precision
from care_notifications.core.follow_up import MedicinesReconciled, NotUseful, Rated, ReconciledBy, StepTaken
from care_notifications.core.next_steps.library import CoreService
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.contracts.care_events import decode_event
from care_shared.errors import NotFoundError
from care_shared.topics import CARE_ALERT_ACTIVITY, CARE_EVENTS
from care_shared.vocabulary import GapId
from tests.care_alerts import ANNA, NOW, care_alert
from tests.notifications_world import SteppedClock, nobody_rings, world

pytestmark = pytest.mark.stack

GAP = GapId("gap-1")


@pytest_asyncio.fixture
async def desk(postgres_dsn):
    async with world(postgres_dsn) as there:
        there.clock = SteppedClock()
        there.follow_up = PostgresFollowUp(there.pool, nobody_rings, there.clock)
        yield there


def number(of: int) -> str:
    return str(UUID(int=of))


async def test_a_step_sent_twice_is_one_act_two_facts_and_one_activity(desk):
    await desk.hear(care_alert())
    act = StepTaken(number(1), "respite", CoreService.FAMILY_SUPPORT)

    said = [await desk.follow_up.record(GAP, act, ANNA) for _ in range(2)]

    assert said == [True, False]
    facts = [decode_event(value) for value in await desk.published(CARE_EVENTS.name)]
    assert [fact.type for fact in facts] == ["next-step-taken", "service-recorded"]
    activities = [AlertActivity.model_validate_json(one) for one in await desk.published(CARE_ALERT_ACTIVITY.name)]
    assert [one.kind for one in activities] == ["step-taken"]
    assert activities[0].detail["core_service"] == "individual-and-family-support"


async def test_an_act_about_an_alert_that_is_not_there_is_refused_and_tells_nothing(desk):
    with pytest.raises(NotFoundError):
        await desk.follow_up.record(GapId("nowhere"), Rated(number(1), useful=True), ANNA)

    assert await desk.published(CARE_EVENTS.name) == []


async def test_precision_counts_what_was_acted_on_within_14_days(desk):
    opened = NOW - timedelta(days=30)
    for gap in ("gap-1", "gap-2", "gap-3"):
        await desk.hear(care_alert(gap, changed_at=opened, opened_at=opened))
    await desk.hear(care_alert("gap-4", rule_id="HF-WEIGHT", changed_at=NOW, opened_at=NOW))
    desk.clock.now = opened + timedelta(days=2)
    await desk.follow_up.record(GapId("gap-1"), MedicinesReconciled(number(1), ReconciledBy.NURSE), ANNA)
    desk.clock.now = opened + timedelta(days=15)
    await desk.follow_up.record(GapId("gap-2"), StepTaken(number(2), "call-script"), ANNA)
    await desk.follow_up.record(GapId("gap-3"), Rated(number(3), False, NotUseful.KNOWN), ANNA)

    found = {
        one.rule_id: one for one in await rule_precision(desk.pool, NOW - timedelta(days=90), NOW + timedelta(days=1))
    }

    contact = found["discharge-follow-up"]
    assert (contact.told, contact.acted, contact.not_useful, contact.undecided) == (3, 1, 1, 0)
    assert contact.precision == pytest.approx(1 / 3), "too late is not in time, and a rating is no action"
    assert (found["HF-WEIGHT"].told, found["HF-WEIGHT"].undecided, found["HF-WEIGHT"].precision) == (1, 1, None)


async def test_an_alert_that_came_again_is_judged_each_time_by_itself(desk):
    from care_shared.vocabulary import AlertChange

    first, again = NOW - timedelta(days=60), NOW - timedelta(days=30)
    await desk.hear(
        care_alert(changed_at=first),
        care_alert(revision=2, change=AlertChange.CLOSED, changed_at=first + timedelta(days=5)),
        care_alert(revision=3, change=AlertChange.REOPENED, changed_at=again),
    )
    desk.clock.now = first + timedelta(days=1)
    await desk.follow_up.record(GAP, StepTaken(number(1), "call-script"), ANNA)

    one = (await rule_precision(desk.pool, NOW - timedelta(days=90), NOW))[0]

    assert (one.told, one.acted) == (2, 1)


async def test_the_alerts_page_offers_steps_and_logs_them(site):
    await site.hear(care_alert(rule_id="TFU"))
    await site.browser.sign_in()

    page = (await site.browser.http.get("/alerts/gap-1")).text
    assert "Reschedule the visit" in page
    answers = [
        await site.browser.post("/alerts/gap-1/steps", act_id=number(1), step="visit-reschedule"),
        await site.browser.post("/alerts/gap-1/visits", act_id=number(2), starts_at="2026-11-30T09:30", by="video"),
        await site.browser.post("/alerts/gap-1/reconciliations", act_id=number(3), role="pharmacist"),
        await site.browser.post("/alerts/gap-1/ratings", act_id=number(4), useful="no", reason="known"),
    ]

    assert [one.status_code for one in answers] == [303] * 4
    facts = [decode_event(value) for value in await site.published(CARE_EVENTS.name)]
    assert [fact.type for fact in facts] == [
        "next-step-taken", "appointment-booked", "medications-reconciled", "alert-rated",
    ]  # fmt: skip
    assert facts[1].starts_at.isoformat() == "2026-11-30T14:30:00+00:00", "half past nine at the patient's home"
    page = (await site.browser.http.get("/alerts/gap-1")).text
    for words in ("Step taken", "2026-11-30 14:30 UTC", "Visit booked", "Medicines reconciled", "Rated not useful"):
        assert words in page


@pytest.mark.parametrize(
    ("path", "form"),
    [
        pytest.param("steps", {"step": "fly-to-the-moon"}, id="a step that is not in the library"),
        pytest.param("visits", {"starts_at": "soon"}, id="a visit without a time"),
        pytest.param("visits", {"starts_at": "9999-12-31T23:59"}, id="a visit beyond the calendar"),
        pytest.param("visits", {"starts_at": "2207-11-30T09:30"}, id="a year that nobody meant"),
        pytest.param("reconciliations", {"role": "neighbour"}, id="a role that cannot reconcile"),
        pytest.param("ratings", {"useful": "maybe"}, id="neither useful nor not"),
        pytest.param("ratings", {"useful": "no", "reason": "rude words"}, id="a reason of one's own"),
        pytest.param("ratings", {"useful": "yes", "act_id": "1"}, id="an id that is none"),
    ],
)
async def test_what_our_forms_cannot_say_is_refused_and_changes_nothing(site, path, form):
    await site.hear(care_alert())
    await site.browser.sign_in()

    answer = await site.browser.post(f"/alerts/gap-1/{path}", **({"act_id": number(1)} | form))

    assert answer.status_code == 422
    assert await site.published(CARE_EVENTS.name) == []


async def test_resolving_an_alert_tells_its_outcome_as_a_fact_once(site):
    from care_notifications.core.acts import Ask, Resolution, Resolve

    await site.hear(care_alert())
    acts = site.app.doors.web.state.desk.acts
    ask = Ask(GAP, Resolve(Resolution.VISIT_ARRANGED, note="She prefers Tuesdays."), ANNA, number(7))

    await acts.act(ask, NOW)
    await acts.act(ask, NOW)

    (fact,) = [decode_event(value) for value in await site.published(CARE_EVENTS.name)]
    assert (fact.type, fact.outcome, fact.by) == ("alert-outcome-stated", "visit-arranged", ANNA)
    assert "Tuesdays" not in fact.model_dump_json()


async def test_an_alert_that_a_person_overrides_is_not_acted_on(site):
    from care_notifications.core.acts import Ask, Resolution, Resolve

    await site.hear(care_alert("gap-1"), care_alert("gap-2"))
    acts = site.app.doors.web.state.desk.acts
    await acts.act(Ask(GapId("gap-1"), Resolve(Resolution.FALSE_ALERT), ANNA, number(1)), NOW)
    await acts.act(Ask(GapId("gap-2"), Resolve(Resolution.CONTACT_MADE), ANNA, number(2)), NOW)

    (one,) = await rule_precision(site.pool, NOW - timedelta(days=90), NOW + timedelta(days=1))

    assert (one.told, one.acted, one.overridden, one.undecided, one.precision) == (2, 1, 1, 0, 0.5)


async def test_a_step_for_a_member_of_a_health_home_is_told_as_one_of_the_six_core_services(site):
    from care_notifications.ports import RawAlert, Slot
    from care_shared.contracts.care_events import encode_event
    from tests.check_in_stories import living

    facts = living({"programme": "health_home", "aligned": "2026-01-01"})
    batch = [RawAlert(place, b"p", encode_event(one)) for place, one in enumerate(facts)]
    await site.app.hearing.check_ins.patients.handle(Slot(CARE_EVENTS.name, 0), batch)
    await site.hear(care_alert(rule_id="CAREGIVER-BURDEN"))
    await site.browser.sign_in()

    await site.browser.post("/alerts/gap-1/steps", act_id=number(1), step="respite")

    facts = [decode_event(value) for value in await site.published(CARE_EVENTS.name)]
    assert [fact.type for fact in facts] == ["next-step-taken", "service-recorded"]
    assert facts[1].service.code == "individual-and-family-support"
