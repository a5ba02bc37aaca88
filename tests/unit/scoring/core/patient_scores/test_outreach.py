"""The outreach priority as the facts tell it: each answer with its near misses, and the moments at which it changes."""

from datetime import timedelta

import pytest

from care_scoring.core.patient_scores.circumstances import Circumstances
from care_scoring.core.patient_scores.moments import Clock
from care_scoring.core.patient_scores.open_gaps import OpenGaps
from care_scoring.core.patient_scores.picture import Picture
from care_scoring.core.patient_scores.rule_parts import cause_of, is_regulatory, rule_of
from care_scoring.core.scores.outreach_input import AlertCause
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import ContactOutcome, SensitivityLabel, VitalSign
from tests import builders as b
from tests import chart_builders as c
from tests.score_builders import came_in, in_emergency, in_short, now_of, points, told, went_home

PHONE = b.lives_in(b.HOME, phone="555-0100")
HIGH_NEEDS = c.fact(facts.HighNeedsAssessed, -20, high_needs=True)
NOT_THEIRS = b.contacted(0, outcome=ContactOutcome.WRONG_NUMBER)
SUD = (SensitivityLabel.SUBSTANCE_USE,)


def payer(kind: str) -> AnyCareEvent:
    return c.fact(facts.CoverageChanged, -20, payer_kind=kind)


def reconciled(role: str, day: int) -> AnyCareEvent:
    return c.fact(facts.MedicationsReconciled, day, by_role=role)


def priority(*history: AnyCareEvent | b.Step) -> dict[str, int]:
    return points(now_of(b.play(history).state, "outreach-priority"))


def test_x1_as_the_facts_tell_it() -> None:
    """Two days home, LACE 12, a weight alert, the contact due tonight; its own deadline counts beside the contact's.

    A 20 + 6, B 15, C 6 + 6, D 5 + 3 + 3, E 4 + 2.
    """
    history = [
        *(PHONE, HIGH_NEEDS, b.assessed(), b.has_condition("I50.22"), b.has_condition("J44.9")),
        *(came_in(-4), went_home(0), b.weight(80.0, 1), b.weight(81.4, 2)),
    ]
    found = now_of(b.play(history).state, "outreach-priority")

    assert points(found) == {
        **{"days_since_discharge": 20, "lace": 6, "open_p2": 15, "gap: HF-WEIGHT": 6, "gap: TCM-CONTACT": 6},
        **{"high_needs": 5, "homebound": 3, "lives_alone": 3, "medicines_unreconciled": 4, "working_channel": 2},
    }
    assert found is not None
    assert (found.score.total, found.score.band) == (70, "today")
    assert [one.item.name for one in found.leading][:2] == ["days_since_discharge", "open_p2"]
    assert all(one.lowered_by for one in found.leading)
    assert found.place is not None
    assert found.place.earliest_deadline == b.when(2, "23:59") + timedelta(seconds=59)


