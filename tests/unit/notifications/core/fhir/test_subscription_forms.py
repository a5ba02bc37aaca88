"""What a partner sends as a Subscription is read as the guide says, or refused with the name of the element."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_notifications.core.fhir.names import Names
from care_notifications.core.fhir.outcomes import Problem
from care_notifications.core.fhir.subscription_forms import kept_headers, wanted_of
from care_notifications.core.fhir.subscriptions import Content, Status, Subscription, Topic, subscription_resource
from tests.care_alerts import HARBOR, NOW
from tests.fhir_oracle import valid
from tests.fhir_world import BACKPORT, SITE, subscription

NAMES = Names(f"{SITE}/fhir")
HOOK = "https://partner.example/fhir"


def read(body, full=False):
    return wanted_of(body, NAMES, full)


def test_everything_that_can_be_asked_for_comes_back_as_it_was_asked():
    body = subscription(HOOK, "care-gap-closed", "empty", 60, ("DetectedIssue?tier=P1,P2",), end="2027-01-01T00:00:00Z")
    body["channel"]["extension"] += [
        {"url": f"{BACKPORT}/backport-timeout", "valueUnsignedInt": 5},
        {"url": f"{BACKPORT}/backport-max-count", "valuePositiveInt": 7},
    ]
    wanted = read(body)

    assert (wanted.topic, wanted.content, wanted.status) == (Topic.CLOSED, Content.EMPTY, Status.REQUESTED)
    assert (wanted.heartbeat_seconds, wanted.timeout_seconds, wanted.max_count) == (60, 5, 7)
    assert wanted.filters == (("tier", ("P1", "P2")),)
    shown = valid(subscription_resource(Subscription("s", HARBOR, wanted, Status.ACTIVE, 1, 0, NOW), NAMES))
    assert read(shown) == read({**body, "status": "active"})


def test_ids_only_is_what_you_get_when_you_say_nothing():
    body = subscription(HOOK)
    del body["channel"]["_payload"]

    assert read(body).content is Content.ID_ONLY


def test_full_resource_is_for_those_whose_agreement_grants_it():
    body = subscription(HOOK, content="full-resource")
    assert read(body, full=True).content is Content.FULL
    with pytest.raises(Problem) as refused:
        read(body)
    assert refused.value.status == 403


def changed(path, value):
    body = deepcopy(subscription(HOOK))
    inner = body
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return body


@pytest.mark.parametrize(
    "body",
    [
        changed(["channel", "endpoint"], "ftp://x"),
        changed(["channel", "endpoint"], "https://u:p@x/"),
        changed(["channel", "endpoint"], "https://x/ y"),
        changed(["channel", "endpoint"], "https://[x/"),
        changed(["channel", "endpoint"], 7),
        changed(["channel", "header"], ["Host: inside"]),
        changed(["channel", "header"], ["A: b\r\nC: d"]),
        changed(["channel", "header"], ["A"]),
        changed(["channel", "header"], ["A: b"] * 6),
        changed(["channel", "header"], "A: b"),
        changed(["channel", "payload"], "application/fhir+xml"),
        changed(["channel", "_payload"], {"extension": [{"url": f"{BACKPORT}/backport-payload-content"}]}),
        changed(["channel", "extension"], [{"url": f"{BACKPORT}/backport-heartbeat-period", "valueUnsignedInt": 1}]),
        changed(["channel", "extension"], [{"url": f"{BACKPORT}/backport-max-count", "valuePositiveInt": True}]),
        subscription(HOOK, filters=("Encounter?patient=1",)),
        subscription(HOOK, filters=("DetectedIssue?colour=red",)),
        subscription(HOOK, filters=("DetectedIssue?tier=P9",)),
        subscription(HOOK, filters=("DetectedIssue?patient=",)),
        subscription(HOOK, filters=("",)),
        subscription(HOOK, end="2027-01-01"),
        subscription(HOOK, end="0001-01-01T00:00:00+14:00"),
    ],
)
def test_what_we_cannot_do_is_refused_now(body):
    with pytest.raises(Problem) as refused:
        read(body)
    assert refused.value.status == 422
    assert refused.value.where.startswith("Subscription.")


def test_a_header_that_comes_back_hidden_keeps_its_value():
    assert kept_headers(["A: ***", "B: new", "C: ***"], ["a: old"]) == ("a: old", "B: new", "C: ***")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["url", "type", "extension"]), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["criteria", "channel", "end", "_criteria", "status"]), values))
def test_no_body_raises_anything_but_a_problem(parts):
    body = subscription(HOOK) | parts
    try:
        read(body)
    except Problem as problem:
        assert problem.status in (403, 422)  # noqa: PT017
