"""Facts of then and now are paired by content, then by record; a correction wins over what it corrects."""

from datetime import timedelta

import pytest

from care_intake.core.feed import Feed
from care_intake.core.local_codes import spelled_as_standard
from care_intake.core.retranslation import (
    TICK,
    Correction,
    Noted,
    causes,
    compare,
    digest_of,
    example,
    is_said_otherwise,
    record_of,
)
from care_intake.core.translation import type_of
from care_shared.contracts.care_events import CareEvent
from tests.intake_builders import GENERAL, NOW, adt, facts, oru

TWO = ("OBX|1|NM|WTX^Gewicht^L||80.5|kg|||||F", "OBX|2|NM|K9^Kalium^L||4.1|mmol/l|||||F")
MAPPED = Feed(
    GENERAL.source, GENERAL.zone,
    mappings=spelled_as_standard({"observation_code": {"WTX": "29463-7"}, "patient_class": {"ZZ": "emergency"}}),
)  # fmt: skip


def noted(fact: CareEvent, *, is_forgotten: bool = False, has_digest: bool = True) -> Noted:
    digest = digest_of(fact) if has_digest else None
    return Noted(fact.event_id, type_of(fact), fact.patient_id, digest, None if is_forgotten else fact)


def test_the_digest_is_of_what_is_said_and_not_of_when_we_learnt_it_or_of_whom() -> None:
    [fact] = facts(oru(TWO[0]))
    later = fact.model_copy(update={"event_id": "other", "patient_id": "other", "recorded_at": NOW + TICK})

    assert digest_of(later) == digest_of(fact)
    assert digest_of(fact.model_copy(update={"value": 81.0})) != digest_of(fact)
    assert digest_of(fact.model_copy(update={"occurred_at": NOW})) != digest_of(fact)


@pytest.mark.parametrize("is_forgotten", [False, True], ids=["still in the outbox", "only its digest is left"])
def test_a_fact_that_takes_the_place_of_another_is_not_taken_for_it(is_forgotten: bool) -> None:
    then = [noted(fact, is_forgotten=is_forgotten) for fact in facts(oru(*TWO))]
    now = facts(oru(*TWO), MAPPED)

    found = compare(then, now)

    # The second laboratory result is the first one now, under the first one's id, and it is the same result.
    assert found.unchanged == 1
    assert [type_of(fact) for fact in found.new] == ["vital-sign-recorded"]
    assert [one.event_id for one in found.unsaid] == [then[0].event_id]
    assert found.changed == ()


def test_the_same_record_with_other_content_is_a_change_and_its_fields_are_the_cause() -> None:
    [*_, then] = facts(adt("A08", pv1={2: "ZZ"}))
    [*_, now] = facts(adt("A08", pv1={2: "ZZ"}), MAPPED)

    found = compare([noted(then)], [now])

    assert found.changed == ((noted(then), now),)
    assert causes(then, now) == ("encounter_class",)
    assert example(then, now, causes(then, now)) == "encounter_class: unknown → emergency"
    assert causes(None, now) == ()


def test_an_example_shows_no_value_of_a_person() -> None:
    [then, *_], [now, *_] = facts(adt("A08")), facts(adt("A08", pid={5: "SMITH^JO"}))

    assert example(then, now, ("family_name",)) == "family_name: xxx → xxxxx"


def test_what_nobody_can_compare_is_said_to_be_so() -> None:
    [fact] = facts(oru(TWO[0]))

    found = compare([noted(fact, is_forgotten=True, has_digest=False)], [fact])

    assert (found.unchanged, len(found.uncompared), found.is_same) == (0, 1, True)


def test_a_correction_is_stated_after_what_it_corrects_and_before_anything_later() -> None:
    [*_, then] = facts(adt("A08", pv1={2: "ZZ"}))
    [*_, now] = facts(adt("A08", pv1={2: "ZZ"}), MAPPED)
    correction = Correction(NOW + timedelta(days=1), NOW, 1)

    corrected = correction.changed(noted(then), now)

    assert then.said_at < corrected.said_at < then.said_at + timedelta(seconds=2)
    assert corrected.recorded_at == NOW + timedelta(days=1)
    assert corrected.event_id not in (then.event_id, now.event_id)
    assert correction.new(now, is_id_taken=False).event_id == now.event_id
    assert correction.new(now, is_id_taken=True).event_id != now.event_id


def test_a_reading_can_be_taken_back_and_a_stay_cannot() -> None:
    [reading] = facts(oru(TWO[0]), MAPPED)
    [person, stay] = facts(adt("A01"))
    correction = Correction(NOW, NOW, 1)

    withdrawn = correction.withdrawn(noted(reading), reading.patient_id)

    assert withdrawn is not None
    assert type_of(withdrawn) == "vital-sign-retracted"
    assert correction.withdrawn(noted(reading, is_forgotten=True), reading.patient_id) is None
    assert correction.withdrawn(noted(stay), stay.patient_id) is None
    assert correction.withdrawn(noted(person), person.patient_id) is None


def test_a_record_that_is_still_spoken_of_is_not_taken_back() -> None:
    [reading] = facts(oru(TWO[0]), MAPPED)

    assert record_of(reading) is not None
    assert is_said_otherwise(noted(reading), [reading.model_copy(update={"value": 1.0})])
    assert not is_said_otherwise(noted(reading), [])