@pytest.mark.parametrize(
    ("history", "factor", "earned"),
    [
        pytest.param([came_in(-4), went_home(0), b.tick(7)], "days_since_discharge", 20, id="seven days home"),
        pytest.param([came_in(-4), went_home(0), b.tick(8)], "days_since_discharge", 10, id="eight days home"),
        pytest.param([came_in(-4), went_home(0), b.tick(30)], "days_since_discharge", 10, id="thirty days home"),
        pytest.param([came_in(-4), went_home(0), b.tick(31)], "days_since_discharge", 0, id="thirty-one days home"),
        pytest.param([*in_emergency(0), b.tick(7)], "days_since_ed_release", 8, id="seven days after the ED"),
        pytest.param([*in_emergency(0), b.tick(8)], "days_since_ed_release", 0, id="eight days after the ED"),
        pytest.param([*in_emergency(-20), *in_emergency(0)], "ed_visits_6_months", 4, id="two ED visits"),
        pytest.param([*in_emergency(-190), *in_emergency(0)], "ed_visits_6_months", 0, id="one of them long ago"),
        pytest.param(
            [came_in(-34, stay="s"), went_home(-30, stay="s"), came_in(0), went_home(2)],
            "readmitted_within_30_days",
            8,
            id="admitted on the thirtieth day",
        ),
        pytest.param(
            [came_in(-35, stay="s"), went_home(-31, stay="s"), came_in(0), went_home(2)],
            "readmitted_within_30_days",
            0,
            id="admitted on the thirty-first day",
        ),
        pytest.param(
            [came_in(-9, stay="s"), went_home(-5, stay="s"), came_in(0, admission_type="elective"), went_home(2)],
            "readmitted_within_30_days",
            0,
            id="a planned admission",
        ),
        pytest.param([payer("medicare"), payer("medicaid")], "dual_eligible", 2, id="Medicare and Medicaid"),
        pytest.param([payer("medicare")], "dual_eligible", 0, id="Medicare alone"),
        pytest.param([b.has_condition("F03.90")], "cognitive_impairment", 3, id="dementia"),
        pytest.param([c.answered("ZBI-12", {}, 0, total=17)], "caregiver_burden_high", 4, id="Zarit 17 of 12 items"),
        pytest.param([c.answered("ZBI-12", {}, 0, total=16)], "caregiver_burden_high", 0, id="Zarit 16 of 12 items"),
        pytest.param([c.answered("ZBI-4", {}, 0, total=8)], "caregiver_burden_high", 4, id="Zarit 8 of 4 items"),
        pytest.param(
            [c.answered("ZBI-12", {}, 0, total=20), c.answered("ZBI-12", {}, 3, total=10)],
            "caregiver_burden_high",
            0,
            id="the newest interview decides",
        ),
        pytest.param([c.answered("AHC-HRSN", {}, 0, total=1)], "positive_social_needs", 2, id="one social need"),
        pytest.param([c.answered("AHC-HRSN", {}, 0, total=5)], "positive_social_needs", 4, id="five are capped"),
        pytest.param([PHONE], "working_channel", 2, id="a phone"),
        pytest.param([PHONE, NOT_THEIRS], "working_channel", 0, id="wrong number"),
        pytest.param(
            [PHONE, NOT_THEIRS, b.lives_in(b.HOME, 1, phone="555-0101")],
            "working_channel",
            2,
            id="another number since",
        ),
        pytest.param([came_in(0), went_home(2), reconciled("LPN", 3)], "medicines_unreconciled", 4, id="by an LPN"),
        pytest.param([came_in(0), went_home(2), reconciled("RN", 2)], "medicines_unreconciled", 0, id="by a nurse"),
        pytest.param([b.contacted(0), b.tick(179)], "days_since_primary_care", 0, id="reached 179 days ago"),
        pytest.param([b.contacted(0), b.tick(180)], "days_since_primary_care", 4, id="reached 180 days ago"),
        pytest.param([b.contacted(0), b.tick(3)], "days_since_contact", -8, id="reached three days ago"),
        pytest.param([b.contacted(0), b.tick(4)], "days_since_contact", 0, id="reached four days ago"),
        pytest.param(
            [c.filled("atorvastatin", 0), c.filled("atorvastatin", 50), b.tick(99)], "pdc", 5, id="60 days of 100"
        ),
        pytest.param(
            [c.filled("atorvastatin", 0, 90), c.filled("atorvastatin", 83, 90), b.tick(120)],
            "pdc",
            0,
            id="covered",
        ),
        pytest.param([c.filled("atorvastatin", 0), b.tick(99)], "pdc", 0, id="one fill says nothing"),
        pytest.param(
            [c.filled("atorvastatin", 0), c.filled("atorvastatin", 50), b.tick(80)], "pdc", 0, id="too early to say"
        ),
    ],
)
def test_a_factor_and_its_near_miss(history: list[b.Step], factor: str, earned: int) -> None:
    assert priority(*history).get(factor, 0) == earned


