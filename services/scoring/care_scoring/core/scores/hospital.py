"""HOSPITAL: how likely is an avoidable readmission within 30 days (Donzé 2013 and 2016, simplified 2017)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from care_scoring.core.scores.questions import Asks
from care_scoring.core.scores.score import (
    STRICT,
    Answer,
    Flag,
    Item,
    Missing,
    Score,
    Steps,
    band_of,
    line,
    points_at,
    settings_of,
    sheet_of,
    worth,
)

REVISION = "1"
HAEMOGLOBIN_BELOW = 12.0  # g/dL
SODIUM_BELOW = 135.0  # mmol/L
ONCOLOGY_POINTS = 2
LONG_STAY_POINTS = 2


class HospitalVariant(StrEnum):
    """The derivation, the international validation, and the simplified score of 2017."""

    Y2013 = "2013"
    Y2016 = "2016"
    SIMPLIFIED = "simplified"


class LabsFrom(StrEnum):
    """The published score takes the last values before discharge; «early HOSPITAL» those at admission."""

    DISCHARGE = "discharge"
    ADMISSION = "admission"


ADMISSION_POINTS: dict[HospitalVariant, Steps] = {
    HospitalVariant.Y2013: ((1, 2), (6, 5)),
    HospitalVariant.Y2016: ((2, 2), (6, 5)),
    HospitalVariant.SIMPLIFIED: ((2, 2), (6, 5)),
}


@dataclass(frozen=True, slots=True)
class HospitalSettings:
    """The variant and its cuts; the Swiss adaptation calls a stay long from 8 days."""

    __pydantic_config__ = STRICT

    variant: Annotated[HospitalVariant, Asks("2013, 2016 or simplified")] = HospitalVariant.Y2016
    labs: Annotated[LabsFrom, Asks("whether the two laboratory values are of the discharge or of the admission")] = (
        LabsFrom.DISCHARGE
    )
    long_stay_days: Annotated[int, Field(ge=1, le=60), Asks("a stay is long from so many days", "days")] = 5
    intermediate_from: Annotated[int, Field(ge=0, le=13), Asks("lowest total called intermediate")] = 5
    high_from: Annotated[int, Field(ge=0, le=13), Asks("lowest total called high")] = 7
    likely_from: Annotated[int, Field(ge=0, le=12), Asks("simplified: lowest total called likely")] = 5

    def __post_init__(self) -> None:
        """Bands in their order."""
        if self.intermediate_from > self.high_from:
            raise ValueError("high_from lies below intermediate_from")


@dataclass(frozen=True, slots=True)
class HospitalInput:
    """What the score asks about one stay."""

    __pydantic_config__ = STRICT

    haemoglobin: Annotated[Answer[Annotated[float, Field(ge=1, le=30)]] | None, Asks("haemoglobin", "g/dL")] = None
    sodium: Annotated[Answer[Annotated[float, Field(ge=80, le=200)]] | None, Asks("sodium", "mmol/L")] = None
    oncology_service: Annotated[Answer[bool] | None, Asks("discharged from an oncology service")] = None
    cancer_diagnosis: Annotated[Answer[bool] | None, Asks("simplified only: a cancer diagnosis")] = None
    procedure: Annotated[Answer[bool] | None, Asks("any coded procedure during the stay; not asked by simplified")] = (
        None
    )
    urgent: Annotated[Answer[bool] | None, Asks("urgent or emergent admission")] = None
    admissions_12_months: Annotated[
        Answer[Annotated[int, Field(ge=0, le=200)]] | None,
        Asks("hospital admissions in the 12 months before this one", "admissions"),
    ] = None
    length_of_stay_days: Annotated[
        Answer[Annotated[int, Field(ge=0, le=3650)]] | None, Asks("length of stay", "days")
    ] = None
    observation_stay: Annotated[bool, Asks("an observation stay; the score was not made for it")] = False
    medical_service: Annotated[bool, Asks("discharged from a medical service; the score was made for these")] = True


USUAL = HospitalSettings()


def hospital(asked: HospitalInput, settings: HospitalSettings = USUAL) -> Score:
    """The score of one stay in the chosen variant."""
    sheet = sheet_of(_lines(asked, settings))
    suited = asked.medical_service and not asked.observation_stay
    total = sheet.total if suited else None
    early = settings.labs is LabsFrom.ADMISSION
    return Score(
        model="hospital",
        version=f"{settings.variant}.{REVISION}",
        label="early HOSPITAL" if early else "HOSPITAL",
        total=total,
        band=band_of(total, _bands(settings)),
        items=sheet.items,
        missing=sheet.missing,
        flags=() if suited else (Flag.NOT_APPLICABLE,),
        notes=() if suited else ("Not made for observation stays or services other than medical ones.",),
        settings=settings_of(settings),
    )


def _lines(asked: HospitalInput, settings: HospitalSettings) -> list[Item | Missing]:
    admissions = ADMISSION_POINTS[settings.variant]
    long_stay: Steps = ((settings.long_stay_days, LONG_STAY_POINTS),)
    lines = [
        line("haemoglobin", asked.haemoglobin, lambda value: int(value < HAEMOGLOBIN_BELOW)),
        _oncology(asked, settings.variant),
        line("sodium", asked.sodium, lambda value: int(value < SODIUM_BELOW)),
        line("urgent", asked.urgent, worth(1)),
        line("admissions_12_months", asked.admissions_12_months, lambda count: points_at(count, admissions)),
        line("length_of_stay", asked.length_of_stay_days, lambda days: points_at(days, long_stay)),
    ]
    if settings.variant is not HospitalVariant.SIMPLIFIED:
        lines.insert(3, line("procedure", asked.procedure, worth(1)))
    return lines


def _oncology(asked: HospitalInput, variant: HospitalVariant) -> Item | Missing:
    """The simplified score takes a cancer diagnosis as well; a no needs both answers, a yes only one."""
    if variant is not HospitalVariant.SIMPLIFIED:
        return line("oncology_service", asked.oncology_service, worth(ONCOLOGY_POINTS))
    answers = [asked.oncology_service, asked.cancer_diagnosis]
    stated = next((answer for answer in answers if answer is not None and answer.value), None)
    if stated is None and None not in answers:
        stated = asked.cancer_diagnosis
    return line("cancer_or_oncology_service", stated, worth(ONCOLOGY_POINTS))


def _bands(settings: HospitalSettings) -> tuple[tuple[int, str], ...]:
    if settings.variant is HospitalVariant.SIMPLIFIED:
        return ((0, "unlikely"), (settings.likely_from, "likely"))
    return ((0, "low"), (settings.intermediate_from, "intermediate"), (settings.high_from, "high"))
