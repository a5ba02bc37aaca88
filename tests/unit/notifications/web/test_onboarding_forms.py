"""The forms of a new feed: what people paste becomes what a draft can hold."""

import pytest

from care_notifications.core.feed_drafts import Draft, Group
from care_notifications.web.onboarding_forms import begun, changed, fingerprint

HEX = "ab" * 32
PRINTED = ":".join(["AB"] * 32)
GROUPS = [Group("ADT^A01, A06", ("ADT^A01", "ADT^A06")), Group("ADT^A03", ("ADT^A03",))]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        pytest.param(HEX, HEX, id="bare"),
        pytest.param(PRINTED, HEX, id="as openssl prints it"),
        pytest.param(f"sha256 Fingerprint={PRINTED}", HEX, id="the whole line"),
        pytest.param(f" {PRINTED[:47]} {PRINTED[47:]} ", HEX, id="with blanks of a mail"),
        pytest.param("AB:CD", None, id="too short"),
        pytest.param("-----BEGIN CERTIFICATE-----", None, id="the certificate itself"),
    ],
)
def test_a_fingerprint_is_taken_as_anybody_pastes_it(said, found):
    assert fingerprint(said) == found


def test_a_new_feed_begins_with_a_name_and_its_language():
    draft = begun({"name": "  riverside ", "kind": "clinic", "format": "fhir", "zone": "America/Chicago"})

    assert draft == Draft("riverside", kind="clinic", format="fhir", zone="America/Chicago")


def test_words_that_are_no_choice_change_nothing():
    assert begun({"name": "a", "kind": "pirate", "format": "xml", "zone": ""}) == Draft("a")


def test_the_agreement_keeps_the_keys_and_takes_only_events_that_exist():
    before = Draft("a", token_sha256=HEX, agreed=("ADT^A03",))
    form = {"name": "b", "silent_after": "4h", "agreed:ADT^A01, A06": "yes", "agreed:ADT^A99": "yes"}

    after = changed(before, form, GROUPS)

    assert (after.name, after.silent_after, after.token_sha256) == ("b", "4h", HEX)
    assert after.agreed == ("ADT^A01, A06",)


def test_nothing_without_end_is_kept():
    assert len(begun({"name": "a" * 5000}).name) == 256
