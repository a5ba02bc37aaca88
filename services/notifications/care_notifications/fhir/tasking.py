"""The Task loop: a partner sees what it is asked, and accepts, declines, starts and completes it."""

from collections.abc import Mapping

from care_notifications.adapters.postgres_partner_tasks import Saying, Shown
from care_notifications.core.fhir.names import Names, Resource
from care_notifications.core.fhir.outcomes import Problem, missing
from care_notifications.core.fhir.searches import ALWAYS, Place, Search
from care_notifications.core.fhir.task_forms import check_same, patched, said_of
from care_notifications.core.fhir.tasks import Around, task_resource
from care_notifications.core.partner_tasks import TaskStatus
from care_notifications.fhir.bodies import json_body, json_value, version_asked
from care_notifications.fhir.desk import Answer, Asking, FhirDesk, Interaction
from care_notifications.fhir.reading import TIMES, id_asked, page, search_asked

PARAMS = ("patient", "status", "_id")


async def search(desk: FhirDesk, asking: Asking) -> Answer:
    """GET Task?status=requested&patient=…&_lastUpdated=ge…"""
    asked = search_asked(asking, PARAMS)
    if asked.chosen.get("status", "requested") not in {*TaskStatus}:
        raise Problem(400, "code-invalid", "is no status of a Task", "status")
    rows = [one.seen_by(asking.caller) for one in await desk.tasks.search(asking.caller, asked)]
    return page(desk, asking, asked, rows, _resource, lambda one: Place(one.task.updated_at, one.task.task_id))


async def read(desk: FhirDesk, asking: Asking) -> Answer:
    """GET Task/{id}"""
    return _answer(await _one(desk, asking), desk.names)


async def replace(desk: FhirDesk, asking: Asking) -> Answer:
    """PUT (or POST) Task/{id}: of the Task that was read, status, statusReason, output and note may differ."""
    body = await json_body(asking.request, "Task")
    shown = _resource(await _one(desk, asking), desk.names)
    check_same(body, shown)
    meta = body.get("meta")
    known = meta.get("versionId") if isinstance(meta, dict) else None
    return await _say(desk, asking, body, str(known) if known is not None else "")


async def patch(desk: FhirDesk, asking: Asking) -> Answer:
    """PATCH Task/{id} with a JSON Patch."""
    value = await json_value(asking.request)
    shown = _resource(await _one(desk, asking), desk.names)
    return await _say(desk, asking, patched(value, shown), "")


async def _say(desk: FhirDesk, asking: Asking, body: Mapping[str, object], known: str) -> Answer:
    version = version_asked(asking.request)
    if version is None and known.isascii() and known.isdigit():
        version = int(known[:9])
    if version is None:
        raise Problem(428, "required", "Say which version you know: If-Match, or meta.versionId in a PUT.", "If-Match")
    saying = Saying(id_asked(asking), version, said_of(body, desk.names))
    return _answer((await desk.tasks.say(asking.caller, saying, asking.now)).seen_by(asking.caller), desk.names)


async def _one(desk: FhirDesk, asking: Asking) -> Shown:
    wanted = Search({"_id": id_asked(asking)}, ALWAYS, 1, Place())
    found = await desk.tasks.search(asking.caller, wanted)
    if not found:
        raise missing("Task")
    return found[0].seen_by(asking.caller)


def _answer(shown: Shown, names: Names) -> Answer:
    task = shown.task
    return Answer(_resource(shown, names), headers={"etag": f'W/"{task.version}"'}, patient=task.patient_id)


def _resource(shown: Shown, names: Names) -> Resource:
    return task_resource(shown.task, shown.alert, Around(shown.lead, shown.instructions), names)


ONE = "/Task/{id}"
INTERACTIONS = (
    Interaction("GET", "/Task", "Task", "search-type", search, params=PARAMS, times=TIMES),
    Interaction("GET", ONE, "Task", "read", read),
    Interaction("PUT", ONE, "Task", "update", replace, partners_only=True),
    Interaction("POST", ONE, "Task", "update", replace, partners_only=True),
    Interaction("PATCH", ONE, "Task", "patch", patch, partners_only=True),
)
