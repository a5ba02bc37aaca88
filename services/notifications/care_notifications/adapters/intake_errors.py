"""What can come of asking intake beside an answer."""

from care_shared.errors import CareError


class IntakeAwayError(CareError):
    """Intake does not answer usefully now; the sentence completes «Intake …»."""


class IntakeRefusedError(CareError):
    """Intake answered no; the reason is its own, and holds no value."""
