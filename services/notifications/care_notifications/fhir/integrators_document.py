"""What a partner must know to speak FHIR with us, with messages made by the very code that makes them.

`python -m care_notifications.fhir.integrators_document` writes `FHIR.md`; with `--check` it only compares.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from care_notifications.core.fhir.issues import detected_issue
from care_notifications.core.fhir.names import BACKPORT, Names, Resource
from care_notifications.core.fhir.notifications import Event, Kind, notification
from care_notifications.core.fhir.outcomes import Problem, outcome
from care_notifications.core.fhir.subscription_forms import (
    FILTERS,
    LONGEST_HEARTBEAT,
    MOST_EVENTS,
    MOST_HEADERS,
    SHORTEST_HEARTBEAT,
)
from care_notifications.core.fhir.subscriptions import Status, Subscription, Topic, Wanted, canonical
from care_notifications.core.fhir.tasks import Around, Lead, task_resource
from care_notifications.core.fhir.tries import HANDSHAKES, RETRY_AFTER
from care_notifications.core.partner_tasks import NEXT, DeclineReason, PartnerTask, TaskOutcome, TaskStatus
from care_notifications.fhir.application import INTERACTIONS
from care_notifications.fhir.subscribing import MOST_EVENTS as MOST_CAUGHT_UP
from care_shared.contracts.care_alerts import CareAlert, CareTeam, PatientSummary
from care_shared.vocabulary import (
    AlertChange,
    EventId,
    GapId,
    OrganizationId,
    PatientId,
    Role,
    Severity,
    Tier,
)

DOCUMENT = Path(__file__).resolve().parents[2] / "FHIR.md"
NAMES = Names("https://care.example/fhir")
THEN = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
HARBOR = OrganizationId("agency-harbor")
GAP = GapId("6f0c1f0e-8a3a-5b8e-9d7e-2f5d3a1b4c6d")
HEAD = """# FHIR for partners

Written by `make contracts` from the code; do not edit. The people are made up.

FHIR R4 (4.0.1), JSON only, with the Subscriptions R5 Backport guide 1.1.0. Base: `https://<your CareLead>/fhir`.

**Who you are.** `Authorization: Bearer clf_…`; the operator makes the token (`carelead fhir-token create`). What it
opens stands in your agreement: which rules, which fields, whole resources in notifications (`full-resource`),
scores (`scores`). You see what is meant for you, about patients you serve *now*, never what carries a sensitivity
label or is private. Anything else does not exist for you (404). Each answer leaves an AuditEvent, which you may
read.

**How it goes.** Subscribe once; answer the handshake with 2xx; on each event read the DetectedIssue and its Task,
or take the number, the focus and the time from the notification; accept or decline the Task in time; complete it.
Ids never change.
"""
SUBSCRIBING = """
## Subscriptions

`POST /Subscription` keeps it as `requested` and sends a `handshake`; after your 2xx it is `active`. Content is
`id-only` unless you say otherwise. Your own headers (at most {headers}) come with each notification; we show them
as `***`, and keep them when they come back so. Filters: {filters}; several filters must all match, values after a
comma are alternatives. Heartbeats: {least} to {most} seconds; one comes when nothing else did for so long. At most
{events} events in one notification.

- Numbers have no gaps. If you see one, or your system was away: `GET
  /Subscription/{{id}}/$events?eventsSinceNumber=…` (both ends included, at most {caught} at once, in order). An
  event without a focus is about something you may not see any more.
- You may get the same notification twice, with the same `Bundle.id`.
- No 2xx: we try again after {retries}, then every hour, in order, until
  `CARE_NOTIFICATIONS_SUBSCRIPTION_PATIENCE_HOURS` (120) have passed; `Retry-After` is obeyed. Then the status is
  `error` (a handshake gets {handshakes} tries): heartbeats go on, events are numbered and wait. `PUT` it with
  `status: requested`: new handshake, and it goes on where it was. `410`: `off`.
- `$status` says how it stands, with the last error. Endpoints are https on port 443 or 8443, on the public
  internet.
- What is sent shows how things stand *now*, however old the event.
"""
TASKS = """
## Tasks

