"""Every error of ours, sorted by what the caller should do.

    CareError
    ├── UnusableMessageError    keep the message whole in quarantine or dead letters, answer no, go on
    │   └── UnsupportedMessageError   understood, but of a kind we do not take; do not send it again
    ├── ConflictError           the same id came with other content; keep both, answer no, tell a person
    ├── NotReadyError           the world is not ready; the same work may succeed later
    ├── OwnershipLostError      another worker owns this partition now; stop without committing
    ├── ConfigurationError      the installation is wrong; say what to change and stop
    └── NotFoundError           nothing of that name; say so

Anything else that is raised is a bug: it crashes the process, loudly, before anything is committed.
No message of ours quotes a value that came from outside: it may be a patient's. It names the field.
"""


class CareError(Exception):
    """Something CareLead itself noticed."""


class UnusableMessageError(CareError):
    """The message can never be understood; keep it whole and go on."""

    def __init__(self, field: str, problem: str) -> None:
        """`field` says where (PID-3, Encounter.period.start), `problem` completes the sentence («is missing»)."""
        super().__init__(f"{field} {problem}")
        self.field = field
        self.problem = problem


class UnsupportedMessageError(UnusableMessageError):
    """The message is well formed, of a kind, version or event that we do not take."""


class ConflictError(CareError):
    """The same message id came before with other content."""


class NotReadyError(CareError):
    """The world is not ready; the same work may succeed later."""


class OwnershipLostError(CareError):
    """Another worker owns this partition now; nothing of this batch was kept."""


class ConfigurationError(CareError):
    """The installation is wrong; the message says what to change."""


class NotFoundError(CareError):
    """Nothing of that name is known here."""
