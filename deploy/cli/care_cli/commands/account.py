"""`carelead account NAME`: somebody can sign in to the worklist, with a fresh password that is shown once."""

import asyncio
from typing import Annotated

import typer

from care_cli.output import say


def account(
    username: Annotated[str, typer.Argument(help="What the person signs in as: lower case letters, digits, dots.")],
    name: Annotated[str, typer.Option(help="The name people see.")],
    email: Annotated[str, typer.Option(help="Where notices go; empty: none are sent.")] = "",
    person: Annotated[str, typer.Option(help="The id that care teams use for this person; else the user name.")] = "",
    subject: Annotated[str, typer.Option(help="What your identity provider calls this person; then no password.")] = "",
) -> None:
    """Let a care manager sign in; for somebody known, end the old password and give a new one."""
    import os
    import re

    from care_cli.running.directory import let_sign_in
    from care_cli.running.target import postgres_target
    from care_notifications.adapters.postgres_directory import NamedPerson
    from care_shared.errors import ConfigurationError
    from care_shared.vocabulary import PersonId

    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,63}", username):
        raise ConfigurationError("a user name is lower case letters, digits, dots and dashes")
    who = NamedPerson(PersonId(person or username), name, email)
    issuer = os.environ.get("CARE_NOTIFICATIONS_OIDC_ISSUER", "")
    if subject and not issuer:
        raise ConfigurationError("--subject needs CARE_NOTIFICATIONS_OIDC_ISSUER, as the service has it")
    password = asyncio.run(let_sign_in(postgres_target(), username, who, (issuer, subject)))
    if subject:
        say(f"{username} may sign in with your organisation's account, and with no password")
        return
    say(f"{username} may sign in with {password}")
    say("It is not stored and will not be shown again.")
