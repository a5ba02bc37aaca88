"""Every vector of clinical.md 1.8, and what the scales and lists do at their edges."""

import pytest

from care_scoring.core.high_needs import HighNeedsFacts, high_needs


@pytest.mark.parametrize(
    ("known", "criteria"),
    [
        pytest.param(HighNeedsFacts(), (), id="nothing is known: none"),
        pytest.param(HighNeedsFacts(risk_score=3.0), ("HN2",), id="score 3.0: yes"),
        pytest.param(HighNeedsFacts(risk_score=2.99, unplanned_admissions=1), (), id="2.99 and 1 unplanned: no"),
        pytest.param(HighNeedsFacts(risk_score=2.0, unplanned_admissions=2), ("HN3",), id="2.0 and 2 unplanned: yes"),
        pytest.param(HighNeedsFacts(risk_score=1.99, unplanned_admissions=9), (), id="below 2.0 use does not help"),
        pytest.param(HighNeedsFacts(risk_score=2.5, unplanned_admissions=1), (), id="of 2 admissions 1 planned: no"),
        pytest.param(HighNeedsFacts(snf_days=44), (), id="44 days in a nursing facility: no"),
        pytest.param(HighNeedsFacts(snf_days=45), ("HN5",), id="45: yes"),
        pytest.param(HighNeedsFacts(home_health_days=89), (), id="89 days of home health: no"),
        pytest.param(HighNeedsFacts(home_health_days=90), ("HN6",), id="90 across two episodes: yes"),
        pytest.param(HighNeedsFacts(equipment_codes=("E2601",)), (), id="wheelchair cushion only: no"),
        pytest.param(HighNeedsFacts(equipment_codes=("E0630",)), ("HN4",), id="a patient lift: yes"),
        pytest.param(HighNeedsFacts(esrd_score=0.35), ("HN2",), id="ESRD scale 0.35: yes"),
        pytest.param(HighNeedsFacts(esrd_score=0.34, unplanned_admissions=1), (), id="ESRD 0.34 and 1 unplanned: no"),
        pytest.param(HighNeedsFacts(esrd_score=0.24, unplanned_admissions=2), ("HN3",), id="ESRD 0.24 and 2: yes"),
        pytest.param(HighNeedsFacts(risk_score=0.35), (), id="0.35 on the other scale is little"),
        pytest.param(
            HighNeedsFacts(mobility_or_neuro=True, risk_score=3.1, unplanned_admissions=3, snf_days=60),
            ("HN1", "HN2", "HN5"),
            id="every criterion that holds is named, the risk once",
        ),
    ],
)
def test_high_needs(known: HighNeedsFacts, criteria: tuple[str, ...]) -> None:
    assert high_needs(known) == criteria
