"""In whatever order the notices of one journey come, the same gaps are open at the end, under the same names."""

from itertools import permutations

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import Discipline, Disposition
from tests.builders import Known, Visit, admitted, aligned, discharged, play, tick, when
from tests.chart_builders import fact

MEMBER = aligned("org-1", "health-home")
BEFORE = [MEMBER, Visit(-20, discipline=Discipline.SKILLED_NURSING).delivered(), discharged(-14, stay="stay-0")]
JOURNEY: list[AnyCareEvent] = [
    fact(facts.EmergencyArrived, -3, "21:00", encounter_id="ed-1"),
    admitted(-2, "02:00", stay="bed-1"),
    fact(facts.EmergencyDeparted, -2, "02:30", encounter_id="ed-1", disposition="other"),
    fact(facts.ReferralOrdered, -1, "16:00", referral_id="r1", specialty="home health"),
    discharged(1, stay="bed-1", to=Disposition.HOME_HEALTH, known=Known(when(1, "12:00"))),
]


def gaps_at_the_end(journey: tuple[AnyCareEvent, ...]) -> dict[tuple[str, str], tuple[str, str]]:
    return play([*BEFORE, *journey, tick(4, "13:00")]).open_gaps


def test_in_any_order_the_same_gaps_are_open() -> None:
    expected = gaps_at_the_end(tuple(JOURNEY))

    assert expected["READMISSION", "ed-1"] == ("P2", "unplanned_readmission")
    assert expected["HH-ROC", "ed-1"] == ("P2", "resumption_late")
    assert expected["HHP-TRANS", "ed-1"] == ("P2", "health_home_follow_up_overdue")
    assert all(gaps_at_the_end(order) == expected for order in list(permutations(JOURNEY))[::5])
