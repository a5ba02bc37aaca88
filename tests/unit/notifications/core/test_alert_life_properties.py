"""Whatever people, clocks and Kafka do to an alert, in whatever order and however often: somebody has it in sight."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from care_notifications.core import acts
from care_notifications.core.alert_life import Stage, act, move
from care_notifications.core.audit import farthest
from care_notifications.core.decide import decide
from care_notifications.core.escalation import next_step
from care_notifications.core.lead import answering, available
from care_notifications.core.state import TAKEN, AlertState, Leave, Person, Team, TeamId, is_over
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import AlertChange, CloseReason, PersonId, Role, Tier
from tests.care_alerts import ANNA, BEN, DESK, NOW, care_alert, directory

CORA, EVE = PersonId("cm-cora"), PersonId("sup-eve")
WEST = TeamId("team-west")
PEOPLE = (ANNA, BEN, CORA, EVE, DESK)
ACTIONS = (
    acts.Acknowledge(),
    acts.Start(),
    acts.Resolve(acts.Resolution.DONE),
    acts.Reopen(acts.ReopenReason.NOT_DONE),
    *(acts.HandOver(one, acts.HandOverReason.OTHER) for one in PEOPLE),
)
JUMPS = st.sampled_from([timedelta(minutes=1), timedelta(minutes=31), timedelta(hours=5), timedelta(days=3)])


class AlertLife(RuleBasedStateMachine):
    """One alert, five people, a clock that steps, a topic that repeats and reorders."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.leaves: dict[PersonId, Leave] = {}
        self.sent = [care_alert(tier=Tier.P2)]
        self.told: tuple[object, ...] = ()
        self.steps_told: set[tuple[int, int]] = set()
        first = decide(self.sent[0], None, (), self.directory, self.now).record
        assert first is not None
        self.record = first

    @property
    def directory(self):
        people = {
            one: Person(one, team=WEST, leaves=(self.leaves[one],) if one in self.leaves else ())
            for one in (ANNA, BEN, CORA)
        }
        people |= {EVE: Person(EVE, (Role.SUPERVISOR,)), DESK: Person(DESK)}
        return directory(people=people, teams={WEST: Team(WEST, None, EVE)})

    @property
    def stage(self):
        return Stage(self.directory, self.now)

    def become(self, after):
        assert after.version == self.record.version + 1, "each move is one version"
        self.record = after

    @rule(
        change=st.sampled_from([AlertChange.UPDATED, AlertChange.ESCALATED, AlertChange.REOPENED, AlertChange.CLOSED]),
        tier=st.sampled_from(list(Tier)),
        lead=st.sampled_from([ANNA, BEN, PersonId(WEST), PersonId("stranger")]),
        reason=st.sampled_from(list(CloseReason)),
    )
    def scoring_says_more(self, change, tier, lead, reason):
        last = self.sent[-1]
        closing = change is AlertChange.CLOSED
        news = care_alert(
            revision=last.revision + 1, change=change, tier=tier, occurrences=last.occurrences + (not closing),
            care_team=CareTeam(lead_care_manager=lead, backup=BEN), close_reason=reason if closing else None,
        )  # fmt: skip
        self.sent.append(news)
        found = decide(news, self.record, (), self.directory, self.now).record
        assert found is not None
        if closing:
            assert is_over(found.state)
        self.become(found)

    @rule(data=st.data())
    def kafka_repeats_or_reorders(self, data):
        old = data.draw(st.sampled_from(self.sent))
        assert decide(old, self.record, (), self.directory, self.now).record is None

    @rule(action=st.sampled_from(ACTIONS), by=st.sampled_from(PEOPLE))
    def somebody_acts(self, action, by):
        after = act(self.record, action, by, self.stage)
        if isinstance(after, acts.Refusal):
            return
        self.become(after)
        if isinstance(action, acts.Acknowledge):
            assert after.state is AlertState.ACKNOWLEDGED
            assert after.takers[-1] == by

    @rule(by=st.sampled_from(PEOPLE), hours=st.integers(min_value=1, max_value=80))
    def somebody_snoozes(self, by, hours):
        until = self.now + timedelta(hours=hours)
        after = act(self.record, acts.Snooze(until, acts.SnoozeReason.OTHER), by, self.stage)
        if isinstance(after, acts.Refusal):
            assert self.record.tier is Tier.P1 or hours > 72 or is_over(self.record.state)
            return
        assert (after.tier, after.climb.next_at) != (Tier.P1, None)
        assert after.climb.next_at == until
        self.become(after)

    @rule(jump=JUMPS, back=st.booleans())
    def the_clock_steps(self, jump, back):
        self.now += -jump if back else jump

    @rule(late=st.sampled_from([timedelta(), timedelta(seconds=1), timedelta(days=2)]))
    def its_time_comes(self, late):
        if self.record.climb.next_at is not None:
            self.now = max(self.now, self.record.climb.next_at + late)
            self.the_escalator_looks()

    @rule()
    def the_escalator_looks(self):
        step = next_step(self.record, self.stage)
        if step is None:
            due = self.record.climb.next_at
            assert due is None or due > self.now or is_over(self.record.state)
            return
        key = (step.record.round, step.record.climb.step)
        assert key not in self.steps_told, "no step is taken twice"
        self.steps_told.add(key)
        if self.record.state in TAKEN:
            assert step.record.state is AlertState.OPEN
        self.become(step.record)
        again = next_step(self.record, self.stage)
        assert again is None, "however late it is, one look takes one step"

    @rule(who=st.sampled_from([ANNA, BEN, CORA]), cover=st.sampled_from([ANNA, BEN, CORA, None]))
    def a_leave_begins(self, who, cover):
        self.leaves[who] = Leave(self.now - timedelta(days=400), None, cover)
        if self.record.owner == who and not is_over(self.record.state):
            found = answering(CareTeam(lead_care_manager=who), self.directory, self.now)
            self.become(move(self.record, found, self.stage))

    @precondition(lambda self: self.leaves)
    @rule(data=st.data())
    def a_leave_ends(self, data):
        del self.leaves[data.draw(st.sampled_from(sorted(self.leaves)))]

    @rule()
    def the_service_restarts(self):
        """All it knows is the record: nothing else is carried over."""
        self.record = replace(self.record)

    @invariant()
    def what_is_not_over_has_a_next_step_or_a_written_end(self):
        climb = self.record.climb
        if is_over(self.record.state):
            assert climb.next_at is None
        elif self.record.state is AlertState.OPEN:
            assert (climb.next_at is None) == (climb.ended_at is not None)
        elif self.record.tier is not Tier.P4:
            assert climb.next_at is not None

    @invariant()
    def somebody_who_is_there_answers(self):
        if not is_over(self.record.state) and self.record.owner not in self.leaves:
            assert available(self.record.owner, self.directory, self.now)
        assert self.record.backup != self.record.owner

    @invariant()
    def the_state_and_its_details_agree(self):
        record = self.record
        assert (record.state is AlertState.SNOOZED) == (record.snoozed_until is not None)
        assert bool(record.takers) == (record.state in TAKEN or record.outcome is not None)
        assert record.state is not AlertState.SNOOZED or record.tier is not Tier.P1

    @invariant()
    def no_step_lies_further_ahead_than_the_ladder_can_put_it(self):
        next_at = self.record.climb.next_at
        # A clock that went back makes it look further away, by as much as it went back: three days at most, each time.
        if next_at is not None and self.now >= NOW:
            assert next_at - self.now <= farthest(self.record.tier) + timedelta(days=200)


TestAlertLife = AlertLife.TestCase
TestAlertLife.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
