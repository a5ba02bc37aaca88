"""Every address that senders may write to over HTTP, as data: what each takes, and what it answers."""

from collections.abc import Iterator
from dataclasses import dataclass

from care_intake.core.fhir_kinds import CONTEXT, TRANSLATORS
from care_intake.core.fhir_requests import MESSAGE
from care_intake.core.formats import Format

FHIR_KINDS = tuple(sorted({*TRANSLATORS, *CONTEXT}))


@dataclass(frozen=True, slots=True)
class Door:
    """One route: its path, what it takes, which resource it lets in, and how it says yes."""

    path: str
    format: Format
    resource: str = ""
    created: int = 201
    method: str = "POST"
    is_dry: bool = False


def _doors() -> Iterator[Door]:
    yield Door("/fhir/$process-message", Format.FHIR, MESSAGE, 200)
    yield Door("/fhir/$validate", Format.FHIR, "", 200, is_dry=True)
    yield Door("/fhir", Format.FHIR, "Bundle", 200)
    for kind in FHIR_KINDS:
        yield Door(f"/fhir/{kind}/$validate", Format.FHIR, kind, 200, is_dry=True)
        yield Door(f"/fhir/{kind}", Format.FHIR, kind)
        yield Door(f"/fhir/{kind}/{{identity}}", Format.FHIR, kind, 200, "PUT")
    yield Door("/evv/visits", Format.EVV)
    yield Door("/evv/visits.csv", Format.EVV_TABLE)
    yield Door("/rosters", Format.ROSTER)
    yield Door("/rosters/absences", Format.ABSENCES)
    yield Door("/devices/open-mhealth", Format.OPEN_MHEALTH)
    yield Door("/devices/readings.csv", Format.READINGS_TABLE)
    yield Door("/facts", Format.FACTS)
    yield Door("/hl7", Format.HL7)


DOORS = tuple(_doors())
