"""People see one card per patient and episode of care, with the worst value and every label its gaps ever rested on."""

import pytest

from care_scoring.core.cards import card_id, card_of, packed_worst, unpacked_worst
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.rules.discharge_contact import DischargeContact
from care_scoring.core.rules.vitals_trend import VitalsTrend
from care_scoring.core.verdicts import Open
from care_shared.contracts.care_alerts import WorstValue
from care_shared.vocabulary import ContactOutcome, MissedVisitReason, SensitivityLabel, Tier, VitalSign
from tests import builders as b

SUD, PSY = (SensitivityLabel.SUBSTANCE_USE,), (SensitivityLabel.PSYCHIATRIC,)
IN_VAIN = [b.contacted(1, "10:00", ContactOutcome.NO_ANSWER), b.contacted(1, "15:00", ContactOutcome.NO_ANSWER)]


def verdict(episode: str, card: str = "") -> Open:
    return Open(
        episode=episode, tier=Tier.P3, reason=CommonReason.NOT_MENTIONED, explanation="-", next_step="-", card=card
    )


@pytest.mark.parametrize(
    ("rule", "said", "card"),
    [
        pytest.param(DischargeContact(), verdict("stay-1"), "stay:stay-1", id="a stay we know"),
        pytest.param(DischargeContact(), verdict("stay-1:outreach"), "stay:stay-1", id="a part of what follows a stay"),
        pytest.param(DischargeContact(), verdict("visit-7"), "episode:visit-7", id="what the rule names"),
        pytest.param(VitalsTrend(VitalSign.SYSTOLIC), verdict("8480-6:2027-03-01"), "series:8480-6", id="a series"),
        pytest.param(DischargeContact(), verdict("stay-1", "mine"), "mine", id="a card that the rule states"),
    ],
)
def test_a_gap_has_a_card(rule: DischargeContact | VitalsTrend, said: Open, card: str) -> None:
    assert card_of(b.play([b.discharged(0)]).state, rule, said) == card


def test_the_gaps_of_one_discharge_share_a_card_for_life() -> None:
    alerts = b.play([b.discharged(0), *IN_VAIN, b.tick(4), b.contacted(5)], "TCM-CONTACT").alerts

    assert {alert.episode for alert in alerts} == {"stay-1:outreach"}
    assert {alert.card_id for alert in alerts} == {card_id(b.PATIENT, "stay:stay-1")}
    overdue = b.play([b.discharged(0), b.tick(4), b.contacted(5)], "TCM-CONTACT").alerts
    assert {alert.card_id for alert in overdue} == {card_id(b.PATIENT, "stay:stay-1")}


def test_two_rules_that_name_one_visit_share_its_card() -> None:
    visit = b.Visit(0, critical=True)
    missed = visit.missed(MissedVisitReason.NO_ANSWER)
    alerts = b.play([b.assessed(), visit.scheduled(), missed, b.tick(2)]).alerts

    assert {alert.rule_id for alert in alerts} == {"VISIT-CRITICAL", "VISIT-WELFARE"}
    assert len({alert.card_id for alert in alerts}) == 1


def test_another_patient_has_other_cards() -> None:
    assert card_id(b.PATIENT, "stay:s") != card_id(type(b.PATIENT)("patient-2"), "stay:s")


def test_a_gap_tells_its_worst_value_and_keeps_it_when_it_closes() -> None:
    readings = [b.weight(80.0, 0), b.weight(81.5, 1), b.weight(82.6, 2), b.weight(80.1, 3), b.weight(80.0, 4)]
    alerts = b.play([b.has_condition(), *readings, b.tick(6)], "HF-WEIGHT").alerts

    assert [alert.worst.value if alert.worst else None for alert in alerts] == [1.5, 2.6, 2.6]
    assert (alerts[0].worst and alerts[0].worst.unit, alerts[-1].change) == ("kg", "closed")


def test_the_worst_value_survives_storing() -> None:
    worst = WorstValue(what="Weight gain", value=1.5, unit="kg", at=b.when(0))

    assert unpacked_worst(packed_worst(worst)) == worst
    assert unpacked_worst(packed_worst(None)) is None


