"""Why a gap of chronic care is open, met, or not asked for."""

from care_scoring.core.reasons.reason import Reason


class ChronicReason(Reason):
    """Codes and sentences."""

    A1C_MISSING = "a1c_missing", "Diabetes, and no A1c in {year} yet."
    A1C_HIGH = "a1c_high", "The last A1c ({value} on {day}) is above {line} %."
    A1C_RETEST = "a1c_retest_due", "The last A1c is of {day}; the next one is due."
    PRESSURE_HIGH = "pressure_not_controlled", "On {day} the lowest pressure was {systolic}/{diastolic}."
    PRESSURE_MISSING = "pressure_missing", "Hypertension, and no blood pressure in {year} yet."
    EYE_EXAM_MISSING = "eye_exam_missing", "Diabetes, and no eye examination that counts for {year}."
    STATIN_MISSING = "statin_missing", "A statin is indicated and neither ordered nor filled in {year}."
    KIDNEY_TESTS_MISSING = "kidney_tests_missing", "Diabetes, and in {year} no {missing}."
    FALL_SCREENING_MISSING = "fall_screening_missing", "No screening for falls in {year} yet."
    MEDICINES_UNDOCUMENTED = "medicines_undocumented", "The visit of {day} has no documented list of medicines."
    GAP_MET = "gap_met", "What the measure asks for is there."
    NOT_IN_POPULATION = "not_in_population", "The measure does not ask it of this patient."
    NOT_DUE_YET = "gap_not_due_yet", "It is not due to be told yet."
    CONTACTED_LATELY = "contacted_lately", "Somebody talked with the patient in the last weeks."
    YEAR_OVER = "measure_year_over", "The year of the measure is over."
    PALLIATIVE = "palliative_care", "Palliative care; the measure leaves the patient out."
    NURSING_HOME = "lives_in_nursing_home", "Lives in a nursing home; the measure leaves the patient out."
    FRAIL = "frail_and_ill", "Frailty with advanced illness; the measure leaves the patient out."
    VERY_OLD_AND_FRAIL = "very_old_and_frail", "Very old and frail; the measure leaves the patient out."
    DISEASE_LEFT_OUT = "disease_left_out", "A disease for which the measure leaves the patient out."
    CHECKED = "chronic_gaps_checked", "Nothing more to tell of chronic care for now."
