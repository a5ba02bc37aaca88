"""The policy of an installation: defaults, then organisation, programme, and a clinician's override for one patient."""

from datetime import date, datetime
from typing import Self

import yaml
from pydantic import Field, PrivateAttr, ValidationError, model_validator

from care_scoring.core.calendar import known_zone
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Settings, Thresholds
from care_shared.contracts.envelope import NonEmpty
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import PatientId

Layer = dict[str, object]


class OrganizationPolicy(Settings):
    """What one organisation, and each of its programmes, sets otherwise."""

    thresholds: Layer = Field(default_factory=dict)
    programmes: dict[str, Layer] = Field(default_factory=dict)


class PatientOverride(Settings):
    """What a clinician set otherwise for one patient, and until when."""

    author: NonEmpty
    expires_on: date
    reason: str = ""
    thresholds: Layer


class Policy(Settings):
    """Every threshold with its layers, checked whole when it is loaded."""

    version: NonEmpty
    thresholds: Thresholds
    organizations: dict[str, OrganizationPolicy] = Field(default_factory=dict)
    patients: dict[PatientId, tuple[PatientOverride, ...]] = Field(default_factory=dict)

    _defaults: Layer = PrivateAttr(default_factory=dict)
    _resolved: dict[tuple[str, str, PatientId, tuple[int, ...]], Thresholds] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _every_layer_fits(self) -> Self:
        """A layer that would fail at night for one patient fails now."""
        if known_zone(self.thresholds.home_zone) is None:
            raise ValueError("thresholds.home_zone is not a time zone")
        self._defaults.update(self.thresholds.model_dump(mode="json"))
        for organization, layers in self.organizations.items():
            for programme in ("", *layers.programmes):
                self._resolve(organization, programme)
        for patient_id, overrides in self.patients.items():
            for number in range(len(overrides)):
                self._resolve("", "", patient_id, (number,))
        return self

    def for_patient(self, state: PatientState, now: datetime) -> Thresholds:
        """The numbers that hold for this patient at this moment."""
        if not state.person.alignments and state.patient_id not in self.patients:
            return self.thresholds
        today = now.date()
        organization, programme = state.person.alignment_on(today)
        overrides = self.patients.get(state.patient_id, ())
        live = tuple(number for number, override in enumerate(overrides) if today <= override.expires_on)
        return self._resolve(organization, programme, state.patient_id if live else PatientId(""), live)

    def _resolve(
        self,
        organization: str,
        programme: str,
        patient_id: PatientId = PatientId(""),  # noqa: B008 (a NewType of a constant)
        live: tuple[int, ...] = (),
    ) -> Thresholds:
        """The layers on top of one another, remembered: there are few combinations."""
        key = (organization, programme, patient_id, live)
        if key not in self._resolved:
            merged = self._defaults
            for layer in self._layers(organization, programme, patient_id, live):
                merged = _merged(merged, layer)
            place = ".".join(
                part for part in ("patients" if live else "organizations", organization, programme) if part
            )
            self._resolved[key] = _checked(merged, place)
        return self._resolved[key]

    def _layers(self, organization: str, programme: str, patient_id: PatientId, live: tuple[int, ...]) -> list[Layer]:
        """From the widest to the most personal."""
        layers: list[Layer] = []
        if organization in self.organizations:
            layers.append(self.organizations[organization].thresholds)
            layers.append(self.organizations[organization].programmes.get(programme, {}))
        return layers + [self.patients[patient_id][number].thresholds for number in live]


def _merged(below: Layer, above: Layer) -> Layer:
    """`above` wins; mappings are merged key by key."""
    merged = dict(below)
    for key, value in above.items():
        held = merged.get(key)
        merged[key] = _merged(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return merged


def _checked(merged: Layer, place: str) -> Thresholds:
    """The merged layers as thresholds; `place` says which layer spoilt them."""
    try:
        return Thresholds.model_validate(merged)
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
