"""Services that count: core services of a programme, screenings, examinations."""

from care_scoring.core.state.statements import Statement


class Service(Statement, array_like=True, gc=False, frozen=True):
    """One service as last stated; keyed by the source's number. `at` is when it was given."""

    system: str
    code: str
