"""Every resource we show is FHIR R4 to an independent library, and says what the alert, score or notice says."""

from datetime import timedelta

import pytest

from care_notifications.core.fhir.audit import Deed, Sort, audit_event
from care_notifications.core.fhir.bundles import searchset
from care_notifications.core.fhir.capability import Offered, capability_statement
from care_notifications.core.fhir.issues import PRIORITIES, detected_issue, patient, shareable
from care_notifications.core.fhir.names import GAP_STATUS, Names, instant
from care_notifications.core.fhir.outcomes import Problem, invalid, missing, outcome
from care_notifications.core.fhir.requests import STATUSES, Asked, communication_request
from care_notifications.core.fhir.scores import risk_assessment
from care_notifications.core.state import Notice, Standing
from care_notifications.web.words import DELIVERY_STATES
from care_shared.contracts.care_alerts import Evidence, PatientSummary
from care_shared.contracts.score_changes import ScoreChanged, ScoreFactor
from care_shared.vocabulary import AlertChange, CloseReason, PatientId, Role, SensitivityLabel, Tier
from tests.care_alerts import ANNA, BOTH, HARBOR, NOW, care_alert
from tests.fhir_oracle import valid

NAMES = Names("https://care.example/fhir")


def gap_status(issue):
    (found,) = issue["modifierExtension"]
    assert found["url"] == GAP_STATUS
    return found["valueCodeableConcept"]["coding"][0]["code"]


def test_an_open_gap_is_an_open_gap_of_deqm():
    evidence = (Evidence(event_id="e-1", what="discharged from hospital", at=NOW),)
    issue = valid(detected_issue(care_alert(evidence=evidence), NOW, NAMES))

    assert gap_status(issue) == "open-gap"
    assert issue["code"]["coding"][0]["code"] == "CAREGAP"
    assert (issue["status"], issue["severity"], issue["id"]) == ("final", "high", "gap-1")
    assert issue["patient"]["reference"] == "Patient/patient-1"
    assert issue["evidence"][0]["code"][0]["text"] == "discharged from hospital"
    assert issue["meta"] == {"versionId": "1", "lastUpdated": instant(NOW)}


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        pytest.param(CloseReason.EVIDENCE, "final", id="closed by evidence"),
        pytest.param(CloseReason.LATE_EVIDENCE, "final", id="closed by late evidence"),
        pytest.param(CloseReason.EXPIRED, "final", id="closed by time"),
        pytest.param(CloseReason.WITHDRAWN, "cancelled", id="it was never one"),
    ],
)
def test_a_closed_gap_says_what_closed_it(reason, status):
    alert = care_alert(revision=2, change=AlertChange.CLOSED, close_reason=reason)
    issue = valid(detected_issue(alert, NOW, NAMES))

    assert (gap_status(issue), issue["status"]) == ("closed-gap", status)
    assert issue["mitigation"][0]["action"]["coding"][0]["code"] == reason.value


def test_labels_stand_in_the_meta_of_what_our_own_people_read():
    labels = (SensitivityLabel.HIV, SensitivityLabel.VERY_RESTRICTED)
    issue = valid(detected_issue(care_alert(labels=labels), NOW, NAMES))

    assert [one["code"] for one in issue["meta"]["security"]] == ["HIV", "V"]


@pytest.mark.parametrize("patient_id", ["a b", "ä", "x" * 65, "a/b"])
def test_a_patient_id_that_no_address_holds_is_an_identifier_only(patient_id):
    issue = valid(detected_issue(care_alert(patient_id=PatientId(patient_id)), NOW, NAMES))

    assert "reference" not in issue["patient"]
    assert issue["patient"]["identifier"]["value"] == patient_id


@pytest.mark.parametrize(
    ("alert", "may"),
    [
        pytest.param(care_alert(audience=BOTH), True, id="meant for an agency"),
        pytest.param(care_alert(), False, id="meant for our own people"),
        pytest.param(care_alert(audience=BOTH, labels=(SensitivityLabel.HIV,)), False, id="labelled"),
        pytest.param(care_alert(audience=BOTH, private=True), False, id="private"),
        pytest.param(care_alert(audience=(Role.NURSE,)), False, id="meant for a nurse"),
    ],
)
def test_what_a_partner_may_learn_of(alert, may):
    assert shareable(alert) is may


def test_a_patient_is_what_the_newest_alert_says():
    found = valid(patient(care_alert(), NOW, NAMES))

    assert found["name"] == [{"text": "Juniper, Carl"}]
    assert (found["birthDate"], found["telecom"][0]["value"]) == ("1948-03-02", "+15550100")


def test_a_patient_of_whom_we_know_nothing_is_an_id():
    found = valid(patient(care_alert(patient=PatientSummary()), NOW, NAMES))

    assert set(found) == {"resourceType", "id", "meta", "identifier", "managingOrganization"}


