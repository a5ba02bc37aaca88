"""Home visits in our own JSON: one record or a list of them."""

from care_intake.core.own_json import records
from care_intake.core.strict_json import Json
from care_intake.core.translation import Reception, Translated
from care_intake.core.visits import visit_said


def translate(value: Json, reception: Reception) -> Translated:
    """The facts of one record or a list of them."""
    return sum((visit_said(one, where, reception) for where, one in records(value, "visit")), Translated())
