"""People sign in with their organisation's account: there, back, and in; whoever cannot prove it stays outside."""

import contextlib
import dataclasses
import time
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pydantic import SecretStr

from care_notifications.adapters.identity_provider import KEYS_REST, IdentityProvider, ProviderSettings
from care_notifications.adapters.postgres_sessions import put_identity
from care_notifications.web.desk import Ways
from tests.care_alerts import ANNA
from tests.fakes.identity_provider import CLIENT, SECRET, LyingProvider, new_key
from tests.web_world import SITE, Browser, token_in, worklist

pytestmark = pytest.mark.stack

ISSUER = "https://id.lead.example"
LIES = {
    "another issuer": {"claims": {"iss": "https://other.example"}},
    "a token for somebody else": {"claims": {"aud": "another-client"}},
    "a token that another client asked for": {"claims": {"azp": "another-client"}},
    "a token of another attempt": {"claims": {"nonce": "of another browser"}},
    "no nonce": {"claims": {"nonce": None}},
    "a token that is over": {"claims": {"exp": 1_700_000_000}},
    "a token that never ends": {"claims": {"exp": None}},
    "a token of the future": {"claims": {"iat": 4_000_000_000}},
    "a token of nobody": {"claims": {"sub": None}},
    "a number for a name": {"claims": {"sub": 7}},
    "no signature": {"sign": "none"},
    "the public key as a secret": {"sign": "HS256"},
    "somebody without an account here": {"person": "person-8"},
}


class Elsewhere:
    """The worklist and the provider, and a browser between them."""

    def __init__(self, site, provider):
        self.site, self.provider = site, provider
        self.http = site.browser.http

    async def leave(self, wanted="/"):
        answer = await self.http.get("/sign-in/elsewhere", params={"next": wanted})
        return answer.headers["location"]

    async def around(self, wanted="/"):
        return await self.http.get(self.provider.authorise(await self.leave(wanted)))


@contextlib.asynccontextmanager
async def elsewhere(dsn, **known_by):
    provider = LyingProvider(ISSUER)
    settings = ProviderSettings(ISSUER, CLIENT, SecretStr(SECRET), f"{SITE}/sign-in/callback")
    settings = dataclasses.replace(settings, **known_by)
    async with worklist(dsn) as site:
        site.clock.now = datetime.fromtimestamp(int(time.time()), UTC)
        ways = Ways(False, IdentityProvider(settings, httpx2.ASGITransport(app=provider.app)), "Lead Hospital")
        site.app.doors.web.state.desk = dataclasses.replace(site.app.doors.web.state.desk, ways=ways)
        await put_identity(site.pool, "anna", ISSUER, "person-7", site.clock())
        yield Elsewhere(site, provider)


async def test_whoever_the_provider_vouches_for_is_led_to_the_page_they_wanted(postgres_dsn):
    async with elsewhere(postgres_dsn) as one:
        answer = await one.around("/alerts/gap-1")
        page = await one.http.get("/")

    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts/gap-1")
    assert page.status_code == 200
    assert "Anna" in page.text


async def test_the_provider_learns_nothing_but_that_somebody_wants_in(postgres_dsn):
    async with elsewhere(postgres_dsn) as one:
        asked = parse_qs(urlsplit(await one.leave("/alerts/gap-1")).query)

    assert set(asked) == {
        "response_type", "client_id", "redirect_uri", "scope",
        "state", "nonce", "code_challenge", "code_challenge_method",
    }  # fmt: skip
    assert "gap-1" not in str(asked)


async def test_an_answer_that_proves_nothing_lets_nobody_in(postgres_dsn):
    outcomes = {}
    async with elsewhere(postgres_dsn) as one:
        honest = dataclasses.asdict(one.provider) | {"keys": one.provider.keys}
        for what, lie in LIES.items():
            vars(one.provider).update(honest | lie)
            answer = await one.around()
            after = await one.http.get("/")
            outcomes[what] = (answer.status_code, after.status_code, "person-8" in answer.text)

    assert outcomes == dict.fromkeys(LIES, (401, 303, False)) | {"somebody without an account here": (403, 303, False)}


