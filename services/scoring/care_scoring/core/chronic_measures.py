"""What each measure of chronic care asks of a year, and what is there: the logic of the CMS eCQMs, without pressure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from care_scoring.core.calendar import spoken_day
from care_scoring.core.chronic import CareYear
from care_scoring.core.codes.lab_tests import LabTest
from care_scoring.core.codes.medicines import MedicineClass
from care_scoring.core.codes.services import (
    AUTONOMOUS_EYE_EXAM,
    EYE_EXAM,
    FALL_INSTRUMENTS,
    FALL_SCREENING,
    MEDICINES_DOCUMENTED,
)
from care_scoring.core.reasons.chronic import ChronicReason
from care_scoring.core.state.labs import Result
from care_scoring.core.state.referrals import Appointment
from care_scoring.core.state.registers import joined_labels
from care_shared.contracts.care_alerts import Evidence
from care_shared.vocabulary import SensitivityLabel

DAYS_PER_MONTH = 30.5
DIABETES = "diabetes"
IFCC_SLOPE, IFCC_OFFSET = 10.929, 2.15  # mmol/mol to percent (NGSP)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one measure says about the year: left out, met, or missing and told from a day on."""

    measure: str
    reason: ChronicReason = ChronicReason.GAP_MET
    left_out: ChronicReason | None = None
    told_from: date = date.max  # met: never
    explanation: str = ""
    next_step: str = ""
    evidence: tuple[Evidence, ...] = ()
    labels: tuple[SensitivityLabel, ...] = ()
    digest_only: bool = False
    told_until: datetime | None = None  # after that nobody asks for it

    @property
    def is_met(self) -> bool:
        """Whether nothing is missing."""
        return self.reason is ChronicReason.GAP_MET


def findings(year: CareYear) -> Iterator[Finding]:
    """Every measure that is judged and asks something of this patient."""
    for name, judged in MEASURES.items():
        if name in year.limits.measures:
            found = judged(year)
            if found is not None:
                yield found


def _a1c(year: CareYear) -> Finding | None:
    """CMS122: of the most recent day the lowest A1c or GMI; none, or one without a value, is poor control."""
    if not _has_diabetes(year, year.limits.diabetes_to):
        return None
    left_out = year.left_out_frail()
    if left_out is not None:
        return Finding("a1c", left_out=left_out)
    results = year.results(LabTest.A1C, LabTest.GMI)
    newest = [one for one in results if year.day(one.at) == year.day(results[0].at)]
    values = [percent for one in newest if (percent := _percent(one)) is not None]
    labels = _labels(year, newest)
    if not newest:
        said = ChronicReason.A1C_MISSING.say(year=year.number)
        told_from = _a1c_due_from(year)
        return Finding("a1c", ChronicReason.A1C_MISSING, None, told_from, said, ORDER_A1C, (), labels)
    evidence = tuple(Evidence(event_id=one.event_id, what="A1c", at=one.at) for one in newest)
    day = year.day(newest[0].at)
    if not values or min(values) > year.limits.a1c_line:
        value = f"{min(values):.1f} %" if values else "without a value"
        said = ChronicReason.A1C_HIGH.say(value=value, day=spoken_day(day), line=f"{year.limits.a1c_line:g}")
        return Finding("a1c", ChronicReason.A1C_HIGH, None, day, said, SPEAK_ABOUT_A1C, evidence, labels)
    retest_from = _next_test(year, min(values), newest[0].at)
    if year.today < retest_from:
        return Finding("a1c", told_from=retest_from, evidence=evidence)
    said = ChronicReason.A1C_RETEST.say(day=spoken_day(day))
    return Finding(
        "a1c", ChronicReason.A1C_RETEST, None, retest_from, said, ORDER_A1C, evidence, labels, digest_only=True
    )


def _a1c_due_from(year: CareYear) -> date:
    """From when its absence is told: by the cadence of testing since the last one, else with the digest."""
    earlier = [one for test in (LabTest.A1C, LabTest.GMI) for one in year.state.results_of(test)]
    if not earlier:
        return year.digest_from
    last = max(earlier, key=lambda one: (one.at, one.rank))
    return min(_next_test(year, _percent(last), last.at), year.call_from)


