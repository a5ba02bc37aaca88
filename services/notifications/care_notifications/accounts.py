"""The people of a demo or a new installation can sign in: accounts with fresh random passwords, told once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from care_notifications.adapters.postgres_directory import NamedPerson, ensure_directory
from care_notifications.adapters.postgres_partner_users import PartnerAccount, put_partner_account
from care_notifications.adapters.postgres_sessions import put_account
from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import PersonId

PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Somebody who is to sign in as `username`."""

    username: str
    person: NamedPerson


async def ensure_partner_accounts(pool: asyncpg.Pool, accounts: Sequence[PartnerAccount]) -> dict[str, str]:
    """Let these people of partners sign in to the portal, each with a new password. Returns passwords by username."""
    passwords = {account.username: secrets.token_urlsafe(PASSWORD_BYTES) for account in accounts}
    for account in accounts:
        await put_partner_account(pool, account, passwords[account.username], utc_now())
    return passwords


async def ensure_accounts(pool: asyncpg.Pool, accounts: Sequence[NewAccount]) -> dict[str, str]:
    """Enter these people and give each a new password. Returns passwords by username; only hashes are kept.

    `pool` must see the schema `notifications`. Safe to repeat: old passwords and sessions end.
    """
    await ensure_directory(pool, [account.person for account in accounts])
    passwords = {account.username: secrets.token_urlsafe(PASSWORD_BYTES) for account in accounts}
    for account in accounts:
        person = PersonId(account.person.person_id)
        await put_account(pool, account.username, person, passwords[account.username], utc_now())
    return passwords
