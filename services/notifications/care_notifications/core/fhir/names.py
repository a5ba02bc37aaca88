"""Every name that a FHIR resource of ours uses: addresses, code systems, extensions, and how things are referred to."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from care_shared.vocabulary import PatientId

Resource = dict[str, object]

HL7 = "http://hl7.org/fhir"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"
GAP_STATUS = "http://hl7.org/fhir/us/davinci-deqm/StructureDefinition/extension-gapStatus"
GAP_STATUSES = "http://hl7.org/fhir/us/davinci-deqm/CodeSystem/gaps-status"
ACT_CODE = f"{TERMINOLOGY}/v3-ActCode"
CONFIDENTIALITY = f"{TERMINOLOGY}/v3-Confidentiality"

# What FHIR takes as the id of a resource.
FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one installation. `base` is where its FHIR interface is reached, without a slash at the end."""

    base: str

    def url(self, kind: str, resource_id: str) -> str:
        """The absolute address of a resource."""
        return f"{self.base}/{kind}/{resource_id}"

    def system(self, name: str) -> str:
        """One of our own code systems or identifier systems."""
        return f"{self.base}/CodeSystem/{name}"

    def extension(self, name: str) -> str:
        """One of our own extensions."""
        return f"{self.base}/StructureDefinition/{name}"

    def code(self, system: str, code: str, text: str = "") -> Resource:
        """A CodeableConcept of one of our own code systems."""
        return concept(self.system(system), code, text)

    def identifier(self, name: str, value: str) -> Resource:
        """An Identifier that we gave."""
        return {"system": self.system(name), "value": value}

    def patient(self, patient_id: PatientId) -> Resource:
        """A Reference to a patient; literal where the id can stand in an address."""
        found: Resource = {"type": "Patient", "identifier": self.identifier("patient", patient_id)}
        return {"reference": f"Patient/{patient_id}", **found} if FHIR_ID.fullmatch(patient_id) else found

    def event(self, event_id: str) -> Resource:
        """A Reference to a fact that is no FHIR resource here."""
        return {"identifier": self.identifier("event", event_id)}


def concept(system: str, code: str, text: str = "") -> Resource:
    """A CodeableConcept with one coding."""
    found: Resource = {"coding": [{"system": system, "code": code}]}
    return {**found, "text": text} if text else found


def instant(moment: datetime) -> str:
    """A FHIR instant or dateTime in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def present(**elements: object) -> Resource:
    """The elements that have a value: FHIR knows no empty ones. A name that ends with `_` may be a word of Python."""
    return {name.rstrip("_"): value for name, value in elements.items() if value not in (None, "", [], (), {})}
