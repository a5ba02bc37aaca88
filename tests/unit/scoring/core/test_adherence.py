"""PDC with the vectors of clinical.md 6.2, told as fills; and who is not in the measure."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from care_scoring.core.adherence import DIABETES, Adherence, adherence
from care_scoring.core.codes.medicines import MedicineClass
from care_shared.contracts.care_events import AnyCareEvent
from tests.builders import HOME, chose_hospice, has_condition, lives_in, play
from tests.chart_builders import filled, prescribed

STATIN = frozenset({MedicineClass.STATIN})


def pdc(history: list[AnyCareEvent], last: str, classes: frozenset[MedicineClass] = STATIN) -> Adherence | None:
    return adherence(play(history).state, classes, date(2027, 1, 1), date.fromisoformat(last), ZoneInfo(HOME))


def fills(drug: str, *said: str) -> list[AnyCareEvent]:
    """Fills of 2027 as «01-10x30»."""
    return [filled(drug, f"2027-{day}", int(days)) for day, days in (one.split("x") for one in said)]


@pytest.mark.parametrize(
    ("said", "last", "covered", "of", "adherent"),
    [
        pytest.param(
            ("01-10x30", "02-05x30", "03-20x30", "04-25x30"), "2027-05-31", 120, 142, True, id="vector 1: 0.845"
        ),
        pytest.param(("01-01x90", "03-25x90"), "2027-06-30", 180, 181, True, id="vector 2: an early refill carries"),
        pytest.param(("01-01x30", "02-20x30"), "2027-04-10", 60, 100, False, id="vector 3: 0.60"),
    ],
)
def test_the_vectors(said: tuple[str, ...], last: str, covered: int, of: int, adherent: bool) -> None:
    found = pdc(fills("atorvastatin", *said), last)

    assert found is not None
    assert found.proportion == pytest.approx(covered / of)
    assert found.is_adherent is adherent


@pytest.mark.parametrize(
    ("history", "classes"),
    [
        pytest.param(fills("atorvastatin", "01-01x30"), STATIN, id="a single fill"),
        pytest.param(
            fills("atorvastatin", "03-15x30", "04-15x30"), STATIN, id="first filled within 91 days of the end"
        ),
        pytest.param(fills("lisinopril", "01-01x30", "02-01x30"), STATIN, id="another class"),
        pytest.param(
            [lives_in(HOME, birth_date="2012-01-01"), *fills("atorvastatin", "01-01x30", "02-01x30")],
            STATIN,
            id="a minor",
        ),
        pytest.param(
            [prescribed("insulin glargine"), *fills("metformin", "01-01x30", "02-01x30")], DIABETES, id="on insulin"
        ),
        pytest.param([has_condition("N18.6"), *fills("metformin", "01-01x30", "02-01x30")], DIABETES, id="ESRD"),
        pytest.param([chose_hospice(0), *fills("metformin", "01-01x30", "02-01x30")], DIABETES, id="hospice"),
    ],
)
def test_who_is_not_in_the_measure(history: list[AnyCareEvent], classes: frozenset[MedicineClass]) -> None:
    assert pdc(history, "2027-04-30", classes) is None


@pytest.mark.parametrize(
    ("history", "last", "counted"),
    [
        pytest.param(
            fills("atorvastatin", "01-01x30", "02-01x30"), "2027-04-02", True, id="first filled 91 days before"
        ),
        pytest.param(fills("atorvastatin", "01-01x30", "02-01x30"), "2027-04-01", False, id="90 days before"),
        pytest.param(
            [lives_in(HOME, birth_date="2009-04-30"), *fills("atorvastatin", "01-01x30", "02-01x30")],
            "2027-04-30",
            True,
            id="eighteen that day",
        ),
        pytest.param(
            [lives_in(HOME, birth_date="2009-05-01"), *fills("atorvastatin", "01-01x30", "02-01x30")],
            "2027-04-30",
            False,
            id="eighteen the next day",
        ),
        pytest.param(
            [filled("atorvastatin", "2026-12-15"), *fills("atorvastatin", "02-01x30", "03-01x30")],
            "2027-04-30",
            False,
            id="a fill before the period begins none",
        ),
    ],
)
def test_who_is_in_the_measure(history: list[AnyCareEvent], last: str, *, counted: bool) -> None:
    """PQA: two fills on different dates, the first at least 91 days before the end, age 18 (clinical.md 6.2)."""
    assert (pdc(history, last) is not None) is counted


def test_four_days_of_five_are_adherent() -> None:
    assert Adherence(0.80).is_adherent
    assert not Adherence(0.799).is_adherent


def test_hospice_and_insulin_leave_the_other_classes_in() -> None:
    history = [chose_hospice(0), prescribed("insulin"), *fills("atorvastatin", "01-01x30", "02-01x30")]

    assert pdc(history, "2027-04-30") == Adherence(60 / 120)
