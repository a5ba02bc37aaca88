"""The load panel with everything that happens to people: stays, visits, medicines, results, referrals, merges."""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from care_shared.contracts.care_events import CARE_EVENT, AnyCareEvent
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import PatientId
from tests.load_panel import LOAD, LoadPanel
from tests.panel_facts import ICD10

OTHERS_SHARE = 0.25  # of all facts: the rest are vital signs
MERGED_SHARE = 0.02  # of all people: a second record of somebody else
# Merges come early: what scoring hands over then stands on the topic long before we have read to its end.
MERGED_BETWEEN, PARTED_AT = (0.005, 0.03), 0.04

Body = Mapping[str, object]
Telling = tuple[str, Body]


def _stay(n: str, rng: random.Random, at: datetime) -> Telling:
    kind = rng.choice(["hospital-admitted", "hospital-discharged", "emergency-arrived", "emergency-departed"])
    body: dict[str, object] = {"encounter_id": f"stay-{n}-{rng.randrange(3)}"}
    if kind in {"hospital-admitted", "hospital-discharged"}:
        body["encounter_class"] = rng.choice(["inpatient", "observation", "inpatient"])
        body["diagnoses"] = [{"system": ICD10, "code": rng.choice(["I50.9", "F33.1", "J44.1"])}]
    if kind == "hospital-discharged":
        body["disposition"] = rng.choice(["home", "skilled-nursing", "home", "unknown"])
    return kind, body


def _visit(n: str, rng: random.Random, at: datetime) -> Telling:
    kind = rng.choice(["visit-scheduled", "visit-delivered", "visit-missed", "visit-started", "visit-cancelled"])
    starts = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=rng.choice([-1, 0, 24]))
    body: dict[str, object] = {
        "visit_id": f"visit-{n}-{starts:%m%d%H}",
        "discipline": rng.choice(["aide", "skilled-nursing"]),
        "scheduled_start": starts,
        "scheduled_end": starts + timedelta(hours=1),
        "critical": rng.random() < 0.2,
    }
    more: dict[str, Body] = {
        "visit-missed": {"reason": rng.choice(["agency-no-show", "patient-refused", "no-answer"])},
        "visit-delivered": {"proof": "evv"},
        "visit-cancelled": {"by_patient": rng.random() < 0.5},
    }
    return kind, {**body, **more.get(kind, {})}


def _contact(n: str, rng: random.Random, at: datetime) -> Telling:
    outcome = rng.choice(["reached", "no-answer", "left-message"])
    return "contact-logged", {"contact_id": f"contact-{n}-{rng.randrange(9)}", "outcome": outcome}


def _medicine(n: str, rng: random.Random, at: datetime) -> Telling:
    name = rng.choice(["apixaban", "furosemide", "atorvastatin", "methadone"])
    concept = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": name, "display": name}
    order = f"order-{n}-{name}"
    kind = rng.choice(["medication-ordered", "medication-dispensed", "medications-reconciled"])
    bodies: dict[str, Body] = {
        "medication-ordered": {"order_id": order, "medication": concept, "active": rng.random() < 0.8},
        "medication-dispensed": {
            "dispense_id": f"{order}-{at:%m%d}", "order_id": order, "medication": concept, "days_supply": 30,
        },
        "medications-reconciled": {"by_role": "nurse"},
    }  # fmt: skip
    return kind, bodies[kind]


def _lab(n: str, rng: random.Random, at: datetime) -> Telling:
    observation, order = f"lab-{n}-{rng.randrange(6)}", f"panel-{n}-{rng.randrange(3)}"
    test = {"system": "http://loinc.org", "code": rng.choice(["4548-4", "2823-3", "98979-8"])}
    kind = rng.choice(["lab-resulted", "lab-resulted", "lab-acknowledged", "result-pending", "lab-retracted"])
    bodies: dict[str, Body] = {
        "lab-resulted": {
            "observation_id": observation, "order_id": order, "test": test, "value": round(rng.uniform(3, 11), 1),
        },
        "lab-acknowledged": {"observation_id": observation, "by": "clinician-1"},
        "lab-retracted": {"observation_id": observation},
        "result-pending": {"order_id": order, "test": test},
    }  # fmt: skip
    return kind, bodies[kind]


def _referral(n: str, rng: random.Random, at: datetime) -> Telling:
    referral = {"referral_id": f"referral-{n}-{rng.randrange(3)}"}
    appointment = {"appointment_id": f"appointment-{n}-{rng.randrange(3)}", "starts_at": at + timedelta(days=3)}
    kind = rng.choice(["referral-ordered", "referral-closed", "referral-report-received", "appointment-booked"])
    kind = rng.choice([kind, "appointment-fulfilled", "appointment-no-show", "appointment-cancelled"])
    if kind.startswith("appointment"):
        return kind, {**appointment, **referral}
    more: dict[str, Body] = {
        "referral-ordered": {"urgent": rng.random() < 0.3},
        "referral-closed": {"reason": "declined"},
    }
    return kind, {**referral, **more.get(kind, {})}


def _answer(n: str, rng: random.Random, at: datetime) -> Telling:
    items = {f"item{one}": rng.randrange(4) for one in range(1, 10)}
    form = {"instrument": "PHQ-9", "assessment_id": f"form-{n}-{rng.randrange(4)}", "items": items}
    return rng.choice(
        [
            ("assessment-completed", form),
            ("survey-answered", {"survey": "pulse", "answers": {"mood": rng.randrange(5)}}),
            ("care-plan-updated", {"plan_id": f"plan-{n}"}),
            ("care-task-changed", {"task_id": f"task-{n}-{rng.randrange(3)}", "status": "requested"}),
        ]
    )


