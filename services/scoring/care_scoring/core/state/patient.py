"""Everything we believe about one patient, and what we already told people about them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from care_scoring.core.calendar import zone_named
from care_scoring.core.state.conditions import Condition
from care_scoring.core.state.contacts import Contact
from care_scoring.core.state.encounters import Encounter
from care_scoring.core.state.gaps import Gap
from care_scoring.core.state.kin import Kin
from care_scoring.core.state.person import Person
from care_scoring.core.state.visits import Visit
from care_scoring.core.state.vitals import Series
from care_shared.vocabulary import ContactId, Disposition, EncounterId, PatientId, VisitId, VitalSign


class PatientState(Struct, array_like=True):
    """The one current picture. Beliefs do not depend on the order of arrival; `gaps` remembers what was told."""

    patient_id: PatientId
    as_of: datetime | None = None  # the latest moment we know of: a fact learnt, or a deadline that came
    person: Person = field(default_factory=Person)
    encounters: dict[EncounterId, Encounter] = {}
    contacts: dict[ContactId, Contact] = {}
    visits: dict[VisitId, Visit] = {}
    vitals: dict[VitalSign, Series] = {}
    conditions: dict[str, Condition] = {}
    visiting_agency: tuple[datetime, str, str] | None = None  # said, agency, feed
    silent_feeds: dict[str, tuple[datetime, bool]] = {}
    # What was told and asked, by rule: its gaps and silences by episode, and when it wants to look again.
    gaps: dict[str, dict[str, Gap]] = {}
    silences: dict[str, dict[str, str]] = {}
    wakes: dict[str, datetime] = {}
    kin: Kin | None = None  # only of a patient who was ever merged

    @property
    def is_absorbed(self) -> bool:
        """Whether another record answers for this person."""
        return self.kin is not None and self.kin.survivor_of(self.patient_id) != self.patient_id

    @property
    def next_wake_at(self) -> datetime | None:
        """The earliest deadline any rule asked for."""
        return min(self.wakes.values()) if self.wakes else None

    def open_episodes(self, rule_key: str) -> dict[str, Gap]:
        """The gaps of one rule that somebody still has to act on."""
        held = self.gaps.get(rule_key)
        return {episode: gap for episode, gap in held.items() if gap.is_open} if held else {}

    def has(self, group: str) -> bool:
        """Whether an active diagnosis of this group is recorded."""
        return any(condition.active and group in condition.groups for condition in self.conditions.values())

    @property
    def is_deceased(self) -> bool:
        """Stated, or a stay ended so."""
        return self.person.deceased is not None or self._ended_as(Disposition.EXPIRED)

    @property
    def in_hospice(self) -> bool:
        """Stated, or discharged to hospice."""
        return self.person.hospice is not None or self._ended_as(Disposition.HOSPICE)

    def _ended_as(self, went: Disposition) -> bool:
        if not self.encounters:
            return False
        return any(stay.went is went and stay.discharged_at is not None for stay in self.encounters.values())

    def is_away(self, moment: datetime) -> bool:
        """Whether the patient was in a hospital or facility at `moment`."""
        return any(stay.holds(moment) for stay in self.encounters.values())

    def home_zone(self, default: str) -> ZoneInfo:
        """The zone in which this patient's days end."""
        return zone_named(self.person.home_zone[1] if self.person.home_zone else default)

    def home_since(self) -> datetime | None:
        """When the last stay away from home ended; None when we know of none."""
        ends = [stay.discharged_at for stay in self.encounters.values() if stay.is_away]
        return max((end for end in ends if end is not None), default=None)