def test_cover_that_runs_out_is_noticed_on_the_day_it_falls_below_four_fifths() -> None:
    """180 days of supply from the first of March: 180 of 225 days are 0.80, and 180 of 226 are less."""
    history = [c.filled("atorvastatin", 0, 90), c.filled("atorvastatin", 83, 90)]
    day_before, day = b.play([*history, b.tick(224)]), b.play([*history, b.tick(225)])

    assert "pdc" not in points(now_of(day_before.state, "outreach-priority"))
    assert told(day, "outreach-priority")[-1].computed_at == b.when(225, "00:00")
    assert "pdc" in {one.factor for one in told(day, "outreach-priority")[-1].factors}


@pytest.mark.parametrize(
    ("last", "queue"),
    [
        pytest.param(b.died(5), "none", id="the patient died"),
        pytest.param(c.fact(facts.ConsentChanged, 5, scope="outreach", permitted=False), "none", id="opted out"),
        pytest.param(b.chose_hospice(5), "hospice", id="hospice has its own queue"),
        pytest.param(came_in(5, stay="stay-2"), "transition", id="in hospital now"),
    ],
)
def test_who_is_not_in_the_queue_has_no_number(last: AnyCareEvent, queue: str) -> None:
    change = told(b.play([PHONE, came_in(0), went_home(2), last]), "outreach-priority")[-1]

    assert (change.value, change.queue, change.place) == (None, queue, None)
    assert change.notes


def test_what_nobody_asked_is_listed_and_earns_nothing() -> None:
    change = told(b.play([PHONE]), "outreach-priority")[0]

    assert change.missing == (
        *("high_needs", "homebound", "lives_alone", "cognitive_impairment", "dual_eligible", "caregiver_burden_high"),
        *("positive_social_needs", "pdc", "medicines_unreconciled", "days_since_primary_care"),
    )


def test_a_deadline_comes_near_and_passes_by_itself() -> None:
    """The contact is due on Wednesday: 3 points, from Monday night 6, overdue 10; nobody sends a fact."""
    changes = told(b.play([came_in(-4), went_home(0), b.tick(3, "12:00")]), "outreach-priority")
    due = [
        (one.computed_at, each.points) for one in changes for each in one.factors if each.factor == "gap: TCM-CONTACT"
    ]

    assert due[0] == (b.when(0, "10:00"), 3)
    assert (b.when(0, "23:59") + timedelta(seconds=59), 6) in due
    assert due[-1] == (b.when(3, "00:00"), 10)
    assert changes[-1].caused_by is None


def test_a_gap_in_shadow_counts_for_nothing() -> None:
    shadow = b.play([came_in(-4), went_home(0), b.tick(3)], policy=b.POLICY.model_copy()).state
    for gaps in shadow.gaps.values():
        for gap in gaps.values():
            gap.shadow = True

    assert "open_p1" not in points(now_of(shadow, "outreach-priority"))


def test_labels_of_a_contact_and_of_a_gap_are_inherited_and_never_shrink() -> None:
    labelled = b.contacted(0, contact="k", known=b.Known(labels=SUD))
    changes = told(b.play([PHONE, labelled, b.contact_retracted(1, "12:00", "k")]), "outreach-priority")

    assert [one.labels for one in changes] == [(), SUD, SUD]
    assert in_short(changes) == [(2, "routine"), (0, "routine"), (2, "routine")]


def seen_on(day: int, *history: b.Step) -> tuple[Picture, Clock]:
    state = b.play(history).state
    picture = Picture(state, b.when(day), b.POLICY.for_patient(state, b.when(day)))
    return picture, Clock(picture)


def test_of_two_talks_the_later_is_the_last_contact() -> None:
    since = Circumstances(*seen_on(0, b.contacted(-9), b.contacted(-3))).days_since_contact

    assert since is not None
    assert since.value == 3