async def test_a_signature_of_another_key_lets_nobody_in(postgres_dsn):
    async with elsewhere(postgres_dsn) as one:
        await one.leave()
        published = one.provider.keys
        one.provider.keys = [new_key("one")]
        answer = await one.around()
        one.provider.keys = published

    assert answer.status_code == 401


async def test_a_key_the_provider_has_just_begun_to_use_is_fetched_but_not_at_every_try(postgres_dsn):
    async with elsewhere(postgres_dsn) as one:
        await one.leave()
        one.provider.keys = [new_key("two")]
        early = await one.around()
        one.site.clock.now += KEYS_REST
        later = await one.around()

    assert (early.status_code, later.status_code) == (401, 303)
    assert one.provider.fetched == 2


async def test_somebody_elses_way_back_opens_nothing(postgres_dsn):
    """Sign-in by a link that another person sent: the answer belongs to the browser that left."""
    async with elsewhere(postgres_dsn) as one:
        back = one.provider.authorise(await one.leave())
        other = Browser(one.site.app.doors.web, "")
        answer = await other.http.get(back)
        await other.http.aclose()

    assert answer.status_code == 401


async def test_a_code_counts_once(postgres_dsn):
    async with elsewhere(postgres_dsn) as one:
        address = await one.leave()
        cookies = dict(one.http.cookies)
        back = one.provider.authorise(address)
        first = await one.http.get(back)
        one.http.cookies.update(cookies)
        second = await one.http.get(back)

    assert (first.status_code, second.status_code) == (303, 401)


async def test_a_second_factor_is_demanded_where_the_organisation_says_so(postgres_dsn):
    async with elsewhere(postgres_dsn, required_acr=("mfa",)) as one:
        without = await one.around()
        one.provider.claims = {"acr": "mfa"}
        with_it = await one.around()

    assert (without.status_code, with_it.status_code) == (401, 303)


async def test_an_address_counts_only_when_it_was_verified(postgres_dsn):
    async with elsewhere(postgres_dsn, claim="email") as one:
        await put_identity(one.site.pool, "anna", ISSUER, "anna@lead.example", one.site.clock())
        one.provider.claims = {"email": "anna@lead.example"}
        claimed = await one.around()
        one.provider.claims = {"email": "anna@lead.example", "email_verified": True}
        verified = await one.around()

    assert (claimed.status_code, verified.status_code) == (401, 303)


async def test_a_provider_in_trouble_is_said_to_be(postgres_dsn):
    async with elsewhere(postgres_dsn) as one:
        one.provider.status = 500
        answer = await one.around()

    assert answer.status_code == 503
    assert "does not answer" in answer.text


async def test_passwords_open_nothing_where_the_organisation_signs_in(postgres_dsn):
    async with elsewhere(postgres_dsn) as one:
        page = await one.http.get("/sign-in")
        form = {"username": "anna", "password": one.site.browser.password, "form_token": token_in_cookie(one, page)}
        answer = await one.http.post("/sign-in", data=form, headers={"origin": SITE})

    assert "Lead Hospital" in page.text
    assert 'type="password"' not in page.text
    assert answer.status_code == 403


async def test_an_account_that_was_disabled_is_out_however_the_provider_vouches(postgres_dsn):
    async with elsewhere(postgres_dsn) as one:
        await one.site.pool.execute("UPDATE accounts SET disabled_at = now() WHERE person_id = $1", ANNA)
        answer = await one.around()

    assert answer.status_code == 403


async def test_one_leaves_the_provider_too_on_a_shared_computer(postgres_dsn):
    async with elsewhere(postgres_dsn) as one:
        answer = await one.http.get("/sign-in/elsewhere/out")

    assert answer.headers["location"].startswith(f"{ISSUER}/out?client_id={CLIENT}")


async def test_without_a_provider_there_is_no_such_way(site):
    answer = await site.browser.http.get("/sign-in/elsewhere")
    page = await site.browser.http.get("/sign-in")

    assert answer.status_code == 404
    assert token_in(page.text)


def token_in_cookie(one, page):
    """The form's token where no form is shown: what a stubborn program would work out from an older page."""
    assert 'name="form_token"' not in page.text
    return one.site.app.doors.web.state.desk.door.form_token(one.http.cookies["carelead-visitor"])
