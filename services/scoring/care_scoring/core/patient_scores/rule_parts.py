"""Which part of the outreach priority a rule's open gap speaks for, and which deadlines a regulation sets."""

from collections.abc import Mapping

from care_scoring.core.scores.outreach_input import AlertCause

# Gaps with points of their own (clinical.md 7, domain B). A rule that is not named here counts by its tier alone.
CAUSES: Mapping[str, AlertCause] = {
    "VITALS-TREND": AlertCause.TREND,
    "VISIT-CRITICAL": AlertCause.CRITICAL_VISIT,
    "VISIT-MISSED": AlertCause.MISSED_VISITS,
    "DATA-1": AlertCause.SILENCE,
}
# Rules whose deadline a regulation, a payment rule or a quality measure sets, by the beginning of their name.
REGULATORY = ("TCM", "TRC", "TFU", "FMC", "FUH", "FUM", "FUA", "HH-", "MED-REC", "READMIT", "GAP-", "CHRONIC")
CONTACT_RULE, CONTACT_PENDING = "TCM-CONTACT", "contact_pending"


def cause_of(rule_id: str) -> AlertCause:
    """Why an alert of this rule is open."""
    return CAUSES.get(rule_id, AlertCause.OTHER)


def is_regulatory(rule_id: str) -> bool:
    """Whether the deadline of its gaps counts for the order of the worklist."""
    return rule_id.startswith(REGULATORY)


def rule_of(key: str) -> str:
    """The rule in the key under which the state keeps its gaps."""
    return key.partition("/")[0]