def test_a_contact_overdue_in_the_evening_of_its_last_day_is_an_open_p1_and_one_due_at_noon_is_none() -> None:
    noon = OpenGaps(*seen_on(2, came_in(-4), went_home(0), b.tick(2, "12:00")))
    evening = OpenGaps(*seen_on(2, came_in(-4), went_home(0), b.tick(2, "17:00")))

    assert noon.open_p1 is None
    assert evening.open_p1 is not None
    assert evening.open_p1.value is True


def test_missed_visits_in_a_row_count_as_the_rule_counts_them() -> None:
    """X3: two aides did not come; the alert for it is not counted a second time."""
    found = priority(PHONE, HIGH_NEEDS, b.Visit(0).missed(), b.Visit(2).missed(), b.tick(4))

    assert found["missed_visits_in_a_row"] == 12
    assert "open_p2" not in found


@pytest.mark.parametrize(
    ("key", "rule", "cause", "regulatory"),
    [
        pytest.param("VITALS-TREND/8480-6", "VITALS-TREND", AlertCause.TREND, False, id="a trend"),
        pytest.param("TCM-CONTACT", "TCM-CONTACT", AlertCause.OTHER, True, id="a clock of a payer"),
        pytest.param("DATA-1", "DATA-1", AlertCause.SILENCE, False, id="a silent device"),
    ],
)
def test_what_part_a_rule_plays(key: str, rule: str, cause: AlertCause, *, regulatory: bool) -> None:
    assert (rule_of(key), cause_of(rule), is_regulatory(rule)) == (rule, cause, regulatory)


def test_readings_that_say_nothing_new_tell_nothing() -> None:
    quiet = [b.measured(VitalSign.HEART_RATE, 70, day) for day in range(10)]

    assert told(b.play(quiet)) == []


def test_a_contact_that_is_awaited_again_counts_although_a_closed_gap_tells_of_it() -> None:
    """Found by Hypothesis: the day of a discharge was corrected, so the gap closed and a new deadline runs."""
    corrected = [b.discharged(0, "00:30"), b.discharged(12, "00:30")]

    assert priority(*corrected)["gap: TCM-CONTACT"] == 3
    assert priority(*corrected) == priority(*reversed(corrected))


def test_nobody_waits_for_a_contact_with_the_dead_whatever_was_heard_first() -> None:
    """Found by Hypothesis: the rule's last word before the death went on counting as a deadline."""
    history = [b.discharged(17, "00:30"), b.died(19)]

    assert "gap: TCM-CONTACT" not in priority(*history)
    assert priority(*history) == priority(*reversed(history))


@pytest.mark.parametrize(
    ("history", "earned"),
    [
        pytest.param([c.answered("ZBI-12", {}, 0, total=20), c.answered("ZBI-4", {}, 5, total=3)], 0, id="light since"),
        pytest.param([c.answered("ZBI-4", {}, 0, total=3), c.answered("ZBI-12", {}, 5, total=20)], 4, id="heavy now"),
        pytest.param([c.answered("ZBI-4", {}, 0, total=8)], 4, id="ZBI-4: 8 is high"),
        pytest.param([c.answered("ZBI-4", {}, 0, total=7)], 0, id="ZBI-4: 7 is not"),
        pytest.param([c.answered("ZBI-12", {}, 0, total=17)], 4, id="ZBI-12: 17 is high"),
        pytest.param([c.answered("ZBI-12", {}, 0, total=16)], 0, id="ZBI-12: 16 is not"),
    ],
)
def test_the_newest_interview_of_the_caregiver_counts(history: list[AnyCareEvent], earned: int) -> None:
    """clinical.md 5.3: ZBI-12 from 17, ZBI-4 from 8; section 7: a high burden earns 4."""
    found = {name: held for name, held in priority(*history).items() if "caregiver" in name}

    assert sum(found.values()) == earned
