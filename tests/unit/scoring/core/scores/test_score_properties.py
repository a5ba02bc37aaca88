"""Whatever is answered: totals stay in their published range, and worse answers never lower them."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import care_scoring
from care_scoring.core.scores.charlson import CharlsonInput, CharlsonSettings, charlson
from care_scoring.core.scores.comorbidities import Comorbidity, WeightSet, load_code_groups, weigh
from care_scoring.core.scores.hospital import HospitalInput, HospitalSettings, HospitalVariant, hospital
from care_scoring.core.scores.lace import LaceInput, lace
from care_scoring.core.scores.news2 import Consciousness, News2Input, SaturationScale, news2
from care_scoring.core.scores.outreach_input import AlertCause, DueGap, OutreachInput
from care_scoring.core.scores.outreach_priority import outreach_priority
from care_scoring.core.scores.phq import Phq9Input, phq9
from care_scoring.core.scores.score import Answer
from care_scoring.core.scores.zarit import Zarit12Input, zarit12

SHIPPED = Path(str(care_scoring.__file__)).parent / "codes" / "charlson_icd10cm_2027.yaml"
GROUPS = load_code_groups(SHIPPED.read_text("utf-8"))
BOOLEANS = st.booleans().map(Answer)


def number(low: int, high: int) -> st.SearchStrategy[Answer[int]]:
    return st.integers(low, high).map(Answer)


def measure(low: float, high: float) -> st.SearchStrategy[Answer[float]]:
    return st.floats(low, high, allow_nan=False).map(Answer)


def more(answer: Answer[int] | None) -> Answer[int]:
    assert answer is not None
    return Answer(answer.value + 1)


stays = st.builds(
    LaceInput,
    length_of_stay_days=number(0, 60),
    acute=BOOLEANS,
    comorbidity_sum=number(0, 30),
    ed_visits_6_months=number(0, 20),
)


@given(stays)
def test_lace_lies_in_its_range_and_rises_with_each_of_its_numbers(stay: LaceInput) -> None:
    total = lace(stay).total
    worse = (
        replace(stay, length_of_stay_days=more(stay.length_of_stay_days)),
        replace(stay, comorbidity_sum=more(stay.comorbidity_sum)),
        replace(stay, ed_visits_6_months=more(stay.ed_visits_6_months)),
        replace(stay, acute=Answer(value=True)),
    )

    assert total is not None
    assert 0 <= total <= 19
    assert all((lace(one).total or 0) >= total for one in worse)


medical_stays = st.builds(
    HospitalInput,
    haemoglobin=measure(3, 20),
    sodium=measure(100, 170),
    oncology_service=BOOLEANS,
    cancer_diagnosis=BOOLEANS,
    procedure=BOOLEANS,
    urgent=BOOLEANS,
    admissions_12_months=number(0, 20),
    length_of_stay_days=number(0, 60),
)


@given(medical_stays, st.sampled_from(HospitalVariant))
def test_hospital_lies_in_its_range_and_rises_with_its_counts(stay: HospitalInput, variant: HospitalVariant) -> None:
    settings = HospitalSettings(variant=variant)
    total = hospital(stay, settings).total
    worse = (
        replace(stay, admissions_12_months=more(stay.admissions_12_months)),
        replace(stay, length_of_stay_days=more(stay.length_of_stay_days)),
    )

    assert total is not None
    assert 0 <= total <= (12 if variant is HospitalVariant.SIMPLIFIED else 13)
    assert all((hospital(one, settings).total or 0) >= total for one in worse)


measurements = st.builds(
    News2Input,
    respiratory_rate=measure(0, 60),
    oxygen_saturation=measure(50, 100),
    supplemental_oxygen=BOOLEANS,
    systolic=measure(40, 260),
    heart_rate=measure(20, 220),
    consciousness=st.sampled_from(Consciousness).map(Answer),
    temperature=measure(30, 43),
    spo2_scale=st.sampled_from(SaturationScale),
)


@given(measurements)
def test_news2_lies_in_its_range_and_every_line_has_its_points(measured: News2Input) -> None:
    score = news2(measured)

    assert score.total is not None
    assert 0 <= score.total <= 20
    assert all(0 <= item.points <= 3 for item in score.items)
    assert ("single-3" in score.flags) == any(item.points == 3 for item in score.items)


@given(measurements, st.sampled_from(["respiratory_rate", "temperature", "supplemental_oxygen", "consciousness"]))
def test_news2_without_one_measurement_has_no_total(measured: News2Input, name: str) -> None:
    incomplete: dict[str, None] = {name: None}

    assert news2(replace(measured, **incomplete)).total is None


@given(st.sets(st.sampled_from(Comorbidity)), st.sampled_from(Comorbidity), st.sampled_from(WeightSet))
def test_one_more_condition_never_makes_a_patient_lighter(
    held: set[Comorbidity], another: Comorbidity, weight_set: WeightSet
) -> None:
    before = sum(one.points for one in weigh(held, weight_set))
    after = sum(one.points for one in weigh(held | {another}, weight_set))

    assert before <= after


@given(st.sets(st.sampled_from(Comorbidity)), st.integers(0, 120))
def test_charlson_lies_in_its_range(held: set[Comorbidity], age: int) -> None:
    asked = CharlsonInput(Answer(tuple(held)), age_years=Answer(age))

    for weights, most in ((WeightSet.CHARLSON_1987, 33), (WeightSet.QUAN_2011, 24)):
        score = charlson(asked, GROUPS, CharlsonSettings(weights))
        assert score.total is not None
        assert 0 <= score.total <= most
        assert score.total <= (dict(score.derived)["age_adjusted"] or 0) <= most + 4


@given(st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=9, max_size=9))
def test_prorating_stays_between_what_the_missing_items_could_have_been(items: list[int | None]) -> None:
    score = phq9(Phq9Input(Answer(tuple(items))))
    answered = sum(item for item in items if item is not None)
    missing = items.count(None)

    assert (score.total is None) == (missing > 2 or items[8] is None)
    if score.total is not None:
        assert answered <= score.total <= answered + 3 * missing
    assert ("item-9" in score.flags) == bool(items[8])


@given(st.lists(st.integers(0, 4), min_size=12, max_size=12), st.integers(0, 48))
def test_zarit_is_the_sum_of_its_items(items: list[int], before: int) -> None:
    score = zarit12(Zarit12Input(Answer(tuple(items)), Answer(before)))

    assert score.total == sum(items)
    assert ("rising-burden" in score.flags) == (sum(items) - before >= 6)


maybe = st.one_of(st.none(), BOOLEANS)
patients = st.builds(
    OutreachInput,
    days_since_discharge=st.one_of(st.none(), measure(0, 60)),
    days_since_ed_release=st.one_of(st.none(), measure(0, 60)),
    lace=st.one_of(st.none(), number(0, 19)),
    readmitted_within_30_days=maybe,
    open_p1=maybe,
    open_p2=st.one_of(st.none(), st.lists(st.sampled_from(AlertCause), max_size=3).map(lambda it: Answer(tuple(it)))),
    trend_alert=maybe,
    critical_visit_missed=maybe,
    missed_visits_in_a_row=st.one_of(st.none(), number(0, 5)),
    gaps=st.lists(st.builds(DueGap, st.just("gap"), st.floats(-100, 400)), max_size=5).map(tuple),
    high_needs=maybe,
    lives_alone=maybe,
    positive_social_needs=st.one_of(st.none(), number(0, 5)),
    pdc=st.one_of(st.none(), measure(0, 1)),
    working_channel=maybe,
    days_since_contact=st.one_of(st.none(), measure(0, 10)),
)


@given(patients)
def test_outreach_lies_in_its_range_and_adds_up(asked: OutreachInput) -> None:
    found = outreach_priority(asked)
    minus = dict(found.score.derived)["recent_contact"] or 0

    assert found.score.total is not None
    assert 0 <= found.score.total <= 110
    assert found.score.total == max(0, sum(one.counted for one in found.domains) + minus)
    assert all(one.counted <= one.cap for one in found.domains)
    assert sum(one.earned for one in found.domains) == sum(item.points for item in found.score.items) - minus


@given(patients)
def test_one_more_thing_overdue_never_lowers_the_priority(asked: OutreachInput) -> None:
    more_due = replace(asked, gaps=(*asked.gaps, DueGap("another", -1)))

    assert (outreach_priority(more_due).score.total or 0) >= (outreach_priority(asked).score.total or 0)
