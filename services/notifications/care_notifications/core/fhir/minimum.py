"""A partner's resources hold what its agreements grant, and nothing more; our own people see the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from care_notifications.core.agreements import Agreement, Grant, grants_of, reason_not_agreed
from care_notifications.core.state import Channel
from care_shared.contracts.care_alerts import CareAlert, PatientSummary


@dataclass(frozen=True, slots=True)
class Minimum:
    """What one reader's agreements grant now, at one door; agreements that are None: the reader is one of our own."""

    agreements: Sequence[Agreement] | None
    now: datetime
    door: Channel = Channel.FHIR

    @property
    def agreed(self) -> bool:
        """Whether any agreement about this door is in force."""
        return self.agreements is None or reason_not_agreed(self.agreements, None, self.door, self.now) is None

    @property
    def everything(self) -> frozenset[Grant]:
        """What is granted about some alert, whichever."""
        if self.agreements is None:
            return frozenset(Grant)
        return grants_of(self.agreements, None, self.door, self.now)

    def grants(self, alert: CareAlert) -> frozenset[Grant]:
        """What is granted about this alert."""
        if self.agreements is None:
            return frozenset(Grant)
        return grants_of(self.agreements, alert.rule_id, self.door, self.now)

    def may_stand_whole(self, alert: CareAlert) -> bool:
        """Whether the resources of this alert may stand in a notification."""
        return Grant.FULL_RESOURCE in self.grants(alert)

    def of(self, alert: CareAlert) -> CareAlert:
        """The alert without what is not granted. A text that is left out is empty, which no resource shows."""
        if self.agreements is None:
            return alert
        grants = self.grants(alert)
        left: dict[str, object] = {"patient": _patient(alert.patient, grants), "chart": None, "worst": None}
        for grant, name in ((Grant.RULE, "rule_id"), (Grant.REASON, "reason"), (Grant.NEXT_STEP, "next_step")):
            if grant not in grants:
                left[name] = ""
        if Grant.EXPLANATION not in grants:
            left |= {"explanation": "", "evidence": ()}
        return alert.model_copy(update=left)

    def instructions(self, alert: CareAlert) -> str:
        """What we ask the partner to mind in such a case, as agreed."""
        for one in self.agreements or ():
            holds = one.at(self.now) and one.covers(alert.rule_id) and self.door in one.channels
            if holds and Grant.CARE_INSTRUCTIONS in one.grants:
                found = one.instructions.get(alert.rule_id) or one.instructions.get("")
                if found:
                    return found
        return ""


# Of our own people; the time does not matter to them.
WHOLE = Minimum(None, datetime(1, 1, 1, tzinfo=UTC))


def _patient(about: PatientSummary, grants: frozenset[Grant]) -> PatientSummary:
    return PatientSummary(
        display_name=about.display_name if Grant.PATIENT_NAME in grants else "",
        birth_date=about.birth_date if Grant.BIRTH_DATE in grants else None,
    )
