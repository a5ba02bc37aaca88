"""Who a message is about: numbers that somebody issued, each in the name of its issuer, and never a name alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from care_intake.core.feed import Feed
from care_shared.contracts.care_events import Identifier
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import PatientId

MEDICARE = "http://hl7.org/fhir/sid/us-mbi"
SOCIAL_SECURITY = frozenset({"SS", "SSN", "USSSA", "SSA", "2.16.840.1.113883.4.1", "HTTP://HL7.ORG/FHIR/SID/US-SSN"})
# Government numbers are not ours to match by or to pass on; account and visit numbers name a stay, not a person.
NEVER_USED = frozenset({"SS", "SSN", "DL", "DLN", "PPN", "PRC", "NH", "TAX", "AN", "VN", "ANON"})
# One issuer numbers its patients once, whatever table-0203 word a message uses for that number, or none.
PATIENT_NUMBERS = frozenset({"", "MR", "MRN", "PI", "PT", "PN", "U"})
WELL_KNOWN = {"2.16.840.1.113883.4.927": MEDICARE, "2.16.840.1.113883.4.572": "http://hl7.org/fhir/sid/us-medicare"}
RESOURCE_ID = "RI"
MAX_LENGTH = 256

# Other countries have a Medicare too, and write the same type.
_OF_MEDICARE = frozenset({"", "CMS", "HCFA", "MEDICARE", "MBI", "US", "USA", "MC"})
_MBI = re.compile(r"[1-9][A-Z][A-Z\d]\d-?[A-Z][A-Z\d]\d-?[A-Z]{2}\d{2}")
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+")


@dataclass(frozen=True, slots=True)
class StatedIdentifier:
    """An identifier as the sender wrote it: local name and universal id of its issuer may both be there, or neither."""

    value: str
    issuer: str = ""
    universal: str = ""
    type: str = ""


class IssuedNumber(NamedTuple):
    """An identifier in its one spelling; a plain tuple, because every message looks several of them up."""

    authority: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class PatientKey:
    """All usable identifiers of one patient in one message, the best first."""

    identifiers: tuple[IssuedNumber, ...]

    @property
    def primary(self) -> IssuedNumber:
        """The identifier that a new patient is named after."""
        return self.identifiers[0]

    @property
    def named(self) -> tuple[Identifier, ...]:
        """The identifiers worth telling others: not the ids of records in the sender's own server."""
        return tuple(
            Identifier(authority=one.authority, type=one.type, value=one.value)
            for one in self.identifiers
            if one.type != RESOURCE_ID
        )


@dataclass(frozen=True, slots=True)
class StatedTie:
    """A sender says that two numbers name one person (`is_one`), or that they do not after all.

    `survivor` is the number that is to be used from now on. Of several statements about one pair the one made last
    holds, whenever it arrives.
    """

    survivor: IssuedNumber
    other: IssuedNumber
    is_one: bool
    stated_at: datetime


def patient_key(stated: Iterable[StatedIdentifier], feed: Feed, where: str) -> PatientKey:
    """The key of a patient. Raises UnusableMessageError when nothing usable is stated at `where`."""
    usable = [canonical(one, feed) for one in stated if is_usable(one)]
    if not usable:
        raise UnusableMessageError(where, "is missing or holds no number that names a patient")
    if any(len(one.value) > MAX_LENGTH or len(one.authority) > MAX_LENGTH for one in usable):
        raise UnusableMessageError(where, f"is longer than {MAX_LENGTH} characters")
    return PatientKey(tuple(dict.fromkeys(sorted(usable, key=_rank))))


def is_usable(stated: StatedIdentifier) -> bool:
    """Whether it may be matched by: it has a value and is not a government, account or visit number."""
    issuers = {stated.issuer.upper(), stated.universal.upper()}
    return bool(stated.value) and stated.type.upper() not in NEVER_USED and not issuers & SOCIAL_SECURITY


def canonical(stated: StatedIdentifier, feed: Feed) -> IssuedNumber:
    """One spelling for each identifier, so that two feeds that mean the same number write the same."""
    kind = stated.type.upper()
    kind = "MR" if kind in PATIENT_NUMBERS else kind
    is_medicare = kind == "MC" and _is_of_medicare(stated)
    authority = MEDICARE if is_medicare else authority_of(stated.issuer, stated.universal, feed)
    # Medicare's number comes typed from HL7 senders and untyped from FHIR senders.
    kind = "MC" if authority == MEDICARE else kind
    return IssuedNumber(authority, kind, stated.value)


def _is_of_medicare(stated: StatedIdentifier) -> bool:
    issuer = stated.issuer or stated.universal
    return issuer.upper() in _OF_MEDICARE or issuer == MEDICARE or _MBI.fullmatch(stated.value.upper()) is not None


def authority_of(issuer: str, universal: str, feed: Feed) -> str:
    """The issuer's agreed or universal name; a merely local name means something only inside its own feed."""
    universal = universal.removeprefix("urn:oid:")
    agreed = feed.authorities.get(universal) or feed.authorities.get(issuer)
    if agreed:
        return agreed
    if universal:
        return WELL_KNOWN.get(universal, universal)
    if is_universal(issuer):
        bare = issuer.removeprefix("urn:oid:")
        return WELL_KNOWN.get(bare, bare)
    # "MRN" of hospital A and "MRN" of hospital B are different people's numbers.
    return f"{feed.source}/{issuer}" if issuer else str(feed.source)


def is_universal(name: str) -> bool:
    """A URI or an OID means the same everywhere."""
    return "://" in name or name.startswith("urn:") or _OID.fullmatch(name) is not None


def new_patient_id(key: PatientKey) -> PatientId:
    """The id of a patient nobody knew before: the same first identifier always gives the same id."""
    return record_id(key.primary)


def record_id(first: IssuedNumber) -> PatientId:
    """The id of the record that begins with this number."""
    return PatientId(derived_id("patient", first.authority, first.type, first.value))


def _rank(identifier: IssuedNumber) -> tuple[bool, bool]:
    return identifier.type == RESOURCE_ID, identifier.type != "MR"