@pytest.mark.parametrize(
    ("history", "labels"),
    [
        pytest.param([b.discharged(0, known=b.Known(labels=SUD)), b.tick(2, "13:00")], [SUD], id="opened: the stay"),
        pytest.param(
            [b.discharged(0), b.tick(2, "13:00"), b.contacted(2, "14:00", known=b.Known(labels=PSY))],
            [(), PSY],
            id="closed by evidence: the contact",
        ),
        pytest.param(
            [b.discharged(0), b.tick(4), b.contacted(4, "14:00", known=b.Known(labels=PSY))],
            [(), (), (), PSY],
            id="closed by late evidence: the contact",
        ),
        pytest.param(
            [b.discharged(0, known=b.Known(labels=SUD)), b.tick(2, "13:00"), b.discharge_cancelled(2, "14:00")],
            [SUD, SUD],
            id="withdrawn: what it rested on before",
        ),
        pytest.param(
            [b.discharged(0, known=b.Known(labels=SUD)), b.tick(2, "13:00"), b.tick(40)],
            [SUD, SUD, SUD, SUD],
            id="escalated, updated and expired",
        ),
        pytest.param(
            [b.discharged(0, known=b.Known(labels=SUD)), b.tick(2, "13:00"), b.died(2, "14:00")],
            [SUD, SUD],
            id="superseded by a death",
        ),
    ],
)
def test_every_change_carries_the_labels_of_what_it_rests_on(history: list[b.Step], labels: list[object]) -> None:
    assert [alert.labels for alert in b.play(history, "TCM-CONTACT").alerts] == labels


def test_a_labelled_stay_that_silences_a_visit_labels_the_silence_towards_others() -> None:
    """«In hospital» tells of the stay: whoever may not know of it is not told why the gap closed."""
    visit = b.Visit(0, critical=True)
    stay = b.admitted(0, "08:00", known=b.Known(at=b.when(0, "12:00"), labels=SUD))
    alerts = b.play([visit.scheduled(), b.tick(0, "11:00"), stay], "VISIT-CRITICAL").alerts

    assert [(alert.change, alert.labels) for alert in alerts] == [("opened", ()), ("closed", SUD)]


def test_labels_never_shrink_within_an_episode() -> None:
    """The stay was told with a label first, and again without: what is on the card rests on the first telling too."""
    first = b.discharged(0, known=b.Known(labels=SUD))
    again = b.discharged(0, facility="Mercy", known=b.Known(at=b.when(2, "14:00"), stated=b.when(2, "14:00")))
    alerts = b.play([first, b.tick(2, "13:00"), again, b.tick(3)], "TCM-CONTACT").alerts

    assert {alert.labels for alert in alerts} == {SUD}


def test_a_labelled_stay_that_takes_the_place_of_a_visit_labels_the_end_of_it() -> None:
    """«Readmitted» tells of the new stay, of which the gap knew nothing."""
    again = b.admitted(4, "09:00", stay="again", known=b.Known(labels=PSY))
    alerts = b.play([b.discharged(0), b.tick(4, "08:00"), again], "TCM-VISIT").alerts

    assert [(alert.reason, alert.labels) for alert in alerts] == [("visit_not_booked", ()), ("readmitted", PSY)]


def test_a_gap_that_opens_again_rests_on_its_own_facts_and_still_tells_the_labels_of_its_history() -> None:
    """A labelled stay closed it for an hour: it does not rest on that stay, but its history speaks of it."""
    visit = b.Visit(0, critical=True)
    stay = b.admitted(0, "08:00", known=b.Known(at=b.when(0, "12:00"), labels=SUD))
    history = [visit.scheduled(), b.tick(0, "11:00"), stay, b.admission_cancelled(0, "13:00")]
    played = b.play(history, "VISIT-CRITICAL")

    (gap,) = played.state.open_episodes("VISIT-CRITICAL").values()
    assert [(alert.change, alert.labels) for alert in played.alerts] == [
        ("opened", ()),
        ("closed", SUD),
        ("reopened", SUD),
    ]
    assert (gap.labels, gap.labels_told) == ((), SUD)


def test_a_gap_rests_on_the_same_labels_in_whatever_order_its_stays_became_known() -> None:
    """The discharge from which a readmission is counted turns out to be another one."""
    first, again = b.discharged(0, "09:00", stay="first"), b.admitted(8, "09:00", stay="third")
    labelled = b.discharged(2, "09:00", stay="second", known=b.Known(at=b.when(9), labels=PSY))
    corrected = b.discharged(5, "09:00", stay="first", known=b.Known(at=b.when(10)))
    told, untold = (
        b.play([first, again, *later, b.tick(11)]).state.open_episodes("READMISSION")["third"]
        for later in ([labelled, corrected], [corrected, labelled])
    )

    assert (told.labels, told.labels_told) == ((), PSY)
    assert (untold.labels, untold.labels_told) == ((), ())


def test_a_call_without_answer_that_is_labelled_labels_the_welfare_check() -> None:
    missed = b.Visit(0).missed(MissedVisitReason.NO_ANSWER)
    calls = [b.contacted(0, clock, ContactOutcome.NO_ANSWER, known=b.Known(labels=PSY)) for clock in ("09:10", "09:20")]
    alerts = b.play([b.assessed(), missed, *calls, b.tick(0, "11:00")], "VISIT-WELFARE").alerts

    assert [alert.labels for alert in alerts][-1] == PSY
