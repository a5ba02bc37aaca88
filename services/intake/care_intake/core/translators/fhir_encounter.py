"""A clinic or hospital server tells us about a stay, a visit to the home, or a visit to the clinic (FHIR Encounter)."""

from care_intake.core.fhir.contacts import told
from care_intake.core.fhir.elements import read
from care_intake.core.fhir.models import Encounter
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.translation import Translated


def translate(located: Located, scope: Scope) -> Translated:
    """What the encounter says by its class and status."""
    return told(read(Encounter, located.value, located.where), located, scope)
