"""One courier as a process of its own, without a broker: it sends what the database holds until it is killed."""

import asyncio
import os

from pydantic import SecretStr

from care_notifications.adapters.channels.webhook.channel import WebhookChannel
from care_notifications.adapters.channels.webhook.connector import Connector
from care_notifications.adapters.postgres import SCHEMA
from care_notifications.adapters.postgres_deliveries import PostgresDeliveryStore
from care_notifications.core.state import Channel
from care_notifications.courier import Courier
from care_shared.runtime.clock import utc_now
from care_shared.runtime.logs import configure_logs
from care_shared.runtime.postgres import open_pool
from care_shared.settings import PostgresSettings


async def main() -> None:
    """Where the database is, and which partners may be inside, the environment says."""
    pool = await open_pool(PostgresSettings(dsn=SecretStr(os.environ["REPLICA_DSN"]), pool_size=4), SCHEMA)
    allowed = frozenset(os.environ["REPLICA_ALLOWED"].split(","))
    rings = []
    store = PostgresDeliveryStore(pool, lambda: [ring() for ring in rings])
    channel = WebhookChannel("https://care.example", Connector(allowed))
    courier = Courier(store, {Channel.WEBHOOK: channel}, utc_now)
    rings.append(courier.wake)
    await courier.run()


if __name__ == "__main__":
    configure_logs("notifications", "ERROR")
    asyncio.run(main())
