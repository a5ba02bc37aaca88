"""The rounds, with a store, a log and a clock in memory: what is folded, when deadlines fire, who is parked."""

import asyncio
import contextlib
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Collection
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from prometheus_client import REGISTRY

from care_scoring import handler
from care_scoring.core.effects import ClockTicked, Effect
from care_scoring.core.policy import Policy
from care_scoring.core.state.encoding import decode_state
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.resting import Resting
from care_scoring.handler import Scorer, Terms
from care_scoring.inbox import Inbox
from care_scoring.patients import PatientsAtHand
from care_scoring.ports import DuePatient, SkippedOffsets
from care_scoring.retrying import RetryingStore
from care_scoring.rounds import DUE_AT_ONCE, DUE_BESIDE_FACTS, Pace, Rounds, Surroundings
from care_shared.contracts.care_alerts import CareAlert, decode_alert
from care_shared.contracts.care_events import (
    AnyCareEvent,
    ContactLogged,
    HospitalDischarged,
    PatientAbsorbed,
    PatientStateHandedOver,
    VitalSignRecorded,
    decode_event,
)
from care_shared.errors import OwnershipLostError
from care_shared.vocabulary import (
    ContactId,
    ContactOutcome,
    Disposition,
    EncounterClass,
    EncounterId,
    EventId,
    ObservationId,
    PatientId,
    SourceId,
    VitalSign,
)
from tests.fakes.memory_log import MemoryLog
from tests.fakes.memory_store import MemoryStore
from tests.playing import policy_switching
from tests.scoring_oracle import default_policy

MONDAY = datetime(2026, 11, 2, 15, tzinfo=UTC)
ADA, BEN = PatientId("ada"), PatientId("ben")
HOSPITAL = SourceId("hospital")


class Ward:
    """Rounds with everything in memory; `await ward.until(...)` lets them go on until something is true."""

    def __init__(
        self, policy: Policy | None = None, store: MemoryStore | None = None, grace: timedelta = timedelta()
    ) -> None:
        self.store, self.log, self.now = store or MemoryStore(), MemoryLog(), MONDAY + timedelta(hours=1)
        self.inbox = Inbox(1000)
        self.retrying = RetryingStore(self.store)
        terms = Terms(policy or default_policy(), "care.events.v1", "care.alerts.v1", late_after=timedelta(minutes=5))
        scorer = Scorer(self.retrying, terms, PatientsAtHand(100, 1 << 20), lambda: self.rounds.settled())  # noqa: PLW0108
        around = Surroundings(self.inbox, self.retrying, self.store, self.log, lambda: self.now, lambda: None)
        self.rounds = Rounds(scorer, around, Pace(batch_records=100, park_limit=2, lost_for_seconds=60, grace=grace))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110  # the rounds have no event for tests
                await asyncio.sleep(0.01)

    async def folded(self, offset: int, partition: int = 0) -> None:
        await self.until(lambda: self.rounds.positions().get(partition) == offset)

    def alerts(self) -> list[CareAlert]:
        rows = [row for row in self.store.outbox if row.record.topic == "care.alerts.v1"]
        told = [decode_alert(row.record.value) for row in rows]
        return [one for one in told if isinstance(one, CareAlert)]


@contextlib.asynccontextmanager
async def going(ward: Ward, *partitions: int) -> AsyncIterator[Ward]:
    await ward.rounds.take_over(partitions or (0,))
    task = asyncio.create_task(ward.rounds.run())
    try:
        yield ward
    finally:
        ward.rounds.stop()
        await asyncio.wait_for(task, 5)


def discharged(patient_id: PatientId, at: datetime = MONDAY) -> HospitalDischarged:
    return HospitalDischarged(
        event_id=EventId(f"discharge of {patient_id}"), patient_id=patient_id, occurred_at=at, recorded_at=at,
        source=HOSPITAL, encounter_id=EncounterId("stay-1"), encounter_class=EncounterClass.INPATIENT,
        disposition=Disposition.HOME,
    )  # fmt: skip


