"""What is currently believed about one patient, section by section, as the patient page shows it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from care_shared.contracts.care_events import CodedConcept
from care_shared.vocabulary import Disposition, EncounterClass


@dataclass(frozen=True, slots=True)
class Person:
    """Who it is, only as far as facts say so."""

    family_name: str | None = None
    given_name: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    phone: str | None = None
    phone_is_private: bool | None = None
    email: str | None = None
    language: str | None = None
    home_zone: str | None = None
    lives_alone: bool | None = None
    reach_from: str | None = None
    reach_until: str | None = None

    @property
    def name(self) -> str:
        """As lists sort people; empty when nobody said it."""
        return ", ".join(part for part in (self.family_name, self.given_name) if part)


@dataclass(frozen=True, slots=True)
class Team:
    """Who answers for the patient, as the newest word says."""

    lead: str | None = None
    backup: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Something that is so from a day on, and perhaps up to a day: a programme, a coverage, a leave."""

    what: str
    of: str
    starts_on: date | None
    ends_on: date | None
    active: bool = True

    def holds_on(self, day: date) -> bool:
        """Whether it is so on that day."""
        begun = self.starts_on is None or self.starts_on <= day
        return self.active and begun and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a person assessed: homebound or not, High Needs or not."""

    is_so: bool
    at: datetime
    by: str = ""
    why: tuple[str, ...] = ()
    valid_through: date | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A diagnosis, a warning: its code, its words, and since when it is known."""

    code: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine in use, and when the pharmacy last handed it out."""

    code: str
    text: str
    since: datetime | None = None
    ends_on: date | None = None
    filled_at: datetime | None = None
    days_supply: int | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """A hospital stay or an emergency visit."""

    encounter_id: str
    encounter_class: EncounterClass
    facility: str
    began_at: datetime | None
    ended_at: datetime | None
    disposition: Disposition | None
    diagnoses: tuple[CodedConcept, ...]


@dataclass(frozen=True, slots=True)
class Date:
    """A visit to the home or an appointment: when, with whom, and what became of it."""

    id: str
    what: str
    at: datetime | None
    state: str
    detail: str = ""
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """A referral, a recommendation or a task, and how far it is."""

    id: str
    what: str
    at: datetime
    state: str
    due_on: date | None = None
    urgent: bool = False
    is_over: bool = False
    due_at: datetime | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """What the patient and the team aim at; `code` is what is measured for it."""

    what: str
    low: float | None
    high: float | None
    unit: str
    due_on: date | None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Caregiver:
    """Who cares for the patient at home."""

    name: str
    relationship: str
    phone: str


@dataclass(frozen=True, slots=True)
class Result:
    """The newest result of a test or a questionnaire."""

    what: str
    value: str
    at: datetime
    flag: str = ""
    items: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the patient allowed or refused."""

    scope: str
    recipient: str
    permitted: bool
    expires_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Reaching:
    """How it went to reach the patient: the last time it worked, and the attempts since."""

    reached_at: datetime | None = None
    attempts_since: int = 0
    last_attempt_at: datetime | None = None
    last_outcome: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """One current picture. `not_shown` counts what the reader may not see, by label."""

    person: Person = Person()
    deceased_at: datetime | None = None
    hospice: bool = False
    team: Team = Team()
    stand_ins: tuple[Period, ...] = ()
    programmes: tuple[Period, ...] = ()
    coverages: tuple[Period, ...] = ()
    homebound: Judged | None = None
    high_needs: Judged | None = None
    leaves: tuple[Period, ...] = ()
    conditions: tuple[Named, ...] = ()
    flags: tuple[Named, ...] = ()
    medicines: tuple[Medicine, ...] = ()
    reconciled_at: datetime | None = None
    reconciled_by: str = ""
    stays: tuple[Stay, ...] = ()
    visits: tuple[Date, ...] = ()
    appointments: tuple[Date, ...] = ()
    referrals: tuple[Open, ...] = ()
    recommendations: tuple[Open, ...] = ()
    tasks: tuple[Open, ...] = ()
    planned_at: datetime | None = None
    goals: tuple[Goal, ...] = ()
    caregivers: tuple[Caregiver, ...] = ()
    assessments: tuple[Result, ...] = ()
    labs: tuple[Result, ...] = ()
    pending: tuple[Named, ...] = ()
    consents: tuple[Allowed, ...] = ()
    reaching: Reaching = field(default_factory=Reaching)

    def programmes_on(self, day: date) -> tuple[Period, ...]:
        """The programmes that hold on that day."""
        return tuple(one for one in self.programmes if one.holds_on(day))

    def is_dual_on(self, day: date) -> bool:
        """Medicare and Medicaid at the same time."""
        held = {one.what for one in self.coverages if one.holds_on(day)}
        return {"medicare", "medicaid"} <= held
