"""Where a person can go: the places of the navigation that exist here and that their roles open."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute, Mount, Route

from care_notifications.core.callers import ROLES_OF, Right
from care_shared.vocabulary import Role

OWN_PEOPLE = frozenset({Role.CARE_MANAGER, Role.NURSE, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation; `also` are other paths that belong to it."""

    path: str
    word: str
    icon: str
    roles: frozenset[Role]
    also: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether a page at this path belongs here."""
        return path == self.path or any(path.startswith(f"{root}/") or path == root for root in (*self._roots,))

    @property
    def _roots(self) -> tuple[str, ...]:
        return self.also if self.path == "/" else (self.path, *self.also)


PLACES = (
    Place("/", "Worklist", "worklist", OWN_PEOPLE, ("/alerts",)),
    Place("/patients", "Patients", "patients", OWN_PEOPLE),
    Place("/team", "Team", "team", OWN_PEOPLE),
    Place("/insight", "Insight", "insight", frozenset({Role.SUPERVISOR})),
    Place("/interfaces", "Interfaces", "interfaces", ROLES_OF[Right.SEE_INTERFACES]),
    Place("/operations", "Operations", "operations", frozenset({Role.SUPERVISOR})),
)


def places_of(routes: Sequence[BaseRoute]) -> tuple[Place, ...]:
    """The places that this application serves: no entry leads nowhere."""
    served = {route.path for route in routes if isinstance(route, Route | Mount)}
    return tuple(place for place in PLACES if place.path in served)


def open_to(places: Sequence[Place], roles: Sequence[Role]) -> tuple[Place, ...]:
    """Those that somebody with these roles may enter."""
    return tuple(place for place in places if place.roles.intersection(roles))
