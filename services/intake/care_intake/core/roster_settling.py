"""A roster meets what was said before: facts for what is different, or a person's look at one that ends too many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from care_intake.core.identity import PatientKey
from care_intake.core.roster_terms import HeldMember, LeadAbsence, MemberChange, RosterDiff, StatedRoster
from care_intake.core.rosters import TOO_MANY
from care_intake.core.translation import Ignored, Translated, Translation, type_of
from care_shared.contracts.care_events import CareEvent, CareTeamChanged, StandInNamed
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EventId

NOTHING_NEW = Ignored("body", "says nothing that was not said before")


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be said, or why somebody must look first; and the members as they are held from now on."""

    said: Translated
    members: tuple[HeldMember, ...] = ()
    held_for: Ignored | None = None


def settled(
    said: Translated, stated: StatedRoster, diff: RosterDiff, absences: Sequence[LeadAbsence], *, may_end_many: bool
) -> Settled:
    """The roster's facts by what was held. `absences` are Leads known to be away now or later."""
    if not may_end_many and diff.ended_share > stated.most_ended:
        return Settled(said, held_for=Ignored("body", TOO_MANY))
    news = told(diff, stated)
    stand_ins = [one for change in diff.changes for one in _stand_ins_of(change, absences, stated)]
    refused = (Ignored("body", f"ends no alignment, {diff.endings_refused}"),) if diff.endings_refused else ()
    translations = (*news.translations, *stand_ins)
    return Settled(_or_nothing(Translated(translations, (*said.ignored, *refused))), diff.held)


def settled_absences(said: Translated, members: Sequence[HeldMember]) -> Translated:
    """The stand-ins of all patients whom rosters give to the Leads that are away."""
    return _or_nothing(replace(said, translations=stand_ins(said.absences, members)))


def _or_nothing(said: Translated) -> Translated:
    """Nothing new is a yes with a remark, so that whoever sent it knows that it was read."""
    return said if said.translations else replace(said, ignored=(NOTHING_NEW, *said.ignored))


def told(diff: RosterDiff, stated: StatedRoster) -> Translated:
    """The facts of a difference; ids by place and aspect, so that reading the file again gives the same ones."""
    return Translated(tuple(_translation(change, stated) for change in diff.changes if change.statements))


def _translation(change: MemberChange, stated: StatedRoster) -> Translation:
    facts = tuple(one.fact for one in change.statements)
    places = [f"{change.place} {one.aspect}" for one in change.statements]
    return _numbered(change.patient, facts, places, stated.fingerprint)


def stand_ins(absences: Iterable[LeadAbsence], members: Sequence[HeldMember]) -> tuple[Translation, ...]:
    """Each patient of an absent Lead gets the stand-in."""
    found = []
    for absence in absences:
        for member in members:
            if member.lead == absence.lead_care_manager:
                fact = stand_in(absence, absence.envelope)
                place = f"{absence.place} {member.member_id}"
                found.append(_numbered(PatientKey(member.numbers), (fact,), [place], absence.fingerprint))
    return tuple(found)


def stand_in(absence: LeadAbsence, envelope: object) -> StandInNamed:
    """The fact for one patient."""
    assert isinstance(envelope, dict), "the beginning of a fact"
    return StandInNamed(
        **envelope,
        lead_care_manager=absence.lead_care_manager,
        stand_in=absence.stand_in,
        starts_on=absence.starts_on,
        ends_on=absence.ends_on,
        cancelled=absence.cancelled,
    )


def _stand_ins_of(change: MemberChange, absences: Sequence[LeadAbsence], stated: StatedRoster) -> list[Translation]:
    """A patient who comes to a Lead that is away hears of the stand-in at once."""
    leads = [one.fact.lead_care_manager for one in change.statements if isinstance(one.fact, CareTeamChanged)]
    away = [one for one in absences if one.lead_care_manager in leads and not one.cancelled]
    return [
        _numbered(
            change.patient, (stand_in(one, dict(stated.envelope)),),
            [f"{change.place} {one.lead_care_manager} {one.stand_in} {one.starts_on}"], stated.fingerprint,
        )
        for one in away
    ]  # fmt: skip


def _numbered(patient: PatientKey, facts: tuple[CareEvent, ...], places: list[str], fingerprint: str) -> Translation:
    ids = tuple(
        EventId(derived_id("fact", fact.source, fingerprint, type_of(fact), place))
        for fact, place in zip(facts, places, strict=True)
    )
    return Translation(patient, facts, ids)
