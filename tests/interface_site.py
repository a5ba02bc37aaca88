"""The interface desk over HTTP: Ivy, who looks after interfaces, Eve, a supervisor, and Anna, beside a real intake."""

import contextlib

from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson
from care_shared.vocabulary import PersonId, Role
from tests.intake_beside import AGREED, OPERATOR, intake_beside
from tests.notifications_world import SteppedClock
from tests.web_world import Browser, worklist

IVY, EVE = PersonId("ia-ivy"), PersonId("sup-eve")
PEOPLE = {
    "ivy": NamedPerson(IVY, "Ivy", "ivy@lead.example", roles=(Role.INTERFACE_ANALYST,)),
    "eve": NamedPerson(EVE, "Eve", "eve@lead.example", roles=(Role.SUPERVISOR,)),
}


@contextlib.asynccontextmanager
async def interface_site(dsn, sources=AGREED):
    """All are signed in; `intake_clock` is intake's own."""
    clock = SteppedClock()
    async with (
        intake_beside(dsn, clock, sources) as intake,
        worklist(dsn, intake_url=intake.url, intake_operator_token=OPERATOR) as site,
    ):
        site.intake, site.intake_clock = intake, clock
        passwords = await ensure_accounts(site.pool, [NewAccount(name, one) for name, one in PEOPLE.items()])
        await site.browser.sign_in()
        for name in PEOPLE:
            browser = Browser(site.app.doors.front, passwords[name], "/interfaces")
            await browser.sign_in(username=name)
            setattr(site, name, browser)
        yield site
        for name in PEOPLE:
            await getattr(site, name).http.aclose()