def reached(patient_id: PatientId, at: datetime) -> ContactLogged:
    return ContactLogged(
        event_id=EventId(f"contact with {patient_id}"), patient_id=patient_id, occurred_at=at, recorded_at=at,
        source=HOSPITAL, contact_id=ContactId("call-1"), outcome=ContactOutcome.REACHED,
    )  # fmt: skip


def weighed(patient_id: PatientId, number: int, kg: float = 80.0) -> VitalSignRecorded:
    at = MONDAY + timedelta(minutes=number)
    return VitalSignRecorded(
        event_id=EventId(f"{patient_id} {number}"), patient_id=patient_id, occurred_at=at, recorded_at=at,
        source=HOSPITAL, observation_id=ObservationId(f"o-{number}"), code=VitalSign.BODY_WEIGHT, value=kg,
    )  # fmt: skip


async def test_a_restart_under_another_policy_opens_what_is_open_when_everybody_is_to_be_asked_again() -> None:
    silent = Ward(policy_switching("{TCM-CONTACT: {shadow: true}}", "in-shadow"))
    silent.log.publish(discharged(ADA))
    async with going(silent):
        silent.inbox.put(silent.log.slice(0))
        await silent.folded(1)
        silent.now = due_at(silent, ADA) + timedelta(seconds=1)
        await silent.until(lambda: any(line.kind == "shadow" for line in silent.store.timeline))
    assert silent.alerts() == []
    assert {(one.rule_id, one.shadow) for one in silent.store.firings} == {("TCM-CONTACT", True)}

    live = Ward(store=silent.store)
    live.log.publish(discharged(ADA))
    live.now = silent.now
    live.store.states[ADA] = live.store.states[ADA]._replace(next_wake_at=live.now)
    async with going(live):
        await live.until(lambda: bool(live.alerts()))
    assert [(alert.change, alert.reason) for alert in live.alerts()] == [("opened", "contact_due_today")]


async def test_what_was_folded_before_is_dropped_by_its_offset() -> None:
    ward = Ward()
    ward.log.publish(*(weighed(ADA, number) for number in range(6)))
    async with going(ward):
        ward.inbox.put(ward.log.slice(0, 4))
        await ward.folded(4)
        state = ward.store.states[ADA].state
        ward.inbox.put(ward.log.slice(0, 4))
        ward.inbox.put(ward.log.slice(2))
        await ward.folded(6)

    assert state != ward.store.states[ADA].state
    assert ward.store.skipped == []


async def test_a_zone_that_nobody_knows_is_counted_and_logged_by_its_place_never_by_its_name() -> None:
    ward = Ward()
    ward.log.publish(discharged(ADA).model_copy(update={"facility_zone": "Moon/Tranquility"}))
    before = unknown_zones()
    with structlog.testing.capture_logs() as lines:
        async with going(ward):
            ward.inbox.put(ward.log.slice(0))
            await ward.folded(1)

    [line] = [one for one in lines if one["event"] == "zone.unknown"]
    assert (line["field"], line["event_type"], line["offset"]) == ("facility_zone", "hospital-discharged", 0)
    assert "Moon" not in repr(line)
    assert unknown_zones() == before + 1


def unknown_zones() -> float:
    return REGISTRY.get_sample_value("care_scoring_unknown_zones_total", {"field": "facility_zone"}) or 0.0


async def test_a_jump_that_was_ours_is_read_again_and_nothing_is_lost() -> None:
    ward = Ward()
    ward.log.publish(*(weighed(ADA, number) for number in range(6)))
    async with going(ward):
        ward.inbox.put(ward.log.slice(3))
        await ward.until(lambda: ward.log.reread_at == [(0, 0)])
        ward.inbox.put(ward.log.slice(0))
        await ward.folded(6)

    assert ward.store.skipped == []


