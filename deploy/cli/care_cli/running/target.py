"""Which servers a command works on: those the environment names, else those of the local stack that runs."""

from dataclasses import dataclass

from care_local.settings import LocalSettings
from care_local.stack import running_stack


@dataclass(frozen=True, slots=True)
class Target:
    """Addresses of Kafka and of PostgreSQL as its administrator."""

    kafka_bootstrap: str
    postgres_dsn: str


def target() -> Target:
    """The servers to work on; says how to start some when there are none."""
    named = LocalSettings()
    if named.kafka_bootstrap is not None and named.postgres_dsn is not None:
        return Target(named.kafka_bootstrap, named.postgres_dsn.get_secret_value())
    state = running_stack()
    return Target(state.kafka_bootstrap, state.postgres_dsn)
