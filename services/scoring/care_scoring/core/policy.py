"""The policy of an installation: what we ship, then the installation, organisation, programme, and one patient."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetPydanticSchema,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from care_scoring.core.calendar import at_local, known_zone, local_date
from care_scoring.core.rulebook import RULE_IDS, SECTIONS
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import RuleSwitch, Settings, Thresholds
from care_shared.contracts.envelope import NonEmpty
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import PatientId

Layer = dict[str, object]


def _known_rule(rule_id: str) -> str:
    if rule_id not in RULE_IDS:
        raise ValueError("is no rule of the rule book")
    return rule_id


RuleId = Annotated[str, AfterValidator(_known_rule)]


def _composed() -> type[Thresholds]:
    """The thresholds with the sections of every rule in the rule book, and switches for these rules only."""
    composed = type(
        "AllThresholds",
        (Thresholds,),
        {
            "__module__": __name__,
            "__doc__": Thresholds.__doc__,
            "__annotations__": {"rules": Mapping[RuleId, RuleSwitch], **{kind.section: kind for kind in SECTIONS}},
            "rules": Field(default_factory=dict),
            **{kind.section: Field(default_factory=kind) for kind in SECTIONS},
        },
    )
    assert issubclass(composed, Thresholds)
    return composed


COMPOSED = _composed()
SHIPPED = COMPOSED()
SHIPPED_LAYER: Layer = SHIPPED.model_dump(mode="json")


class DatedLayer(Settings):
    """What is set otherwise from one day to another, both included, by whom and why."""

    author: NonEmpty
    starts_on: date | None = None
    expires_on: date | None = None
    reason: str = ""
    programme: str = ""  # within an organisation: only there
    thresholds: Layer

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.starts_on is not None and self.expires_on is not None and self.expires_on < self.starts_on:
            raise ValueError("expires_on lies before starts_on")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether the day lies within."""
        return (self.starts_on is None or self.starts_on <= day) and (self.expires_on is None or day <= self.expires_on)

    def turns(self) -> Iterator[date]:
        """The days on which it begins to hold, or holds no longer."""
        if self.starts_on is not None:
            yield self.starts_on
        if self.expires_on is not None and self.expires_on < date.max:
            yield self.expires_on + timedelta(days=1)


class PatientOverride(DatedLayer):
    """What a clinician set otherwise for one patient; it always ends."""

    expires_on: date


class OrganizationPolicy(Settings):
    """What one organisation, and each of its programmes, sets otherwise; for good, or for a time."""

    thresholds: Layer = Field(default_factory=dict)
    programmes: dict[str, Layer] = Field(default_factory=dict)
    dated: tuple[DatedLayer, ...] = ()


def _over_shipped(value: object) -> object:
    return merged(SHIPPED_LAYER, value) if isinstance(value, dict) else value


AllThresholds = Annotated[
    Thresholds, GetPydanticSchema(lambda _kind, handler: handler(COMPOSED)), BeforeValidator(_over_shipped)
]


