"""The days of TFU by edition (clinical.md 1.6): the confirmed table, and the one of 2018, which knew no acuity."""

from care_scoring.core.codes.timely_follow_up import SPOKEN, WINDOW_DAYS, Edition


def by_name(edition: Edition) -> dict[str, int]:
    return {SPOKEN[condition]: days for condition, days in WINDOW_DAYS[edition].items()}


def test_the_days_of_cbe_3455() -> None:
    """CAD 7 or six weeks, hypertension 14 or 30, heart failure, asthma and diabetes 14, COPD 30."""
    assert by_name(Edition.CBE_3455) == {
        "acute coronary disease": 7,
        "coronary disease": 42,
        "hypertensive crisis": 14,
        "hypertension": 30,
        "heart failure": 14,
        "asthma": 14,
        "a diabetic emergency": 14,
        "COPD": 30,
    }


def test_the_days_of_2018() -> None:
    """Hypertension 7, asthma 14, heart failure 14, CAD 14, COPD 30, diabetes 30."""
    assert by_name(Edition.IMPAQ_2018) == {
        "acute coronary disease": 14,
        "coronary disease": 14,
        "hypertensive crisis": 7,
        "hypertension": 7,
        "heart failure": 14,
        "asthma": 14,
        "a diabetic emergency": 30,
        "COPD": 30,
    }
