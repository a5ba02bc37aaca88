"""Which services count as an eye examination, a fall screening, documented medicines, or a sign of frailty."""

VERSION = "2027.1"

# Compiled from public code descriptions [D]; the measures' own value sets are licensed and not copied here.
EYE_EXAM = (
    *("92002", "92004", "92012", "92014", "92018", "92019", "92134", "92201", "92202", "92227", "92228", "92250"),
    *("2022F", "2023F", "2024F", "2025F", "2026F", "2033F", "S0620", "S0621", "S3000"),
)
AUTONOMOUS_EYE_EXAM = ("92229",)
FALL_SCREENING = ("3288F", "1100F", "1101F", "73830-2", "G8270", "G9912")
FALL_INSTRUMENTS = frozenset({"steadi", "morse", "hendrich-ii", "tug", "fall-risk", "mahc-10"})
MEDICINES_DOCUMENTED = ("G8427", "1159F", "1160F", "1111F")
PALLIATIVE_CARE = ("G9054", "M1017")
# Walking aids, wheelchairs, hospital beds, lifts, oxygen and care at home: prefixes of HCPCS level II.
FRAILTY = (
    *("E0100", "E0105", "E013", "E014", "E0163", "E0165", "E0167", "E0168", "E017", "E0250", "E0251", "E0255"),
    *("E0256", "E026", "E0270", "E029", "E030", "E042", "E043", "E044", "E0462", "E0465", "E0466", "E047", "E0621"),
    *("E0625", "E063", "E064", "E110", "E113", "E114", "E115", "E116", "E117", "E118", "E119", "E12", "E1390"),
    *("G0162", "G0299", "G0300", "G0493", "G0494", "S0271", "S0311", "S9123", "S9124", "T1000", "T1001", "T1019"),
)


def is_one_of(code: str, table: tuple[str, ...]) -> bool:
    """Whether a code is in a table or begins with one of its prefixes."""
    return code.upper().startswith(table)
