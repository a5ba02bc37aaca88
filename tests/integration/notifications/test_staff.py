"""Operators change people, teams and leaves; what would make a hole in a ladder is refused, and none of it is kept."""

import asyncio
from datetime import time, timedelta

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from care_cli.commands.all import app
from care_notifications.adapters.postgres_audit import PostgresAuditor
from care_notifications.adapters.postgres_chores import PostgresChores
from care_notifications.adapters.postgres_handing import PostgresHanding
from care_notifications.adapters.postgres_staff import PersonChange, PostgresStaff, TeamChange
from care_notifications.chores import Chores, build_chores
from care_notifications.core.lead import Answering
from care_notifications.core.state import Leave
from care_shared.errors import CareError, ConfigurationError, NotFoundError
from care_shared.vocabulary import PersonId, Tier
from tests.care_alerts import ANNA, BEN, DESK, NOW, care_alert
from tests.notifications_world import SOURCE, SteppedClock

pytestmark = pytest.mark.stack

EVE = PersonId("sup-eve")
DAY = timedelta(days=1)


@pytest_asyncio.fixture
async def there(there):
    there.staff = PostgresStaff(there.pool, SOURCE)
    await there.staff.put_person(PersonChange(DESK, email="desk@lead.example"))
    return there


async def test_somebody_is_entered_and_only_what_is_given_changes(there):
    await there.staff.put_person(
        PersonChange(ANNA, zone="America/Chicago", begin=time(7), end=time(15), days=(1, 2, 3))
    )

    row = await there.pool.fetchrow("SELECT * FROM people WHERE person_id = $1", ANNA)
    assert (row["display_name"], row["email"], row["zone"]) == ("Anna", "anna@lead.example", "America/Chicago")
    assert (row["work_days"], row["work_from"]) == ([1, 2, 3], time(7))


async def test_complaint_13_a_supervisor_without_an_address_is_refused_when_named(there):
    await there.staff.put_person(PersonChange(EVE, display_name="Eve", roles=("supervisor",)))

    with pytest.raises(ConfigurationError, match="sup-eve on a ladder without a way to be reached"):
        await there.staff.put_person(PersonChange(ANNA, supervisor=EVE))
    assert await there.pool.fetchval("SELECT supervisor FROM people WHERE person_id = $1", ANNA) is None

    await there.staff.put_person(PersonChange(EVE, email="eve@lead.example"))
    await there.staff.put_person(PersonChange(ANNA, supervisor=EVE))
    with pytest.raises(ConfigurationError, match="sup-eve"):
        await there.staff.put_person(PersonChange(EVE, email=""))


async def test_a_team_whose_night_watch_cannot_be_reached_is_refused(there):
    await there.staff.put_team(TeamChange("team-west", "West"))
    await there.staff.put_person(PersonChange(BEN, team="team-west"))
    await there.staff.put_person(PersonChange(EVE, roles=("nurse",)))

    with pytest.raises(ConfigurationError, match="sup-eve"):
        await there.staff.put_team(TeamChange("team-west", after_hours=EVE))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"email": "no address"}, id="an email that is none"),
        pytest.param({"zone": "Mars/Olympus"}, id="a zone that is none"),
        pytest.param({"supervisor": ANNA}, id="one's own supervisor"),
        pytest.param({"begin": time(17), "end": time(9)}, id="work that ends before it begins"),
        pytest.param({"days": ()}, id="no working day"),
        pytest.param({"days": (0, 8)}, id="days that are none"),
    ],
)
async def test_what_makes_no_sense_is_refused(there, change):
    with pytest.raises(ConfigurationError):
        await there.staff.put_person(PersonChange(ANNA, **change))


async def test_names_that_nobody_has_are_refused(there):
    for change in ({"supervisor": PersonId("nobody")}, {"team": "nothing"}):
        with pytest.raises(NotFoundError):
            await there.staff.put_person(PersonChange(ANNA, **change))
    with pytest.raises(NotFoundError):
        await there.staff.let_go(PersonId("nobody"), "ops", NOW)
    with pytest.raises(NotFoundError):
        await there.staff.add_leave(ANNA, Leave(NOW, cover=PersonId("nobody")), "ops", NOW)


async def test_a_leave_is_entered_once_ends_early_and_covers_meanwhile(there):
    await there.hear(care_alert())
    await there.staff.add_leave(ANNA, Leave(NOW, NOW + 9 * DAY, DESK), "ops", NOW)
    with pytest.raises(ConfigurationError, match="already"):
        await there.staff.add_leave(ANNA, Leave(NOW + DAY), "ops", NOW)
    for senseless in (Leave(NOW, NOW - DAY), Leave(NOW, cover=BEN)):
        with pytest.raises(ConfigurationError):
            await there.staff.add_leave(BEN, senseless, "ops", NOW)

    handing = PostgresHanding(there.pool, SOURCE)
    await handing.keep_leaves(NOW)
    assert await there.staff.who_answers(ANNA, NOW) == Answering(DESK, None, ANNA)
    assert await there.staff.end_leave(ANNA, NOW + DAY) == 1
    await handing.keep_leaves(NOW + DAY)

    assert (await there.states())["gap-1"][2] == ANNA
    assert await there.staff.leaves() == []


