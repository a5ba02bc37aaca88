"""Who a message is about, with the identifiers that hospitals and the state's Medicaid programme gave them."""

from dataclasses import dataclass
from datetime import date

# Made-up authorities of a made-up world; the object identifier lies in the arc that is reserved for examples.
HOSPITAL = "DEMO-HOSPITAL"
HOSPITAL_OID = "2.999.1"
MEDICAID = "DEMO-MEDICAID"
MEDICAID_OID = "2.999.2"


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up patient."""

    key: str
    mrn: str
    medicaid_id: str
    family: str
    given: str
    birth_date: date
    sex: str
    phone: str
    city: str = "Springfield"
    state: str = "NY"
