"""Whom a row of a table is about: Medicare's number, Medicaid's, and the numbers of whoever issued them."""

from care_intake.core.feed import Feed
from care_intake.core.identity import MEDICARE, PatientKey, StatedIdentifier, patient_key
from care_intake.core.tables import Row

PATIENT_HEADINGS: dict[str, tuple[str, ...]] = {
    "patient_mbi": ("mbi", "medicare id", "medicare number", "medicare beneficiary identifier", "hicn or mbi"),
    "patient_medicaid_id": ("medicaid id", "medicaid number", "cin", "medicaid cin", "client medicaid id",
                            "member medicaid id"),
    "medicaid_authority": ("medicaid state", "medicaid issuer"),
    "patient_mrn": ("mrn", "patient id", "member id", "patient number", "medical record number", "member number",
                    "subscriber id", "user id", "participant id"),
    "patient_authority": ("authority", "assigning authority", "mrn authority", "mrn system", "id system",
                          "identifier system"),
    "patient_type": ("id type", "identifier type"),
}  # fmt: skip


def row_patient(row: Row, feed: Feed) -> PatientKey:
    """The patient of a row. Raises UnusableMessageError naming the column when no number is there."""
    stated = [
        StatedIdentifier(row["patient_mrn"], row["patient_authority"], type=row["patient_type"] or "MR"),
        StatedIdentifier(row["patient_medicaid_id"], row["medicaid_authority"] or "medicaid", type="MA"),
        # Medicare prints its number with dashes, and its systems leave them out.
        StatedIdentifier(row["patient_mbi"].replace("-", "").upper(), MEDICARE, type="MC"),
    ]
    return patient_key([one for one in stated if one.value], feed, row.at("patient_mrn"))