class Policy(Settings):
    """Every threshold with its layers, checked whole when it is loaded. What a file does not name is as we ship it."""

    version: NonEmpty
    thresholds: AllThresholds = Field(default_factory=dict, validate_default=True)
    dated: tuple[DatedLayer, ...] = ()
    organizations: dict[str, OrganizationPolicy] = Field(default_factory=dict)
    patients: dict[PatientId, tuple[PatientOverride, ...]] = Field(default_factory=dict)

    _base: Layer = PrivateAttr(default_factory=dict)
    _resolved: dict[tuple[int, ...], Thresholds] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _every_layer_fits(self) -> Self:
        """A layer that would fail at night for one patient fails now."""
        if known_zone(self.thresholds.home_zone) is None:
            raise ValueError("thresholds.home_zone is not a time zone")
        self._base.update(self.thresholds.model_dump(mode="json"))
        for place, layers in self.all_layers():
            below = self._base
            for layer in layers:
                below = merged(below, layer)
            if known_zone(checked(below, place).home_zone) is None:
                raise ConfigurationError(f"the policy cannot be used: {place}.home_zone: is not a time zone")
        return self

    def all_layers(self) -> Iterator[tuple[str, tuple[Layer, ...]]]:
        """Every layer with its place in the file, and with what lies directly below it."""
        for number, dated in enumerate(self.dated):
            yield f"dated.{number}", (dated.thresholds,)
        for name, organization in self.organizations.items():
            yield f"organizations.{name}", (organization.thresholds,)
            for programme, layer in organization.programmes.items():
                yield f"organizations.{name}.{programme}", (organization.thresholds, layer)
            for number, dated in enumerate(organization.dated):
                yield f"organizations.{name}.dated.{number}", (organization.thresholds, dated.thresholds)
        for patient_id, overrides in self.patients.items():
            for number, override in enumerate(overrides):
                yield f"patients.{patient_id}.{number}", (override.thresholds,)

    @cached_property
    def is_layered(self) -> bool:
        """Whether a patient's numbers may differ from the installation's, or change by the calendar alone."""
        dated_switches = any(switch.ends_on is not None for switch in self.thresholds.rules.values())
        return bool(self.dated or self.organizations or self.patients) or dated_switches

    def for_patient(self, state: PatientState, now: datetime) -> Thresholds:
        """The numbers that hold for this patient at this moment."""
        alignments = state.person.alignments
        if not self.is_layered or not (alignments or self.dated or state.patient_id in self.patients):
            return self.thresholds
        today = self.today(state, now)
        organization, programme = state.person.alignment_on(today) if alignments else ("", "")
        return self._resolve(organization, programme, state.patient_id, today)

    def in_shadow(self, rule_id: str, state: PatientState, now: datetime) -> bool:
        """Whether the rule only records, for this patient today."""
        return self.for_patient(state, now).switch(rule_id).in_shadow(self.today(state, now))

    def today(self, state: PatientState, now: datetime) -> date:
        """The day at the patient's home."""
        return local_date(now, self._zone(state))

    def changes_at(self, state: PatientState, now: datetime) -> datetime | None:
        """The next moment at which a dated layer, an alignment or a shadow begins or ends for this patient."""
        today = self.today(state, now)
        ahead = min((day for day in self._turns(state, now) if day > today), default=None)
        return None if ahead is None else at_local(ahead, time(), self._zone(state))

    def _turns(self, state: PatientState, now: datetime) -> Iterator[date]:
        for dated in self._dated_for(state):
            yield from dated.turns()
        if self.organizations:
            for _, starts, ends in state.person.alignments.values():
                yield starts
                if ends < date.max:
                    yield ends + timedelta(days=1)
        for switch in self.for_patient(state, now).rules.values():
            if switch.ends_on is not None:
                yield switch.ends_on

    def _dated_for(self, state: PatientState) -> Iterator[DatedLayer]:
        yield from self.dated
        for key in state.person.alignments:
            organization = self.organizations.get(key.partition("|")[0])
            if organization is not None:
                yield from organization.dated
        yield from self.patients.get(state.patient_id, ())

    def _zone(self, state: PatientState) -> ZoneInfo:
        return state.home_zone(self.thresholds.home_zone)

    def _resolve(self, organization: str, programme: str, patient_id: PatientId, today: date) -> Thresholds:
        """The layers on top of one another, remembered by which they are: few combinations occur."""
        layers = list(self._layers(organization, programme, patient_id, today))
        key = tuple(map(id, layers))
        if key not in self._resolved:
            below = self._base
            for layer in layers:
                below = merged(below, layer)
            self._resolved[key] = checked(below, organization)
        return self._resolved[key]

    def _layers(self, organization: str, programme: str, patient_id: PatientId, today: date) -> Iterator[Layer]:
        """From the widest to the most personal."""
        yield from (dated.thresholds for dated in self.dated if dated.holds_on(today))
        layered = self.organizations.get(organization)
        if layered is not None:
            live = [dated for dated in layered.dated if dated.holds_on(today)]
            yield layered.thresholds
            yield from (dated.thresholds for dated in live if not dated.programme)
            if programme in layered.programmes:
                yield layered.programmes[programme]
            yield from (dated.thresholds for dated in live if dated.programme and dated.programme == programme)
        for override in self.patients.get(patient_id, ()):
            if override.holds_on(today):
                yield override.thresholds


def merged(below: Layer, above: Layer) -> Layer:
    """`above` wins; mappings are merged key by key."""
    result = dict(below)
    for key, value in above.items():
        held = result.get(str(key))
        result[str(key)] = merged(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return result


def checked(layered: Layer, place: str) -> Thresholds:
    """The merged layers as thresholds; `place` says which layer spoilt them."""
    try:
        return COMPOSED.model_validate(layered)
    except ValidationError as error:
        raise ConfigurationError(f"the policy cannot be used: {_problems(error, place)}") from error


def _problems(error: ValidationError, place: str) -> str:
    """Each key with its problem, without the value."""
    return "; ".join(
        f"{'.'.join([*filter(None, [place]), *map(str, problem['loc'])]) or 'policy'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    )


def load_policy(text: str) -> Policy:
    """The policy in a YAML text. Raises ConfigurationError that names the key, never the value."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError("the policy is not YAML") from error
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError(f"the policy cannot be used: {_problems(error, '')}") from error