def _next_test(year: CareYear, percent: float | None, at: datetime) -> date:
    """When the next A1c is due (6.1, testing cadence; for outreach, not for the measure)."""
    limits = year.limits
    at_goal = percent is not None and percent < limits.a1c_goal
    months = limits.a1c_months_at_goal if at_goal else limits.a1c_months_off_goal
    return year.day(at) + timedelta(days=round(months * DAYS_PER_MONTH))


def _percent(result: Result) -> float | None:
    """A1c in percent, whichever unit the laboratory uses."""
    if result.value is None:
        return None
    return result.value / IFCC_SLOPE + IFCC_OFFSET if result.unit.casefold() == "mmol/mol" else result.value


def _eye(year: CareYear) -> Finding | None:
    """CMS131: an examination this year; last year's does where no retinopathy is known this year."""
    if not _has_diabetes(year, year.limits.diabetes_to):
        return None
    left_out = year.left_out_frail()
    if left_out is None and year.diagnosed("bilateral-eye-absence"):
        left_out = ChronicReason.DISEASE_LEFT_OUT
    retinopathy = year.diagnosed("diabetic-retinopathy")
    years = (year.number,) if retinopathy else (year.number, year.number - 1)
    done = [*year.services(EYE_EXAM, years), *year.services(AUTONOMOUS_EYE_EXAM)]
    labels = year.labels_of(DIABETES, "diabetic-retinopathy")
    said = ChronicReason.EYE_EXAM_MISSING.say(year=year.number)
    missing = ChronicReason.EYE_EXAM_MISSING
    return _unless(done, Finding("eye", missing, left_out, year.digest_from, said, BOOK_EYE_EXAM, (), labels))


def _statin(year: CareYear) -> Finding | None:
    """CMS347: ASCVD at any age; LDL at 190 or familial at 20-75; diabetes at 40-75."""
    if not _needs_statin(year):
        return None
    left_out: ChronicReason | None = ChronicReason.PALLIATIVE if year.is_palliative else None
    if any(year.diagnosed(group) for group in ("esrd", "liver-disease", "statin-intolerance", "pregnancy")):
        left_out = ChronicReason.DISEASE_LEFT_OUT
    if left_out is not None or year.takes(MedicineClass.STATIN):
        return Finding("statin", left_out=left_out)
    said = ChronicReason.STATIN_MISSING.say(year=year.number)
    labels = year.labels_of(DIABETES, "ascvd", "familial-hypercholesterolaemia")
    first = date(year.number, 1, 1)
    return Finding("statin", ChronicReason.STATIN_MISSING, None, first, said, ASK_PRESCRIBER, (), labels)


def _needs_statin(year: CareYear) -> bool:
    limits = year.limits
    if year.diagnosed("ascvd"):
        return True
    if year.is_aged(limits.statin_cholesterol_from, limits.statin_to):
        ldl = [one.value for one in year.state.results_of(LabTest.LDL) if one.value is not None]
        if max(ldl, default=0.0) >= limits.statin_ldl or year.diagnosed("familial-hypercholesterolaemia"):
            return True
    return year.is_aged(limits.statin_diabetes_from, limits.statin_to) and year.diagnosed(DIABETES)


def _kidney(year: CareYear) -> Finding | None:
    """CMS951: eGFR, and uACR or urine albumin with creatinine some days apart."""
    if not _has_diabetes(year, year.limits.kidney_to):
        return None
    left_out: ChronicReason | None = ChronicReason.PALLIATIVE if year.is_palliative else None
    if year.diagnosed("esrd"):
        left_out = ChronicReason.DISEASE_LEFT_OUT
    missing = [] if year.results(LabTest.EGFR) else ["eGFR"]
    missing += [] if year.results(LabTest.UACR) or _urine_pair(year) else ["urine albumin-creatinine ratio"]
    said = ChronicReason.KIDNEY_TESTS_MISSING.say(year=year.number, missing=" and no ".join(missing))
    labels = year.labels_of(DIABETES)
    reason = ChronicReason.KIDNEY_TESTS_MISSING
    found = Finding("kidney", reason, left_out, year.digest_from, said, ORDER_KIDNEY_TESTS, (), labels)
    return _unless(not missing, found)


