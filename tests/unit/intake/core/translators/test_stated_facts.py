"""Our own people state facts in our own words, strictly."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.intake_builders import GENERAL, NOW, Json, only, refused, stated


def test_a_care_team() -> None:
    fact = only(stated("care-team-changed", lead_care_manager="cm-1", agency="sunrise"), "care-team-changed")

    assert (fact.lead_care_manager, fact.agency, fact.backup) == ("cm-1", "sunrise", None)
    assert (fact.occurred_at, fact.recorded_at, fact.source) == (NOW, NOW, "general")


def test_homebound_as_somebody_assessed_it() -> None:
    told = stated("home-status-assessed", homebound=True, lives_alone=True, occurred_at="2026-11-20T10:00:00-05:00")

    fact = only(told, "home-status-assessed")

    assert (fact.homebound, fact.lives_alone) == (True, True)
    assert fact.occurred_at == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def test_demographics_with_the_zone_of_the_home() -> None:
    fact = only(stated("patient-updated", family_name="Sim", home_zone="America/Chicago"), "patient-updated")

    assert (fact.family_name, fact.home_zone) == ("Sim", "America/Chicago")
    assert [one.value for one in fact.identifiers] == ["4711"]


def test_an_alignment() -> None:
    told = stated("alignment-changed", organization="aco-1", programme="LEAD", starts_on="2027-01-01")

    assert only(told, "alignment-changed").starts_on == date(2027, 1, 1)


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param({"type": "medications-reconciled", "by_role": "pharmacist"}, id="medicines were reconciled"),
        pytest.param(
            {"type": "service-recorded", "service_id": "s-1", "service": {"code": "92227"}}, id="a service was given"
        ),
        pytest.param(
            {"type": "assessment-completed", "instrument": "PHQ-9", "items": {"9": 0}, "total": 4},
            id="a form was filled",
        ),
        pytest.param({"type": "hospice-elected"}, id="hospice was chosen"),
        pytest.param(
            {"type": "follow-up-recommended", "recommendation_id": "r-1", "due_on": "2027-09-01"},
            id="a report recommends imaging in six months",
        ),
    ],
)
def test_what_a_nurse_did_is_stated_where_no_system_sends_it(fact: dict[str, object]) -> None:
    kind = str(fact["type"])
    told = only(stated(kind, **{name: value for name, value in fact.items() if name != "type"}), kind)

    assert (
        told.model_dump(mode="json", include=fact.keys() - {"service"}).items()
        >= {name: value for name, value in fact.items() if name != "service"}.items()
    )


@pytest.mark.parametrize(
    ("record", "path"),
    [
        pytest.param(
            stated("hospital-discharged", encounter_id="e"), "statement.fact.type", id="not for people to state"
        ),
        pytest.param(stated("care-team-changed", leed="x"), "statement.fact.leed", id="a typo"),
        pytest.param(stated("care-team-changed", patient_id="p"), "statement.fact.patient_id", id="our own field"),
        pytest.param(stated("home-status-assessed"), "statement.fact.homebound", id="a field is missing"),
        pytest.param(stated("condition-recorded", condition={"code": ""}), "statement.fact.condition.code", id="empty"),
        pytest.param({"fact": {}}, "statement.patient", id="nobody"),
    ],
)
def test_the_field_that_stands_in_the_way_is_named(record: Json, path: str) -> None:
    assert refused(record).field == path


def test_a_source_states_only_what_was_agreed() -> None:
    feed = replace(GENERAL, may_state=frozenset({"condition-recorded"}))

    assert refused(stated("care-team-changed"), feed).field == "statement.fact.type"
