"""A care manager at the worklist page: signs in, looks for an alert, logs a contact, all through HTTP."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import httpx2

from care_cli.wire.forms import Form, form_with
from care_shared.errors import NotReadyError
from care_shared.vocabulary import ContactOutcome, GapId

LOOK_AGAIN_SECONDS = 0.05
REACHED = ContactOutcome.REACHED.value


class Worklist:
    """One signed-in browser, as far as HTTP goes."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def sign_in(self, username: str, password: str) -> None:
        """Fill in the form and send it."""
        form = form_with(await self._page("/sign-in"), "password")
        answer = await self._send(form, username=username, password=password)
        if answer.status_code != httpx2.codes.SEE_OTHER:
            raise NotReadyError(f"signing in as {username} was answered with {answer.status_code}")

    async def shows(self, gap_id: GapId, within_seconds: float) -> None:
        """This person's list of open alerts names this one; waits for it."""
        await self._until(gap_id, within_seconds, there=True)

    async def no_longer_shows(self, gap_id: GapId, within_seconds: float) -> None:
        """This person's list of open alerts does not name this one any more; waits for it."""
        await self._until(gap_id, within_seconds, there=False)

    async def alert_page(self, gap_id: GapId) -> str:
        """The page of one alert."""
        return await self._page(f"/alerts/{gap_id}")

    async def log_contact(self, gap_id: GapId) -> None:
        """Say through the form that somebody was reached."""
        form = form_with(await self.alert_page(gap_id), "contact_id")
        answer = await self._send(form, outcome=REACHED)
        if answer.status_code != httpx2.codes.SEE_OTHER:
            raise NotReadyError(f"logging a contact was answered with {answer.status_code}")

    async def _until(self, gap_id: GapId, within_seconds: float, *, there: bool) -> None:
        until = time.monotonic() + within_seconds
        while (f"/alerts/{gap_id}" in await self._page("/?tab=mine")) is not there:
            if time.monotonic() > until:
                raise NotReadyError(f"the page did not change within {within_seconds:.0f} s")
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _page(self, path: str) -> str:
        try:
            answer = await self._client.get(path)
        except httpx2.TransportError as error:
            raise NotReadyError("the worklist does not answer") from error
        if answer.status_code != httpx2.codes.OK:
            raise NotReadyError(f"the worklist answered {answer.status_code}")
        return answer.text

    async def _send(self, form: Form, **filled: str) -> httpx2.Response:
        # The gate takes forms of its own pages only; a browser says so with the Origin header.
        origin = str(self._client.base_url).rstrip("/")
        return await self._client.post(form.action, data={**form.fields, **filled}, headers={"origin": origin})


@contextlib.asynccontextmanager
async def signed_in(url: str, username: str, password: str) -> AsyncIterator[Worklist]:
    """The worklist as that person sees it."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30.0) as client:
        worklist = Worklist(client)
        await worklist.sign_in(username, password)
        yield worklist
