"""What a partner says about a Task, as a whole Task, a part of one, or a JSON Patch; nothing else of it can change."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from care_notifications.core.fhir.names import Names
from care_notifications.core.fhir.outcomes import invalid
from care_notifications.core.partner_tasks import GIVEN_BACK, NEXT, DeclineReason, Said, TaskOutcome, TaskStatus

Body = Mapping[str, object]
Code = TypeVar("Code", bound=StrEnum)
CHANGEABLE = ("status", "statusReason", "output", "note")
LONGEST_NOTE = 1000
SAYABLE = frozenset(status for after in NEXT.values() for status in after)


def said_of(body: Body, names: Names) -> Said:
    """What is said. Raises Problem."""
    status = _status(body)
    reason, note = _reason(body.get("statusReason"), names)
    if status in GIVEN_BACK and reason is None:
        known = ", ".join(one.value for one in DeclineReason)
        raise invalid("Task.statusReason", f"says why: one of {known}, or a text")
    return Said(status, reason, note or _note(body.get("note")), _outcome(body.get("output"), names))


def check_same(body: Body, shown: Body) -> None:
    """What a partner sends back of a task must be what it got: its patient and its focus cannot be changed."""
    for name in ("id", "intent", "focus", "for"):
        sent = body.get(name)
        if sent is not None and _plain(sent) != _plain(shown.get(name)):
            raise invalid(f"Task.{name}", "cannot be changed")


def _plain(element: object) -> object:
    """An element to compare: of a reference the kind and the id, whatever address stands before them."""
    if not isinstance(element, dict) or "reference" not in element:
        return element
    return "/".join(str(element["reference"]).split("/")[-2:])


def patched(patch: object, shown: Body) -> Body:
    """The parts that a JSON Patch sets (RFC 6902: test, add and replace of what can change). Raises Problem."""
    if not isinstance(patch, list) or not 0 < len(patch) <= 20:
        raise invalid("Task", "a JSON Patch is a list of operations", 400)
    body: dict[str, object] = {}
    for one in patch:
        if not isinstance(one, dict):
            raise invalid("Task", "an operation is an object", 400)
        name = str(one.get("path", "")).removeprefix("/").removesuffix("/-").removesuffix("/0")
        if one.get("op") == "test" and name in ("status", "id"):
            if one.get("value") != shown.get(name):
                raise invalid(f"Task.{name}", "is not what the patch expects", 409)
        elif one.get("op") in ("add", "replace") and name in CHANGEABLE:
            value = one.get("value")
            in_list = name in ("output", "note") and not isinstance(value, list)
            body[name] = [value] if in_list else value
        else:
            raise invalid("Task", f"only {', '.join(CHANGEABLE)} can be set, status and id tested")
    return body


def _status(body: Body) -> TaskStatus:
    text = body.get("status")
    if not isinstance(text, str) or text not in {one.value for one in SAYABLE}:
        known = ", ".join(sorted(one.value for one in SAYABLE))
        raise invalid("Task.status", f"is one of {known}")
    return TaskStatus(text)


def _reason(element: object, names: Names) -> tuple[DeclineReason | None, str | None]:
    if element is None:
        return None, None
    return _coded(element, DeclineReason, names.system("task-reason"), "Task.statusReason")


def _outcome(element: object, names: Names) -> TaskOutcome | None:
    if element is None:
        return None
    first = element[0] if isinstance(element, list) and element else None
    concept = first.get("valueCodeableConcept") if isinstance(first, dict) else None
    if concept is None:
        raise invalid("Task.output", "is a list whose first has a valueCodeableConcept")
    return _coded(concept, TaskOutcome, names.system("task-outcome"), "Task.output")[0]


def _coded(element: object, codes: type[Code], system: str, where: str) -> tuple[Code | None, str | None]:
    """A code of ours, or `other` with what was said in words."""
    if not isinstance(element, dict):
        raise invalid(where, "is a CodeableConcept")
    text = element.get("text")
    note = _short(text, where) if text is not None else None
    for coding in _list(element.get("coding")):
        if isinstance(coding, dict) and coding.get("system", system) == system:
            try:
                return codes(str(coding.get("code"))), note
            except ValueError:
                raise invalid(where, f"is one of {', '.join(codes)}") from None
    if note is None:
        raise invalid(where, f"is one of {', '.join(codes)}, or a text")
    return codes("other"), note


def _note(element: object) -> str | None:
    texts = [one.get("text") for one in _list(element) if isinstance(one, dict)]
    return _short(texts[-1], "Task.note") if texts else None


def _short(text: object, where: str) -> str:
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_NOTE:
        raise invalid(where, f"is a text of up to {LONGEST_NOTE} characters")
    return text


def _list(element: object) -> Sequence[object]:
    return element if isinstance(element, list) else ()
