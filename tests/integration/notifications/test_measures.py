"""Facts from the topic become figures: counted once, corrected, and apart again when two records were no one person."""

import pytest

from care_notifications.adapters.measure_counts import MeasureCounts
from care_notifications.adapters.measure_records import MeasureRecords
from care_notifications.adapters.postgres_measures import PostgresMeasures
from care_notifications.core.measures.definitions import Measure
from care_notifications.core.measures.rates import Group, Rate
from care_notifications.ports import RawAlert, Slot
from care_shared.contracts.care_events import encode_event
from care_shared.errors import OwnershipLostError
from care_shared.topics import CARE_EVENTS
from tests.check_in_stories import fact
from tests.measure_stories import OTHER, ZONE, admitted, aligned, at, called, discharged, pays, said
from tests.notifications_world import SteppedClock

pytestmark = pytest.mark.stack

FACTS = Slot(CARE_EVENTS.name, 0)
STAY = (aligned("2027-02-01"), admitted("02-25"), discharged("03-01 10:00"))


class Figures:
    """What the measures hear, and what they say."""

    def __init__(self, pool):
        self.pool, self.clock, self._next = pool, SteppedClock(at("03-20")), 0
        self.records, self.counts = MeasureRecords(pool, self.clock), MeasureCounts(pool, ZONE)
        self.measures = PostgresMeasures(pool)

    async def hear(self, *events):
        raws = [RawAlert(self._next + n, b"", encode_event(one)) for n, one in enumerate(events)]
        self._next = await self.records.handle(FACTS, raws)

    async def count(self):
        while await self.counts.count_due(self.clock()):
            pass

    async def rate(self, measure=Measure.CONTACT):
        await self.count()
        sums = await self.measures.sums(at("2027-01-01").date(), at("2027-12-31").date())
        return next(((one.rate.part, one.rate.whole) for one in sums.totals if one.measure is measure), None)


@pytest.fixture
def figures(there):
    return Figures(there.pool)


async def test_a_contact_in_time_is_one_of_one(figures):
    await figures.hear(*STAY, called("03-02"))

    assert await figures.rate() == (1, 1)


async def test_batches_told_again_count_once_and_a_hole_is_refused(figures):
    raws = [RawAlert(n, b"", encode_event(one)) for n, one in enumerate((*STAY, called("03-02")))]
    for _ in range(2):
        assert await figures.records.handle(FACTS, raws) == 4

    assert await figures.rate() == (1, 1)
    with pytest.raises(OwnershipLostError):
        await figures.records.handle(FACTS, [RawAlert(9, b"", b"{}")])


async def test_what_nobody_can_read_is_passed_over(figures):
    assert await figures.records.handle(FACTS, [RawAlert(0, b"", b'{"type": "contact-logged"}')]) == 1
    assert await figures.rate() is None


async def test_a_correction_changes_the_figure(figures):
    await figures.hear(*STAY, said(called("03-02", number="call-1"), "03-02 10:00"))
    assert await figures.rate() == (1, 1)

    await figures.hear(said(fact("contact-retracted", at("03-02"), contact_id="call-1"), "03-05 10:00"))
    assert await figures.rate() == (0, 1)


async def test_a_merge_joins_stay_and_call_and_counts_the_stay_once(figures):
    other_stay = [one.model_copy(update={"patient_id": OTHER}) for one in STAY]
    await figures.hear(*STAY, *other_stay, called("03-02").model_copy(update={"patient_id": OTHER}))
    assert await figures.rate() == (1, 2)

    await figures.hear(fact("patient-merged", at("03-05"), absorbed_patient_id=OTHER, revision=1))
    assert await figures.rate() == (1, 1)


async def test_both_sides_of_a_merge_in_any_order_are_one_merge_and_an_older_word_changes_nothing(figures):
    call = called("03-02").model_copy(update={"patient_id": OTHER})
    await figures.hear(
        fact("patient-separated", at("03-06"), OTHER, former_survivor_patient_id="patient-1", revision=2), *STAY, call
    )
    await figures.hear(fact("patient-merged", at("03-05"), absorbed_patient_id=OTHER, revision=1))
    assert await figures.rate() == (0, 1)

    await figures.hear(fact("patient-absorbed", at("03-07"), OTHER, survivor_patient_id="patient-1", revision=3))
    assert await figures.rate() == (1, 1)


async def test_an_unmerge_takes_back_what_the_merge_gave(figures):
    call = called("03-02").model_copy(update={"patient_id": OTHER})
    late_call = called("03-03", number="call-2").model_copy(update={"recorded_under": OTHER})
    await figures.hear(*STAY, call, fact("patient-merged", at("03-05"), absorbed_patient_id=OTHER, revision=1))
    await figures.hear(late_call)
    assert await figures.rate() == (1, 1)

    await figures.hear(fact("patient-unmerged", at("03-08"), separated_patient_id=OTHER, revision=2))
    assert await figures.rate() == (0, 1)


async def test_a_chain_of_merges_is_one_person(figures):
    third = fact("patient-merged", at("03-06"), OTHER, absorbed_patient_id="patient-3", revision=1)
    call = called("03-02").model_copy(update={"patient_id": "patient-3"})
    await figures.hear(*STAY, third, fact("patient-merged", at("03-05"), absorbed_patient_id=OTHER, revision=1), call)

    assert await figures.rate() == (1, 1)


async def test_a_deadline_that_passes_is_counted_without_news(figures):
    figures.clock.now = at("03-02 12:00")
    await figures.hear(*STAY)
    assert await figures.rate() == (0, 0)

    figures.clock.now = at("03-04 00:01")
    assert await figures.rate() == (0, 1)


async def test_news_that_comes_while_others_are_counted_stays_due(figures):
    await figures.hear(*STAY)
    assert (await figures.counts.behind(figures.clock())).waiting == 1
    await figures.count()
    assert (await figures.counts.behind(figures.clock())).waiting == 0

    await figures.hear(called("03-02"))
    assert (await figures.counts.behind(figures.clock())).waiting == 1


async def test_sums_by_week_and_organisation_and_by_group(figures):
    aco_2 = [
        aligned("2027-02-01", organization="aco-2"), discharged("03-08 10:00", "stay-9"), pays("medicare"),
        pays("medicaid"), fact("patient-updated", at("02-01"), language="es-US"),
    ]  # fmt: skip
    await figures.hear(*STAY, called("03-02"), *(one.model_copy(update={"patient_id": OTHER}) for one in aco_2))
    await figures.count()
    since, until = at("2027-03-01").date(), at("2027-04-01").date()

    sums = await figures.measures.sums(since, until)
    contact = [one for one in sums.turns if one.measure is Measure.CONTACT]
    assert [(str(one.key), one.rate) for one in contact] == [("2027-03-01", Rate(1, 1)), ("2027-03-08", Rate(0, 1))]
    by_organization = {one.key: one.rate for one in sums.organizations if one.measure is Measure.CONTACT}
    assert by_organization == {"aco-1": Rate(1, 1), "aco-2": Rate(0, 1)}
    languages = await figures.measures.groups(Measure.CONTACT, "language", since, until)
    assert languages == [Group("", Rate(1, 1)), Group("es", Rate(0, 1))]
    payers = await figures.measures.groups(Measure.CONTACT, "dual", since, until)
    assert payers == [Group("", Rate(1, 1)), Group("true", Rate(0, 1))]