async def test_a_jump_that_stays_after_reading_again_is_written_down_as_lost() -> None:
    ward = Ward()
    ward.log.publish(*(weighed(ADA, number) for number in range(6)))
    async with going(ward):
        for attempt in range(3):
            ward.inbox.put(ward.log.slice(3))
            await ward.until(lambda tries=attempt + 1: len(ward.log.reread_at) == tries)
        ward.inbox.put(ward.log.slice(3))
        await ward.folded(6)

    assert ward.store.skipped == [SkippedOffsets(0, expected=0, found=3)]


async def test_when_retention_passed_us_the_loss_is_written_down_at_once() -> None:
    ward = Ward()
    ward.log.publish(weighed(ADA, 0), weighed(ADA, 1))
    async with going(ward):
        ward.inbox.put(ward.log.slice(0))
        await ward.folded(2)
    later = Ward()
    later.store, later.log.first = ward.store, {0: 9}
    later.retrying = RetryingStore(ward.store)
    later.rounds = Rounds(
        later.rounds._scorer,
        Surroundings(later.inbox, later.retrying, ward.store, later.log, lambda: later.now, lambda: None),
        Pace(100, 2, 60),
    )

    assert await later.rounds.take_over([0]) == {0: 9}
    assert ward.store.skipped == [SkippedOffsets(0, expected=2, found=9)]


async def test_a_deadline_that_passed_in_silence_fires_once() -> None:
    ward = Ward()
    ward.log.publish(discharged(ADA))
    async with going(ward):
        ward.inbox.put(ward.log.slice(0))
        await ward.folded(1)
        assert ward.alerts() == []
        ward.now = due_at(ward, ADA) + timedelta(seconds=1)
        await ward.until(lambda: len(ward.alerts()) == 1)
        turns = ward.rounds.turns
        await asyncio.sleep(0.5)

        assert ward.rounds.turns == turns, "nothing more to wake"
    assert [alert.rule_id for alert in ward.alerts()] == ["TCM-CONTACT"]
    assert not ward.alerts()[0].late_tick


class AskedForDeadlines(MemoryStore):
    """Remembers how many deadlines were asked for at once."""

    def __init__(self) -> None:
        super().__init__()
        self.limits: list[int] = []

    async def due(self, partitions: Collection[int], until: datetime, limit: int) -> list[DuePatient]:
        self.limits.append(limit)
        return await super().due(partitions, until, limit)


async def test_while_facts_wait_fewer_deadlines_are_folded_at_once() -> None:
    store = AskedForDeadlines()
    ward = Ward(store=store)
    ward.log.publish(*(weighed(ADA, number) for number in range(120)))
    async with going(ward):
        ward.inbox.put(ward.log.slice(0, 60))
        ward.inbox.put(ward.log.slice(60))  # more than one turn holds
        await ward.until(lambda: len(store.limits) >= 2)
    assert store.limits[:2] == [DUE_BESIDE_FACTS, DUE_AT_ONCE]


@pytest.mark.parametrize(
    ("written", "wanted", "expected"),
    [
        pytest.param(None, 5, 5, id="nothing is written yet"),
        pytest.param(5, None, None, id="no deadline is left"),
        pytest.param(5, 3, 3, id="an earlier deadline came up"),
        pytest.param(3, 5, 3, id="a deadline was put off: the earlier moment may stand"),
        pytest.param(-1, 5, 5, id="the earlier moment has passed and nothing is due"),
        pytest.param(-3, -1, -3, id="both have passed: due is due"),
    ],
)
def test_the_moment_written_beside_a_state_changes_only_when_it_must(
    written: int | None, wanted: int | None, expected: int | None
) -> None:
    def hours(number: int | None) -> datetime | None:
        return None if number is None else MONDAY + timedelta(hours=number)

    assert handler.wake_to_write(hours(written), hours(wanted), MONDAY) == hours(expected)


