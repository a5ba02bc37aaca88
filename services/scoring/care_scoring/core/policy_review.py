"""Reads a policy as a careful colleague would: what is looser, over, unexplained; and what differs from another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import get_args

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

from care_scoring.core.policy import COMPOSED, SHIPPED_LAYER, DatedLayer, Layer, Policy
from care_scoring.core.rulebook import RULE_IDS, RULES
from care_scoring.core.settings.scores import ScoreSettings
from care_scoring.core.thresholds import Looser

INSTALLATION = "thresholds"
ABOUT_LAYER = frozenset({"author", "reason", "starts_on", "expires_on", "programme"})


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to look at before this policy is relied on, by its key."""

    key: str
    says: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One key that two policies set differently; None: not set there. `rules` are those whose verdicts may change."""

    place: str
    key: str
    old: object
    new: object
    rules: tuple[str, ...]
    looser: bool

    @property
    def concerns(self) -> str:
        """The rules, for people; a number of the scores concerns none."""
        is_of_scores = self.key.startswith(f"{ScoreSettings.section}.")
        return ", ".join(self.rules) or ("scores, no rule" if is_of_scores else "")


# ---------------------------------------------------------------- keys


def flat(layer: Mapping[str, object], above: str = "") -> dict[str, object]:
    """Dotted keys and plain values; sets in one order."""
    found: dict[str, object] = {}
    for name, value in layer.items():
        key = f"{above}{name}"
        if isinstance(value, Mapping) and value:
            found |= flat(value, f"{key}.")
        elif not isinstance(value, Mapping):
            found[key] = tuple(sorted(map(str, value))) if isinstance(value, list | tuple | set) else value
    return found


def field_of(key: str) -> FieldInfo | None:
    """The setting a dotted key names: `vitals_trend.2339-0.p_value`."""
    model: type[BaseModel] | None = COMPOSED
    field = None
    for part in key.split("."):
        if model is None:
            return field
        if issubclass(model, RootModel):
            model = get_args(model.model_fields["root"].annotation)[1]
            continue
        field = model.model_fields.get(part)
        inner = field.annotation if field is not None else None
        model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None
    return field


def rules_of(key: str) -> tuple[str, ...]:
    """The rules that a dotted key concerns; all of them where it belongs to none. No rule reads a score's numbers."""
    section, _, rest = key.partition(".")
    if section == "rules":
        return (rest.partition(".")[0],)
    if section == ScoreSettings.section:
        return ()
    named = [rule.rule_id for rule in RULES if any(kind.section == section for kind in rule.about.settings)]
    return tuple(dict.fromkeys(named)) or RULE_IDS


def is_looser(key: str, old: object, new: object) -> bool:
    """Whether `new` lets more pass unnoticed than `old`, as far as the setting says in which direction that lies."""
    field = field_of(key)
    extra = field.json_schema_extra if field is not None else None
    looser = extra.get("looser") if isinstance(extra, dict) else None
    if not looser or old is None or new is None:
        return False
    if looser == Looser.FEWER:
        return isinstance(old, tuple) and isinstance(new, tuple) and bool(set(old) - set(new))
    if looser == Looser.LATER:
        return _clock(new) > _clock(old)
    higher = float(str(new)) > float(str(old))
    return higher if looser == Looser.HIGHER else float(str(new)) < float(str(old))


def _clock(value: object) -> time:
    # YAML reads 12:00 without quotes as a number of minutes.
    return time(*divmod(value, 60)) if isinstance(value, int) else time.fromisoformat(str(value))


# ---------------------------------------------------------------- check


def review(policy: Policy, today: date) -> Iterator[Remark]:
    """What a careful reader would ask about this policy today."""
    shipped = flat(SHIPPED_LAYER)
    installed = flat(policy.thresholds.model_dump(mode="json"))
    yield from _looser(INSTALLATION, installed, shipped)
    yield from _switches(INSTALLATION, policy.thresholds.model_dump(mode="json"), today)
    for place, layers in policy.all_layers():
        yield from _looser(place, flat(layers[-1]), shipped)
        yield from _switches(place, layers[-1], today)
    for place, dated in _dated(policy):
        if flat(dated.thresholds).items() <= installed.items() and place.startswith("patients."):
            yield Remark(place, "changes nothing")
        yield from _about_dated(place, dated, today)


