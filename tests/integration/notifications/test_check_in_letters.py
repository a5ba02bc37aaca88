"""Check-ins by mail, and leaflets that a person sends from an alert."""

from uuid import UUID

import pytest
from aiosmtpd.controller import Controller

from care_local.addresses import free_ports
from care_notifications.adapters.postgres_follow_up import PostgresFollowUp
from care_notifications.core.follow_up import StepTaken
from care_shared.vocabulary import GapId
from tests.care_alerts import ANNA, care_alert
from tests.check_in_stories import happened, local
from tests.check_in_world import MORNING, check_in_world
from tests.notifications_world import nobody_rings

pytestmark = pytest.mark.stack

GAP, ACT = GapId("gap-1"), str(UUID(int=5))


class Postbox:
    """A mail server that keeps what it is given."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  # aiosmtpd's name
        self.mails.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


async def test_who_wants_no_texts_gets_a_mail_that_names_neither_patient_nor_topic(postgres_dsn):
    postbox = Postbox()
    server = Controller(postbox, hostname="127.0.0.1", port=free_ports(1)[0])
    server.start()
    try:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none"}
        async with check_in_world(postgres_dsn, **mail) as home:
            await home.comes_home({"email": "rosa@example.org", "language": "es"})
            await home.hear(happened("wants no text messages", local("2026-11-20 18:00")))
            await home.round(MORNING)
    finally:
        server.stop()

    assert [to for to, _ in postbox.mails] == [["rosa@example.org"]] * 2
    assert home.phone.texts == []
    for _, text in postbox.mails:
        head, _, body = text.partition("\r\n\r\n")
        assert "Subject: Le espera una breve consulta" in head
        assert "List-Unsubscribe: <http" in head.replace("\r\n ", " ")
        assert "medic" not in text.casefold()
        assert "/c/" in body


async def test_a_leaflet_that_a_person_sends_leaves_once_with_its_link(postgres_dsn):
    async with check_in_world(postgres_dsn) as home:
        await home.comes_home()
        await home.there.hear(care_alert())
        home.clock.now = local("2026-11-20 16:00")
        follow_up = PostgresFollowUp(home.there.pool, nobody_rings, home.clock)
        act = StepTaken(ACT, "heart-failure-leaflet", None, "heart-failure")

        said = [await follow_up.record(GAP, act, ANNA) for _ in range(2)]
        await home.round()

        page = await home.http.get(await home.link_of("heart-failure"))

    assert said == [True, False]
    assert len(home.phone.texts) == 1
    assert "Weigh yourself every morning" in page.text


async def test_a_leaflet_that_a_person_sends_is_not_forced_on_who_opted_out(postgres_dsn):
    async with check_in_world(postgres_dsn) as home:
        await home.comes_home()
        await home.hear(happened("opts out", local("2026-11-20 15:30")))
        await home.there.hear(care_alert())
        home.clock.now = local("2026-11-20 16:00")
        follow_up = PostgresFollowUp(home.there.pool, nobody_rings, home.clock)

        await follow_up.record(GAP, StepTaken(ACT, "heart-failure-leaflet", None, "heart-failure"), ANNA)
        await home.round()

        rows = await home.rows()

    assert home.phone.texts == []
    assert rows["heart-failure"] == ("not-sent", "opted-out")
