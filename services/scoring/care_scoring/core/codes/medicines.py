"""Which medicines belong to the classes that refill and safety rules read, by name, RxNorm ingredient or ATC prefix."""

from enum import StrEnum
from functools import lru_cache

VERSION = "2027.1"


class MedicineClass(StrEnum):
    """Classes of clinical.md 6.1 and 6.2."""

    ANTICOAGULANT = "anticoagulant"
    ANTIPLATELET = "antiplatelet"
    INSULIN = "insulin"
    SULFONYLUREA = "sulfonylurea"
    OTHER_GLUCOSE_LOWERING = "other-glucose-lowering"
    ANTIEPILEPTIC = "antiepileptic"
    ANTIPSYCHOTIC = "antipsychotic"
    LOOP_DIURETIC = "loop-diuretic"
    HEART_FAILURE_THERAPY = "heart-failure-therapy"
    STATIN = "statin"
    STEROID = "steroid"
    OPIOID = "opioid"
    OPIOID_USE_TREATMENT = "opioid-use-treatment"  # tells of substance use: the fact's labels go with it
    ALCOHOL_USE_TREATMENT = "alcohol-use-treatment"
    DEMENTIA_DRUG = "dementia-drug"
    RAS_ANTAGONIST = "ras-antagonist"


M = MedicineClass
# Class → international names. Compiled from common formulary knowledge [D]; an installation's pharmacist reviews it.
NAMES: dict[MedicineClass, tuple[str, ...]] = {
    M.ANTICOAGULANT: ("apixaban", "rivaroxaban", "dabigatran", "edoxaban", "warfarin", "enoxaparin", "dalteparin"),
    M.ANTIPLATELET: ("clopidogrel", "prasugrel", "ticagrelor"),
    M.INSULIN: ("insulin",),
    M.SULFONYLUREA: ("glipizide", "glyburide", "glimepiride", "gliclazide"),
    M.OTHER_GLUCOSE_LOWERING: (
        *("metformin", "sitagliptin", "linagliptin", "saxagliptin", "semaglutide", "liraglutide", "dulaglutide"),
        *("tirzepatide", "empagliflozin", "dapagliflozin", "canagliflozin", "ertugliflozin", "pioglitazone"),
    ),
    M.ANTIEPILEPTIC: (
        *("levetiracetam", "lamotrigine", "valproate", "valproic", "divalproex", "carbamazepine", "oxcarbazepine"),
        *("phenytoin", "lacosamide", "topiramate", "phenobarbital", "zonisamide", "brivaracetam"),
    ),
    M.ANTIPSYCHOTIC: (
        *("olanzapine", "quetiapine", "risperidone", "aripiprazole", "haloperidol", "clozapine", "ziprasidone"),
        *("paliperidone", "lurasidone", "brexpiprazole"),
    ),
    M.LOOP_DIURETIC: ("furosemide", "torsemide", "bumetanide"),
    M.HEART_FAILURE_THERAPY: (
        *("sacubitril", "carvedilol", "bisoprolol", "metoprolol", "spironolactone", "eplerenone", "empagliflozin"),
        *("dapagliflozin", "vericiguat", "ivabradine"),
    ),
    M.STATIN: (
        "atorvastatin",
        "rosuvastatin",
        "simvastatin",
        "pravastatin",
        "lovastatin",
        "pitavastatin",
        "fluvastatin",
    ),
    M.STEROID: ("prednisone", "prednisolone", "methylprednisolone", "dexamethasone", "hydrocortisone"),
    M.OPIOID: (
        "oxycodone",
        "hydrocodone",
        "morphine",
        "fentanyl",
        "hydromorphone",
        "tramadol",
        "tapentadol",
        "codeine",
    ),
    M.OPIOID_USE_TREATMENT: ("buprenorphine", "methadone", "naltrexone"),
    M.ALCOHOL_USE_TREATMENT: ("naltrexone", "acamprosate", "disulfiram"),
    M.DEMENTIA_DRUG: ("donepezil", "rivastigmine", "galantamine", "memantine"),
    M.RAS_ANTAGONIST: (
        *("lisinopril", "enalapril", "ramipril", "benazepril", "losartan", "valsartan", "irbesartan", "olmesartan"),
        *("candesartan", "telmisartan", "sacubitril"),
    ),
}
# ATC prefix → the name that stands for it; RxNorm ingredient → name. Only what carries no name needs to be here.
ATC: dict[str, str] = {
    "B01AF02": "apixaban",
    "B01AF01": "rivaroxaban",
    "B01AE07": "dabigatran",
    "B01AA03": "warfarin",
    "B01AC04": "clopidogrel",
    "A10A": "insulin",
    "A10BA02": "metformin",
    "C03CA01": "furosemide",
    "N07BC01": "buprenorphine",
    "N07BC02": "methadone",
}
RXNORM: dict[str, str] = {
    "1364430": "apixaban",
    "1114195": "rivaroxaban",
    "11289": "warfarin",
    "32968": "clopidogrel",
    "6809": "metformin",
    "4603": "furosemide",
    "83367": "atorvastatin",
    "29046": "lisinopril",
    "8640": "prednisone",
    "1819": "buprenorphine",
    "6813": "methadone",
}
_KNOWN_NAMES = tuple(dict.fromkeys(name for names in NAMES.values() for name in names))
# What an installation adds: whole strengths and packages have thousands of codes, so the name decides first.
SUBSTANCE_USE = frozenset({M.OPIOID_USE_TREATMENT, M.ALCOHOL_USE_TREATMENT})


@lru_cache(maxsize=16_384)
def ingredient_of(system: str, code: str, display: str) -> str:
    """The key under which orders and fills of one drug meet: the ingredient's name, else the code as it came."""
    words = f"{display} {code}".lower()
    for name in _KNOWN_NAMES:
        if name in words:
            return name
    place = system.lower()
    if "atc" in place or "whocc" in place:
        fitting = (ATC.get(code.upper()[:length]) for length in range(len(code), 3, -1))
        return next((name for name in fitting if name), code)
    return RXNORM.get(code, code) if "rxnorm" in place or "2.16.840.1.113883.6.88" in place else code


@lru_cache(maxsize=4_096)
def classes_of(ingredient: str) -> frozenset[MedicineClass]:
    """The classes of an ingredient; most medicines belong to none."""
    return frozenset(kind for kind, names in NAMES.items() if ingredient in names)
