"""The sections of the picture in words: goals, conditions, medicines, referrals, caregivers, needs, consents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from care_notifications.core.picture.picture import Medicine, Open, Period, Picture, Result
from care_notifications.web import words
from care_notifications.web.fact_words import bounds, day, programme
from care_notifications.web.words import code_in_words

Row = tuple[str, str, str]
MOST_RESULTS = 8


@dataclass(frozen=True, slots=True)
class Lines:
    """One section: a heading, its lines as (what, detail, tone), and what to say when there are none."""

    title: str
    rows: tuple[Row, ...]
    none: str


def sections(picture: Picture, now: datetime) -> tuple[Lines, ...]:
    """All of them, in the order of the page."""
    return (
        Lines("Goals", _goals(picture), "No goal is stated."),
        Lines("Conditions", _conditions(picture), "No diagnosis is known."),
        Lines("Medicines", _medicines(picture, now), "No medicine is known."),
        Lines("Referrals and recommendations", _referrals(picture), "Nothing was ordered."),
        Lines("Caregivers", _caregivers(picture), "No caregiver is named."),
        Lines("Social needs and questionnaires", _answers(picture.assessments), "Nothing was asked yet."),
        Lines("Newest results", _labs(picture), "No result is known."),
        Lines("Programmes and coverage", _periods(picture, now), "No programme is known."),
        Lines("Assessed by a person", _judged(picture), "Nobody has assessed this yet."),
        Lines("Allowed and refused", _consents(picture, now), "Nothing was asked yet."),
    )


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _by(on: date | None) -> str:
    return f"by {day(on)}" if on else ""


def _goals(picture: Picture) -> tuple[Row, ...]:
    return tuple(
        (one.what or "Goal", _joined(bounds(one.low, one.high, one.unit), _by(one.due_on)), "") for one in picture.goals
    )


def _conditions(picture: Picture) -> tuple[Row, ...]:
    return tuple((one.text, one.code if one.code != one.text else "", "") for one in picture.conditions)


def _medicines(picture: Picture, now: datetime) -> tuple[Row, ...]:
    """Courses that have ended are left out."""
    used = (one for one in picture.medicines if one.ends_on is None or one.ends_on >= now.date())
    return tuple((one.text, *_fill(one, now)) for one in used)


def _fill(one: Medicine, now: datetime) -> tuple[str, str]:
    if one.filled_at is None:
        return "no fill known", ""
    if not one.days_supply:
        return f"filled {words.ago(one.filled_at, now)}", ""
    told = f"filled {words.ago(one.filled_at, now)} for {one.days_supply} days"
    is_used_up = one.filled_at + timedelta(days=one.days_supply) < now
    return (f"{told}: should be used up", "warn") if is_used_up else (told, "")


def _referrals(picture: Picture) -> tuple[Row, ...]:
    rows = [
        (code_in_words(one.what).capitalize() or "Referral", f"{one.state}, {day(one.at)}", _tone(one))
        for one in picture.referrals
    ]
    rows += [(one.what, _joined(one.state, _by(one.due_on)), "") for one in picture.recommendations if not one.is_over]
    return (*rows, *((f"To come: {one.text}", f"since {day(one.at)}", "") for one in picture.pending))


def _tone(one: Open) -> str:
    if one.is_over:
        return "good"
    return "warn" if one.urgent else ""


def _caregivers(picture: Picture) -> tuple[Row, ...]:
    return tuple((one.name or "Caregiver", _joined(one.relationship, one.phone), "") for one in picture.caregivers)


def _answers(results: Sequence[Result]) -> tuple[Row, ...]:
    """The newest of each questionnaire; needs by their names, items that are mere numbers by the total alone."""
    return tuple(
        (one.what, _joined(f"total {one.value}" * bool(one.value), *_needs(one), day(one.at)), "") for one in results
    )


def _needs(one: Result) -> list[str]:
    return [code_in_words(name) for name, value in one.items if value > 0 and not name.isdigit()]


def _labs(picture: Picture) -> tuple[Row, ...]:
    newest = sorted(picture.labs, key=lambda one: (one.at, one.what), reverse=True)[:MOST_RESULTS]
    return tuple((one.what, f"{one.value}, {day(one.at)}", "warn" * (one.flag not in ("", "N"))) for one in newest)


def _periods(picture: Picture, now: datetime) -> tuple[Row, ...]:
    return tuple(
        (programme(one.what), _span(one), "" if one.holds_on(now.date()) else "past")
        for one in (*picture.programmes, *picture.coverages)
    )


def _span(one: Period) -> str:
    since = f"since {day(one.starts_on)}" if one.starts_on else ""
    return _joined(one.of, since, f"until {day(one.ends_on)}" if one.ends_on else "" if one.active else "ended")


def _judged(picture: Picture) -> tuple[Row, ...]:
    rows = []
    for word, one in (("High Needs", picture.high_needs), ("Homebound", picture.homebound)):
        if one is not None:
            valid = f"valid to {day(one.valid_through)}" if one.valid_through else ""
            rows.append((word if one.is_so else f"Not {word}", _joined(*one.why, one.by, day(one.at), valid), ""))
    if picture.reconciled_at:
        rows.append(("Medicines reconciled", _joined(day(picture.reconciled_at), picture.reconciled_by), ""))
    if picture.planned_at:
        rows.append(("Care plan revised", day(picture.planned_at), ""))
    return tuple(rows)


def _consents(picture: Picture, now: datetime) -> tuple[Row, ...]:
    return tuple(
        (
            f"{'Allowed' if one.permitted else 'Refused'}: {code_in_words(one.scope)}",
            _joined(one.recipient, "expired" if one.expires_at and one.expires_at <= now else ""),
            "" if one.permitted else "warn",
        )
        for one in picture.consents
    )
