"""From alerts to people: who reads the topic, sends, lets go what waited, climbs, and looks after the rest."""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from functools import partial

from care_notifications.adapters.channels.email.channel import EmailChannel
from care_notifications.adapters.channels.webhook.connector import Connector
from care_notifications.adapters.channels.webhook.prober import Prober
from care_notifications.adapters.endpoint_watch import EndpointWatch, Told
from care_notifications.adapters.kafka_alerts import AlertReader, Handle
from care_notifications.adapters.postgres_acts import PostgresActs
from care_notifications.adapters.postgres_alerts import PostgresAlertStore
from care_notifications.adapters.postgres_audit import PostgresAuditor
from care_notifications.adapters.postgres_chores import PostgresChores
from care_notifications.adapters.postgres_deliveries import PostgresDeliveryStore
from care_notifications.adapters.postgres_escalations import PostgresEscalations
from care_notifications.adapters.postgres_folds import PostgresFoldStore
from care_notifications.adapters.postgres_handing import PostgresHanding
from care_notifications.adapters.postgres_held import PostgresHeld
from care_notifications.adapters.postgres_holds import PostgresHoldStore
from care_notifications.adapters.postgres_probes import PostgresProbes
from care_notifications.chores import Chore, Chores, build_chores
from care_notifications.core.state import Channel
from care_notifications.courier import Courier
from care_notifications.escalator import Escalator
from care_notifications.footing import Footing
from care_notifications.handler import handle
from care_notifications.holder import Holder
from care_notifications.ports import Poll, Slot
from care_notifications.releaser import Releaser
from care_shared.runtime.clock import Clock
from care_shared.topics import CARE_ALERTS


@dataclass(frozen=True, slots=True)
class Sending:
    """The parts. `acts` and `held` are what people do to alerts; the pages and the API do it through them."""

    reader: AlertReader
    handle: Handle
    acts: PostgresActs
    held: PostgresHeld
    holder: Holder
    courier: Courier
    fold_courier: Courier
    releaser: Releaser
    watch: EndpointWatch
    escalator: Escalator
    chores: Chores

    def background(self) -> tuple[Coroutine[None, None, None], ...]:
        """What runs beside the pages."""
        return (
            self.reader.run(self.handle),
            self.holder.run(),
            self.courier.run(),
            self.fold_courier.run(),
            self.releaser.run(),
            self.watch.run(),
            self.escalator.run(),
            self.chores.run(),
        )


def build_sending(on: Footing, nightly: Chore) -> Sending:
    """Wire the parts; nothing runs yet."""
    pool, source, ring, policy, clock = on.pool, on.source, on.ring, on.policy, on.clock
    alerts = PostgresAlertStore(pool, source, ring, policy)
    acts = PostgresActs(pool, ring, source, policy)
    held = PostgresHeld(pool, acts, ring)
    return Sending(
        reader=AlertReader(on.settings.kafka, (CARE_ALERTS.name,), on.own.consumer_group, alerts, clock),
        handle=partial(_handle, alerts, clock),
        acts=acts,
        held=held,
        holder=Holder(held, clock),
        courier=Courier(PostgresDeliveryStore(pool, ring, policy, on.sealer), on.channels, clock),
        fold_courier=Courier(PostgresFoldStore(pool, ring, policy), on.channels, clock),
        releaser=Releaser(PostgresHoldStore(pool, source, ring, policy), clock),
        watch=build_watch(on),
        escalator=Escalator(PostgresEscalations(pool, source, ring, policy), clock),
        chores=build_all_chores(on, nightly),
    )


def build_watch(on: Footing) -> EndpointWatch:
    """Who looks after partners' endpoints."""
    mailer = on.channels.get(Channel.EMAIL)
    told = Told(mailer if isinstance(mailer, EmailChannel) else None, on.own.operations_email)
    prober = Prober(PostgresProbes(on.pool, on.sealer), Connector(on.own.private_allowed))
    return EndpointWatch(on.pool, prober, told, on.clock)


def build_all_chores(on: Footing, nightly: Chore) -> Chores:
    """What is looked after each minute and each night."""
    turns, auditor = PostgresChores(on.pool), PostgresAuditor(on.pool, on.source, on.policy)
    chores = build_chores(PostgresHanding(on.pool, on.source, on.policy), auditor, turns)
    return Chores(turns, (*chores, nightly), on.clock)


async def _handle(store: PostgresAlertStore, clock: Clock, poll: Poll) -> Mapping[Slot, int]:
    return await handle(poll, store, clock())
