"""A medicine that ran out and was not filled again is told; one that nobody may miss is told the day after."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import day_of, end_of_day, local_date, spoken_day
from care_scoring.core.codes.conditions import groups_of_plain
from care_scoring.core.codes.medicines import MedicineClass, classes_of
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.medicines import MedicineReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.refills import RunOut, nights_away, run_outs
from care_scoring.core.settings.medicines import HEART_FAILURE_DRUGS, RefillSettings
from care_scoring.core.state.gaps import Gap
from care_scoring.core.state.medicines import Fills
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import ConditionRecorded, MedicationDispensed, MedicationOrdered
from care_shared.vocabulary import CloseReason, Role, SensitivityLabel, Tier

RULE_ID = "RX-GAP"
DAYS_PER_MONTH = 30.5
ONE_SECOND = timedelta(seconds=1)
CALL_PHARMACY = "Call patient and pharmacy today: is it at home, was it stopped, what keeps it from being filled?"
ASK_AT_NEXT_CALL = "Ask at the next call whether the medicine is still taken, and help with the refill."
ABOUT = About(
    sentence="No refill five days after a medicine ran out, P3; one day for a high-risk medicine, P2.",
    sources=(
        "[D] five days, one day, and which classes are high-risk",
        "[C] PQA, proportion of days covered: an early refill is carried forward",
        "[M] Star Ratings: days in hospital or nursing facility shift the supply",
    ),
    settings=(RefillSettings,),
    # Hospice hands out medicines itself: no pharmacy tells of them any more.
    unless=frozenset({Unless.INPATIENT, Unless.HOSPICE, Unless.NOT_ALIGNED}),
    vectors=("rule 16", "section 6.2"),
)


@dataclass(frozen=True, slots=True)
class RefillGap:
    """RX-GAP: a lasting medicine ran out, and no fill followed."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS | STAY_FACTS | {MedicationOrdered, MedicationDispensed, ConditionRecorded, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per medicine and run-out; those at hand are watched together."""
        if not state.fills:
            return
        zone = state.home_zone(thresholds.home_zone)
        limits = thresholds.of(RefillSettings)
        away = nights_away(state, zone) if limits.stays_carry_forward else []
        told = state.open_episodes(self.key)
        wakes: list[datetime] = []
        for drug, fills in state.fills.items():
            ends = run_outs(fills.supplies(zone, limits.assumed_days), away)
            yield from _settled_before(drug, ends, told)
            if ends and _is_lasting(drug, fills, limits):
                medicine = Medicine(state, drug, fills, ends[-1], now, limits, zone)
                if now <= medicine.deadline:
                    wakes.append(medicine.deadline + ONE_SECOND)
                elif medicine.is_stopped or medicine.is_history:
                    yield from _over(medicine, told)
                else:
                    yield _open(medicine)
        yield Watching(episode="", reason=MedicineReason.MEDICINES_AT_HAND, wake_at=min(wakes, default=None))


@dataclass(frozen=True)
class Medicine:
    """One medicine whose supply ended, or will."""

    state: PatientState
    drug: str
    fills: Fills
    ran_out: RunOut
    now: datetime
    limits: RefillSettings
    zone: ZoneInfo

    @property
    def episode(self) -> str:
        """Named after the medicine and the last day of its supply."""
        return _episode(self.drug, self.ran_out)

    @cached_property
    def is_high_risk(self) -> bool:
        """Whether missing it is dangerous for this patient."""
        classes = classes_of(self.drug)
        if classes & self.limits.high_risk:
            return True
        if MedicineClass.ANTIPLATELET in classes and self._had_stent_lately():
            return True
        return bool(classes & HEART_FAILURE_DRUGS) and self._came_home_lately()

    def _had_stent_lately(self) -> bool:
        days = self.limits.stent_months * DAYS_PER_MONTH
        placed = [
            day_of(held.first)
            for code, held in self.state.conditions.items()
            if held.first and "coronary-stent" in groups_of_plain(code)
        ]
        return any(0 <= (self.ran_out.last_day - day).days <= days for day in placed)

    def _came_home_lately(self) -> bool:
        home_since = self.state.home_since()
        if home_since is None or not self.state.has("heart-failure"):
            return False
        days = (self.ran_out.last_day - local_date(home_since, self.zone)).days
        return -self.limits.days_late <= days <= self.limits.heart_failure_days

    @property
    def deadline(self) -> datetime:
        """Up to this instant the refill is in time."""
        late = self.limits.days_late_high_risk if self.is_high_risk else self.limits.days_late
        return end_of_day(self.ran_out.last_day + timedelta(days=late), self.zone)

    @property
    def is_stopped(self) -> bool:
        """Whether every order of it was stopped or ran to its end; without any order nobody stopped it."""
        orders = [order for order in self.state.orders.values() if order.drug == self.drug and not order.void]
        today = local_date(self.now, self.zone)
        return bool(orders) and not any(order.is_taken_on(today) for order in orders)

    @property
    def expires_at(self) -> datetime:
        """When nobody can act on it any more."""
        return end_of_day(self.ran_out.last_day + timedelta(days=self.limits.expires_after_days), self.zone)

    @property
    def is_history(self) -> bool:
        """Too long ago to act on."""
        return self.now > self.expires_at

    @property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """The labels of its fills, of its orders, and of the diagnoses that make it high-risk."""
        orders = (order.labels for order in self.state.orders.values() if order.drug == self.drug)
        return tuple(sorted({*self.fills.labels, *(label for labels in orders for label in labels)}))


