"""Each alert offers a short list of steps from the shipped library, chosen by rule and situation."""

from datetime import time

import pytest

from care_notifications.adapters.content_files import content_folder, read_library
from care_notifications.core.next_steps.choose import MOST_STEPS, Around, next_steps
from care_notifications.core.next_steps.library import CoreService, Link
from care_scoring.core.rulebook import RULE_IDS
from care_scoring.core.settings.programmes import CORE_SERVICES
from care_shared.vocabulary import AlertChange, Tier
from tests.care_alerts import care_alert

LIBRARY = read_library(content_folder())
LINKS = {Link.TELEHEALTH: "https://video.example/room", Link.TRANSPORT: "https://rides.example"}


def codes(alert, around=None):
    return [one.step.code for one in next_steps(alert, around or Around(), LIBRARY)]


@pytest.mark.parametrize(
    ("rule", "other", "expected"),
    [
        pytest.param(
            "PHQ-I9", {"tier": Tier.P1}, ["crisis-call", "welfare-check"], id="suicide item: a clinician calls now"
        ),
        pytest.param(
            "TCM-CONTACT",
            {},
            ["call-script", "welfare-check", "education-leaflet"],
            id="nobody called after a discharge",
        ),
        pytest.param(
            "HF-WEIGHT",
            {"tier": Tier.P2},
            ["symptom-call", "telehealth-check", "heart-failure-leaflet"],
            id="a weight gain in heart failure",
        ),
        pytest.param(
            "HF-WEIGHT",
            {"tier": Tier.P3},
            ["repeat-measurement", "symptom-call"],
            id="an odd jump is measured again first",
        ),
        pytest.param(
            "SP-1",
            {"tier": Tier.P1},
            ["symptom-call", "telehealth-check", "welfare-check"],
            id="very low oxygen: call first",
        ),
        pytest.param(
            "SP-1",
            {"tier": Tier.P2},
            ["repeat-measurement", "symptom-call", "telehealth-check"],
            id="low oxygen: measure again first",
        ),
        pytest.param(
            "MED-REC",
            {"tier": Tier.P3},
            ["pharmacist-review", "call-script", "transport"],
            id="medicines not reconciled",
        ),
        pytest.param("VISIT-MISSED", {}, ["agency-call", "visit-reschedule", "respite"], id="the aide did not come"),
        pytest.param("CAREGIVER-BURDEN", {}, ["respite", "social-work"], id="a caregiver under strain"),
        pytest.param("SOCIAL-NEED", {"private": True}, ["social-work"], id="no steady home or violence: in private"),
        pytest.param("SOCIAL-NEED", {}, ["social-work", "transport"], id="another social need"),
        pytest.param("SERVICE-RECOVERY", {"tier": Tier.P3}, ["apology-call"], id="a complaint"),
        pytest.param("A-RULE-OF-TOMORROW", {}, ["call-script"], id="a rule nobody wrote an offer for"),
    ],
)
def test_what_is_offered(rule, other, expected):
    assert codes(care_alert(rule_id=rule, **other)) == expected


@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize("rule", RULE_IDS)
def test_every_rule_of_the_book_has_steps_of_its_own_at_every_tier(rule, tier):
    offers = [offer for offer in LIBRARY.offers if rule in offer.rules]

    assert any(not offer.when.tiers or tier in offer.when.tiers for offer in offers)
    assert 1 <= len(codes(care_alert(rule_id=rule, tier=tier))) <= MOST_STEPS


def test_no_offer_is_for_a_rule_that_does_not_exist():
    assert {rule for offer in LIBRARY.offers for rule in offer.rules} <= set(RULE_IDS)


def test_core_services_are_those_that_scoring_counts():
    assert {one.value for one in CoreService} == CORE_SERVICES


def test_a_closed_alert_offers_nothing():
    assert codes(care_alert(revision=2, change=AlertChange.CLOSED)) == []


def test_telehealth_and_transport_carry_the_links_of_the_installation():
    offered = next_steps(care_alert(rule_id="TFU"), Around(links=LINKS), LIBRARY)

    links = {one.step.code: one.link for one in offered}
    assert links == {
        "visit-reschedule": "",
        "telehealth-check": LINKS[Link.TELEHEALTH],
        "transport": LINKS[Link.TRANSPORT],
    }


def test_a_leaflet_is_sent_by_logging_it_where_check_ins_are_on():
    alert = care_alert(rule_id="HF-WEIGHT", tier=Tier.P2)

    on, off = (next_steps(alert, Around(sends_leaflets=sends), LIBRARY) for sends in (True, False))

    assert [one.step.code for one in on if one.sends] == ["heart-failure-leaflet"]
    assert not any(one.sends for one in off)


def test_every_leaflet_that_a_step_sends_is_there():
    from tests.check_in_stories import CATALOGUE

    assert {step.leaflet for step in LIBRARY.steps if step.leaflet} <= set(CATALOGUE.sheets)


def test_rescheduling_names_the_hours_the_patient_prefers():
    offered = next_steps(care_alert(rule_id="TFU"), Around(reach_from=time(13), reach_until=time(17)), LIBRARY)

    assert "13:00 to 17:00" in offered[0].why
