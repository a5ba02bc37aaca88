"""Groups of diagnoses by ICD-10-CM prefix (fiscal year 2027), and what the measures count as one condition."""

from functools import lru_cache

VERSION = "2027.1"

# Our own reading of ICD-10-CM for the groups that clinical.md names (1.4-1.8, 6.1). The measures' own value sets are
# licensed and not copied here; where a group of theirs is wider or narrower, this table is the proxy [D].
ICD10_PREFIXES: dict[str, tuple[str, ...]] = {
    "heart-failure": ("I50", "I110", "I130", "I132", "I0981"),
    "copd": ("J41", "J42", "J43", "J44"),
    "asthma": ("J45",),
    "dementia": ("F01", "F02", "F03", "G30", "G310", "G3183"),
    "cognitive-impairment": ("F01", "F02", "F03", "G30", "G31", "R4181"),
    "ckd": ("N18", "I12", "I13"),
    "depression": ("F32", "F33", "F341"),
    "bipolar": ("F30", "F31"),
    "acute-mi": ("I21", "I22", "I252"),
    "atrial-fibrillation": ("I480", "I481", "I482", "I4891"),
    "stroke-tia": ("I60", "I61", "I62", "I63", "I69", "G450", "G451", "G452", "G458", "G459", "G46", "Z8673"),
    "diabetes": ("E08", "E09", "E10", "E11", "E13"),
    "diabetes-type-1": ("E10",),
    "diabetes-type-2": ("E11",),
    "diabetic-retinopathy": tuple(f"E{kind}3{stage}" for kind in ("08", "09", "10", "11", "13") for stage in "12345"),
    "hypertension": ("I10", "I11", "I12", "I13", "I15", "I16"),
    "essential-hypertension": ("I10",),
    "esrd": ("N185", "N186", "Z49", "Z992", "Z940"),  # stage 5, dialysis, kidney transplant: what CMS165 leaves out
    "mental-illness": ("F2", "F30", "F31", "F32", "F33", "F34", "F39", "F40", "F41", "F42", "F43", "F53", "F60", "F63"),
    "substance-use": ("F10", "F11", "F12", "F13", "F14", "F15", "F16", "F18", "F19"),
    "opioid-use": ("F11",),
    "suicidal-ideation": ("R45851",),
    "self-harm": ("T1491", "X71", "X72", "X73", "X74", "X75", "X76", "X77", "X78", "X79", "X80", "X81", "X82", "X83"),
    "pregnancy": ("O", "Z33", "Z34", "Z3A"),
    "palliative-care": ("Z515",),
    "ascvd": ("I20", "I21", "I22", "I24", "I25", "I63", "I65", "I66", "I70", "G45", "Z951", "Z955", "Z8673"),
    "coronary-stent": ("Z955",),
    "liver-disease": ("K70", "K71", "K72", "K73", "K74", "K75", "K76", "K77"),
    "familial-hypercholesterolaemia": ("E7801",),
    "statin-intolerance": ("G720", "T466X5", "M6282"),
    "immunosuppressed": ("D80", "D81", "D82", "D83", "D84", "D898", "Z94", "B20"),
    "bilateral-eye-absence": ("Z9003",),
    # Frailty and advanced illness exclude from chronic gaps (clinical.md 6.1) [M].
    "frailty": (
        *("R54", "R5381", "R531", "R627", "R64", "R26", "M6284", "L89", "Z736", "Z740", "Z741", "Z742", "Z743"),
        *("Z7681", "Z9181", "Z993", "Z9981", "W06", "W10", "W18", "W19"),
    ),
    "advanced-illness": (
        *("A810", "C25", "C71", "C77", "C78", "C79", "C910", "C920", "F01", "F02", "F03", "F04", "G10", "G1221"),
        *("G20", "G30", "G31", "G35", "I0981", "I110", "I120", "I13", "I50", "J43", "J684", "J841", "J961", "J962"),
        *("J969", "J982", "J983", "K704", "K7031", "K721", "K729", "K7469", "N185", "N186"),
    ),
    # High Needs by mobility or nervous system (1.8, HN1): the diagnoses that the source names, not the whole CMS list.
    "mobility-neuro": ("G80", "E84", "G710", "G825", "G1221", "G12"),
    # Timely follow-up (1.6), with the acuity that the proxy gives.
    "tfu-cad-high": ("I21", "I22", "I200"),
    "tfu-cad-low": ("I201", "I202", "I208", "I209", "I251"),
    "tfu-hypertension-high": ("I16",),
    "tfu-hypertension-medium": ("I10", "I11", "I12", "I13", "I15"),
    "tfu-heart-failure": ("I50", "I110", "I130", "I132", "I0981"),
    "tfu-asthma": ("J45",),
    "tfu-copd": ("J41", "J42", "J43", "J44"),
    "tfu-diabetes-high": tuple(
        f"E{kind}{rest}" for kind in ("08", "09", "10", "11", "13") for rest in ("0", "1", "641")
    ),
}
SNOMED_CODES: dict[str, frozenset[str]] = {
    "heart-failure": frozenset(
        {"84114007", "42343007", "88805009", "48447003", "56675007", "85232009", "367363000", "417996009", "418304008"}
    ),
    "diabetes": frozenset({"73211009", "44054006", "46635009", "8801005", "190368000", "190372001"}),
    "diabetes-type-1": frozenset({"46635009"}),
    "diabetes-type-2": frozenset({"44054006"}),
    "essential-hypertension": frozenset({"59621000"}),
    "hypertension": frozenset({"59621000", "38341003"}),
    "copd": frozenset({"13645005"}),
    "asthma": frozenset({"195967001"}),
    "ckd": frozenset({"709044004", "431857002", "433144002"}),
    "atrial-fibrillation": frozenset({"49436004"}),
    "depression": frozenset({"35489007", "370143000"}),
}
# Follow-up after an ED visit for several conditions: eight groups, chronic lung disease is one of them (1.4).
FMC_GROUPS: dict[str, tuple[str, ...]] = {
    "copd-or-asthma": ("copd", "asthma"),
    "dementia": ("dementia",),
    "ckd": ("ckd",),
    "depression": ("depression",),
    "heart-failure": ("heart-failure",),
    "acute-mi": ("acute-mi",),
    "atrial-fibrillation": ("atrial-fibrillation",),
    "stroke-tia": ("stroke-tia",),
}
# Unplanned admissions for multiple chronic conditions: the eight of FMC and diabetes (1.7).
UAMCC_GROUPS = FMC_GROUPS | {"diabetes": ("diabetes",)}
# Poisoning (T36-T65) names its intent by its sixth character, or by its fifth before an X.
POISONING = tuple(f"T{number}" for number in (*range(36, 66), 71))
DRUG_POISONING = tuple(f"T{number}" for number in range(36, 51))
INTENTIONAL, ADVERSE_OR_UNDERDOSED = "2", frozenset("56")
# Categories of which some code weighs in the Charlson or LACE index; the exact groups are in the dated YAML.
_CATEGORIES = (
    "B18 B20 E08 E09 E10 E11 E13 F01 F02 F03 G04 G11 G30 G31 G45 G46 G80 G81 G82 G83 H34 I09 I11 I12 I13 I21 I22 I25 "
    "I27 I42 I43 I50 I60 I61 I62 I63 I65 I66 I67 I68 I69 I70 I71 I73 I77 I79 I85 I86 J40 J41 J42 J43 J44 J45 J47 "
    "J60 J61 J62 J63 J64 J65 J66 J67 J68 J70 K25 K26 K27 K28 K55 K70 K71 K72 K73 K74 K76 M05 M06 M31 M32 M33 M34 M35 "
    "M36 N03 N05 N18 N19 N25 Z49 Z94 Z95 Z99 C4A C7A C7B "
)
CHARLSON_CATEGORIES = frozenset(_CATEGORIES.split())


def plain_code(code: str) -> str:
    """A code without its dot, in capitals: the form in which the state keeps it."""
    return code.replace(".", "").upper()


@lru_cache(maxsize=16_384)
def groups_of_plain(code: str) -> frozenset[str]:
    """The groups of a plain code; SNOMED codes are all digits, ICD-10-CM codes begin with a letter."""
    if code.isdigit():
        return frozenset(group for group, codes in SNOMED_CODES.items() if code in codes)
    groups = {group for group, prefixes in ICD10_PREFIXES.items() if code.startswith(prefixes)}
    if code.startswith(POISONING):
        intent = code[4:5] if code[5:6] == "X" else code[5:6]
        if intent == INTENTIONAL:
            groups.add("self-harm")
        if code.startswith(DRUG_POISONING) and intent.isdigit() and intent not in ADVERSE_OR_UNDERDOSED:
            groups.add("overdose")
    return frozenset(groups)


@lru_cache(maxsize=16_384)
def is_kept(code: str) -> bool:
    """Whether some rule or score reads this plain code; all others are left out, so that the state stays small."""
    return bool(groups_of_plain(code)) or code[:3] in CHARLSON_CATEGORIES or (code[:1] == "C" and len(code) > 2)