def _looser(place: str, layer: Mapping[str, object], shipped: Mapping[str, object]) -> Iterator[Remark]:
    for key, value in layer.items():
        if key in shipped and is_looser(key, shipped[key], value):
            yield Remark(f"{place}.{key}", "is looser than what we ship")


def _switches(place: str, layer: Layer, today: date) -> Iterator[Remark]:
    rules = layer.get("rules")
    for rule_id, switch in rules.items() if isinstance(rules, dict) else ():
        if not isinstance(switch, dict):
            continue
        if switch.get("enabled") is False:
            yield Remark(f"{place}.rules.{rule_id}", "is switched off")
        shadow = switch.get("shadow", False)
        if shadow is True:
            yield Remark(f"{place}.rules.{rule_id}", "is in shadow without an end")
        elif shadow and date.fromisoformat(str(shadow)) <= today:
            yield Remark(f"{place}.rules.{rule_id}", "was in shadow; that is over")


def _dated(policy: Policy) -> Iterator[tuple[str, DatedLayer]]:
    yield from ((f"dated.{number}", one) for number, one in enumerate(policy.dated))
    for name, organization in policy.organizations.items():
        yield from ((f"organizations.{name}.dated.{number}", one) for number, one in enumerate(organization.dated))
    for patient_id, overrides in policy.patients.items():
        yield from ((f"patients.{patient_id}.{number}", one) for number, one in enumerate(overrides))


def _about_dated(place: str, dated: DatedLayer, today: date) -> Iterator[Remark]:
    if dated.expires_on is not None and dated.expires_on < today:
        yield Remark(place, f"expired on {dated.expires_on}")
    if not dated.reason:
        yield Remark(place, "gives no reason")


# ---------------------------------------------------------------- diff


def differences(old: Policy, new: Policy) -> Iterator[Difference]:
    """Every key that is set differently: of the installation as it resolves, of each layer as it is written."""
    installed = [flat(one.thresholds.model_dump(mode="json")) for one in (old, new)]
    yield from _between(INSTALLATION, installed[0], installed[1])
    before, after = _written(old), _written(new)
    for place in dict.fromkeys([*before, *after]):
        yield from _between(place, before.get(place, {}), after.get(place, {}))


def _written(policy: Policy) -> dict[str, dict[str, object]]:
    """Each layer by its place, with its author, days and reason where it has them."""
    found = {place: flat(layers[-1]) for place, layers in policy.all_layers()}
    for place, dated in _dated(policy):
        about = dated.model_dump(mode="json", exclude={"thresholds"}, exclude_defaults=True)
        found[place] = {**flat(about), **found[place]}
    return found


def _between(place: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Difference]:
    keys = list(dict.fromkeys([*old, *new]))
    for key in keys:
        before, after = old.get(key), new.get(key)
        if before != after:
            looser = key not in ABOUT_LAYER and is_looser(key, before, after)
            yield Difference(place, key, before, after, _concerned(key, keys), looser)


def _concerned(key: str, keys: list[str]) -> tuple[str, ...]:
    """The rules of a setting; when and where a layer holds concerns the rules of all its settings."""
    if key in {"author", "reason"}:
        return ()
    if key in ABOUT_LAYER:
        settings = [one for one in keys if one not in ABOUT_LAYER]
        return tuple(dict.fromkeys(rule for one in settings for rule in rules_of(one)))
    return rules_of(key)


def touched(old: Policy, new: Policy) -> frozenset[str]:
    """The rules whose verdicts may differ between the two."""
    return frozenset(rule for one in differences(old, new) for rule in one.rules)