def _episode(drug: str, ran_out: RunOut) -> str:
    return f"{drug}:{ran_out.last_day}"


def _is_lasting(drug: str, fills: Fills, limits: RefillSettings) -> bool:
    """Whether a refill is expected at all: a class that lasts, or a drug that was filled before."""
    classes = classes_of(drug)
    if classes & limits.no_maintenance:
        return False
    return bool(classes) or len({one.at.date() for one in fills.standing()}) >= limits.fills_of_an_unknown_drug


def _settled_before(drug: str, ends: list[RunOut], told: Mapping[str, Gap]) -> Iterator[Settled]:
    """A gap that was told closes by the fill that followed, or by one reported later that leaves no gap."""
    names = {_episode(drug, one): one for one in ends}
    for episode in told:
        if episode.rpartition(":")[0] != drug:
            continue
        ran_out = names.get(episode)
        if ran_out is None:
            late = MedicineReason.REFILL_TOLD_LATE
            yield Settled(episode=episode, close_reason=CloseReason.LATE_EVIDENCE, reason=late)
        elif ran_out.filled_on is not None:
            said = f"{MedicineReason.REFILLED.sentence} Filled {spoken_day(ran_out.filled_on)}."
            reason = MedicineReason.REFILLED
            yield Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=reason, explanation=said)


def _over(medicine: Medicine, told: Mapping[str, Gap]) -> Iterator[Settled]:
    """Stopped, or history: worth a word only where it was told."""
    if medicine.episode not in told:
        return
    if medicine.is_stopped:
        stopped = MedicineReason.MEDICINE_STOPPED
        yield Settled(episode=medicine.episode, close_reason=CloseReason.EVIDENCE, reason=stopped)
    else:
        yield Settled(episode=medicine.episode, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)


def _open(medicine: Medicine) -> Open:
    tier, reason = (Tier.P3, MedicineReason.REFILL_LATE)
    if medicine.is_high_risk:
        tier, reason = Tier.P2, MedicineReason.HIGH_RISK_REFILL_LATE
    last_day = medicine.ran_out.last_day
    return Open(
        episode=medicine.episode,
        tier=tier,
        reason=reason,
        explanation=_explained(medicine, reason, last_day),
        next_step=CALL_PHARMACY if medicine.is_high_risk else ASK_AT_NEXT_CALL,
        evidence=_evidence(medicine),
        due_at=medicine.deadline,
        audience=(Role.CARE_MANAGER, Role.NURSE) if medicine.is_high_risk else (Role.CARE_MANAGER,),
        labels=medicine.labels,
        wake_at=medicine.expires_at + ONE_SECOND,
    )


def _explained(medicine: Medicine, reason: Reason, last_day: date) -> str:
    days = medicine.limits.days_late
    return reason.say(drug=medicine.drug.capitalize(), ran_out=spoken_day(last_day), days=days)


def _evidence(medicine: Medicine) -> tuple[Evidence, ...]:
    standing = medicine.fills.standing()
    event_id = medicine.fills.event_at(standing[-1].at) if standing else None
    if event_id is None:
        return ()
    return (Evidence(event_id=event_id, what=f"Last fill of {medicine.drug}", at=standing[-1].at),)
