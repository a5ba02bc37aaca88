"""Which procedure codes are the services that follow-up measures accept, as our own short proxy of their value sets."""

from enum import StrEnum
from functools import lru_cache

VERSION = "2027.1"


class ServiceKind(StrEnum):
    """What kind of care was given."""

    VISIT = "visit"  # with a clinician, in person or by video
    CONTACT = "contact"  # a call, a message answered
    CASE_MANAGEMENT = "case-management"
    BEHAVIOURAL = "behavioural"
    SUBSTANCE_USE = "substance-use"  # screening, treatment, peer support
    PHARMACOTHERAPY = "pharmacotherapy"  # a medicine against substance use was handed out
    OTHER = "other"


# Prefixes of CPT and HCPCS codes [D]; the measures' own value sets are licensed and not copied here.
PREFIXES: dict[ServiceKind, tuple[str, ...]] = {
    ServiceKind.SUBSTANCE_USE: (
        *("99408", "99409", "G0396", "G0397", "G2011", "G2067", "G2068", "G2069", "G2086", "G2087", "G2088"),
        *("H0001", "H0005", "H0015", "H0016", "H0020", "H0022", "H0038", "H0047", "H0049", "H0050", "H2035", "T1006"),
    ),
    ServiceKind.BEHAVIOURAL: ("9079", "9083", "9084", "90853", "90870", "H0002", "H0004", "H0031", "H2012", "S9480"),
    ServiceKind.CASE_MANAGEMENT: ("99366", "99487", "99489", "99490", "99491", "G0506", "T1016", "T1017", "T2022"),
    ServiceKind.VISIT: ("9920", "9921", "9934", "9935", "99495", "99496", "G0463", "G0438", "G0439", "T1015"),
    ServiceKind.CONTACT: ("98966", "98967", "98968", "99441", "99442", "99443", "9942", "G2012", "G2010"),
}


@lru_cache(maxsize=4_096)
def kind_of_service(code: str) -> ServiceKind:
    """The kind of a procedure code; most are of none that a measure accepts."""
    plain = code.upper()
    return next((kind for kind, prefixes in PREFIXES.items() if plain.startswith(prefixes)), ServiceKind.OTHER)