Each alert for you is a Task, `requested`, with the time by which you answer (`input` `answer-by`: P1 30 minutes, P2
the same business day, P3 two business days). Change it with `PUT` (the Task you read; `status`, `statusReason`,
`output`, `note` may differ), or `PATCH` with a JSON Patch. Say which version you know: `If-Match: W/"1"` or
`meta.versionId`; without: 428, an old one: 412, a step that cannot be: 409. Saying the same again changes nothing.
No answer in time gives the alert back to its owner; a late answer is welcome. When the gap closes, the Task does;
when the patient is no longer yours, it is gone.
"""


def document() -> str:
    """The page."""
    return "\n".join([*_head(), *_subscriptions(), *_tasks(), *_rest()]).rstrip() + "\n"


def _head() -> Iterator[str]:
    yield HEAD
    yield "| ask | what |"
    yield "|---|---|"
    for one in INTERACTIONS:
        sort = f"`${one.code}`" if one.is_operation else one.code
        params = f" by {', '.join(f'`{name}`' for name in one.searched_by)}" if one.searched_by else ""
        yield f"| `{one.method} {one.path}` | {sort}{params} |"
    yield ""
    yield "`_lastUpdated`, `date` and `identified` take eq, ge, gt, le, lt; a page has `_count` entries; follow `next`."
    yield "`GET /metadata` is the CapabilityStatement. Errors are OperationOutcomes:"
    yield from _example(outcome(Problem(404, "not-found", "There is no such Task for you.")))


def _subscriptions() -> Iterator[str]:
    yield SUBSCRIBING.format(
        headers=MOST_HEADERS, filters=", ".join(f"`{one}`" for one in FILTERS), least=SHORTEST_HEARTBEAT,
        most=LONGEST_HEARTBEAT, events=MOST_EVENTS, caught=MOST_CAUGHT_UP, handshakes=HANDSHAKES,
        retries=", ".join(_span(one) for one in RETRY_AFTER),
    )  # fmt: skip
    yield "Topics:"
    yield ""
    yield from (f"- `{canonical(topic, Names('<base>'))}`" for topic in Topic)
    yield ""
    yield "You send:"
    yield from _example(sent())
    yield "The handshake:"
    yield from _example(notification(_kept(Status.REQUESTED, 0), Kind.HANDSHAKE, (), THEN, NAMES))
    yield "An event, `id-only`:"
    event = Event(42, THEN, f"DetectedIssue/{GAP}", (f"Task/{task().task_id}",))
    yield from _example(notification(_kept(Status.ACTIVE, 42), Kind.EVENT, [event], THEN, NAMES))
    yield "What its focus is:"
    yield from _example(detected_issue(alert(), THEN, NAMES))


def _tasks() -> Iterator[str]:
    yield TASKS
    yield from (f"- {was.value} → {', '.join(sorted(after))}" for was, after in NEXT.items())
    yield f"- `statusReason` (needed for rejected and failed): {', '.join(DeclineReason)}, or a text"
    yield f"- `output` of a completed one: {', '.join(TaskOutcome)}"
    yield from _example(task_resource(task(), alert(), Around(Lead("cm-anna", "Anna Alvarez", "+15550199")), NAMES))
    yield "You decline, as a JSON Patch:"
    yield from _example(
        [
            {"op": "replace", "path": "/status", "value": "rejected"},
            {"op": "add", "path": "/statusReason", "value": NAMES.code("task-reason", DeclineReason.NO_CAPACITY)},
        ]
    )


def _rest() -> Iterator[str]:
    yield "## Codes"
    yield ""
    yield "DetectedIssue: `code` is CAREGAP of v3-ActCode and the rule; the modifier extension is Da Vinci DEQM's gap"
    yield "status (`open-gap`, `closed-gap`). RiskAssessment: one per change of a score; the points stand in an"
    yield "extension, as they are no probability. Our own systems are `<base>/CodeSystem/…` and"
    yield "`<base>/StructureDefinition/…`: tier, next-step, due."


def alert() -> CareAlert:
    """The gap of the examples."""
    return CareAlert(
        event_id=EventId("e-1"),
        gap_id=GAP,
        revision=1,
        change=AlertChange.OPENED,
        patient_id=PatientId("0d6c9f0e-1111-5a2b-8c3d-4e5f6a7b8c9d"),
        patient=PatientSummary(display_name="Juniper, Carl"),
        care_team=CareTeam(agency=HARBOR),
        rule_id="missed-visit",
        episode="visits",
        tier=Tier.P2,
        severity=Severity.MODERATE,
        reason="two-in-a-row",
        explanation="Two aide visits in a row were not made.",
        next_step="Send somebody today and tell us when.",
        audience=(Role.CARE_MANAGER, Role.AGENCY),
        due_at=THEN + timedelta(hours=8),
        opened_at=THEN,
        changed_at=THEN,
    )


def task() -> PartnerTask:
    """What Harbor is asked."""
    one = alert()
    return PartnerTask(
        "5a0e7c52-2f64-5f0e-a1c9-7f2b9d3e8a10", GAP, 1, HARBOR, one.patient_id, TaskStatus.REQUESTED, 1, one.tier,
        THEN, THEN, THEN + timedelta(hours=8),
    )  # fmt: skip


def sent() -> Resource:
    """What a partner sends to subscribe."""
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "Missed visits of our patients",
        "criteria": canonical(Topic.ALL, NAMES),
        "_criteria": {
            "extension": [
                {"url": f"{BACKPORT}/backport-filter-criteria", "valueString": "DetectedIssue?rule=missed-visit"}
            ]
        },
        "channel": {
            "extension": [{"url": f"{BACKPORT}/backport-heartbeat-period", "valueUnsignedInt": 3600}],
            "type": "rest-hook",
            "endpoint": "https://harbor.example/fhir-hook",
            "header": ["Authorization: Bearer what-you-know-us-by"],
            "payload": "application/fhir+json",
            "_payload": {"extension": [{"url": f"{BACKPORT}/backport-payload-content", "valueCode": "id-only"}]},
        },
    }


def _kept(status: Status, events: int) -> Subscription:
    wanted = Wanted(Topic.ALL, "https://harbor.example/fhir-hook")
    return Subscription("1c4e5c0a-7d1b-4f6e-9a51-3f2d8b7c6a90", HARBOR, wanted, status, 1, events, THEN)


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min"


def _example(value: object) -> Iterator[str]:
    yield ""
    yield "```json"
    yield json.dumps(value, indent=1, ensure_ascii=False)
    yield "```"
    yield ""


def main() -> int:
    """The exit code: 1 when `--check` finds the page out of date."""
    text = document()
    if "--check" in sys.argv[1:]:
        return int(not DOCUMENT.exists() or DOCUMENT.read_text("utf-8") != text)
    DOCUMENT.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
