"""Whom each measure of a year asks something of, and what meets it (clinical.md 6.1); ages at the end of the year."""

import pytest

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import SensitivityLabel
from tests.builders import HOME, Known, admitted, discharged, has_condition, lives_in, play, policy_with, tick
from tests.chart_builders import answered, fact, filled, prescribed, resulted

NEW_YEAR = "2027-01-02"
A1C, GMI, LDL, EGFR, UACR, ALBUMIN, CREATININE = (
    *("4548-4", "97506-0", "2089-1"),
    *("98979-8", "9318-7", "1754-1", "2161-8"),
)


def aged(years: int) -> AnyCareEvent:
    """So old on New Year's Eve of 2027, whose birthday is in June."""
    return lives_in(HOME, NEW_YEAR, birth_date=f"{2027 - years}-06-01")


def diagnosed(code: str) -> AnyCareEvent:
    return has_condition(code, NEW_YEAR)


def given(code: str, day: str) -> AnyCareEvent:
    return fact(facts.ServiceRecorded, day, service_id=f"{code}-{day}", service={"code": code})


def is_asked(measure: str, history: list[AnyCareEvent], until: str = "2027-10-02", clock: str = "12:00") -> bool:
    """Whether the gap is open by then, in a year in which no other measure is judged."""
    only = policy_with(f"{{chronic_gaps: {{measures: [{measure}]}}}}")
    return ("GAP-CHRONIC", f"{measure}:2027") in play([*history, tick(until, clock)], policy=only).open_gaps


DIABETES, HEART_ATTACK, OLD_HEART_ATTACK = "E11.9", "I21.4", "I25.2"


@pytest.mark.parametrize(
    ("measure", "youngest", "oldest", "code"),
    [
        pytest.param("a1c", 18, 75, DIABETES, id="CMS122, A1c: 18 to 75 with diabetes"),
        pytest.param("eye", 18, 75, DIABETES, id="CMS131, eyes: 18 to 75 with diabetes"),
        pytest.param("kidney", 18, 85, DIABETES, id="CMS951, kidneys: 18 to 85 with diabetes"),
        pytest.param("statin", 40, 75, DIABETES, id="CMS347, statin: 40 to 75 with diabetes"),
        pytest.param("statin", 20, 75, "E78.01", id="CMS347, statin: 20 to 75 with familial hypercholesterolaemia"),
    ],
)
def test_the_ages_of_a_measure(measure: str, youngest: int, oldest: int, code: str) -> None:
    asked = [
        age for age in (youngest - 1, youngest, oldest, oldest + 1) if is_asked(measure, [aged(age), diagnosed(code)])
    ]

    assert asked == [youngest, oldest]


def test_the_ages_of_a_statin_for_cholesterol_and_for_atherosclerosis() -> None:
    """CMS347: LDL at or above 190 from 20 to 75; atherosclerosis at any age."""
    high = resulted(LDL, 190, "2027-02-01")

    assert [age for age in (19, 20, 75, 76) if is_asked("statin", [aged(age), high])] == [20, 75]
    assert not is_asked("statin", [aged(30), resulted(LDL, 189, "2027-02-01")])
    assert is_asked("statin", [aged(90), diagnosed(OLD_HEART_ATTACK)])


def test_falls_are_asked_for_from_65_on() -> None:
    assert [age for age in (64, 65, 95) if is_asked("falls", [aged(age)])] == [65, 95]


