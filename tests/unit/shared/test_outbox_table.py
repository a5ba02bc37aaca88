"""Both services that publish through the shared outbox have exactly the table it expects."""

import pytest

from care_shared.runtime.outbox import OUTBOX_TABLE
from care_shared.runtime.postgres import migrations_of


@pytest.mark.parametrize("package", ["care_intake", "care_notifications"])
def test_the_first_migration_makes_the_table_as_the_relay_expects_it(package: str) -> None:
    assert OUTBOX_TABLE.strip() in migrations_of(package)[0].sql
