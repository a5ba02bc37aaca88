"""A person's program reads and changes whether that person gets digest mails."""

import pytest

from care_notifications.core.callers import Scope
from tests.api_world import Api, keeps_promise

pytestmark = pytest.mark.stack


async def test_digests_are_switched_off_and_on_and_every_change_is_told(api: Api) -> None:
    program = await api.program()
    assert keeps_promise(await program.get("/me/digests"), "/me/digests") == {"wanted": True, "history": []}

    off = keeps_promise(await program.put("/me/digests", json={"wanted": False}), "/me/digests", "put")
    on = keeps_promise(await program.put("/me/digests", json={"wanted": True}), "/me/digests", "put")

    assert (off["wanted"], on["wanted"]) == (False, True)
    assert [(one["wanted"], one["door"]) for one in on["history"]] == [(True, "api"), (False, "api")]


@pytest.mark.parametrize("wish", [{}, {"wanted": "perhaps"}, {"wanted": True, "more": 1}])
async def test_a_wish_that_is_none_changes_nothing(api: Api, wish: dict[str, object]) -> None:
    program = await api.program()

    keeps_promise(await program.put("/me/digests", json=wish), "/me/digests", "put")
    assert (await program.get("/me/digests")).json()["wanted"]


async def test_a_program_that_may_only_read_changes_nothing(api: Api) -> None:
    reader = await api.program(scopes=frozenset({Scope.READ}))

    keeps_promise(await reader.put("/me/digests", json={"wanted": False}), "/me/digests", "put")
    assert (await reader.get("/me/digests")).json()["wanted"]
