"""Any id that leads to an alert shows its whole way here; an unknown id shows nothing."""

import pytest

from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.explain import explain
from care_notifications.adapters.postgres_directory import NamedEndpoint, NamedPerson, ensure_directory
from care_notifications.adapters.postgres_sessions import PostgresSessions, SessionLimits
from care_notifications.adapters.trace import trace
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import EventId, Role, SensitivityLabel
from tests.care_alerts import ANNA, BOTH, HARBOR, NOW, care_alert
from tests.notifications_world import world

pytestmark = pytest.mark.stack


async def test_the_way_of_one_alert(postgres_dsn):
    async with world(postgres_dsn) as there:
        alert = care_alert(audience=BOTH, caused_by=EventId("the-discharge"))
        await there.hear(alert, care_alert("gap-2"), care_alert(revision=2))
        await there.taken("gap-1", ANNA)
        delivery_id = await there.pool.fetchval("SELECT delivery_id FROM deliveries WHERE channel = 'webhook'")

        ways = [await trace(there.pool, wanted) for wanted in ("gap-1", "the-discharge", alert.event_id, delivery_id)]

        assert all(way == ways[0] for way in ways)
        assert {step.what for step in ways[0]} == {
            *("alert opened", "alert updated", "notice waiting", "notice suppressed", "acknowledged"),
        }
        assert all(step.ids["gap_id"] == "gap-1" and step.service == "notifications" for step in ways[0])
        assert "Juniper" not in repr(ways)
        assert await trace(there.pool, "nobody knows this") == []


async def test_new_passwords_end_old_sessions(postgres_dsn):
    async with world(postgres_dsn) as there:
        account = NewAccount("anna", NamedPerson(ANNA, "Anna"))
        first = await ensure_accounts(there.pool, [account])
        sessions = PostgresSessions(there.pool, SessionLimits(NOW - NOW.replace(hour=0), NOW - NOW.replace(hour=0)))
        token = await sessions.sign_in("anna", first["anna"], "127.0.0.1", NOW)
        assert token is not None
        assert await sessions.who(token, NOW, touch=True) is not None

        second = await ensure_accounts(there.pool, [account])

        assert first != second
        assert await sessions.who(token, NOW, touch=True) is None
        assert await sessions.sign_in("anna", first["anna"], "127.0.0.1", NOW) is None
        stored = await there.pool.fetchval("SELECT password_hash FROM accounts")
        assert stored.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("endpoint", "problem"),
    [
        (NamedEndpoint("e", HARBOR, "ftp://partner.example/", ("whsec_" + "QUJD" * 8,)), "not a web address"),
        (NamedEndpoint("e", HARBOR, "https://partner.example/", ("password",)), "a webhook secret is"),
    ],
)
async def test_an_endpoint_that_cannot_work_is_refused(postgres_dsn, endpoint, problem):
    async with world(postgres_dsn) as there:
        with pytest.raises(ConfigurationError, match=problem):
            await ensure_directory(there.pool, [], [], [endpoint])


async def test_an_address_that_adds_headers_is_refused(postgres_dsn):
    async with world(postgres_dsn) as there:
        with pytest.raises(ConfigurationError, match="is not an address"):
            await ensure_directory(there.pool, [NamedPerson(ANNA, "Anna", "a@b.example\r\nBcc: c@d.example")])


async def test_an_explanation_names_everybody_told_or_not_and_no_patient(postgres_dsn):
    async with world(postgres_dsn) as there:
        label = (SensitivityLabel.PART_2,)
        alert = care_alert(audience=(*BOTH, Role.NURSE), labels=label, caused_by=EventId("the-discharge"))
        await there.hear(alert, care_alert("gap-2", audience=BOTH), care_alert("gap-3"))
        await there.taken("gap-1", ANNA)

        first, by_event = [await explain(there.pool, wanted) for wanted in ("gap-1", "the-discharge")]
        second = (await explain(there.pool, "gap-2"))[0]

        assert first == by_event
        assert sorted((one.name, one.channel, one.verdict.value, one.code) for one in first[0].notices) == [
            ("Anna", "console", "not-told", "sensitive"),
            ("Anna", "email", "not-told", "acknowledged-before-send"),
            ("Harbor Home Health", "webhook", "not-told", "sensitive"),
            ("nurse", "", "not-told", "unknown-role"),
        ]
        assert [deed.what for deed in first[0].deeds] == ["acknowledged"]
        waiting = next(one for one in second.notices if one.channel == "email")
        assert (waiting.verdict.value, waiting.code) == ("waits", "grouped")
        assert waiting.waited_until is not None
        assert "Juniper" not in repr([first, second])
        assert await explain(there.pool, "nobody knows this") == []
