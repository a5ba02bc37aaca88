"""SOCIAL-NEED: what is private stays private until it is closed, and never reaches an agency."""

from care_shared.vocabulary import Role
from tests.builders import play, tick
from tests.chart_builders import answered

RULE = "SOCIAL-NEED"
UNSAFE = {"safety_1": 3, "safety_2": 3, "safety_3": 3, "safety_4": 2}


def test_a_private_need_is_private_when_it_opens_and_when_it_closes() -> None:
    played = play([answered("AHC-HRSN", UNSAFE, 0), tick(95)], RULE)

    assert [(alert.change, alert.private) for alert in played.alerts] == [("opened", True), ("closed", True)]
    assert {role for alert in played.alerts for role in alert.audience} == {Role.CARE_MANAGER}


def test_every_positive_domain_is_its_own_line() -> None:
    items = {"housing": 1, "food_worried": 2, "transport": 1, "utilities": 2, **UNSAFE}
    alerts = play([answered("AHC-HRSN", items, 0)], RULE).alerts

    assert {alert.episode: (alert.tier, alert.private) for alert in alerts} == {
        "housing": ("P3", False),
        "food": ("P3", False),
        "transport": ("P3", False),
        "utilities": ("P3", False),
        "safety": ("P2", True),
    }


def test_a_need_that_turns_from_worry_to_loss_escalates_and_becomes_private() -> None:
    alerts = play([answered("AHC-HRSN", {"housing": 1}, 0), answered("AHC-HRSN", {"housing": 2}, 5)], RULE).alerts

    assert [(alert.change, alert.tier, alert.private) for alert in alerts] == [
        ("opened", "P3", False),
        ("escalated", "P2", True),
    ]
