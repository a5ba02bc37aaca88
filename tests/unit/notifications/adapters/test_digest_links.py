"""A link that ends digests means one person, can be made by nobody else, and tells nobody whom it means."""

import base64

import pytest

from care_notifications.adapters.digest_links import DigestLinks
from care_notifications.adapters.sealed import Sealer

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
SITE = "https://care.example"
LINKS = DigestLinks([OLD], SITE)


def token_of(link):
    assert link.startswith("https://care.example/unsubscribe/")
    return link.rpartition("/")[2]


@pytest.mark.parametrize("person", ["cm-anna", "a", "somebody with a name as long as names of directories may be"])
def test_a_link_leads_back_to_its_person_and_does_not_name_them(person):
    token = token_of(LINKS.link(person))

    assert LINKS.person_of(token) == person
    assert "anna" not in token
    assert token == token.strip().replace("+", "").replace("/", "").replace("=", "")


def test_a_link_works_after_a_new_key_was_put_in_front_until_its_own_key_is_gone():
    token = token_of(LINKS.link("cm-anna"))

    assert DigestLinks([NEW, OLD], SITE).person_of(token) == "cm-anna"
    assert DigestLinks([NEW], SITE).person_of(token) is None


def test_what_we_did_not_make_is_nobodys():
    token = token_of(LINKS.link("cm-anna"))
    made_for_something_else = Sealer([OLD]).seal("cm-ben", "endpoint-1").removeprefix("sealed1.")
    changed = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")

    for wrong in (
        "",
        "cm-anna",
        "cm-anna.",
        "....",
        token[:20],
        changed,
        made_for_something_else,
        "\u00e9",
        "x" * 9999,
    ):
        assert LINKS.person_of(wrong) is None
