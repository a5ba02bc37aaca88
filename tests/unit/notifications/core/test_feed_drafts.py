"""Before a feed goes live: what is done, what is missing, what is only advised."""

from dataclasses import replace

import pytest

from care_notifications.core.feed_drafts import (
    Draft,
    Evidence,
    Group,
    Standing,
    Tried,
    checklist,
    entry_of,
    is_ready,
)

ADMISSIONS = Group("ADT^A01, A06", ("ADT^A01", "ADT^A06"), ("hospital-admitted",))
DISCHARGES = Group("ADT^A03", ("ADT^A03",), ("hospital-discharged",))
DIGEST = "a" * 64
BARE = Draft("riverside")
WHOLE = Draft(
    "riverside", application="ADT1", facility="RIVERSIDE", issuer="RIVERSIDE", issuer_id="1.2.3", silent_after="4h",
    agreed=(ADMISSIONS.title, DISCHARGES.title), token_sha256=DIGEST,
)  # fmt: skip
SEEN = Evidence(
    groups=(ADMISSIONS, DISCHARGES), trials=(Tried("ADT^A06", "accepted"), Tried("ADT^A03", "test")), is_agreed=True,
    wire=(Tried("ADT^A03", "test"),),
)  # fmt: skip


def missing(draft, known):
    return [one.what for one in checklist(draft, known) if one.standing is Standing.MISSING]


def test_a_new_draft_lacks_a_proof_events_and_its_entry_and_is_advised_of_the_rest():
    items = checklist(BARE, Evidence())

    assert missing(BARE, Evidence()) == [
        "It cannot prove who it is yet",
        "No events are agreed yet",
        "The entry is not in the sources file yet",
    ]
    assert [one.what for one in items if one.standing is Standing.ADVISED] == [
        "Name the sender's MSH-3 or MSH-4",
        "Say whose numbers its patients carry",
        "Say how long silence is usual",
    ]
    assert not is_ready(items)


def test_a_feed_of_which_everything_was_seen_may_go_live():
    assert missing(WHOLE, SEEN) == []
    assert is_ready(checklist(WHOLE, SEEN))


@pytest.mark.parametrize(
    ("trials", "what"),
    [
        pytest.param([], "ADT^A03: no message seen yet", id="none was tried"),
        pytest.param([Tried("ADT^A01", "accepted")], "ADT^A03: no message seen yet", id="only another event was"),
        pytest.param([Tried("ADT^A03", "quarantined")], "ADT^A03: refused so far", id="it was refused"),
        pytest.param(
            [Tried("ADT^A03", "quarantined"), Tried("ADT^A03", "accepted")],
            "ADT^A03: understood before, the last one refused", id="the newest was refused",
        ),
    ],
)  # fmt: skip
def test_an_agreed_event_must_have_been_seen_and_understood_last(trials, what):
    draft = replace(WHOLE, agreed=(DISCHARGES.title,))

    assert missing(draft, replace(SEEN, trials=trials, wire=(Tried("ADT^A06", "accepted"),))) == [what]


def test_what_came_over_the_wire_counts_as_seen():
    assert missing(WHOLE, replace(SEEN, trials=(), wire=(Tried("ADT^A01", "accepted"), Tried("ADT^A03", "test")))) == []


def test_a_source_that_is_agreed_and_silent_is_not_live():
    found = checklist(WHOLE, replace(SEEN, wire=()))

    assert [one.what for one in found if one.standing is Standing.MISSING] == [
        "No message of it came over the wire yet"
    ]


def test_a_problem_of_the_agreement_stands_first_until_the_source_is_agreed():
    wrong = ["zone must be an IANA name"]

    assert missing(WHOLE, replace(SEEN, is_agreed=False, problems=wrong))[0] == "The agreement has a problem"
    # «Already agreed with» is no problem once it is this very entry.
    assert missing(WHOLE, replace(SEEN, problems=["name is agreed already"])) == []


def test_the_entry_holds_what_was_said_and_nothing_empty():
    assert entry_of(BARE) == {"name": "riverside", "kind": "hospital", "zone": "America/New_York"}
    assert entry_of(replace(WHOLE, certificate="b" * 64)) == {
        "name": "riverside", "kind": "hospital", "zone": "America/New_York", "token_sha256": DIGEST,
        "certificates": ["b" * 64], "senders": [{"application": "ADT1", "facility": "RIVERSIDE"}],
        "authorities": {"RIVERSIDE": "1.2.3"}, "silent_after": "4h",
    }  # fmt: skip
    assert "senders" not in entry_of(replace(WHOLE, application="", facility=""))
    assert "authorities" not in entry_of(replace(WHOLE, issuer_id=""))
