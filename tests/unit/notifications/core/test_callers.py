"""What roles and scopes let a caller do."""

import pytest

from care_notifications.core.callers import ROLES_OF, SCOPE_OF, Caller, Right, Scope
from care_shared.vocabulary import PersonId, Role

ALL = frozenset(Scope)


def caller(roles: set[Role], scopes: frozenset[Scope] = ALL) -> Caller:
    return Caller("token:1", PersonId("cm-anna"), "Anna", frozenset(roles), scopes, token=True, per_minute=60)


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (Role.CARE_MANAGER, {Right.SEE_ALERTS, Right.ACT_ON_ALERTS}),
        (Role.NURSE, {Right.SEE_ALERTS, Right.ACT_ON_ALERTS}),
        (
            Role.SUPERVISOR,
            {Right.SEE_ALERTS, Right.ACT_ON_ALERTS, Right.SEE_OPERATIONS, Right.SEE_INTERFACES},
        ),
        (Role.INTERFACE_ANALYST, {Right.SEE_INTERFACES, Right.WORK_ON_MESSAGES}),
        (Role.AGENCY, set()),
    ],
)
def test_the_roles_of_the_person_decide(role: Role, rights: set[Right]) -> None:
    assert {right for right in Right if caller({role}).may(right)} == rights


@pytest.mark.parametrize("right", list(Right))
def test_a_scope_that_a_token_lacks_takes_a_right_away(right: Right) -> None:
    everybody = set(Role)

    assert caller(everybody).may(right)
    assert not caller(everybody, ALL - {SCOPE_OF[right]}).may(right)


def test_every_right_has_its_roles_and_its_scope() -> None:
    assert set(ROLES_OF) == set(SCOPE_OF) == set(Right)


def test_alerts_with_a_label_exist_only_for_whoever_has_the_scope() -> None:
    assert caller({Role.NURSE}).sees_sensitive
    assert not caller({Role.NURSE}, frozenset({Scope.READ, Scope.ACT})).sees_sensitive
