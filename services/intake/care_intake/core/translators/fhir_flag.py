"""Others warn about the patient: a fall risk, a dog, a restraining order (FHIR Flag)."""

from care_intake.core.fhir.elements import read
from care_intake.core.fhir.labels import labels_of_condition
from care_intake.core.fhir.people import Flag
from care_intake.core.fhir.scope import Located, Scope, coded
from care_intake.core.fhir.statement import LONGEST, aside, kept, stated
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import FlagChanged
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError


def translate(located: Located, scope: Scope) -> Translated:
    """A warning that holds, or no longer does."""
    flag = read(Flag, located.value, located.where)
    if flag.status not in ("active", "inactive", "entered-in-error"):
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a Flag")
    concept = kept(flag.code, coded(flag.code))
    if concept is None:
        return aside(located, "has neither code nor words", "code")
    said = stated(flag, flag.subject, located, scope, labels=labels_of_condition(flag.code))
    since = said.moment("period.start", flag.period.start)
    ended = said.moment("period.end", flag.period.end)
    is_over = ended is not None and ended <= scope.reception.received_at
    active = flag.status == "active" and not is_over
    fact = FlagChanged(
        **said.envelope(since if active else ended, said.said_at),
        flag_id=said.number("flag") or derived_id("flag", *said.patient.primary, concept.system, concept.code),
        flag=concept,
        category=next((one.first_code or one.words for one in flag.category), "")[:LONGEST],
        active=active,
    )
    return said.tell([fact])
