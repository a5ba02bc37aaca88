"""The page for partners says what the code does, and every example in it is FHIR."""

import json
import re

from care_notifications.core.fhir.subscription_forms import wanted_of
from care_notifications.core.fhir.subscriptions import Content
from care_notifications.fhir.application import INTERACTIONS
from care_notifications.fhir.integrators_document import DOCUMENT, NAMES, document, sent
from tests.fhir_oracle import valid


def test_the_committed_page_is_what_the_code_says() -> None:
    assert DOCUMENT.read_text("utf-8") == document(), "run: make contracts"


def test_every_example_is_fhir_to_an_independent_library() -> None:
    examples = [json.loads(one) for one in re.findall(r"```json\n(.*?)\n```", document(), re.DOTALL)]
    resources = [one for one in examples if isinstance(one, dict)]
    for one in resources:
        valid(one)
    kinds = {one["resourceType"] for one in resources}
    assert kinds == {"OperationOutcome", "Subscription", "Bundle", "DetectedIssue", "Task"}


def test_what_the_page_tells_to_send_is_taken() -> None:
    wanted = wanted_of(sent(), NAMES, may_have_full=False)

    assert (wanted.content, wanted.heartbeat_seconds) == (Content.ID_ONLY, 3600)
    assert wanted.filters == (("rule", ("missed-visit",)),)


def test_every_way_to_ask_stands_on_the_page() -> None:
    for one in INTERACTIONS:
        assert f"`{one.method} {one.path}`" in document()