async def test_lag_never_looks_like_silence() -> None:
    """The call that reached Ada is in the log and not yet read, so nobody may conclude that no call was made."""
    ward = Ward()
    ward.log.publish(discharged(ADA))
    async with going(ward):
        ward.inbox.put(ward.log.slice(0))
        await ward.folded(1)
        deadline = due_at(ward, ADA)
        ward.log.publish(reached(ADA, deadline - timedelta(hours=5)))
        ward.now = deadline + timedelta(hours=1)
        turns = ward.rounds.turns
        await asyncio.sleep(0.6)
        assert ward.rounds.turns == turns, "no deadline was folded"
        ward.inbox.put(ward.log.slice(1))
        await ward.folded(2)
        await asyncio.sleep(0.6)

    assert ward.alerts() == []


async def test_silence_is_believed_only_when_what_was_accepted_in_time_can_have_arrived() -> None:
    """Intake took the call in time; its way through the outbox to the topic took three seconds more."""
    ward = Ward(grace=timedelta(seconds=5))
    ward.log.publish(discharged(ADA), discharged(BEN))
    async with going(ward):
        ward.inbox.put(ward.log.slice(0))
        await ward.folded(2)
        deadline = due_at(ward, ADA)
        ward.now = deadline + timedelta(seconds=3)
        await asyncio.sleep(0.5)
        assert ward.alerts() == []
        ward.log.publish(reached(ADA, deadline - timedelta(seconds=1)))
        ward.inbox.put(ward.log.slice(2))
        await ward.folded(3)
        ward.now = deadline + timedelta(seconds=5)
        await ward.until(lambda: bool(ward.alerts()))

    assert {alert.patient_id for alert in ward.alerts()} == {BEN}


async def test_no_broker_no_conclusion() -> None:
    ward = Ward()
    ward.log.publish(discharged(ADA))
    async with going(ward):
        ward.inbox.put(ward.log.slice(0))
        await ward.folded(1)
        ward.log.away = True
        ward.now = due_at(ward, ADA) + timedelta(hours=1)
        await asyncio.sleep(0.5)
        assert ward.alerts() == []
        ward.log.away = False
        await ward.until(lambda: len(ward.alerts()) >= 1)


async def test_after_an_outage_a_deadline_fires_once_and_says_that_it_is_late() -> None:
    ward = Ward()
    ward.log.publish(discharged(ADA))
    async with going(ward):
        ward.inbox.put(ward.log.slice(0))
        await ward.folded(1)
        ward.now = due_at(ward, ADA) + timedelta(minutes=6)
        await ward.until(lambda: len(ward.alerts()) == 1)

    assert ward.alerts()[0].late_tick


async def test_a_patient_on_whom_a_rule_fails_is_parked_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ward = Ward()
    failing_on(monkeypatch, EventId("ada 2"))
    ward.log.publish(*(weighed(one, number) for number in range(5) for one in (ADA, BEN)))
    async with going(ward):
        ward.inbox.put(ward.log.slice(0))
        await ward.folded(10)

    assert ward.store.parked_patients == {ADA: (0, "KeyError")}
    assert [fact.offset for fact in ward.store.waiting.values()] == [4, 6, 8], "the failing fact and those after it"
    assert ward.store.states[ADA].state == folded_alone(weighed(ADA, 0), weighed(ADA, 1)), "what came before is kept"
    assert ward.store.states[BEN].state == folded_alone(*(weighed(BEN, number) for number in range(5)))


async def test_a_released_patient_catches_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ward = Ward()
    failing_on(monkeypatch, EventId("ada 2"))
    ward.log.publish(*(weighed(ADA, number) for number in range(4)))
    async with going(ward):
        ward.inbox.put(ward.log.slice(0, 3))
        ward.inbox.put(ward.log.slice(3))
        await ward.folded(4)
        ward.store.to_release.append(ADA)
        await ward.until(lambda: ward.store.to_release == [])
        assert ADA in ward.store.parked_patients, "the rule still fails"
        monkeypatch.undo()
        ward.store.to_release.append(ADA)
        await ward.until(lambda: not ward.store.parked_patients)

    assert ward.store.waiting == {}
    assert ward.store.states[ADA].state == folded_alone(*(weighed(ADA, number) for number in range(4)))


