"""The Charlson index of a patient, of 1987 and of Quan 2011, from the diagnoses that reached us."""

from dataclasses import replace

from care_scoring.core.codes.charlson import shipped_groups
from care_scoring.core.patient_scores.picture import Picture
from care_scoring.core.patient_scores.standing import Standing, standing
from care_scoring.core.scores.charlson import CharlsonInput, CharlsonSettings, charlson
from care_scoring.core.scores.comorbidities import WeightSet, weigh
from care_scoring.core.scores.score import Answer

OLDEST = 130  # an older age is a wrong birth date


def charlson_of(picture: Picture) -> Standing | None:
    """None while nobody told us a diagnosis. The total of the other set of weights is told beside it."""
    held = picture.conditions
    if held is None:
        return None
    weights = picture.settings.charlson_weights
    asked = CharlsonInput(conditions=held, age_years=_age(picture))
    score = charlson(asked, shipped_groups(), CharlsonSettings(weights=weights))
    other = WeightSet.QUAN_2011 if weights is WeightSet.CHARLSON_1987 else WeightSet.CHARLSON_1987
    beside = sum(one.points for one in weigh(held.value, other))
    return standing(replace(score, derived=(*score.derived, (other.value, beside))), "", picture.condition_labels)


def _age(picture: Picture) -> Answer[int] | None:
    stated, age = picture.state.person.birth_date, picture.state.person.age_on(picture.today)
    if stated is None or age is None or not 0 <= age <= OLDEST:
        return None
    return Answer(age, stated[0])