def _urine_pair(year: CareYear) -> bool:
    albumin, creatinine = year.results(LabTest.URINE_ALBUMIN), year.results(LabTest.URINE_CREATININE)
    return any(
        abs((year.day(one.at) - year.day(other.at)).days) <= year.limits.urine_days_apart
        for one in albumin
        for other in creatinine
    )


def _falls(year: CareYear) -> Finding | None:
    """CMS139: a screening for falls this year."""
    if not year.is_aged(year.limits.falls_from):
        return None
    asked = any(
        not form.void and form.instrument.casefold() in FALL_INSTRUMENTS and year.day(form.at).year == year.number
        for form in year.state.assessments.values()
    )
    said = ChronicReason.FALL_SCREENING_MISSING.say(year=year.number)
    done = asked or bool(year.services(FALL_SCREENING))
    missing = ChronicReason.FALL_SCREENING_MISSING
    return _unless(done, Finding("falls", missing, None, year.digest_from, said, SCREEN_FALLS))


def _medicines(year: CareYear) -> Finding | None:
    """CMS68: the list of medicines was documented on the day of the last visit."""
    seen = _last_visit(year)
    if seen is None:
        return None
    at, _, appointment = seen
    day = year.day(at)
    reconciled = [one for one in year.state.reconciliations.values() if not one.void and year.day(one.at) == day]
    documented = [one for one in year.services(MEDICINES_DOCUMENTED) if year.day(one.at) == day]
    if reconciled or documented:
        return Finding("medicines")
    stand = appointment.stand
    evidence = (Evidence(event_id=stand.event_id, what="Visit", at=at),) if stand else ()
    reason, told_from = ChronicReason.MEDICINES_UNDOCUMENTED, day + timedelta(days=1)
    said = reason.say(day=spoken_day(day))
    return Finding(
        "medicines",
        reason,
        None,
        told_from,
        said,
        DOCUMENT_MEDICINES,
        evidence,
        appointment.labels,
        digest_only=True,
        told_until=at + timedelta(days=year.limits.visit_days, seconds=1),
    )


def _last_visit(year: CareYear) -> tuple[datetime, str, Appointment] | None:
    """The last appointment that was kept, as long as its documentation is worth asking for; ties go by its number."""
    oldest = year.now - timedelta(days=year.limits.visit_days)
    kept = [
        (at, number, one)
        for number, one in year.state.appointments.items()
        if (at := one.kept_at) is not None and oldest <= at <= year.now and year.day(at).year == year.number
    ]
    return max(kept, key=lambda visit: visit[:2], default=None)


def _has_diabetes(year: CareYear, oldest: int) -> bool:
    return year.is_aged(year.limits.adult_from, oldest) and year.diagnosed(DIABETES)


def _labels(year: CareYear, results: list[Result]) -> tuple[SensitivityLabel, ...]:
    labels = year.labels_of(DIABETES)
    for one in results:
        labels = joined_labels(labels, one.labels)
    return labels


def _unless(done: object, missing: Finding) -> Finding:
    """What is missing, unless it was done or the measure leaves the patient out."""
    return Finding(missing.measure, left_out=missing.left_out) if done or missing.left_out else missing


ORDER_A1C = "Have an A1c ordered, at home if the patient cannot go out; or ask for one done elsewhere."
SPEAK_ABOUT_A1C = "Speak about medicines, food and lows, and ask the prescriber for the next step."
BOOK_EYE_EXAM = "Book a retinal examination, or ask for the report of one done elsewhere."
ASK_PRESCRIBER = "Ask the prescriber for a statin, or document why not."
ORDER_KIDNEY_TESTS = "Have the missing kidney test ordered with the next blood draw."
SCREEN_FALLS = "Ask about falls in the last year at the next call or visit, and note the answer."
DOCUMENT_MEDICINES = "Ask the practice to document the list of medicines of that visit."
MEASURES: dict[str, Callable[[CareYear], Finding | None]] = {
    "a1c": _a1c,
    "eye": _eye,
    "statin": _statin,
    "kidney": _kidney,
    "falls": _falls,
    "medicines": _medicines,
}
