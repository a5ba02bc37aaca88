"""The language of the check-in tests: a patient, what happened, and what goes out when somebody looks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from care_notifications.adapters.content_files import content_folder, read_catalogue
from care_notifications.core.check_ins.content import Catalogue
from care_notifications.core.check_ins.doubts import Lines, Way
from care_notifications.core.check_ins.listen import HEARD, note
from care_notifications.core.check_ins.occurrences import zone_of
from care_notifications.core.check_ins.plan import Past, Plan, Send, Skip, Subject, Wait, plan
from care_notifications.core.check_ins.profile import Profile
from care_shared.contracts.care_events import CARE_EVENT, AnyCareEvent
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import PatientId

HOME = ZoneInfo("America/New_York")
PATIENT = PatientId("patient-1")
CATALOGUE = read_catalogue(content_folder())
# What a nurse writes, and the fact it stands for.
WORDS: dict[str, dict[str, Any]] = {
    "goes to hospital": {"type": "hospital-admitted", "encounter_class": "inpatient"},
    "comes home": {"type": "hospital-discharged", "disposition": "home", "encounter_class": "inpatient"},
    "goes to a nursing home": {"type": "hospital-discharged", "disposition": "skilled-nursing"},
    "goes to hospice": {"type": "hospital-discharged", "disposition": "hospice"},
    "discharge was a mistake": {"type": "discharge-cancelled"},
    "leaves the emergency room": {"type": "hospital-discharged", "encounter_class": "emergency", "disposition": "home"},
    "chooses hospice": {"type": "hospice-elected"},
    "leaves hospice": {"type": "hospice-elected", "ended": True},
    "dies": {"type": "patient-deceased"},
    "opts out": {"type": "consent-changed", "scope": "check-ins", "permitted": False},
    "wants them again": {"type": "consent-changed", "scope": "check-ins", "permitted": True},
    "wants no text messages": {"type": "consent-changed", "scope": "text-messages", "permitted": False},
    "the aide does not come": {
        "type": "visit-missed", "discipline": "aide", "reason": "agency-no-show",
    },
    "the patient refuses the aide": {
        "type": "visit-missed", "discipline": "aide", "reason": "patient-refused",
    },
    "family is overwhelmed": {"type": "survey-answered", "survey": "pulse", "answers": {"overwhelmed": 1}},
    "leaves the programme": {
        "type": "alignment-changed", "organization": "aco-1", "programme": "lead", "starts_on": "2026-11-19",
        "ends_on": "2026-11-21",
    },
}  # fmt: skip


def local(text: str | datetime) -> datetime:
    """A moment as clocks at the patient's home show it."""
    moment = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    return moment.replace(tzinfo=HOME).astimezone(UTC)


def fact(kind: str, at: datetime, patient: PatientId = PATIENT, **fields: Any) -> AnyCareEvent:
    """One fact of the contract, by its type."""
    envelope = {
        "event_id": derived_id("story", patient, kind, at.isoformat(), str(sorted(fields.items()))),
        "patient_id": patient,
        "occurred_at": at,
        "recorded_at": at,
        "source": "story",
    }
    return CARE_EVENT.validate_python(envelope | {"type": kind} | fields)


def happened(words: str, at: datetime, stay: str = "stay-1") -> AnyCareEvent:
    """What a nurse wrote, as a fact."""
    said = dict(WORDS[words])
    kind = said.pop("type")
    if kind in ("hospital-admitted", "hospital-discharged", "discharge-cancelled"):
        said["encounter_id"] = stay
    if kind in ("hospital-admitted", "hospital-discharged"):
        said["facility_zone"] = "America/New_York"
    if kind == "visit-missed":
        said |= {"visit_id": f"visit-{at:%m%d}", "scheduled_start": at, "scheduled_end": at}
    return fact(kind, at, **said)


@dataclass
class Household:
    """One patient as a story describes them, and all that was decided so far."""

    catalogue: Catalogue = CATALOGUE
    profile: Profile = field(default_factory=Profile)
    past: list[Past] = field(default_factory=list)
    lines: Lines = field(default_factory=lambda: Lines(frozenset(Way), unreviewed_allowed=True))

    def hear(self, *events: AnyCareEvent) -> None:
        for event in events:
            if isinstance(event, HEARD):
                note(self.profile, event, self.catalogue.schedule)

    def look(self, now: datetime) -> Plan:
        """What goes out now; it counts as sent."""
        zone = zone_of(self.profile.home_zone, HOME)
        found = plan(Subject(PATIENT, self.profile, tuple(self.past), self.lines, zone), self.catalogue, now)
        for verdict in found.verdicts:
            if not isinstance(verdict, Wait):
                ask = verdict.ask
                self.past.append(Past(ask.check_in, ask.party, ask.occurrence, now, isinstance(verdict, Send)))
        return found


def told(found: Plan) -> tuple[list[str], dict[str, str], dict[str, str]]:
    """What was sent and how, what waits and why, what is not sent and why."""
    sent = [
        f"{one.ask.check_in} by {one.route.way} in {one.route.language}"
        for one in found.verdicts
        if isinstance(one, Send)
    ]
    waits = {one.ask.check_in: one.reason.value for one in found.verdicts if isinstance(one, Wait)}
    skipped = {one.ask.check_in: one.reason.value for one in found.verdicts if isinstance(one, Skip)}
    return sent, waits, skipped


def living(patient: dict[str, Any]) -> Iterator[AnyCareEvent]:
    """The patient as the story introduces them, told in facts."""
    at = local("2026-11-01 09:00")
    aligned = str(patient.get("aligned", "2026-11-19"))
    yield fact(
        "alignment-changed", at, organization="aco-1", programme=patient.get("programme", "lead"), starts_on=aligned
    )
    for code in patient.get("conditions", ()):
        yield fact("condition-recorded", at, condition={"code": code})
    names = ("language", "phone", "email", "lives_alone", "phone_is_private", "home_zone")
    said = {name: patient[name] for name in names if name in patient}
    for name in ("reach_from", "reach_until"):
        if name in patient:
            said[name] = time.fromisoformat(patient[name])
    yield fact("patient-updated", at, **({"phone": "+15550100"} | said))
    if "caregiver" in patient:
        yield fact("caregiver-named", at, caregiver_id="caregiver-1", phone=patient["caregiver"])
