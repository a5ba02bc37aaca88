"""What the state knows towards High Needs: diagnoses, stated risk scores, equipment, days and admissions of a year."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import at_local, local_date
from care_scoring.core.codes.conditions import groups_of_plain
from care_scoring.core.episodes import episodes_of
from care_scoring.core.high_needs import Criterion, HighNeedsFacts, high_needs
from care_scoring.core.questionnaires import Form, forms_of, plain_name
from care_scoring.core.settings.eligibility import HighNeedsSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.thresholds import Thresholds
from care_shared.vocabulary import EncounterClass, SensitivityLabel

MOBILITY_OR_NEURO = "mobility-neuro"
ADMITTED = frozenset({EncounterClass.INPATIENT, EncounterClass.PSYCHIATRIC})


@dataclass(frozen=True)
class Qualifying:
    """One patient's look-back as of now."""

    state: PatientState
    now: datetime
    thresholds: Thresholds

    @property
    def limits(self) -> HighNeedsSettings:
        """The numbers of it."""
        return self.thresholds.of(HighNeedsSettings)

    @cached_property
    def home(self) -> ZoneInfo:
        """The zone of the patient's home."""
        return self.state.home_zone(self.thresholds.home_zone)

    @cached_property
    def today(self) -> date:
        """The day at home."""
        return local_date(self.now, self.home)

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """Those that hold today."""
        return high_needs(self._facts, self.limits)

    @cached_property
    def _since(self) -> date:
        return self.today - timedelta(days=self.limits.look_back_days)

    @cached_property
    def _facts(self) -> HighNeedsFacts:
        risk, esrd = self._score(self.limits.risk_models), self._score(self.limits.esrd_models)
        return HighNeedsFacts(
            mobility_or_neuro=self.state.has(MOBILITY_OR_NEURO),
            risk_score=risk.said.score if risk else None,
            esrd_score=esrd.said.score if esrd else None,
            unplanned_admissions=self._unplanned,
            equipment_codes=tuple(
                one.code
                for one in self.state.services.values()
                if not one.void and local_date(one.at, self.home) >= self._since
            ),
            snf_days=len(self._days_in(EncounterClass.SKILLED_NURSING)),
            home_health_days=len(self._days_in(EncounterClass.HOME_HEALTH)),
        )

    def _score(self, models: Iterable[str]) -> Form | None:
        """The latest statement of a risk score."""
        stated = [
            form for model in models for form in forms_of(self.state, plain_name(model)) if form.said.score is not None
        ]
        return max(stated, key=lambda form: (form.at, form.said.rank), default=None)

    @cached_property
    def _unplanned(self) -> int:
        """Acute admissions of the year that nobody planned; transfers are one."""
        return sum(
            episode.kind in ADMITTED
            and not episode.is_elective
            and local_date(episode.inpatient_at or episode.began_at, self.home) >= self._since
            for episode in episodes_of(self.state, self.now, self.thresholds)
        )

    def _days_in(self, kind: EncounterClass) -> set[date]:
        """The days of the year in one kind of care; notices that overlap count a day once, the last day not at all."""
        days: set[date] = set()
        for one in self.state.encounters.values():
            if one.kind is kind and one.began_at is not None:
                first = max(local_date(one.began_at, self.home), self._since)
                last = min(local_date(one.discharged_at or self.now, self.home), self.today)
                days |= {first + timedelta(days=number) for number in range((last - first).days)}
        return days

    @cached_property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """The labels of everything that was looked at."""
        return joined_labels((), (label for labels in self._labels() for label in labels))

    def _labels(self) -> Iterator[tuple[SensitivityLabel, ...]]:
        for code, held in self.state.conditions.items():
            if MOBILITY_OR_NEURO in groups_of_plain(code):
                yield held.labels
        for stay in self.state.encounters.values():
            yield stay.labels
        for models in (self.limits.risk_models, self.limits.esrd_models):
            form = self._score(models)
            if form is not None:
                yield form.labels
        for one in self.state.services.values():
            if one.code.startswith(tuple(self.limits.frailty_equipment)):
                yield one.labels

    def looks_again_at(self) -> datetime | None:
        """When a stay that goes on may reach its line, counted as if nothing leaves the look-back meanwhile."""
        lines = (
            (EncounterClass.SKILLED_NURSING, self.limits.snf_days),
            (EncounterClass.HOME_HEALTH, self.limits.home_health_days),
        )
        moments = []
        for kind, needed in lines:
            missing = needed - len(self._days_in(kind))
            if missing > 0 and self._goes_on(kind):
                moments.append(at_local(self.today + timedelta(days=missing), time(), self.home))
        return min(moments, default=None)

    def _goes_on(self, kind: EncounterClass) -> bool:
        standing = (one for one in self.state.encounters.values() if one.kind is kind)
        return any(one.began_at is not None and one.discharged_at is None for one in standing)