async def test_who_goes_signs_in_no_more_and_leaves_nothing_behind(there):
    await there.hear(care_alert("gap-1"), care_alert("gap-2"))
    await there.pool.execute("INSERT INTO accounts (username, person_id, password_hash) VALUES ('anna', $1, 'x')", ANNA)

    assert await there.staff.let_go(ANNA, "ops", NOW) == 2

    assert {owner for _, _, owner in (await there.states()).values()} == {BEN}
    assert await there.pool.fetchval("SELECT disabled_at FROM accounts") == NOW
    assert (await PostgresAuditor(there.pool, SOURCE).look(NOW)).repaired == []


async def test_a_supervisor_sees_who_has_how_much(there):
    await there.hear(care_alert("gap-1", tier=Tier.P1), care_alert("gap-2", tier=Tier.P3, due_at=NOW - DAY))

    rows = await there.staff.roster(NOW)

    assert tuple(rows[0][name] for name in ("person_id", "open", "urgent", "overdue")) == (ANNA, 2, 1, 1)


async def said(there, monkeypatch, *words):
    """What `carelead` prints, and how it ends."""
    monkeypatch.setattr("care_cli.running.pools.postgres_target", lambda: there.dsn)
    found = await asyncio.to_thread(CliRunner().invoke, app, list(words))
    return found.exit_code, found.output.splitlines(), found.exception


async def test_the_command_line_does_all_of_it(there, monkeypatch):
    await there.hear(care_alert(due_at=None))
    assert (await said(there, monkeypatch, "people", "put", "sup-eve", "--email", "eve@lead.example"))[0] == 0
    assert (await said(there, monkeypatch, "people", "team", "team-west", "--supervisor", "sup-eve"))[0] == 0
    put = await said(
        there, monkeypatch, "people", "put", ANNA, "--team", "team-west", "--hours", "07:30-16:00", "--days", "1,2,3"
    )
    assert put[:2] == (0, ["cm-anna is entered"])

    code, lines, _ = await said(there, monkeypatch, "people", "list")
    assert code == 0
    assert lines[1].split() == ["cm-anna", "1", "1", "0", "team-west,", "07:30-16:00"]

    away = ["leave", "add", ANNA, "--from", "2020-01-01T00:00:00Z", "--until", "2099-01-01T00:00:00Z", "--cover", BEN]
    assert (await said(there, monkeypatch, *away))[1] == ["cm-anna will be away"]
    assert (await said(there, monkeypatch, "cover", ANNA))[1] == [
        "cm-ben answers, for cm-anna who is on leave; default-lead stands by"
    ]
    assert "cover cm-ben, to come" in (await said(there, monkeypatch, "leave", "list"))[1][0]
    assert (await said(there, monkeypatch, "leave", "end", ANNA))[1] == ["cm-anna is here"]
    assert (await said(there, monkeypatch, "people", "left", ANNA, "--by", "ops"))[1] == [
        "cm-anna is gone; 1 open alert moved"
    ]


async def test_the_audit_says_what_is_not_in_order_and_ends_with_1(there, monkeypatch):
    assert (await said(there, monkeypatch, "audit"))[:2] == (1, ["the auditor has not looked yet"])
    await there.hear(care_alert(tier=Tier.P1))
    turns, auditor = PostgresChores(there.pool), PostgresAuditor(there.pool, SOURCE)
    clock = SteppedClock(NOW + timedelta(hours=2))
    await Chores(turns, build_chores(PostgresHanding(there.pool, SOURCE), auditor, turns), clock).run_due()

    code, lines, _ = await said(there, monkeypatch, "audit")

    assert code == 1
    assert lines[0].startswith("gap-1: its next step is overdue")
    assert any(line.startswith("audit: last ran 2026-11-23 16:00") for line in lines)


@pytest.mark.parametrize(
    "words",
    [
        ["people", "put", "x", "--hours", "late"],
        ["people", "put", "x", "--days", "0,9"],
        ["people", "put", "x", "--role", "king"],
        ["leave", "add", "cm-anna", "--from", "tomorrow"],
        ["leave", "end", "nobody"],
    ],
)
async def test_what_cannot_be_meant_is_an_error_in_words(there, monkeypatch, words):
    code, _, error = await said(there, monkeypatch, *words)

    assert code == 1
    assert isinstance(error, CareError)
