"""HOSPITAL against the vectors a to e, in its three variants."""

import pytest

from care_scoring.core.scores.hospital import HospitalInput, HospitalSettings, HospitalVariant, LabsFrom, hospital
from care_scoring.core.scores.score import Answer, Flag

Y2013, Y2016, SIMPLIFIED = HospitalVariant.Y2013, HospitalVariant.Y2016, HospitalVariant.SIMPLIFIED


def stay(labs: tuple[float, float], yes: str, admissions: int, days: int) -> HospitalInput:
    haemoglobin, sodium = labs
    return HospitalInput(
        haemoglobin=Answer(haemoglobin),
        sodium=Answer(sodium),
        oncology_service=Answer("onc" in yes),
        cancer_diagnosis=Answer("cancer" in yes),
        procedure=Answer("proc" in yes),
        urgent=Answer("urgent" in yes),
        admissions_12_months=Answer(admissions),
        length_of_stay_days=Answer(days),
    )


H_A = stay((13.5, 140), "", 0, 2)
H_B = stay((11.9, 134), "proc urgent", 1, 5)
H_C = stay((12.0, 135), "urgent", 2, 5)
H_D = stay((10.2, 131), "onc proc urgent", 6, 9)
H_E = stay((11.0, 138), "urgent", 3, 4)


@pytest.mark.parametrize(
    ("asked", "variant", "total", "band"),
    [
        pytest.param(H_A, Y2016, 0, "low", id="H-a 2016"),
        pytest.param(H_A, Y2013, 0, "low", id="H-a 2013"),
        pytest.param(H_A, SIMPLIFIED, 0, "unlikely", id="H-a simplified"),
        pytest.param(H_B, Y2016, 6, "intermediate", id="H-b 2016"),
        pytest.param(H_B, Y2013, 8, "high", id="H-b 2013 counts one admission"),
        pytest.param(H_B, SIMPLIFIED, 5, "likely", id="H-b simplified"),
        pytest.param(H_C, Y2016, 5, "intermediate", id="H-c 2016: 12.0 and 135 earn nothing"),
        pytest.param(H_C, Y2013, 5, "intermediate", id="H-c 2013"),
        pytest.param(H_C, SIMPLIFIED, 5, "likely", id="H-c simplified"),
        pytest.param(H_D, Y2016, 13, "high", id="H-d 2016 the most there is"),
        pytest.param(H_D, Y2013, 13, "high", id="H-d 2013"),
        pytest.param(H_D, SIMPLIFIED, 12, "likely", id="H-d simplified, the most there is"),
        pytest.param(H_E, Y2016, 4, "low", id="H-e 2016"),
        pytest.param(H_E, Y2013, 4, "low", id="H-e 2013"),
        pytest.param(H_E, SIMPLIFIED, 4, "unlikely", id="H-e simplified"),
    ],
)
def test_a_stay(asked: HospitalInput, variant: HospitalVariant, total: int, band: str) -> None:
    score = hospital(asked, HospitalSettings(variant=variant))

    assert (score.total, score.band, score.version) == (total, band, f"{variant}.1")


@pytest.mark.parametrize(
    ("variant", "admissions", "points"),
    [
        (Y2016, 0, 0), (Y2016, 1, 0), (Y2016, 2, 2), (Y2016, 5, 2), (Y2016, 6, 5),
        (Y2013, 0, 0), (Y2013, 1, 2), (Y2013, 5, 2), (Y2013, 6, 5),
    ],
)  # fmt: skip
def test_admissions_are_cut_by_version(variant: HospitalVariant, admissions: int, points: int) -> None:
    asked = HospitalInput(admissions_12_months=Answer(admissions))

    assert hospital(asked, HospitalSettings(variant=variant)).items[0].points == points


def test_the_swiss_adaptation_calls_a_stay_long_from_eight_days() -> None:
    swiss = HospitalSettings(long_stay_days=8)

    assert (hospital(H_B, swiss).total, hospital(H_D, swiss).total) == (4, 13)


@pytest.mark.parametrize(
    ("oncology", "cancer", "points"),
    [
        pytest.param(True, None, 2, id="one yes suffices"),
        pytest.param(None, True, 2, id="also the other"),
        pytest.param(False, False, 0, id="a no needs both"),
        pytest.param(False, None, None, id="one no is not enough"),
        pytest.param(None, None, None, id="nobody asked"),
    ],
)
def test_cancer_in_the_simplified_score(oncology: bool | None, cancer: bool | None, points: int | None) -> None:
    asked = HospitalInput(
        oncology_service=None if oncology is None else Answer(oncology),
        cancer_diagnosis=None if cancer is None else Answer(cancer),
    )

    score = hospital(asked, HospitalSettings(variant=SIMPLIFIED))

    assert [item.points for item in score.items] == ([] if points is None else [points])
    assert ("cancer_or_oncology_service" in score.missing) == (points is None)


def test_the_simplified_score_asks_for_no_procedure() -> None:
    assert "procedure" not in hospital(HospitalInput(), HospitalSettings(variant=SIMPLIFIED)).missing
    assert "procedure" in hospital(HospitalInput()).missing


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(HospitalInput(observation_stay=True), id="an observation stay"),
        pytest.param(HospitalInput(medical_service=False), id="a surgical service"),
    ],
)
def test_stays_it_was_not_made_for_have_no_total(asked: HospitalInput) -> None:
    score = hospital(asked)

    assert (score.total, score.band, score.flags) == (None, None, (Flag.NOT_APPLICABLE,))
    assert score.notes


def test_early_hospital_says_that_its_labs_are_of_the_admission() -> None:
    score = hospital(H_B, HospitalSettings(labs=LabsFrom.ADMISSION))

    assert (score.label, score.total) == ("early HOSPITAL", 6)
    assert ("labs", "admission") in score.settings