@pytest.mark.parametrize(
    ("measure", "history", "asked"),
    [
        pytest.param("statin", [], True, id="no statin"),
        pytest.param("statin", [prescribed("atorvastatin", "2027-03-01")], False, id="a statin was ordered"),
        pytest.param("statin", [filled("atorvastatin", "2027-03-01")], False, id="a statin was handed out"),
        pytest.param("statin", [filled("atorvastatin", "2026-11-01")], True, id="handed out last year only"),
        pytest.param("statin", [prescribed("lisinopril", "2027-03-01")], True, id="another medicine"),
        pytest.param("statin", [diagnosed("Z51.5")], False, id="palliative care leaves out of statins"),
        pytest.param("statin", [diagnosed("N18.6")], False, id="kidney failure leaves out of statins"),
        pytest.param("statin", [diagnosed("K74.60")], False, id="liver disease leaves out of statins"),
        pytest.param("statin", [diagnosed("Z33.1")], False, id="pregnancy leaves out of statins"),
        pytest.param("statin", [diagnosed("G72.0")], False, id="a muscle disease by statins leaves out"),
        pytest.param("kidney", [], True, id="no kidney tests"),
        pytest.param("kidney", [resulted(EGFR, 62, "2027-03-01")], True, id="eGFR alone"),
        pytest.param("kidney", [resulted(UACR, 12, "2027-03-01")], True, id="uACR alone"),
        pytest.param(
            "kidney", [resulted(EGFR, 62, "2027-03-01"), resulted(UACR, 12, "2027-09-01")], False, id="eGFR and uACR"
        ),
        pytest.param(
            "kidney", [resulted(EGFR, 62, "2026-12-30"), resulted(UACR, 12, "2027-09-01")], True, id="eGFR of last year"
        ),
        pytest.param(
            "kidney",
            [
                resulted(EGFR, 62, "2027-03-01"),
                resulted(CREATININE, 90, "2027-03-01"),
                resulted(ALBUMIN, 12, "2027-03-05"),
            ],
            False,
            id="albumin four days after creatinine",
        ),
        pytest.param(
            "kidney",
            [
                resulted(EGFR, 62, "2027-03-01"),
                resulted(ALBUMIN, 12, "2027-03-01"),
                resulted(CREATININE, 90, "2027-03-06"),
            ],
            True,
            id="creatinine five days after albumin",
        ),
        pytest.param("kidney", [diagnosed("Z51.5")], False, id="palliative care leaves out of kidney tests"),
        pytest.param("kidney", [diagnosed("Z99.2")], False, id="dialysis leaves out of kidney tests"),
        pytest.param("eye", [], True, id="no eye examination"),
        pytest.param("eye", [given("92014", "2027-05-01")], False, id="examined this year"),
        pytest.param("eye", [given("92014", "2026-05-01")], False, id="examined last year, no retinopathy"),
        pytest.param("eye", [given("92014", "2025-12-30")], True, id="examined the year before last"),
        pytest.param("eye", [given("92229", "2027-05-01")], False, id="examined by a machine this year"),
        pytest.param("eye", [given("92229", "2026-05-01")], True, id="examined by a machine last year"),
        pytest.param("a1c", [resulted(A1C, 9.0, "2027-08-01")], False, id="A1c 9.0"),
        pytest.param("a1c", [resulted(A1C, 9.1, "2027-08-01")], True, id="A1c 9.1"),
        pytest.param("a1c", [resulted(GMI, 8.9, "2027-08-01")], False, id="GMI 8.9"),
        pytest.param("a1c", [resulted(A1C, None, "2027-08-01")], True, id="A1c without a value"),
        pytest.param(
            "a1c", [resulted(A1C, 7.0, "2027-05-01"), resulted(A1C, 9.4, "2027-08-01")], True, id="the latest counts"
        ),
        pytest.param("falls", [], True, id="nobody asked about falls"),
        pytest.param("falls", [given("3288F", "2027-02-01")], False, id="asked this year"),
        pytest.param("falls", [given("3288F", "2026-02-01")], True, id="asked last year"),
        pytest.param("falls", [answered("Morse", {"1": 0}, "2027-02-01")], False, id="a form about falls this year"),
        pytest.param("falls", [answered("Morse", {"1": 0}, "2026-12-01")], True, id="a form about falls last year"),
        pytest.param("falls", [answered("PHQ-9", {"1": 0}, "2027-02-01")], True, id="a form about something else"),
    ],
)
def test_what_meets_a_measure_at_seventy_with_diabetes(
    measure: str, history: list[AnyCareEvent], *, asked: bool
) -> None:
    assert is_asked(measure, [aged(70), diagnosed(DIABETES), *history]) is asked


def noted_in_a_stay(day: str, code: str = DIABETES) -> AnyCareEvent:
    """A diagnosis that stands on no problem list."""
    return fact(facts.HospitalAdmitted, day, encounter_id=f"stay-{day}", diagnoses=({"code": code},))


def stay_in_nursing_home(until: str) -> list[AnyCareEvent]:
    return [
        admitted("2027-02-01", stay="snf", kind="skilled-nursing"),
        discharged(until, stay="snf", kind="skilled-nursing"),
    ]


FRAIL, GRAVELY_ILL = diagnosed("R54"), diagnosed("G30.9")


