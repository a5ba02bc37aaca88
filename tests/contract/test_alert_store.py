"""What every store of alerts promises, on the fake and on PostgreSQL."""

import asyncio

import pytest
import pytest_asyncio

from care_notifications.handler import handle
from care_notifications.ports import RawAlert
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.errors import OwnershipLostError
from care_shared.vocabulary import AlertChange
from tests.care_alerts import ANNA, BOTH, NOW, care_alert, directory
from tests.conftest import fresh_database
from tests.fakes.memory_alert_store import MemoryAlertStore
from tests.notifications_world import SLOT, raws, world

HISTORY = [
    care_alert("gap-1", audience=BOTH),
    care_alert("gap-2"),
    care_alert("gap-1", revision=2, audience=BOTH),
    care_alert("gap-1", revision=3, audience=BOTH, change=AlertChange.CLOSED),
]


class Memory:
    def __init__(self):
        self.alerts = MemoryAlertStore(directory())
        self.deliveries, self.states, self.letters = self.alerts.deliveries, self.alerts.states, self.alerts.letters
        self.scores, self.score_history = self.alerts.scores, self.alerts.score_history


@pytest_asyncio.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.stack)])
async def kept(request):
    if request.param == "memory":
        yield Memory()
        return
    stack = request.getfixturevalue("stack")
    async with fresh_database(stack.postgres_dsn) as dsn, world(dsn) as real:
        yield real


async def test_one_alert_per_gap_at_its_highest_revision(kept):
    read = await handle({SLOT: raws(HISTORY)}, kept.alerts, NOW)

    assert read == {SLOT: 4}
    assert await kept.alerts.position(SLOT) == 4
    assert await kept.states() == {"gap-1": ("resolved", 3, ANNA), "gap-2": ("open", 1, ANNA)}


async def test_the_same_records_again_change_nothing(kept):
    await handle({SLOT: raws(HISTORY)}, kept.alerts, NOW)
    before = await kept.deliveries(), await kept.states()

    await handle({SLOT: raws(HISTORY)}, kept.alerts, NOW)

    assert (await kept.deliveries(), await kept.states()) == before


async def test_the_same_messages_under_new_offsets_tell_nobody_again(kept):
    await handle({SLOT: raws(HISTORY)}, kept.alerts, NOW)
    before = await kept.deliveries(), await kept.states()

    await handle({SLOT: raws(HISTORY, first_offset=4)}, kept.alerts, NOW)

    assert (await kept.deliveries(), await kept.states()) == before


async def test_a_batch_that_skips_records_is_refused_whole(kept):
    with pytest.raises(OwnershipLostError):
        await handle({SLOT: raws(HISTORY, first_offset=7)}, kept.alerts, NOW)

    assert await kept.states() == {}
    assert await kept.alerts.position(SLOT) == 0


async def test_a_batch_that_overlaps_is_taken_from_where_it_is_new(kept):
    await handle({SLOT: raws(HISTORY[:2])}, kept.alerts, NOW)
    await handle({SLOT: raws(HISTORY)}, kept.alerts, NOW)

    assert await kept.alerts.position(SLOT) == 4
    assert (await kept.states())["gap-1"] == ("resolved", 3, ANNA)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        pytest.param(b"{", "value", id="no JSON"),
        pytest.param(b"", "value", id="a tombstone"),
        pytest.param(b'{"type":"care-alert","event_id":"e"}', "gap_id", id="a field is missing"),
        pytest.param(care_alert().model_dump_json().encode().replace(b'"P2"', b'"P9"'), "tier", id="an unknown tier"),
        pytest.param(care_alert("a/b").model_dump_json().encode(), "gap_id", id="an id that no page address can hold"),
        pytest.param(care_alert(revision=2**31).model_dump_json().encode(), "revision", id="a number without end"),
        pytest.param(care_alert(reason="a\x00b").model_dump_json().encode(), "value", id="a NUL"),
        pytest.param(
            b'{"type":"score-changed","event_id":"e","patient_id":"p","score":"lace","revision":1,"model_version":"1",'
            b'"value":2147483648,"computed_at":"2026-11-23T14:00:00Z"}',
            "value",
            id="more points than there are",
        ),
        pytest.param(
            care_alert().model_dump_json().encode().replace(b'"patient-1"', b'"' + b"p" * 9000 + b'"'),
            "patient_id",
            id="a long id",
        ),
    ],
)
async def test_a_record_that_cannot_be_used_is_set_aside_and_the_next_one_is_read(kept, value, field):
    batch = [RawAlert(0, b"patient-1", value), *raws(HISTORY, first_offset=1)]

    assert await handle({SLOT: batch}, kept.alerts, NOW) == {SLOT: 5}
    assert await kept.letters() == [field]
    assert len(await kept.states()) == 2


def score(revision=1, value=40, **other):
    return ScoreChanged(
        event_id=f"score-{revision}", patient_id="patient-1", score="outreach-priority", revision=revision,
        model_version="1", value=value, computed_at=NOW, **other,
    )  # fmt: skip


async def test_a_score_that_changed_is_kept_and_tells_nobody(kept):
    batch = raws([score(), *HISTORY])

    assert await handle({SLOT: batch}, kept.alerts, NOW) == {SLOT: 5}
    assert await kept.letters() == []
    assert len(await kept.states()) == 2
    assert await kept.scores() == {("patient-1", "outreach-priority", ""): (1, 40)}


async def test_the_newest_of_a_score_stays_whatever_comes_later_and_every_change_is_history(kept):
    batch = raws([score(1, 40), score(3, None), score(2, 70), score(3, None)])

    assert await handle({SLOT: batch}, kept.alerts, NOW) == {SLOT: 4}
    assert await kept.scores() == {("patient-1", "outreach-priority", ""): (3, None)}
    assert await kept.score_history() == [1, 2, 3]


async def test_two_workers_on_one_slot_do_each_record_once(kept):
    await asyncio.gather(*(handle({SLOT: raws(HISTORY)}, kept.alerts, NOW) for _ in range(4)))

    assert await kept.alerts.position(SLOT) == 4
    assert sorted(channel for _, channel, _ in await kept.deliveries()) == [
        *("console", "console", "email", "email"),
        *("webhook", "webhook"),
    ]