def score(**other):
    told = {
        "event_id": "s-1", "patient_id": PatientId("patient-1"), "score": "lace", "subject": "stay-1", "revision": 2,
        "model_version": "2010.1", "label": "LACE", "value": 12, "band": "high", "computed_at": NOW,
        "factors": (ScoreFactor(factor="emergency visits", points=3, lowered_by="fewer of them"),),
        "evidence": ("e-1",),
    }  # fmt: skip
    return ScoreChanged(**(told | other))


def test_a_score_is_points_with_their_reasons_and_no_probability():
    found = valid(risk_assessment(score(), NOW, NAMES))

    assert found["extension"][0]["valueInteger"] == 12
    (prediction,) = found["prediction"]
    assert prediction["rationale"] == "emergency visits: 3"
    assert not [name for name in prediction if name.startswith("probability")]
    assert found["method"]["coding"][0]["code"] == "lace"
    assert found["mitigation"] == "fewer of them"


def test_a_score_that_was_not_computed_predicts_nothing_and_says_what_is_missing():
    found = valid(risk_assessment(score(value=None, band=None, factors=(), missing=("sodium",)), NOW, NAMES))

    assert "prediction" not in found
    assert found["status"] == "cancelled"
    assert found["note"] == [{"text": "missing: sodium"}]


def asked(**other):
    told = {
        "delivery_id": "d-1", "gap_id": "gap-1", "patient_id": PatientId("patient-1"), "channel": "email",
        "recipient": ANNA, "organization": None, "standing": Standing.CARE_TEAM, "notice": Notice.ATTENTION,
        "state": "delivered", "reason": None, "tier": Tier.P1, "noticed_at": NOW,
        "expires_at": NOW + timedelta(days=1), "updated_at": NOW,
    }  # fmt: skip
    return Asked(**(told | other))


@pytest.mark.parametrize(("state", "status"), STATUSES.items())
def test_a_notice_is_a_request_to_communicate(state, status):
    found = valid(communication_request(asked(state=state, reason="expired"), NAMES))

    assert found["status"] == status
    assert found["priority"] == "stat"
    assert found["medium"][0]["coding"][0]["code"] == "EMAILWRIT"
    assert found["about"] == [{"reference": "DetectedIssue/gap-1"}]
    assert found["recipient"][0]["type"] == "Practitioner"


def test_a_notice_has_a_status_in_every_state_it_can_be_in():
    assert set(STATUSES) == set(DELIVERY_STATES)


def test_a_notice_to_a_partner_names_the_organisation_and_not_its_endpoint():
    told = asked(channel="webhook", recipient="endpoint-7", organization=HARBOR, standing=Standing.PARTNER)
    found = valid(communication_request(told, NAMES))

    assert found["recipient"][0]["identifier"]["value"] == HARBOR
    assert "endpoint-7" not in str(found)


@pytest.mark.parametrize(
    ("deed", "action", "outcome_code"),
    [
        pytest.param(
            Deed("1", Sort.ACCESS, NOW, "read", "DetectedIssue/gap-1", PatientId("p"), organization=HARBOR),
            "R", "0", id="a partner read",
        ),
        pytest.param(
            Deed("2", Sort.ACCESS, NOW, "update", "Task/t", None, organization=HARBOR, status=412), "U", "4",
            id="a partner was refused",
        ),
        pytest.param(
            Deed("3", Sort.ACT, NOW, "acknowledged", "DetectedIssue/gap-1", PatientId("p"), person=ANNA), "E", "0",
            id="one of ours took an alert",
        ),
        pytest.param(
            Deed("4", Sort.DISCLOSURE, NOW, "webhook", "CommunicationRequest/d", PatientId("p"), organization=HARBOR),
            "E", "0", id="a notice left the house",
        ),
        pytest.param(
            Deed("5", Sort.ACCESS, NOW, "search-type", "DetectedIssue", None, person=ANNA, found=("DetectedIssue/g",)),
            "E", "0", id="one of ours searched",
        ),
    ],
)  # fmt: skip
def test_a_deed_is_an_audit_event(deed, action, outcome_code):
    found = valid(audit_event(deed, NAMES))

    assert (found["action"], found["outcome"]) == (action, outcome_code)
    assert found["agent"][0]["who"]["identifier"]["value"] in (HARBOR, ANNA)


@pytest.mark.parametrize("problem", [missing("Task"), invalid("Task.status", "no"), Problem(503, "transient", "wait")])
def test_a_problem_is_an_operation_outcome(problem):
    found = valid(outcome(problem))

    assert found["issue"][0]["severity"] == ("fatal" if problem.status >= 500 else "error")


def test_a_page_and_a_capability_statement_are_fhir():
    page = searchset([detected_issue(care_alert(), NOW, NAMES)], "https://c/x", "https://c/y", NAMES)
    assert [one["relation"] for one in valid(page)["link"]] == ["self", "next"]
    assert valid(searchset([], "https://c/x", None, NAMES))["type"] == "searchset"
    offered = [Offered("Subscription", "create"), Offered("Subscription", "events", is_operation=True)]
    valid(capability_statement(offered, ["https://c/topic"], NAMES))


def test_every_tier_has_a_priority():
    assert set(PRIORITIES) == set(Tier)
