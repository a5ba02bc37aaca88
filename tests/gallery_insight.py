"""A quarter in figures for the pictures: patients with their stays, calls and visits, ratings, a leave, a backtest."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from care_notifications.adapters.postgres_audit import PostgresAuditor
from care_notifications.app import App
from care_notifications.core.backtest_run import BacktestRun
from care_notifications.core.follow_up import NotUseful, Rated
from care_notifications.core.state import Leave
from care_notifications.ports import RawAlert, Slot
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.care_events import AnyCareEvent, encode_event
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.clock import utc_now
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import PatientId, PersonId
from tests.care_alerts import ANNA, BEN, care_alert
from tests.check_in_stories import fact
from tests.notifications_world import SOURCE, World

QUARTER = 92
OLD_ACT = """
INSERT INTO acts (act_id, gap_id, patient_id, kind, done_at, done_by, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
Said = Callable[..., AnyCareEvent]
RULES = ("TCM-CONTACT", "VISIT-LATE", "HF-WEIGHT", "VITALS-TREND", "TCM-VISIT")


async def seed_insight(there: World, app: App, now: datetime, supervisor: PersonId) -> None:
    """Everything that the pages of team and insight show."""
    chance = Random(7)
    facts = [one for number in range(160) for one in _year_of(number, chance, now)]
    raws = [RawAlert(number, b"", encode_event(one)) for number, one in enumerate(facts)]
    for first in range(0, len(raws), 500):
        await app.hearing.insight.records.handle(Slot(CARE_EVENTS.name, 0), raws[first : first + 500])
    while await app.hearing.insight.counts.count_due(utc_now()):
        pass
    await _old_alerts(there, app, chance, now)
    await app.hearing.insight.staff.add_leave(
        BEN, Leave(now + timedelta(days=2), now + timedelta(days=9), ANNA), "chloe", now
    )
    await PostgresAuditor(there.pool, SOURCE).look_at_ladders(now)
    await app.hearing.insight.backtests.keep(backtest(now).model_dump_json(), supervisor, now)


def _year_of(number: int, chance: Random, now: datetime) -> list[AnyCareEvent]:
    """One patient's last half year."""
    patient = PatientId(derived_id("gallery-insight", str(number)))
    since = now - timedelta(days=200)

    def said(kind: str, at: datetime, **more: Any) -> AnyCareEvent:
        return fact(kind, at, patient, **more)

    aco = chance.choice(("aco-north", "aco-north", "aco-harbor"))
    programme = chance.choice(("lead", "lead", "health-home"))
    starts = since.date()
    found = [said("alignment-changed", since, organization=aco, programme=programme, starts_on=starts)]
    found.append(said("patient-updated", since, language=chance.choice(("en",) * 6 + ("es",) * 3 + ("vi",))))
    found += [said("coverage-changed", since, payer_kind="medicare", starts_on=starts)]
    if chance.random() < 0.5:
        found.append(said("coverage-changed", since, payer_kind="medicaid", starts_on=starts))
    for turn in range(chance.choice((0, 1, 1, 2, 3))):
        found += _stay(said, f"{number}-{turn}", chance, now)
    if programme == "health-home":
        for month in range(6):
            if chance.random() < 0.8:
                at = since + timedelta(days=30 * month + chance.randrange(28))
                found.append(said("contact-logged", at, contact_id=f"h-{number}-{month}", outcome="reached"))
    return [one for one in found if one.occurred_at < now]


def _stay(said: Said, name: str, chance: Random, now: datetime) -> list[AnyCareEvent]:
    """One stay, and perhaps a call and a visit after it."""
    left = now - timedelta(days=chance.randrange(3, QUARTER + 20), hours=chance.randrange(8))
    stay = {"encounter_id": f"stay-{name}", "encounter_class": "inpatient"}
    codes = [{"code": chance.choice(("I50.22", "J44.1", "E11.641", "S72.001", "I21.4"))}]
    found = [
        said("hospital-admitted", left - timedelta(days=chance.randrange(2, 9)), **stay),
        said("hospital-discharged", left, disposition="home", diagnoses=codes, **stay),
    ]
    if chance.random() < 0.86:
        at = left + timedelta(hours=chance.choice((5, 20, 24, 30, 44, 120)))
        found.append(said("contact-logged", at, contact_id=f"c-{name}", outcome="reached"))
    if chance.random() < 0.74:
        at = left + timedelta(days=chance.choice((3, 5, 6, 9, 11, 13, 19)))
        found.append(said("appointment-fulfilled", at, appointment_id=f"v-{name}", specialty="cardiology"))
    return found


async def _old_alerts(there: World, app: App, chance: Random, now: datetime) -> None:
    alerts = [_old_alert(number, chance, now) for number in range(240)]
    await there.hear(*alerts, now=now - timedelta(days=1))
    for alert in alerts:
        if chance.random() < 0.25:
            useful = chance.random() < 0.7
            reason = None if useful else chance.choice(list(NotUseful))
            rated = Rated(derived_id("rated", alert.gap_id), useful, reason)
            await app.doors.web.state.desk.shelf.follow_up.record(alert.gap_id, rated, ANNA)
    await there.pool.execute(
        "UPDATE alerts SET state = 'resolved' WHERE gap_id = ANY($1::text[])", [one.gap_id for one in alerts]
    )
    worked = [one for one in alerts if chance.random() < 0.7]
    await there.pool.executemany(
        OLD_ACT,
        [
            (derived_id("old", one.gap_id, kind), one.gap_id, one.patient_id, kind, one.opened_at + timedelta(hours=5),
             ANNA, outcome)
            for one in worked
            for kind, outcome in (
                ("acknowledged", None),
                ("resolved", chance.choice(("contact-made", "done", "done", "no-action-needed"))),
            )
        ],
    )  # fmt: skip


def _old_alert(number: int, chance: Random, now: datetime) -> CareAlert:
    at = now - timedelta(days=chance.randrange(2, QUARTER))
    patient = PatientId(derived_id("gallery-insight", str(chance.randrange(160))))
    return care_alert(
        derived_id("gallery-old", str(number)), patient_id=patient, rule_id=chance.choice(RULES),
        rule_version=1 if at < now - timedelta(days=40) else 2, opened_at=at, changed_at=at, due_at=at,
        episode=f"old-{number}",
    )  # fmt: skip


def backtest(now: datetime) -> BacktestRun:
    """What `carelead backtest --json` printed."""
    chance = Random(3)
    first = (now - timedelta(days=60)).date()
    counts = []
    for day in range(60):
        for rule, usual, tier in (("VITALS-TREND", 6, "P3"), ("HF-WEIGHT", 3, "P2")):
            before = chance.randrange(usual + 2)
            counts.append(
                {
                    "rule_id": rule, "day": str(first + timedelta(days=day)), "tier": tier,
                    "before": before, "after": max(before - chance.randrange(usual), 0),
                }
            )  # fmt: skip
    total = {rule: [sum(one[k] for one in counts if one["rule_id"] == rule) for k in ("before", "after")]
             for rule in ("VITALS-TREND", "HF-WEIGHT")}  # fmt: skip
    rules = [
        {"rule_id": rule, "before": before, "after": after, "lost": before - after, "earlier": 3, "later": 8}
        for rule, (before, after) in total.items()
    ]
    return BacktestRun.model_validate(
        {
            "baseline": "2027.1", "candidate": "2027.2-quiet", "since": now - timedelta(days=60), "until": now,
            "facts": 184220, "unread": 91034, "patients": 812, "asked": list(total), "rules": rules, "counts": counts,
            "before": sum(one["before"] for one in rules), "after": sum(one["after"] for one in rules),
        }
    )  # fmt: skip
