"""The library of next steps as its reviewed file says it: what each step is, and for which alerts it is offered."""

import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from care_shared.vocabulary import Tier

CODE = r"^[a-z][a-z0-9-]{0,63}$"


class CoreService(StrEnum):
    """The six core services of a Health Home (clinical.md 5.1), by the codes that scoring counts."""

    CARE_MANAGEMENT = "comprehensive-care-management"
    COORDINATION = "care-coordination"
    HEALTH_PROMOTION = "health-promotion"
    TRANSITIONAL_CARE = "comprehensive-transitional-care"
    FAMILY_SUPPORT = "individual-and-family-support"
    REFERRAL = "referral-to-community-and-social-supports"


class Link(StrEnum):
    """A link that settings may hold and a step may offer."""

    TELEHEALTH = "telehealth"
    TRANSPORT = "transport"


class Entry(BaseModel):
    """An unknown word in a content file is a mistake, not an extension."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Review(Entry):
    """Who read the file last, and whether that was a clinician of the organisation that uses it."""

    by: str = Field(min_length=1)
    date: datetime.date
    clinical: bool


class Step(Entry):
    """One thing a person can do."""

    code: str = Field(pattern=CODE)
    title: str = Field(min_length=1, max_length=60)
    how: str = Field(min_length=1)
    core_service: CoreService | None = None
    link: Link | None = None
    leaflet: str = ""


class Situation(Entry):
    """When an offer holds; what is left out holds always."""

    tiers: tuple[Tier, ...] = ()
    reasons: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    private: bool | None = None


class OfferedStep(Entry):
    """A step, and why it is offered here."""

    step: str
    why: str = Field(min_length=1)


class Offer(Entry):
    """Which steps, in which order, for alerts of these rules in this situation."""

    rules: tuple[str, ...] = Field(min_length=1)
    when: Situation = Situation()
    steps: tuple[OfferedStep, ...] = Field(min_length=1)


class Library(Entry):
    """The whole file."""

    reviewed: Review
    steps: tuple[Step, ...]
    offers: tuple[Offer, ...]
    otherwise: tuple[OfferedStep, ...] = Field(min_length=1, description="for alerts that no offer is for")

    @model_validator(mode="after")
    def _names_hold(self) -> Self:
        codes = [step.code for step in self.steps]
        twice = {code for code in codes if codes.count(code) > 1}
        if twice:
            raise ValueError(f"steps named twice: {', '.join(sorted(twice))}")
        offered = {one.step for offer in self.offers for one in offer.steps} | {one.step for one in self.otherwise}
        unknown = offered - set(codes)
        if unknown:
            raise ValueError(f"offered but not described: {', '.join(sorted(unknown))}")
        return self

    def step(self, code: str) -> Step | None:
        """The step of that code."""
        return next((step for step in self.steps if step.code == code), None)
