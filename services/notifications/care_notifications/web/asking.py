"""What a worklist's address asks for: a tab and filters, in opaque codes; the same asking makes the same address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from care_notifications.adapters.postgres_facets import DUE
from care_notifications.adapters.postgres_listing import LIVE_STATES, Filters, Sort
from care_notifications.core.state import AlertState, is_over
from care_shared.vocabulary import PersonId, Tier

TABS = ("mine", "team", "all", "closed")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:-]{0,63}")
# Hospitals are called as they are called, by their feeds.
FACILITY = re.compile(r"[^\x00-\x1f\x7f]{1,80}")
# Snoozed ones are out of sight until they wake, or are asked for.
IN_SIGHT = tuple(state for state in LIVE_STATES if state is not AlertState.SNOOZED)
PAST = tuple(state for state in AlertState if is_over(state))
CHOICES: Mapping[str, tuple[str, ...]] = {
    "tab": TABS,
    "tier": tuple(Tier),
    "state": tuple(state.value for state in LIVE_STATES),
    "due": tuple(DUE),
}
FACETS = ("tier", "due", "state", "programme", "rule", "owner", "facility", "agency")


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Who looks, when, and to whom belongs what is nobody's."""

    person: PersonId
    nobody: PersonId
    now: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """One tab, narrowed by what is not empty."""

    tab: str = "mine"
    tier: str = ""
    due: str = ""
    state: str = ""
    programme: str = ""
    rule: str = ""
    owner: str = ""
    facility: str = ""
    agency: str = ""

    def query(self, **changed: str) -> str:
        """The address after the question mark, with something changed."""
        after = replace(self, **changed)
        told = [(one.name, getattr(after, one.name)) for one in fields(after)]
        return urlencode([(name, value) for name, value in told if value])

    @property
    def chosen(self) -> tuple[str, ...]:
        """The filters that narrow."""
        return tuple(name for name in FACETS if getattr(self, name))

    @property
    def sort(self) -> Sort:
        """What is over is read from the newest on."""
        return Sort.CHANGED if self.tab == "closed" else Sort.WORK

    def filters(self, seen: Viewpoint) -> Filters:
        """The question for the database."""
        over = self.tab == "closed"
        states = PAST if over else (AlertState(self.state),) if self.state else IN_SIGHT
        return Filters(
            states=states,
            tiers=(Tier(self.tier),) if self.tier else (),
            owner=PersonId(self.owner) if self.owner else None,
            rule=self.rule or None,
            due_before=seen.now + DUE[self.due] if self.due and not over else None,
            agency=self.agency or None,
            facility=self.facility or None,
            programme=self.programme or None,
            mates_of=seen.person if self.tab == "team" else None,
            work_of=seen.person if self.tab == "mine" else None,
            nobody=seen.nobody if self.tab == "mine" else None,
        )


def asked(query: Mapping[str, str]) -> Asked:
    """The asking in these parameters; what is not ours is left out. Raises ValueError for a word that means nothing."""
    told = {one.name: query[one.name] for one in fields(Asked) if query.get(one.name)}
    for name, value in told.items():
        pattern = FACILITY if name == "facility" else CODE
        if value not in CHOICES[name] if name in CHOICES else pattern.fullmatch(value) is None:
            raise ValueError(name)
    return Asked(**told)


def asked_in(text: str) -> Asked:
    """The asking in an address that was kept."""
    return asked(dict(parse_qsl(text)))