async def test_too_many_parked_patients_are_a_bug_and_stop_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    ward = Ward()
    monkeypatch.setattr(handler, "fold", always_failing)
    ward.log.publish(*(weighed(PatientId(f"patient {number}"), 0) for number in range(3)))
    await ward.rounds.take_over([0])
    ward.inbox.put(ward.log.slice(0))

    with pytest.raises(RuntimeError, match="CARE_SCORING_PARK_LIMIT"):
        await ward.rounds.run()
    assert ward.store.claims[0].next_offset == 0, "nothing of it was committed"


async def test_when_the_partition_was_taken_over_the_batch_is_dropped() -> None:
    ward = Ward()
    ward.log.publish(weighed(ADA, 0))
    async with going(ward):
        await ward.store.claim({0: 0})  # somebody else
        ward.inbox.put(ward.log.slice(0))
        await ward.until(lambda: ward.rounds.positions() == {})

    assert ADA not in ward.store.states


async def test_partitions_lost_and_never_given_again_end_the_process() -> None:
    ward = Ward()
    ward.rounds._pace = Pace(batch_records=100, park_limit=2, lost_for_seconds=0.1)
    ward.log.publish(weighed(ADA, 0))
    await ward.rounds.take_over([0])
    await ward.store.claim({0: 0})
    ward.inbox.put(ward.log.slice(0))

    with pytest.raises(OwnershipLostError):
        await asyncio.wait_for(ward.rounds.run(), 5)


def due_at(ward: Ward, patient_id: PatientId) -> datetime:
    wake_at = decode_state(ward.store.states[patient_id].state).wakes.get("TCM-CONTACT")
    assert wake_at is not None
    return wake_at


def folded_alone(*facts: AnyCareEvent) -> bytes:
    state = handler.new_state(facts[0].patient_id)
    for fact in facts:
        REAL_FOLD(state, fact, default_policy())
    return handler.encode_state(state, Resting())


REAL_FOLD = handler.fold


def failing_on(monkeypatch: pytest.MonkeyPatch, event_id: EventId) -> None:
    """A rule that changes the state and then trips over one fact."""

    def fold(state: PatientState, event: AnyCareEvent | ClockTicked, policy: Policy) -> list[Effect]:
        effects = REAL_FOLD(state, event, policy)
        if not isinstance(event, ClockTicked) and event.event_id == event_id:
            raise KeyError("a rule met what it did not expect")
        return effects

    monkeypatch.setattr(handler, "fold", fold)


def always_failing(*_: object) -> list[Effect]:
    raise KeyError("a bug")


async def test_an_absorbed_record_hands_its_beliefs_over_in_the_turn_that_learns_of_the_merge() -> None:
    """The fact for the survivor's partition is in the same transaction as the closing, so a crash loses neither."""
    ward = Ward()
    absorbed = PatientAbsorbed(
        event_id=EventId("ada is ben"), patient_id=ADA, occurred_at=MONDAY, recorded_at=MONDAY, source=HOSPITAL,
        survivor_patient_id=BEN, revision=1,
    )  # fmt: skip
    ward.log.publish(discharged(ADA), absorbed)
    async with going(ward):
        ward.inbox.put(ward.log.slice(0))
        await ward.folded(2)

    [row] = [one for one in ward.store.outbox if one.record.topic == "care.events.v1"]
    handed = decode_event(row.record.value)
    assert isinstance(handed, PatientStateHandedOver)
    assert (row.record.key, handed.patient_id, handed.record_patient_id) == (b"ben", BEN, ADA)
    assert list(decode_state(b64decode(handed.beliefs)).encounters) == ["stay-1"]
    assert ward.store.states[ADA].next_wake_at is None
