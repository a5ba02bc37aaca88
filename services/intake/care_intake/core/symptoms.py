"""Which symptom a code means, in SNOMED CT or in our own words."""

from care_shared.vocabulary import Symptom

_BY_CODE = {
    **dict.fromkeys(("267036007", "230145002", "60845006"), Symptom.DYSPNOEA),
    "62744007": Symptom.ORTHOPNOEA,
    **dict.fromkeys(("267038008", "271809000", "20741006", "82014009"), Symptom.SWELLING),
    **dict.fromkeys(("404640003", "386705008", "103298008"), Symptom.DIZZINESS),
    "271594007": Symptom.SYNCOPE,
    "29857009": Symptom.CHEST_PAIN,
    "80313002": Symptom.PALPITATIONS,
    **dict.fromkeys(("422400008", "422587007"), Symptom.VOMITING),
    **dict.fromkeys(("40917007", "286933003"), Symptom.CONFUSION),
    "422768004": Symptom.UNRESPONSIVE,
    **{one.value: one for one in Symptom},
}


def symptom_of(code: str) -> Symptom | None:
    """The symptom, None when the code means something else."""
    return _BY_CODE.get(code)
