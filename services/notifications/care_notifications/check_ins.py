"""The part of the composition root that belongs to check-ins: reader of facts, courier, and what the pages ask."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import asyncpg

from care_notifications.adapters.channels import email
from care_notifications.adapters.channels.sms.gateway import Gateway, GatewaySettings
from care_notifications.adapters.check_in_answers import CheckInAnswers
from care_notifications.adapters.check_in_letters import CheckInLetters, Letterhead
from care_notifications.adapters.check_in_patients import CheckInPatients
from care_notifications.adapters.check_in_subject import House
from care_notifications.adapters.check_in_wishes import CheckInWishes
from care_notifications.adapters.content_files import content_folder, read_catalogue
from care_notifications.adapters.kafka_alerts import AlertReader, slot_by_slot
from care_notifications.adapters.postgres_check_ins import PostgresCheckIns
from care_notifications.adapters.remarks import Remarks
from care_notifications.adapters.sealed import Sealer
from care_notifications.check_in_courier import CheckInCourier
from care_notifications.core.check_ins.content import Catalogue
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.runtime.clock import Clock
from care_shared.settings import Environment
from care_shared.topics import CARE_EVENTS

Ring = Callable[[], None]


@dataclass(frozen=True, slots=True)
class CheckIns:
    """The parts. `courier` is None where check-ins are switched off: facts are read, and nobody is written to."""

    catalogue: Catalogue
    patients: CheckInPatients
    answers: CheckInAnswers
    remarks: Remarks
    wishes: CheckInWishes
    reader: AlertReader
    store: PostgresCheckIns
    courier: CheckInCourier | None

    def background(self) -> tuple[Coroutine[None, None, None], ...]:
        """What runs beside the pages."""
        reading = self.reader.run(slot_by_slot(self.patients.handle))
        return (reading,) if self.courier is None else (reading, self.courier.run())


def build_check_ins(settings: Settings, pool: asyncpg.Pool, ring: Ring, clock: Clock) -> CheckIns:
    """Wire the parts; nothing runs yet."""
    own = settings.notifications
    catalogue = read_catalogue(content_folder(own.content_folder))
    letters = build_letters(own, catalogue)
    reviewed_only = settings.environment is Environment.PRODUCTION
    house = House(letters.ways, ZoneInfo(own.default_zone), not reviewed_only)
    remarks = Remarks(pool, Sealer(own.sealing_keys))
    store = PostgresCheckIns(pool, catalogue, house, ring)
    courier = CheckInCourier(store, letters, clock) if own.check_ins else None
    answers = CheckInAnswers(pool, catalogue, ring, remarks)
    patients = CheckInPatients(pool, catalogue.schedule, courier.wake if courier else _nobody_wakes, clock)
    return CheckIns(
        catalogue=catalogue,
        patients=patients,
        answers=answers,
        remarks=remarks,
        wishes=CheckInWishes(pool, catalogue, answers, courier.wake if courier else _nobody_wakes),
        reader=AlertReader(settings.kafka, (CARE_EVENTS.name,), f"{own.consumer_group}-check-ins", patients, clock),
        store=store,
        courier=courier,
    )


def _nobody_wakes() -> None:
    """Check-ins are switched off."""


def build_letters(own: NotificationsSettings, catalogue: Catalogue) -> CheckInLetters:
    """The ways out, as settings name them."""
    gateway = None
    if own.sms_url:
        gateway = Gateway(GatewaySettings(own.sms_url, own.sms_token, own.sms_sender, own.sms_template))
    head = Letterhead(own.public_url, own.check_in_sender, bool(own.sms_inbound_secret.get_secret_value()))
    return CheckInLetters(catalogue, gateway, email.build(own), head)
