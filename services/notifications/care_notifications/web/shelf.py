"""Reviewed content as the pages use it: next steps of an alert, and the check-ins behind one-time links."""

from dataclasses import dataclass, field
from datetime import datetime

from care_notifications.adapters.check_in_answers import CheckInAnswers
from care_notifications.adapters.check_in_patients import CheckInPatients
from care_notifications.adapters.check_in_wishes import CheckInWishes
from care_notifications.adapters.content_files import content_folder, read_library
from care_notifications.adapters.postgres_follow_up import PostgresFollowUp
from care_notifications.adapters.postgres_sessions import SignedIn
from care_notifications.adapters.remarks import Remark, Remarks
from care_notifications.check_ins import CheckIns
from care_notifications.core.check_ins.content import Catalogue
from care_notifications.core.handling import handles
from care_notifications.core.next_steps.choose import Around, NextStep, next_steps
from care_notifications.core.next_steps.library import CoreService, Library, Link, Step
from care_notifications.core.state import AlertRecord
from care_notifications.settings import NotificationsSettings
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import PatientId

SERVICE_RECOVERY = "SERVICE-RECOVERY"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Library, links, which programmes are Health Homes, and where acts and answers are kept."""

    library: Library
    follow_up: PostgresFollowUp
    patients: CheckInPatients
    answers: CheckInAnswers
    remarks: Remarks
    catalogue: Catalogue
    wishes: CheckInWishes
    phone: str = ""
    links: dict[Link, str] = field(default_factory=dict)
    health_homes: frozenset[str] = frozenset({"health-home"})
    sends_leaflets: bool = False

    async def around(self, patient_id: PatientId, now: datetime) -> Around:
        """What is known around an alert of this patient."""
        profile = await self.patients.profile(patient_id)
        programmes = profile.programmes_on(now.date())
        return Around(programmes, profile.reach_from, profile.reach_until, self.links, self.sends_leaflets)

    async def words_of(self, alert: CareAlert, record: AlertRecord, reader: SignedIn) -> list[Remark]:
        """What the patient or caregiver wrote, where the alert is about that and the reader handles it."""
        if alert.rule_id != SERVICE_RECOVERY or not handles(alert, record, reader.person, reader.roles):
            return []
        return await self.remarks.of(alert.patient_id)

    def offered(self, alert: CareAlert, around: Around) -> tuple[NextStep, ...]:
        """The short list for this alert."""
        return next_steps(alert, around, self.library)

    def core_service(self, step: Step, around: Around) -> CoreService | None:
        """Which core service the step is, where the patient is a member of a Health Home."""
        return step.core_service if around.programmes & self.health_homes else None


def build_shelf(own: NotificationsSettings, follow_up: PostgresFollowUp, check_ins: CheckIns) -> Shelf:
    """The reviewed next steps, with the links that this installation has."""
    links = {Link.TELEHEALTH: own.telehealth_url, Link.TRANSPORT: own.transport_url}
    library = read_library(content_folder(own.content_folder))
    return Shelf(
        library,
        follow_up,
        check_ins.patients,
        check_ins.answers,
        check_ins.remarks,
        check_ins.catalogue,
        check_ins.wishes,
        own.check_in_phone,
        {link: url for link, url in links.items() if url},
        sends_leaflets=check_ins.courier is not None,
    )
