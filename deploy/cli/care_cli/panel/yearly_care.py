"""What a year of care left behind in the records: most of the panel has had it, a few lack one thing or another."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from care_cli.messages.facts import stated
from care_cli.messages.fhir import Json, dispense, laboratory
from care_cli.panel.people import DIABETES, Member
from care_shared.contracts.envelope import derived_id

SHARE_DONE = 0.96  # of each examination: on 200 people a worklist has some gaps of the year, and is not made of them
DONE_BEFORE = timedelta(days=60)
FALL_SCREENING, EYE_EXAM = "3288F", "92014"
CPT = "http://www.ama-assn.org/go/cpt"
A1C, EGFR, URINE_RATIO = ("4548-4", "%"), ("98979-8", "mL/min/{1.73_m2}"), ("9318-7", "mg/g")
STATIN = ("83367", "atorvastatin")


def services(member: Member, now: datetime) -> Iterator[Json]:
    """Screenings and examinations that somebody noted."""
    chance = _dice(member, "services")
    at = _this_year(now)
    wanted = [FALL_SCREENING, EYE_EXAM] if member.has(DIABETES) else [FALL_SCREENING]
    for code in wanted:
        if chance.random() < SHARE_DONE:
            service: Json = {
                "type": "service-recorded",
                "occurred_at": at.isoformat(),
                "service_id": derived_id("demo-service", member.person.mrn, code),
                "service": {"system": CPT, "code": code},
            }
            yield stated(member.person, service)


def resources(member: Member, now: datetime) -> Iterator[Json]:
    """Results and medicines that laboratories and pharmacies reported."""
    if not member.has(DIABETES):
        return
    chance = _dice(member, "results")
    at = _this_year(now)
    values = ((A1C, chance.randint(64, 78) / 10), (EGFR, chance.randint(55, 85)), (URINE_RATIO, chance.randint(8, 25)))
    for (code, unit), value in values:
        if chance.random() < SHARE_DONE:
            yield laboratory(member.person, (code, unit), value, at)
    if chance.random() < SHARE_DONE:
        yield dispense(member.person, STATIN, at, days=90)


def _dice(member: Member, what: str) -> Random:
    """Made-up people, not secrets; dice of their own, so that their other history stays as it is."""
    return Random(f"{member.person.mrn}/{what}")  # noqa: S311


def _this_year(now: datetime) -> datetime:
    """Some weeks ago, but not last year, which would not count."""
    return max(now - DONE_BEFORE, min(now, now.replace(month=1, day=2)))
