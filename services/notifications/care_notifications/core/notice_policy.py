"""Who is told what, how soon and how often: the reviewed numbers of an installation, as we ship them here."""

from collections.abc import Iterator
from datetime import time, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from care_notifications.core.consents import CONSENT_SCOPES
from care_notifications.core.state import Channel
from care_notifications.core.yaml_texts import checked, parsed
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import Role, SensitivityLabel, Tier

Pattern = Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9*.:_-]+$")]


class Urgency(StrEnum):
    """How soon a person's mail or text about an alert leaves. The worklist shows it at once in any case."""

    AT_ONCE = "at-once"
    DIGEST = "digest"
    WORKLIST_ONLY = "worklist-only"


class Part(BaseModel):
    """A part of the policy: nothing unknown in it, nothing changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Match(Part):
    """Which alerts are meant; what is not named is not asked. Rules and reasons may end in `*`."""

    rules: tuple[Pattern, ...] = ()
    reasons: tuple[Pattern, ...] = ()
    tiers: tuple[Tier, ...] = ()
    programmes: tuple[Pattern, ...] = ()

    def meets(self, rule_id: str, reason: str, tier: Tier, programmes: tuple[str, ...] = ()) -> bool:
        """Whether an alert of this kind is meant."""
        return (
            _any(self.rules, (rule_id,))
            and _any(self.reasons, (reason,))
            and (not self.tiers or tier in self.tiers)
            and _any(self.programmes, programmes)
        )


class Route(Part):
    """For some alerts: roles told beside those the rule names, or never told; channels; how soon."""

    name: str = Field(min_length=1)
    when: Match = Match()
    also: tuple[Role, ...] = ()
    never: tuple[Role, ...] = ()
    channels: tuple[Channel, ...] | None = None
    urgency: Urgency | None = None

    @model_validator(mode="after")
    def _is_no_contradiction(self) -> Self:
        both = set(self.also) & set(self.never)
        if both:
            raise ValueError(f"{sorted(both)[0].value} is told and not told")
        if Role.CARE_MANAGER in self.never:
            raise ValueError("the owner of an alert is always told")
        return self


class QuietHours(Part):
    """At night people are left alone (clinical.md 8.2, 10)."""

    begin: time = time(20)
    end: time = time(8)
    passes: tuple[Tier, ...] = (Tier.P1,)

    @model_validator(mode="after")
    def _the_gravest_always_pass(self) -> Self:
        if Tier.P1 not in self.passes:
            raise ValueError("P1 passes quiet hours, always")
        if self.begin == self.end:
            raise ValueError("begin and end are the same time")
        return self


class Grouping(Part):
    """Several notices to one person within the window become one."""

    window_seconds: int = Field(60, ge=1, le=3600)
    burst: int = Field(3, ge=1, le=100, description="so many leave one by one within a window, then they are folded")

    @property
    def window(self) -> timedelta:
        """How long a folded notice waits for others."""
        return timedelta(seconds=self.window_seconds)


class Budget(Part):
    """How often a person may be interrupted; P1 is never counted against it."""

    per_hour: int = Field(12, ge=1)
    per_day: int = Field(60, ge=1)


class Digest(Part):
    """When collected notices leave, on the clock of who gets them."""

    at: tuple[time, ...] = Field((time(8, 30),), min_length=1, description="on working days")
    overflow_at: tuple[time, ...] = Field(
        (time(8, 30), time(11, 30), time(14, 30), time(17, 30)), min_length=1, description="what was over the budget"
    )


class Cover(Part):
    """While an open alert of `by` stands for a patient, those of `covers` need no notice of their own."""

    name: str = Field(min_length=1)
    by: Match = Match()
    covers: Match = Match()
    same_card: bool = False
    graver: bool = Field(False, description="only an alert of a graver tier covers")

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if not self.covers.tiers or Tier.P1 in self.covers.tiers:
            raise ValueError("name the tiers it covers; P1 is never covered")
        if not (self.graver or self.by.rules):
            raise ValueError("name the rules that cover, or graver: true")
        return self


BELOW_P1 = (Tier.P2, Tier.P3, Tier.P4)
GRAVER = Cover(name="graver-alert-of-the-same-episode", covers=Match(tiers=BELOW_P1), same_card=True, graver=True)
STAY = Cover(
    name="hospital-stay",
    by=Match(rules=("ARRIVAL",), reasons=("admitted", "under_observation", "planned_admission")),
    covers=Match(rules=("VISIT-*", "NO-SHOW-REPEATED", "SKILLED-WEEK"), tiers=BELOW_P1),
)


class Inhibition(Part):
    """What covers what, and how long before its deadline a covered alert is told all the same."""

    covers: tuple[Cover, ...] = (GRAVER, STAY)
    told_before_deadline_hours: float = Field(4.0, ge=0)

    @property
    def before_deadline(self) -> timedelta:
        """So long before its deadline nothing covers an alert any more."""
        return timedelta(hours=self.told_before_deadline_hours)


def _urgencies() -> dict[Tier, Urgency]:
    soon, later = Urgency.AT_ONCE, Urgency.DIGEST
    return {Tier.P1: soon, Tier.P2: soon, Tier.P3: later, Tier.P4: later}


class NoticePolicy(Part):
    """The whole policy, checked when it is read. What a file does not name is as we ship it."""

    version: str = Field("shipped-1", min_length=1)
    routes: tuple[Route, ...] = ()
    urgency: dict[Tier, Urgency] = Field(default_factory=_urgencies)
    quiet_hours: QuietHours = QuietHours()
    grouping: Grouping = Grouping()
    budget: Budget = Budget()
    digest: Digest = Digest()
    inhibition: Inhibition = Inhibition()
    consent_scopes: dict[SensitivityLabel, tuple[str, ...]] = Field(default_factory=lambda: dict(CONSENT_SCOPES))

    @model_validator(mode="after")
    def _every_tier_has_its_urgency(self) -> Self:
        missing = [tier for tier in Tier if tier not in self.urgency]
        if missing:
            raise ValueError(f"urgency of {missing[0].value} is not named")
        if self.urgency[Tier.P1] is not Urgency.AT_ONCE:
            raise ValueError("P1 leaves at once, always")
        if any(route.urgency not in (None, Urgency.AT_ONCE) and _may_be_gravest(route) for route in self.routes):
            raise ValueError("P1 leaves at once, always; name the tiers of a route that says otherwise")
        if SensitivityLabel.VERY_RESTRICTED in self.consent_scopes:
            raise ValueError("no consent opens what is very restricted")
        return self

    def routes_of(self, alert: CareAlert) -> Iterator[Route]:
        """The routes that speak about this alert, in the order of the file."""
        kind = (alert.rule_id, alert.reason, alert.tier, alert.programmes)
        return (route for route in self.routes if route.when.meets(*kind))

    def audience_of(self, alert: CareAlert) -> tuple[Role, ...]:
        """The roles told about this alert, the rule's own first."""
        roles = dict.fromkeys(alert.audience)
        for route in self.routes_of(alert):
            roles |= dict.fromkeys(route.also)
            roles = {role: None for role in roles if role not in route.never}
        return tuple(roles)

    def channels_of(self, alert: CareAlert, own: tuple[Channel, ...]) -> tuple[Channel, ...]:
        """A person's channels, less those that a route keeps out."""
        named = next((route.channels for route in self.routes_of(alert) if route.channels is not None), own)
        return tuple(channel for channel in own if channel in named)

    def urgency_of(self, alert: CareAlert) -> Urgency:
        """How soon: as the first route that says so, else by tier."""
        named = (route.urgency for route in self.routes_of(alert) if route.urgency is not None)
        return next(named, self.urgency[alert.tier])


SHIPPED = NoticePolicy()


def load_notice_policy(text: str, name: str) -> NoticePolicy:
    """The policy in a YAML text. Raises ConfigurationError that names the place."""
    return checked(NoticePolicy, parsed(text, name), name)


def _any(patterns: tuple[str, ...], values: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(value, pattern) for value in values for pattern in patterns)


def _may_be_gravest(route: Route) -> bool:
    return not route.when.tiers or Tier.P1 in route.when.tiers