@pytest.mark.parametrize(
    ("age", "history", "asked"),
    [
        pytest.param(66, [FRAIL, GRAVELY_ILL], False, id="66, frail and gravely ill"),
        pytest.param(65, [FRAIL, GRAVELY_ILL], True, id="65, frail and gravely ill"),
        pytest.param(66, [FRAIL], True, id="frail alone"),
        pytest.param(66, [GRAVELY_ILL], True, id="gravely ill alone"),
        pytest.param(66, [FRAIL, prescribed("donepezil", "2027-03-01")], False, id="frail, a drug against dementia"),
        pytest.param(66, [given("E0163", "2027-03-01"), GRAVELY_ILL], False, id="a device of frailty, gravely ill"),
        pytest.param(66, [given("E0163", "2026-03-01"), GRAVELY_ILL], True, id="a device of last year"),
        pytest.param(70, [FRAIL, noted_in_a_stay("2026-02-01", "J43.9")], False, id="frail, gravely ill last year"),
        pytest.param(70, [FRAIL, noted_in_a_stay("2025-12-01", "J43.9")], True, id="frail, gravely ill before that"),
        pytest.param(70, stay_in_nursing_home("2027-05-02"), False, id="91 days in a nursing home"),
        pytest.param(70, stay_in_nursing_home("2027-05-01"), True, id="90 days in a nursing home"),
        pytest.param(65, stay_in_nursing_home("2027-05-02"), True, id="91 days in a nursing home at 65"),
        pytest.param(50, [given("M1017", "2027-03-01")], False, id="palliative care at 50"),
        pytest.param(50, [given("M1017", "2026-03-01")], True, id="palliative care of last year"),
    ],
)
def test_who_is_left_out_of_a1c(age: int, history: list[AnyCareEvent], *, asked: bool) -> None:
    assert is_asked("a1c", [aged(age), diagnosed(DIABETES), *history]) is asked


@pytest.mark.parametrize(
    ("history", "asked"),
    [
        pytest.param([noted_in_a_stay("2027-02-01")], True, id="in a stay of this year"),
        pytest.param([noted_in_a_stay("2026-02-01")], False, id="in a stay of last year alone"),
        pytest.param([has_condition(DIABETES, "2020-02-01")], True, id="on the problem list for years"),
        pytest.param(
            [has_condition(DIABETES, "2020-02-01"), has_condition(DIABETES, "2026-02-01", active=False)],
            False,
            id="resolved last year",
        ),
    ],
)
def test_a_diagnosis_counts_that_is_listed_or_was_made_this_year(history: list[AnyCareEvent], *, asked: bool) -> None:
    assert is_asked("kidney", [*history, aged(70)]) is asked


SEEN = fact(facts.AppointmentFulfilled, "2027-02-10", "10:00", appointment_id="v")


@pytest.mark.parametrize(
    ("history", "until", "asked"),
    [
        pytest.param([SEEN], "2027-02-10", False, id="on the day of the visit nobody asks yet"),
        pytest.param([SEEN], "2027-02-11", True, id="nothing documented a day later"),
        pytest.param([SEEN], "2027-03-12", True, id="nothing documented after thirty days"),
        pytest.param([SEEN], "2027-03-13", False, id="after that nobody asks"),
        pytest.param([SEEN, given("G8427", "2027-02-10")], "2027-02-12", False, id="documented that day"),
        pytest.param([SEEN, given("G8427", "2027-02-11")], "2027-02-12", True, id="documented the day after"),
        pytest.param(
            [SEEN, fact(facts.MedicationsReconciled, "2027-02-10", by_role="registered-nurse")],
            "2027-02-12",
            False,
            id="reconciled that day",
        ),
        pytest.param(
            [SEEN, fact(facts.MedicationsReconciled, "2027-02-09", by_role="registered-nurse")],
            "2027-02-12",
            True,
            id="reconciled the day before",
        ),
    ],
)
def test_the_medicines_of_the_last_visit(history: list[AnyCareEvent], until: str, *, asked: bool) -> None:
    """CMS68: documentation dated during the visit. We look at seven in the morning; the visit was at ten."""
    assert is_asked("medicines", [aged(70), *history], until, "08:00") is asked


def test_a_gap_inherits_the_labels_of_what_it_is_told_of() -> None:
    private = Known(labels=(SensitivityLabel.HIV,))
    history = [
        *(aged(70), diagnosed(DIABETES)),
        resulted(A1C, 9.4, "2027-02-01", "14:00", private),
        resulted(GMI, 9.6, "2027-02-01", "15:00"),
    ]
    only = policy_with("{chronic_gaps: {measures: [a1c]}}")

    assert [alert.labels for alert in play(history, "GAP-CHRONIC", only).alerts][-1] == (SensitivityLabel.HIV,)
