"""TRC: what scenarios cannot say: names, evidence, settings, and that each indicator may be left out."""

from care_shared.contracts import care_events as facts
from tests.builders import discharged, play, policy_with, tick, when
from tests.chart_builders import fact

RULE = "TRC"
ALL = policy_with("{transitions: {indicators: [NIA, RDI, PED, MRP]}}")


def test_each_indicator_is_a_gap_of_its_own_named_after_the_stay() -> None:
    told = {key[1] for key in play([discharged(0), tick(15)], RULE, ALL).open_gaps if key[0] == RULE}

    assert told == {"stay-1:RDI", "stay-1:PED", "stay-1:MRP"}


def test_indicators_may_be_left_out() -> None:
    only = policy_with("{transitions: {indicators: [PED]}}")
    told = {key[1] for key in play([discharged(0), tick(15)], RULE, only).open_gaps if key[0] == RULE}

    assert told == {"stay-1:PED"}


def test_a_summary_that_nobody_looked_into_may_be_refused() -> None:
    strict = policy_with("{transitions: {unchecked_summary_counts: false, indicators: [RDI]}}")
    paper = fact(facts.DocumentReceived, 0, "12:00", document_id="d1", kind="discharge-summary", encounter_id="stay-1")

    assert play([discharged(0), paper, tick(3)], RULE, strict).story == ["opened P3 summary_incomplete"]


def test_a_summary_of_another_stay_is_none_of_this() -> None:
    paper = fact(facts.DocumentReceived, 0, "12:00", document_id="d1", kind="discharge-summary", encounter_id="stay-9")

    assert "opened P3 summary_missing" in play([discharged(0), paper, tick(1, "13:00")], RULE, ALL).story


def test_a_recorded_transitional_care_service_is_engagement() -> None:
    service = {"service_id": "s1", "service": {"system": "http://www.ama-assn.org/go/cpt", "code": "99495"}}
    only = policy_with("{transitions: {indicators: [PED]}}")
    history = [discharged(0), fact(facts.ServiceRecorded, 5, "12:00", **service), tick(35)]

    assert play(history, RULE, only).story == []


def test_deadlines_end_at_home() -> None:
    alert = play([discharged(0), tick(1, "13:00")], RULE, ALL).alerts[0]

    assert alert.due_at == when(2, "23:59").replace(second=59)
