"""Forms, tasks, surveys, programmes and plans in any order: the same gaps are open at the end, with the same words."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.contracts.envelope import derived_id
from care_shared.contracts.facts.person import CodedConcept
from tests import builders as b
from tests.chart_builders import answered, fact
from tests.playing import Played

DAYS = st.integers(0, 40)
NUMBERS = st.sampled_from(["", "q-1", "q-2"])
POINTS = st.integers(0, 3)
GAPS = (
    ("PHQ-I9", "2027-03-05T17:00:00Z"),
    ("SOCIAL-NEED", "housing"),
    ("CAREGIVER-BURDEN", "zbi12:2027-03-05T17:00:00Z"),
)


def items(count: int) -> st.SearchStrategy[dict[str, int]]:
    return st.lists(POINTS, min_size=count, max_size=count).map(
        lambda points: {str(number): one for number, one in enumerate(points, 1)}
    )


@st.composite
def tasks(draw: st.DrawFn) -> AnyCareEvent:
    rule, episode = draw(st.sampled_from(GAPS))
    status = draw(st.sampled_from(["requested", "completed", "rejected"]))
    return fact(
        facts.CareTaskChanged, draw(DAYS), task_id=draw(st.sampled_from(["t-1", "t-2"])), status=status,
        gap_id=derived_id(b.PATIENT, rule, episode),
    )  # fmt: skip


social = st.fixed_dictionaries({"housing": st.integers(0, 2), "safety_1": st.integers(1, 5)})
forms = st.one_of(
    st.builds(answered, st.just("PHQ-9"), items(9), DAYS, NUMBERS),
    st.builds(answered, st.just("PHQ-2"), items(2), DAYS, NUMBERS),
    st.builds(answered, st.just("ZBI-4"), items(4), DAYS, NUMBERS),
    st.builds(answered, st.just("ZBI-12"), items(12), DAYS, NUMBERS),
    st.builds(answered, st.just("AHC-HRSN"), social, DAYS, NUMBERS),
    st.builds(
        lambda day, number: fact(facts.AssessmentRetracted, day, assessment_id=number),
        DAYS,
        st.sampled_from(["q-1", "q-2"]),
    ),
)
others = st.one_of(
    tasks(),
    st.builds(
        lambda day, points: fact(facts.SurveyAnswered, day, survey="pulse", answers={"felt-heard": points}),
        DAYS,
        st.integers(0, 10),
    ),
    st.builds(
        lambda day, programme, last: fact(
            facts.AlignmentChanged, day, organization="o", programme=programme, starts_on="2027-03-03", ends_on=last
        ),
        DAYS,
        st.sampled_from(["health-home", "LEAD"]),
        st.sampled_from(["2027-03-28", None]),
    ),
    st.builds(lambda day: fact(facts.CarePlanUpdated, day, plan_id="p-1"), DAYS),
    st.builds(lambda day: fact(facts.CaregiverNamed, day, caregiver_id="c-1"), DAYS),
    st.builds(lambda day, said: fact(facts.HighNeedsAssessed, day, high_needs=said), DAYS, st.booleans()),
    st.builds(
        lambda day, code: fact(facts.ServiceRecorded, day, service_id=code, service=CodedConcept(code=code)),
        DAYS,
        st.sampled_from(["E0255", "health-promotion"]),
    ),
    st.builds(b.assessed, DAYS, homebound=st.booleans()),
    st.builds(b.contacted, DAYS, st.sampled_from(["09:00", "20:30"]), party=st.sampled_from(["patient", "caregiver"])),
    st.builds(b.Visit, DAYS).map(lambda visit: visit.missed("patient-refused")),
    st.builds(b.Visit, DAYS).map(lambda visit: visit.started("09:05")),
    st.builds(b.Visit, DAYS).map(lambda visit: visit.scheduled()),
)


def ending(played: Played) -> dict[tuple[str, str], tuple[object, ...]]:
    return {
        (rule, episode): (gap.tier, gap.reason, gap.due_at, gap.stamp, gap.audience, gap.labels, gap.private)
        for rule, gaps in played.state.gaps.items()
        for episode, gap in gaps.items()
        if gap.is_open
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=st.lists(st.one_of(forms, others), min_size=1, max_size=16), data=st.data())
def test_any_order_and_any_duplicates_leave_the_same_gaps_open(
    history: list[AnyCareEvent], data: st.DataObject
) -> None:
    end = b.tick(data.draw(st.integers(0, 80)))
    ordered = sorted(history, key=lambda event: (event.recorded_at, event.event_id))
    shuffled = data.draw(st.permutations(history + data.draw(st.lists(st.sampled_from(history), max_size=4))))

    assert ending(b.play([*shuffled, end])) == ending(b.play([*ordered, end]))
