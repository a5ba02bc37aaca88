"""Long-term conditions, what each weighs in the published weight sets, and which ICD-10-CM codes stand for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from care_shared.errors import ConfigurationError


class Comorbidity(StrEnum):
    """The conditions of the Charlson index, and mild kidney disease, which only LACE weighs."""

    MYOCARDIAL_INFARCTION = "myocardial-infarction"
    HEART_FAILURE = "heart-failure"
    PERIPHERAL_VASCULAR = "peripheral-vascular"
    CEREBROVASCULAR = "cerebrovascular"
    DEMENTIA = "dementia"
    CHRONIC_PULMONARY = "chronic-pulmonary"
    CONNECTIVE_TISSUE = "connective-tissue"
    PEPTIC_ULCER = "peptic-ulcer"
    MILD_LIVER = "mild-liver"
    SEVERE_LIVER = "moderate-severe-liver"
    DIABETES = "diabetes"
    DIABETES_WITH_DAMAGE = "diabetes-with-organ-damage"
    HEMIPLEGIA = "hemiplegia"
    MILD_RENAL = "mild-renal"
    RENAL = "moderate-severe-renal"
    TUMOUR = "tumour"
    LEUKAEMIA = "leukaemia"
    LYMPHOMA = "lymphoma"
    METASTATIC = "metastatic-tumour"
    AIDS = "aids"


class WeightSet(StrEnum):
    """Which published weights."""

    LACE = "lace"
    CHARLSON_1987 = "charlson-1987"
    QUAN_2011 = "quan-2011"


Weights = dict[Comorbidity, int]
C = Comorbidity
WEIGHTS: dict[WeightSet, Weights] = {
    # van Walraven 2010 with the weights of Schneeweiss; AIDS 4 as in the modified table (clinical.md 2.1).
    WeightSet.LACE: {
        **dict.fromkeys((C.MYOCARDIAL_INFARCTION, C.CEREBROVASCULAR, C.PERIPHERAL_VASCULAR, C.DIABETES), 1),
        **dict.fromkeys((C.HEART_FAILURE, C.DIABETES_WITH_DAMAGE, C.CHRONIC_PULMONARY), 2),
        **dict.fromkeys((C.MILD_LIVER, C.MILD_RENAL, C.TUMOUR, C.LEUKAEMIA, C.LYMPHOMA), 2),
        **dict.fromkeys((C.DEMENTIA, C.CONNECTIVE_TISSUE), 3),
        **dict.fromkeys((C.SEVERE_LIVER, C.RENAL, C.AIDS), 4),
        C.METASTATIC: 6,
    },
    WeightSet.CHARLSON_1987: {
        **dict.fromkeys((C.MYOCARDIAL_INFARCTION, C.HEART_FAILURE, C.PERIPHERAL_VASCULAR, C.CEREBROVASCULAR), 1),
        **dict.fromkeys((C.DEMENTIA, C.CHRONIC_PULMONARY, C.CONNECTIVE_TISSUE, C.PEPTIC_ULCER), 1),
        **dict.fromkeys((C.MILD_LIVER, C.DIABETES), 1),
        **dict.fromkeys((C.HEMIPLEGIA, C.RENAL, C.DIABETES_WITH_DAMAGE, C.TUMOUR, C.LEUKAEMIA, C.LYMPHOMA), 2),
        C.SEVERE_LIVER: 3,
        **dict.fromkeys((C.METASTATIC, C.AIDS), 6),
    },
    WeightSet.QUAN_2011: {
        **dict.fromkeys((C.CHRONIC_PULMONARY, C.CONNECTIVE_TISSUE, C.DIABETES_WITH_DAMAGE, C.RENAL), 1),
        **dict.fromkeys((C.HEART_FAILURE, C.DEMENTIA, C.MILD_LIVER, C.HEMIPLEGIA), 2),
        **dict.fromkeys((C.TUMOUR, C.LEUKAEMIA, C.LYMPHOMA), 2),
        **dict.fromkeys((C.SEVERE_LIVER, C.AIDS), 4),
        C.METASTATIC: 6,
    },
}
LIVER, SUGAR = frozenset({C.MILD_LIVER, C.SEVERE_LIVER}), frozenset({C.DIABETES, C.DIABETES_WITH_DAMAGE})
MALIGNANCY = frozenset({C.TUMOUR, C.LEUKAEMIA, C.LYMPHOMA, C.METASTATIC})
# Of one family only the heaviest counts. Charlson named leukaemia and lymphoma apart from solid tumours; Quan and
# LACE have one line for any malignancy, and LACE one line for liver or kidney.
FAMILIES: dict[WeightSet, tuple[frozenset[Comorbidity], ...]] = {
    WeightSet.LACE: (SUGAR, MALIGNANCY, LIVER | {C.MILD_RENAL, C.RENAL}),
    WeightSet.CHARLSON_1987: (SUGAR, LIVER, frozenset({C.TUMOUR, C.METASTATIC}), frozenset({C.MILD_RENAL, C.RENAL})),
    WeightSet.QUAN_2011: (SUGAR, LIVER, MALIGNANCY, frozenset({C.MILD_RENAL, C.RENAL})),
}


@dataclass(frozen=True, slots=True)
class Weighed:
    """One condition and what it adds; `within` names the graver one of its family that counts in its place."""

    condition: Comorbidity
    points: int
    within: Comorbidity | None = None

    @property
    def sentence(self) -> str:
        """Why a condition added nothing; empty when it counts for itself."""
        return f"{self.condition} is counted within {self.within}" if self.within else ""


def weigh(conditions: Iterable[Comorbidity], weight_set: WeightSet) -> tuple[Weighed, ...]:
    """Each condition once, in the order of the index; the lighter ones of a family add nothing."""
    return _weighed_together(frozenset(conditions), weight_set)


@lru_cache(maxsize=4_096)
def _weighed_together(held: frozenset[Comorbidity], weight_set: WeightSet) -> tuple[Weighed, ...]:
    # Remembered: few combinations occur, and every look at a priority asks.
    weights = WEIGHTS[weight_set]
    return tuple(_weighed(one, held, weight_set, weights) for one in Comorbidity if one in held)


def _weighed(one: Comorbidity, held: frozenset[Comorbidity], weight_set: WeightSet, weights: Weights) -> Weighed:
    family = next((family for family in FAMILIES[weight_set] if one in family), frozenset({one}))
    ranked = [member for member in Comorbidity if member in family & held]
    heaviest = max(ranked, key=lambda member: weights.get(member, 0))
    if heaviest is not one:
        return Weighed(one, 0, heaviest)
    return Weighed(one, weights.get(one, 0))


class CodeGroups(BaseModel):
    """Which prefixes of ICD-10-CM codes stand for which condition, in one dated edition."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(min_length=1)
    prefixes: dict[Comorbidity, tuple[str, ...]]

    @cached_property
    def _by_prefix(self) -> dict[str, Comorbidity]:
        return {
            prefix.replace(".", ""): condition for condition, prefixes in self.prefixes.items() for prefix in prefixes
        }

    def condition_of(self, code: str) -> Comorbidity | None:
        """The condition of a code: the longest prefix that fits decides; most codes stand for none."""
        plain = code.replace(".", "").upper()
        fitting = (self._by_prefix.get(plain[:length]) for length in range(len(plain), 2, -1))
        return next((condition for condition in fitting if condition), None)


def load_code_groups(text: str) -> CodeGroups:
    """The groups in a YAML text. Raises ConfigurationError that names the place."""
    try:
        return CodeGroups.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ConfigurationError("the code groups are not YAML") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise ConfigurationError(f"the code groups cannot be used: {place}: {first['msg']}") from error
