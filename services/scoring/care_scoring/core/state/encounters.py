"""Hospital stays and emergency visits as we believe them now, corrections and cancellations included."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from care_scoring.core.codes.conditions import groups_of_plain
from care_scoring.core.state.registers import earlier_moment, later_moment, latest
from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass, EventId, SensitivityLabel

# In one of these the patient is not at home: nobody expects visits or readings. UNKNOWN errs towards silence here.
AWAY_FROM_HOME = frozenset(
    {
        EncounterClass.INPATIENT,
        EncounterClass.OBSERVATION,
        EncounterClass.SKILLED_NURSING,
        EncounterClass.REHABILITATION,
        EncounterClass.LONG_TERM_ACUTE,
        EncounterClass.PSYCHIATRIC,
        EncounterClass.UNKNOWN,
    }
)
# A stay whose end never reached us must not silence the home for ever.
LONGEST_OPEN_STAY = timedelta(days=60)
LONGEST_OPEN_NURSING = timedelta(days=100)  # as long as Medicare pays for a nursing facility
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def longest_open(kind: EncounterClass) -> timedelta:
    """How long a stay without an end is believed to go on."""
    return LONGEST_OPEN_NURSING if kind is EncounterClass.SKILLED_NURSING else LONGEST_OPEN_STAY


class Foretold(Struct, array_like=True, gc=False):
    """What was said ahead: that this stay is coming (a pre-admission), or that another is planned after it."""

    announced_at: datetime | None = None
    planned_return: tuple[datetime, bool] | None = None


class Encounter(Struct, array_like=True, gc=False):
    """One stay. Notices arrive in any order; each field keeps the latest statement about it."""

    encounter_class: tuple[datetime, EncounterClass] | None = None
    facility: tuple[datetime, str] | None = None
    facility_zone: tuple[datetime, str] | None = None
    disposition: tuple[datetime, Disposition] | None = None
    admission_type: tuple[datetime, str] | None = None
    admitted: tuple[datetime, datetime, EventId] | None = None  # said, at, by which event
    discharged: tuple[datetime, datetime, EventId] | None = None
    admission_cancelled: datetime | None = None
    discharge_cancelled: datetime | None = None
    discharge_known_at: datetime | None = None  # when we first learnt of a discharge
    labels: tuple[SensitivityLabel, ...] = ()
    # Since version 2 of the stored state.
    departed: tuple[datetime, datetime, EventId] | None = None  # the end of the emergency visit of this number
    emergency: tuple[datetime, datetime, EventId] | None = None  # its begin: said, at, by which event
    observed: tuple[datetime, datetime, EventId] | None = None  # the begin, as a notice of class observation said it
    service: tuple[datetime, str] | None = None
    diagnoses: tuple[datetime, tuple[str, ...]] | None = None  # plain codes, the principal one first
    procedures: tuple[datetime, tuple[str, ...]] | None = None
    source: tuple[datetime, str] | None = None
    admission_known_at: datetime | None = None  # when we first learnt of an admission or arrival
    foretold: Foretold | None = None  # most stays are not

    @property
    def announced_at(self) -> datetime | None:
        """When it was first said to be coming."""
        return self.foretold.announced_at if self.foretold else None

    @property
    def leads_to_planned_stay(self) -> bool:
        """Whether the discharge said that a readmission is planned."""
        said = self.foretold.planned_return if self.foretold else None
        return said is not None and said[1]

    @property
    def first_known_at(self) -> datetime | None:
        """When we first learnt of its begin or its end."""
        known = [moment for moment in (self.admission_known_at, self.discharge_known_at) if moment]
        return min(known, default=None)

    @property
    def principal(self) -> str:
        """The plain code of the principal diagnosis, as last stated; empty when none is."""
        return self.diagnoses[1][0] if self.diagnoses else ""

    @property
    def principal_groups(self) -> frozenset[str]:
        """The groups of the principal diagnosis."""
        return groups_of_plain(self.principal)

    @property
    def codes(self) -> tuple[str, ...]:
        """All diagnoses as last stated, plain, the principal one first."""
        return self.diagnoses[1] if self.diagnoses else ()

    @property
    def is_elective(self) -> bool:
        """Planned, as far as the admission type says."""
        return self.admission_type is not None and self.admission_type[1] == AdmissionType.ELECTIVE

    @property
    def kind(self) -> EncounterClass:
        """The class as last stated."""
        return self.encounter_class[1] if self.encounter_class else EncounterClass.UNKNOWN

    @property
    def went(self) -> Disposition:
        """Where the patient went, as last stated."""
        return self.disposition[1] if self.disposition else Disposition.UNKNOWN

    @property
    def never_happened(self) -> bool:
        """The admission was cancelled and not stated again since. On a tie the cancellation wins."""
        if self.admission_cancelled is None:
            return False
        begun = self.admitted or self.emergency
        return begun is None or self.admission_cancelled >= begun[0]

    @property
    def admitted_at(self) -> datetime | None:
        """When the stay began, if it did; of a visit that stayed in the emergency department, the arrival."""
        begun = self.admitted or self.emergency
        return begun[1] if begun and not self.never_happened else None

    @property
    def began_at(self) -> datetime | None:
        """When the patient came: with the arrival, or the begin of observation, that led to the stay of this number."""
        if self.never_happened:
            return None
        begins = [stated[1] for stated in (self.admitted, self.emergency, self.observed) if stated]
        return min(begins, default=None)

    @property
    def discharged_at(self) -> datetime | None:
        """When the stay ended, if it did and nobody withdrew that. On a tie the withdrawal wins."""
        ended = self.end_stated
        if ended is None or self.never_happened:
            return None
        withdrawn = self.discharge_cancelled is not None and self.discharge_cancelled >= ended[0]
        return None if withdrawn else ended[1]

    @property
    def end_stated(self) -> tuple[datetime, datetime, EventId] | None:
        """The statement that ended it; leaving the emergency department ends no stay that followed there."""
        return self.discharged or (self.departed if self.kind is EncounterClass.EMERGENCY else None)

    @property
    def is_away(self) -> bool:
        """Whether this kind of stay keeps the patient away from home overnight."""
        return self.kind in AWAY_FROM_HOME

    def holds(self, moment: datetime) -> bool:
        """Whether the patient was in this stay at `moment`."""
        began = self.admitted_at
        if began is None or moment < began or not self.is_away:
            return False
        return moment < self.holds_until

    @property
    def holds_until(self) -> datetime:
        """The stated end of the stay, else the end by which nobody believes in it any more."""
        if self.discharged_at is not None:
            return self.discharged_at
        return self.admitted_at + longest_open(self.kind) if self.admitted_at else LONG_AGO

    def last_touched(self) -> datetime | None:
        """The latest moment it speaks of; with it the stay is forgotten when it grows old."""
        moments = [statement[1] for statement in self._moments_stated() if statement]
        moments += [one for one in (self.admission_cancelled, self.discharge_cancelled, self.announced_at) if one]
        moments += [statement[0] for statement in (self.encounter_class, self.disposition) if statement]
        if not moments and self.source:  # only updated so far: its begin may be on the way
            return self.source[0]
        return max(moments) if moments else None

    def _moments_stated(self) -> tuple[tuple[datetime, datetime, EventId] | None, ...]:
        return self.admitted, self.discharged, self.departed, self.emergency, self.observed

    def state_class(self, said: datetime, kind: EncounterClass) -> None:
        """A notice says what kind of stay it is; «unknown» says nothing, and «pre-admission» only that one is coming.

        An admission whose class lags behind is an admission: of unknown kind, until a later notice says which.
        """
        if kind is EncounterClass.PRE_ADMISSION:
            self.foretold = self.foretold or Foretold()
            self.foretold.announced_at = earlier_moment(self.foretold.announced_at, said)
            return
        if kind is not EncounterClass.UNKNOWN:
            self.encounter_class = latest(self.encounter_class, (said, kind))

    def state_place(self, said: datetime, facility: str, zone: str) -> None:
        """A notice says where; an empty name and the default zone say nothing."""
        if facility:
            self.facility = latest(self.facility, (said, facility))
        if zone != "UTC":
            self.facility_zone = latest(self.facility_zone, (said, zone))

    def state_disposition(self, said: datetime, went: Disposition) -> None:
        """A notice says where the patient went; «unknown» says nothing."""
        if went is not Disposition.UNKNOWN:
            self.disposition = latest(self.disposition, (said, went))

    def state_planned_return(self, said: datetime, planned: bool) -> None:
        """The discharge said whether the patient is to come back as planned."""
        self.foretold = self.foretold or Foretold()
        self.foretold.planned_return = latest(self.foretold.planned_return, (said, planned))

    def cancel_admission(self, said: datetime) -> None:
        """A11: the stay never began."""
        self.admission_cancelled = later_moment(self.admission_cancelled, said)

    def cancel_discharge(self, said: datetime) -> None:
        """A13: the patient is still there."""
        self.discharge_cancelled = later_moment(self.discharge_cancelled, said)
