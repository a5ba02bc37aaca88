"""Behind the link of a check-in a patient says how to be written to, and what to do when a link leads nowhere."""

from datetime import timedelta

import pytest
import pytest_asyncio

from care_shared.contracts.care_events import ConsentChanged, PatientUpdated
from tests.check_in_stories import happened, local
from tests.check_in_world import MORNING, SITE, check_in_world
from tests.web_world import token_in

pytestmark = pytest.mark.stack

OURS = {"origin": SITE}


@pytest_asyncio.fixture
async def home(postgres_dsn):
    async with check_in_world(postgres_dsn, check_in_phone="+1 555 0142") as made:
        yield made


async def choose(home, link, **chosen):
    page = await home.http.get(f"{link}/preferences")
    form = {"form_token": token_in(page.text), "language": "en", "part": "any"} | chosen
    return await home.http.post(f"{link}/preferences", data=form, headers=OURS)


async def test_language_and_time_of_day_hold_from_the_next_message_on_and_are_facts(home):
    await home.comes_home()
    await home.round(MORNING)
    link = await home.link_of("medicines")

    answer = await choose(home, link, language="es", part="afternoon")
    again = await home.http.get(link)

    assert "Guardado" in answer.text
    assert '<html lang="es">' in again.text
    (fact,) = [one for one in await home.facts() if isinstance(one, PatientUpdated)]
    assert (fact.language, str(fact.reach_from), str(fact.reach_until)) == ("es", "12:00:00", "17:00:00")
    already = len(home.phone.texts)
    await home.round(local("2026-11-27 10:00"))
    assert len(home.phone.texts) == already, "not in the morning any more"
    await home.round(local("2026-11-27 12:01"))
    assert "le espera una breve consulta" in home.phone.texts[-1]["text"]


async def test_between_a_phone_and_a_mailbox_there_is_a_choice_and_no_is_a_fact(home):
    await home.comes_home({"email": "carl@home.example"})
    await home.round(MORNING)
    link = await home.link_of("medicines")

    page = await home.http.get(f"{link}/preferences")
    await choose(home, link, way="email")

    assert "By text message" in page.text
    told = {one.scope: one.permitted for one in await home.facts() if isinstance(one, ConsentChanged)}
    assert told == {"text-messages": False, "email": True}


async def test_what_is_no_choice_changes_nothing_and_says_so(home):
    await home.comes_home()
    await home.round(MORNING)
    link = await home.link_of("medicines")

    for chosen in ({"language": "xx"}, {"part": "night"}, {"part": ""}):
        answer = await choose(home, link, **chosen)
        assert answer.status_code == 422, chosen
        assert "Please choose an answer." in answer.text
    assert await home.facts() == []


async def test_a_caregivers_link_says_nothing_about_the_patients_wishes(home):
    await home.comes_home({"caregiver": "+15550177"})
    await home.hear(happened("family is overwhelmed", local("2026-11-21 09:30")))
    await home.round(MORNING)
    link = await home.link_of("caregiver-strain")

    first = await home.http.get(link)
    page = await home.http.get(f"{link}/preferences")

    assert "/preferences" not in first.text
    assert page.status_code == 404
    assert await home.facts() == []


async def test_a_link_that_leads_nowhere_says_kindly_what_to_do_in_the_browsers_language(home):
    await home.comes_home()
    await home.round(MORNING)
    link = await home.link_of("medicines")
    home.clock.now += timedelta(days=5)

    for path in (link, f"/c/{'x' * 22}", f"/c/{'x' * 22}/preferences"):
        page = await home.http.get(path, headers={"accept-language": "es-MX"})
        assert page.status_code == 404
        for words in ("Este enlace ha vencido", "No tiene que hacer nada", 'href="tel:+15550142"', "911"):
            assert words in page.text, path


async def test_a_form_of_another_site_or_without_its_token_changes_nothing(home):
    await home.comes_home()
    await home.round(MORNING)
    link = await home.link_of("medicines")
    page = await home.http.get(f"{link}/preferences")
    form = {"language": "es", "part": "any"}

    for headers, fields in (
        ({"origin": "https://evil.example"}, form | {"form_token": token_in(page.text)}),
        (OURS, form),
        (OURS, form | {"form_token": "0" * 64}),
    ):
        assert (await home.http.post(f"{link}/preferences", data=fields, headers=headers)).status_code == 403
    assert await home.facts() == []


async def test_a_whole_page_weighs_less_than_twenty_kilobytes_and_holds_no_script(home):
    await home.comes_home()
    await home.round(MORNING)
    link = await home.link_of("medicines")

    for path in (link, f"{link}?begin=1", f"{link}/preferences", f"{link}/stop"):
        page = await home.http.get(path)
        sheets = [part.partition('"')[0] for part in page.text.split('rel="stylesheet" href="')[1:]]
        weight = len(page.content) + sum([len((await home.http.get(one)).content) for one in sheets])
        assert len(sheets) == 2
        assert weight < 20_000, path
        assert "<script" not in page.text
