"""A device platform, clinic or laboratory reports what it measured or asked (FHIR Observation)."""

from care_intake.core.fhir.observations import observed
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.translation import Translated


def translate(located: Located, scope: Scope) -> Translated:
    """Readings, a laboratory result, answers of a form, or their withdrawal."""
    return observed(located, scope)
