"""The forms of a feed that is being agreed: what they say becomes a draft, cut to what a draft can hold."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from care_notifications.core.feed_drafts import Draft, Group

LONGEST = 256
KINDS = {
    "hospital": "Hospital or health system",
    "clinic": "Clinic",
    "visits": "Visit verification vendor",
    "devices": "Device vendor",
    "carelead": "Our own people",
}
FORMATS = {
    "hl7v2": "HL7 v2",
    "fhir": "FHIR R4",
    "evv": "Visits, JSON",
    "evv-csv": "Visits, CSV",
    "readings-csv": "Device readings, CSV",
    "open-mhealth": "Open mHealth",
    "roster-csv": "Roster, CSV",
    "absences-csv": "Absences, CSV",
    "facts": "Stated facts",
}
ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
)  # fmt: skip
# Where intake's names for its fields stand on our form.
PLACES = {
    "name": "name", "kind": "kind", "zone": "zone", "silent_after": "silent_after", "certificates": "certificate",
    "senders": "application", "authorities": "issuer",
}  # fmt: skip
_DIGEST = re.compile(r"[0-9a-f]{64}")


def begun(form: Mapping[str, str]) -> Draft:
    """A new draft from its first few words."""
    return _worded(Draft(_text(form, "name")), form)


def changed(draft: Draft, form: Mapping[str, str], groups: Iterable[Group]) -> Draft:
    """The draft as the form of the agreement has it now."""
    agreed = tuple(one.title for one in groups if form.get(f"agreed:{one.title}"))
    return replace(_worded(replace(draft, name=_text(form, "name")), form), agreed=agreed)


def fingerprint(said: str) -> str | None:
    """A SHA-256 fingerprint as openssl prints it, or as anybody may paste it; None when it is none."""
    bare = said.rpartition("=")[2].replace(":", "").replace(" ", "").strip().lower()
    return bare if _DIGEST.fullmatch(bare) else None


def _worded(draft: Draft, form: Mapping[str, str]) -> Draft:
    return replace(
        draft,
        kind=_chosen(form, "kind", KINDS, draft.kind),
        format=_chosen(form, "format", FORMATS, draft.format),
        zone=_text(form, "zone") or draft.zone,
        application=_text(form, "application"),
        facility=_text(form, "facility"),
        issuer=_text(form, "issuer"),
        issuer_id=_text(form, "issuer_id"),
        silent_after=_text(form, "silent_after"),
    )


def _text(form: Mapping[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())[:LONGEST]


def _chosen(form: Mapping[str, str], name: str, known: Mapping[str, str], before: str) -> str:
    said = form.get(name, "")
    return said if said in known else before
