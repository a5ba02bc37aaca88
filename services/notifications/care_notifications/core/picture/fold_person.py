"""Who the patient is, and who stands around them: the newest word counts, and what is not said erases nothing."""

from typing import Any, TypedDict

from care_notifications.core.picture.picture import Allowed, Caregiver, Judged, Period, Person, Team
from care_notifications.core.picture.words import Words
from care_shared.contracts import care_events as facts

SAID = (
    "family_name", "given_name", "birth_date", "sex", "phone", "phone_is_private", "email", "language", "home_zone",
    "lives_alone", "reach_from", "reach_until",
)  # fmt: skip


class Circle(TypedDict):
    """The sections of the picture that this module answers for."""

    deceased_at: Any
    hospice: bool
    team: Team
    stand_ins: tuple[Period, ...]
    programmes: tuple[Period, ...]
    coverages: tuple[Period, ...]
    leaves: tuple[Period, ...]
    homebound: Judged | None
    high_needs: Judged | None
    caregivers: tuple[Caregiver, ...]
    consents: tuple[Allowed, ...]


def person(words: Words) -> Person:
    """Name, birth date, phone and so on, each as it was last said."""
    told: dict[str, Any] = {}
    for one in words.all(facts.PatientUpdated):
        told |= {name: value for name in SAID if (value := getattr(one, name)) is not None}
    for name in ("reach_from", "reach_until"):
        if name in told:
            told[name] = told[name].strftime("%H:%M")
    home = [one.lives_alone for one in words.all(facts.HomeStatusAssessed) if one.lives_alone is not None]
    if home and "lives_alone" not in told:
        told["lives_alone"] = home[-1]
    return Person(**told)


def circle(words: Words) -> Circle:
    """Care team, programmes, coverage, assessments of a person, caregivers and consents."""
    death, hospice = words.last(facts.PatientDeceased), _newest_election(words)
    return Circle(
        deceased_at=death.occurred_at if death else None,
        hospice=hospice is not None and not hospice.ended,
        team=_team(words),
        stand_ins=_stand_ins(words),
        programmes=_programmes(words),
        coverages=_coverages(words),
        leaves=_leaves(words),
        homebound=_homebound(words),
        high_needs=_high_needs(words),
        caregivers=_caregivers(words),
        consents=_consents(words),
    )


def _newest_election(words: Words) -> facts.HospiceElected | None:
    """Hospice is chosen and left at a time: what happened last counts, not what was said last."""
    return max(words.all(facts.HospiceElected), key=lambda one: one.occurred_at, default=None)


def _team(words: Words) -> Team:
    last = words.last(facts.CareTeamChanged)
    return Team(last.lead_care_manager, last.backup, last.agency) if last else Team()


def _stand_ins(words: Words) -> tuple[Period, ...]:
    found = [one for one in words.newest(facts.StandInNamed) if not one.cancelled]
    return _by_begin(Period(one.stand_in, one.lead_care_manager, one.starts_on, one.ends_on) for one in found)


def _programmes(words: Words) -> tuple[Period, ...]:
    found = words.newest(facts.AlignmentChanged)
    return _by_begin(Period(one.programme, one.organization, one.starts_on, one.ends_on) for one in found)


def _coverages(words: Words) -> tuple[Period, ...]:
    found = words.newest(facts.CoverageChanged)
    return _by_begin(Period(one.payer_kind, one.plan, one.starts_on, one.ends_on, one.active) for one in found)


def _leaves(words: Words) -> tuple[Period, ...]:
    found = [one for one in words.newest(facts.LeavePlanned) if not one.cancelled]
    return _by_begin(Period("away", "", one.starts_on, one.ends_on) for one in found)


def _by_begin(periods: Any) -> tuple[Period, ...]:
    return tuple(sorted(periods, key=lambda one: (str(one.starts_on or ""), one.what, one.of), reverse=True))


def _homebound(words: Words) -> Judged | None:
    last = words.last(facts.HomeStatusAssessed)
    if last is None:
        return None
    return Judged(last.homebound, last.occurred_at, last.assessor, (last.evidence,) if last.evidence else ())


def _high_needs(words: Words) -> Judged | None:
    last = words.last(facts.HighNeedsAssessed)
    if last is None:
        return None
    return Judged(last.high_needs, last.occurred_at, last.assessor, last.criteria, last.valid_through)


def _caregivers(words: Words) -> tuple[Caregiver, ...]:
    """A name or number said once stays, also when a later word leaves it out."""
    found = []
    for said in words.about(facts.CaregiverNamed).values():
        if said[-1].active:
            name = next((one.name for one in reversed(said) if one.name), "")
            phone = next((one.phone for one in reversed(said) if one.phone), "")
            relationship = next((one.relationship for one in reversed(said) if one.relationship), "")
            found.append(Caregiver(name, relationship, phone))
    return tuple(sorted(found, key=lambda one: (one.name, one.phone, one.relationship)))


def _consents(words: Words) -> tuple[Allowed, ...]:
    found = [
        Allowed(one.scope, one.recipient or "", one.permitted, one.expires_at, one.said_at)
        for one in words.newest(facts.ConsentChanged)
    ]
    return tuple(sorted(found, key=lambda one: (one.scope, one.recipient)))
