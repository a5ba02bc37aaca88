"""Which servers a command works on: those the environment names, else those of the local stack that runs."""

from care_local.settings import LocalSettings
from care_local.stack import running_stack


def kafka_target() -> str:
    """The address of Kafka; says how to start one when there is none."""
    named = LocalSettings().kafka_bootstrap
    return named if named is not None else running_stack().kafka_bootstrap


def postgres_target() -> str:
    """The address of PostgreSQL as its administrator."""
    named = LocalSettings().postgres_dsn
    return named.get_secret_value() if named is not None else running_stack().postgres_dsn
