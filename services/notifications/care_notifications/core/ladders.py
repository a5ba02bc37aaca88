"""Ladders: whom an alert climbs to when nobody takes it, how long each rung has, and when a taker is asked again."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Protocol, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from care_notifications.core.yaml_texts import checked, parsed
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import Role, Tier

LONGEST_MINUTES = 60 * 24 * 14
WAIT = re.compile(r"(\d{1,5}) (minutes|hours|business hours|business days)")


class Target(StrEnum):
    """Who stands on a rung."""

    OWNER = "owner"
    BACKUP = "backup"
    SUPERVISOR = "supervisor"
    TEAM = "team"


class WorkTime(Protocol):
    """Counts somebody's working time."""

    def after_hours(self, moment: datetime, span: timedelta) -> datetime:
        """The moment at which so much of it has passed."""
        ...

    def after_days(self, moment: datetime, count: int) -> datetime:
        """The end of so many working days."""
        ...


class Wait(BaseModel):
    """A span as people say it: `30 minutes` pass at any hour, `4 business hours` while the owner works."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minutes: int = Field(default=0, ge=0, le=LONGEST_MINUTES)
    business_hours: int = Field(default=0, ge=0, le=400)
    business_days: int = Field(default=0, ge=0, le=60)

    @model_validator(mode="after")
    def _passes_some_time(self) -> Self:
        if (self.minutes > 0) + (self.business_hours > 0) + (self.business_days > 0) != 1:
            raise ValueError("a wait is a number above zero of minutes, hours, business hours or business days")
        return self

    def after(self, moment: datetime, clock: WorkTime) -> datetime:
        """When it has passed."""
        if self.minutes:
            return moment + timedelta(minutes=self.minutes)
        if self.business_hours:
            return clock.after_hours(moment, timedelta(hours=self.business_hours))
        return clock.after_days(moment, self.business_days)


def read_wait(value: object) -> object:
    """What stands in a file, `4 business hours`, as the fields of a wait."""
    if not isinstance(value, str):
        return value
    found = WAIT.fullmatch(value.strip())
    if found is None:
        raise ValueError("a wait reads like «30 minutes», «2 hours», «4 business hours» or «2 business days»")
    count, unit = int(found[1]), found[2]
    if unit == "hours":
        return {"minutes": count * 60}
    return {unit.replace(" ", "_"): count}


Span = Annotated[Wait, BeforeValidator(read_wait)]


class Rung(BaseModel):
    """Somebody who is told, and how long they have before the next one is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Target
    wait: Span


class Ladder(BaseModel):
    """How alerts of one tier climb. `again`: how often it starts over when nobody on it answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rungs: tuple[Rung, ...] = Field(min_length=1, max_length=8)
    again: int = Field(default=0, ge=0, le=20)
    acknowledged_for: Span | None = None
    in_progress_for: Span | None = None

    @model_validator(mode="after")
    def _begins_with_the_owner(self) -> Self:
        targets = [rung.to for rung in self.rungs]
        if targets[0] is not Target.OWNER:
            raise ValueError("a ladder begins with the owner")
        if len(set(targets)) != len(targets):
            raise ValueError("nobody stands on a ladder twice")
        return self


class TwoOwners(BaseModel):
    """Alerts of this rule or tier (or both) need an acknowledgement from each of these roles."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str = ""
    tier: Tier | None = None
    roles: tuple[Role, ...] = Field(min_length=2, max_length=3)

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.rule and self.tier is None:
            raise ValueError("two owners are asked for by rule, by tier, or by both")
        if Role.AGENCY in self.roles or len(set(self.roles)) != len(self.roles):
            raise ValueError("the roles are different ones of our own people")
        return self

    def asks(self, rule_id: str, tier: Tier) -> bool:
        """Whether this alert is one of those."""
        return self.rule in ("", rule_id) and self.tier in (None, tier)


def _rungs(wait: str, *targets: Target) -> tuple[Rung, ...]:
    return tuple(Rung.model_validate({"to": target, "wait": wait}) for target in targets)


def _ladder(wait: str, targets: tuple[Target, ...], again: int, taken_for: str, work_for: str) -> Ladder:
    return Ladder.model_validate(
        {"rungs": _rungs(wait, *targets), "again": again, "acknowledged_for": taken_for, "in_progress_for": work_for}
    )


EVERYBODY = (Target.OWNER, Target.BACKUP, Target.SUPERVISOR, Target.TEAM)
# Acknowledge-within times and the 1x, 2x, 3x of the ladder: clinical.md 0 and 8.3 (11). All of it is settings.
DEFAULT_LADDERS: Mapping[Tier, Ladder] = {
    Tier.P1: _ladder("30 minutes", EVERYBODY, 3, "2 hours", "4 hours"),
    Tier.P2: _ladder("4 business hours", EVERYBODY, 2, "8 business hours", "2 business days"),
    Tier.P3: _ladder("2 business days", EVERYBODY[:3], 1, "5 business days", "10 business days"),
    Tier.P4: Ladder.model_validate({"rungs": _rungs("10 business days", Target.OWNER)}),
}


class Terms(BaseModel):
    """All that is agreed about how alerts are taken: a ladder per tier, who must answer twice, how long a snooze."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ladders: Mapping[Tier, Ladder] = Field(default_factory=lambda: dict(DEFAULT_LADDERS))
    two_owners: tuple[TwoOwners, ...] = ()
    snooze_hours: int = Field(default=72, ge=1, le=24 * 30)

    @model_validator(mode="after")
    def _every_tier_has_a_ladder(self) -> Self:
        missing = [tier.value for tier in Tier if tier not in self.ladders]
        if missing:
            raise ValueError(f"no ladder for {', '.join(missing)}")
        return self

    @property
    def longest_snooze(self) -> timedelta:
        """clinical.md 8.3 (7): at most 72 hours unless agreed otherwise."""
        return timedelta(hours=self.snooze_hours)

    def roles_to_answer(self, rule_id: str, tier: Tier) -> tuple[Role, ...]:
        """The roles that must each acknowledge; empty: anybody's acknowledgement is enough."""
        return next((one.roles for one in self.two_owners if one.asks(rule_id, tier)), ())


DEFAULT_TERMS = Terms()


def load_terms(text: str, name: str) -> Terms:
    """The terms in a YAML text; a tier it does not name keeps its ladder. Raises ConfigurationError with the place."""
    told = parsed(text, name)
    if not isinstance(told, dict):
        raise ConfigurationError(f"{name} is not a mapping of ladders, two_owners and snooze_hours")
    if isinstance(told.get("ladders"), dict):
        told["ladders"] = {tier.value: one for tier, one in DEFAULT_LADDERS.items()} | told["ladders"]
    return checked(Terms, told, name)