def _person(n: str, rng: random.Random, at: datetime) -> Telling:
    day = at.date()
    return rng.choice(
        [
            ("patient-updated", {"home_zone": rng.choice(["America/New_York", "America/Los_Angeles"])}),
            ("care-team-changed", {"lead_care_manager": f"lead-{rng.randrange(20)}"}),
            ("alignment-changed", {"organization": "aco", "programme": "LEAD", "starts_on": day}),
            ("coverage-changed", {"payer_kind": "medicare", "active": True}),
            ("consent-changed", {"scope": "outreach", "permitted": rng.random() < 0.9}),
            ("home-status-assessed", {"homebound": rng.random() < 0.5}),
            ("high-needs-assessed", {"high_needs": rng.random() < 0.5, "assessor": "nurse-1"}),
            ("leave-planned", {"leave_id": f"leave-{n}", "starts_on": day, "ends_on": day + timedelta(days=2)}),
            ("condition-recorded", {"condition": {"system": ICD10, "code": rng.choice(["N18.3", "F33.1", "I10"])}}),
            ("hospice-elected", {"ended": rng.random() < 0.7}),
        ]
    )


# What happens, and how often beside the others.
KINDS: tuple[tuple[Callable[[str, random.Random, datetime], Telling], int], ...] = (
    (_stay, 12), (_visit, 30), (_contact, 14), (_medicine, 12), (_lab, 14), (_referral, 9), (_answer, 6), (_person, 6),
)  # fmt: skip


class Mix:
    """A history of about `count` facts of all kinds, in the order in which they were recorded; the same every time."""

    def __init__(
        self, panel: LoadPanel, count: int, start: datetime, end: datetime, merged_share: float = MERGED_SHARE
    ) -> None:
        """`merged_share` of all people turn out to be second records of others."""
        self._panel = panel
        self._count = count
        self._start = start
        self._pace = (end - start) / max(1, count)
        self._rng = random.Random(panel.seed + 1)
        self._number = 0
        self._second_records = self._pairs(int(panel.patients * merged_share))
        self._merged: dict[PatientId, PatientId] = {}

    def facts(self) -> Iterator[AnyCareEvent]:
        """All of it."""
        merges, partings = self._moments()
        for reading in self._panel.facts(self._count, self._start, self._end()):
            at = reading.recorded_at
            yield from self._changes(merges, at, parted=False)
            yield from self._changes(partings, at, parted=True)
            if reading.type != "vital-sign-recorded" or self._rng.random() >= OTHERS_SHARE:
                yield self._under_its_record(reading)
                continue
            [tell] = self._rng.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])
            kind, body = tell(reading.patient_id[:8], self._rng, at)
            yield self._under_its_record(self._said(kind, reading.patient_id, at, body))

    def _end(self) -> datetime:
        return self._start + self._pace * self._count

    def _pairs(self, wanted: int) -> list[tuple[PatientId, PatientId]]:
        """Survivor and second record: from the middle of the panel, neither the busiest nor the silent."""
        first = self._panel.patients // 3
        return [
            (self._panel.patient_id(first + 2 * one), self._panel.patient_id(first + 2 * one + 1))
            for one in range(wanted)
        ]

    def _moments(self) -> tuple[list[tuple[datetime, int]], list[tuple[datetime, int]]]:
        """When each pair is merged, and when every fourth is parted again; the next one last."""
        span = self._end() - self._start
        first, last = MERGED_BETWEEN
        each = (last - first) / max(1, len(self._second_records))
        merges = [(self._start + span * (first + each * one), one) for one in range(len(self._second_records))]
        partings = [(self._start + span * PARTED_AT, one) for one in range(0, len(self._second_records), 4)]
        return merges[::-1], partings[::-1]

    def _changes(self, ahead: list[tuple[datetime, int]], at: datetime, *, parted: bool) -> Iterator[AnyCareEvent]:
        while ahead and ahead[-1][0] <= at:
            moment, one = ahead.pop()
            survivor, second = self._second_records[one]
            if parted:
                self._merged.pop(second)
                yield self._said("patient-unmerged", survivor, moment, {"separated_patient_id": second, "revision": 2})
                body = {"former_survivor_patient_id": survivor, "revision": 2}
                yield self._said("patient-separated", second, moment, body)
            else:
                self._merged[second] = survivor
                yield self._said("patient-merged", survivor, moment, {"absorbed_patient_id": second, "revision": 1})
                body = {"survivor_patient_id": survivor, "revision": 1}
                yield self._said("patient-absorbed", second, moment, body)

    def _under_its_record(self, fact: AnyCareEvent) -> AnyCareEvent:
        """What comes under the number of an absorbed record goes to the survivor, as intake sends it."""
        survivor = self._merged.get(fact.patient_id)
        if survivor is None:
            return fact
        return fact.model_copy(update={"patient_id": survivor, "recorded_under": fact.patient_id})

    def _said(self, kind: str, patient_id: PatientId, at: datetime, body: Body) -> AnyCareEvent:
        self._number += 1
        envelope = {
            "type": kind,
            "event_id": derived_id("load-mix", str(self._panel.seed), str(self._number)),
            "patient_id": patient_id,
            "occurred_at": at,
            "recorded_at": at,
            "source": LOAD,
        }
        return CARE_EVENT.validate_python(envelope | dict(body))
