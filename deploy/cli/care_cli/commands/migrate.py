"""`carelead migrate`: bring each service's schema up to this release, as an explicit step of a deployment."""

import asyncio

from care_cli.output import say


def migrate() -> None:
    """Make roles and schemas and apply the migrations that are missing. Safe to repeat."""
    from pydantic import ValidationError

    from care_cli.running.schemas import prepare_schemas
    from care_cli.running.target import postgres_target
    from care_cli.settings import MigrationSettings
    from care_shared.errors import ConfigurationError

    dsn = postgres_target()
    try:
        settings = MigrationSettings()
    except ValidationError as error:
        names = ", ".join(
            f"CARE_ROLE_PASSWORD_{str(one['loc'][0]).upper()}" for one in error.errors(include_input=False)
        )
        raise ConfigurationError(f"set the passwords of the services' roles first: {names}") from None
    for service, applied in asyncio.run(prepare_schemas(dsn, settings.passwords())).items():
        say(f"{service}: {'applied ' + ', '.join(applied) if applied else 'up to date'}")
