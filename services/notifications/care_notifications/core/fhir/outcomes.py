"""What went wrong, as an OperationOutcome that names elements and never quotes a value."""

from care_notifications.core.fhir.names import Resource, present


class Problem(Exception):  # noqa: N818  # an answer, raised from deep inside a request
    """A request that gets no other answer than this."""

    def __init__(self, status: int, code: str, text: str, where: str = "") -> None:
        """`code` is of FHIR's issue-type; `where` names the element or the parameter."""
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.where = where


def outcome(problem: Problem) -> Resource:
    """The OperationOutcome of one problem."""
    severity = "fatal" if problem.status >= 500 else "error"
    where = [problem.where] if problem.where else []
    return {
        "resourceType": "OperationOutcome",
        "issue": [present(severity=severity, code=problem.code, diagnostics=problem.text, expression=where)],
    }


def missing(kind: str) -> Problem:
    """Nothing of that name that this caller may see: whether it exists is not said."""
    return Problem(404, "not-found", f"There is no such {kind} for you.")


def forbidden(text: str) -> Problem:
    """The caller is known, and may not."""
    return Problem(403, "forbidden", text)


def invalid(where: str, text: str, status: int = 422) -> Problem:
    """What was sent cannot be used; `where` names the element or the parameter."""
    return Problem(status, "invalid", text, where)
