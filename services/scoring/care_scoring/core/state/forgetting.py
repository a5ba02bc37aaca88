"""How long each noun is remembered: a patient's state stays small however long they are with us."""

from datetime import datetime, timedelta

from care_scoring.core.calendar import seconds_of
from care_scoring.core.codes.medicines import classes_of
from care_scoring.core.state.labs import Lab
from care_scoring.core.state.packed_ids import packed
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.statements import Statement

STAYS_KEPT = timedelta(days=548)  # 18 months
CONTACTS_KEPT = timedelta(days=45)
MONTHS_KEPT = 7  # of the last contact of each month; nobody reached for 180 days is a reason to call
DELIVERED_VISITS_KEPT = timedelta(days=28)
VISITS_KEPT = timedelta(days=60)  # a run of misses keeps the name of its first for as long as anybody acts on it
NAMED_RESULTS_KEPT = timedelta(days=548)  # tests that measures ask for this year or the last
OTHER_RESULTS_KEPT = timedelta(days=60)
CLASSED_FILLS_KEPT = timedelta(days=400)  # proportion of days covered looks back a year
OTHER_FILLS_KEPT = timedelta(days=200)  # a mail order of 90 days and its gap
FILL_EVIDENCE_KEPT = timedelta(days=45)  # which event told: a month's supply, and its gap
ORDERS_KEPT = timedelta(days=800)  # an order that nobody renewed or stopped for so long says nothing any more
FOLLOW_UP_KEPT = timedelta(days=400)  # the referral loop is closed by the end of the year
RECOMMENDED_KEPT = timedelta(days=120)  # somebody has the task within a week, or it is history after two months
# Books of statements, forgotten by when the thing happened.
BOOKS_KEPT: tuple[tuple[str, timedelta], ...] = (
    ("reconciliations", timedelta(days=120)),
    ("pending_results", timedelta(days=120)),
    ("assessments", timedelta(days=400)),
    ("symptoms", timedelta(days=30)),
    ("surveys", timedelta(days=100)),
    ("documents", timedelta(days=120)),
    ("services", timedelta(days=800)),  # an eye examination of the last calendar year may count
    ("care_tasks", timedelta(days=120)),
)


def forget_old(state: PatientState, today: datetime) -> None:
    """Drop what lies beyond its window. All else (plans, consents …) is small and holds until unsaid."""
    if state.visits:
        _forget_visits(state, today)
    if state.contacts or state.reached:
        _forget_contacts(state, today)
    if state.encounters:
        _forget_stays(state, today - STAYS_KEPT)
    for name, window in BOOKS_KEPT:
        book: dict[str, Statement] = getattr(state, name)
        if book:
            _forget_statements(book, today - window)
    if state.labs or state.fills or state.orders:
        _forget_results(state, today)
    if state.referrals or state.appointments or state.recommendations:
        _forget_follow_up(state, today)


def _forget_statements(book: dict[str, Statement], oldest: datetime) -> None:
    for key in [key for key, said in book.items() if said.at < oldest]:
        del book[key]


def _forget_visits(state: PatientState, today: datetime) -> None:
    oldest_visit, oldest_delivered = seconds_of(today - VISITS_KEPT), seconds_of(today - DELIVERED_VISITS_KEPT)
    for visit_id, visit in list(state.visits.items()):
        if visit.plan.start < (oldest_delivered if visit.delivered else oldest_visit):
            del state.visits[visit_id]


def _forget_contacts(state: PatientState, today: datetime) -> None:
    """Of old contacts only the last of each month that reached somebody about care is kept, in a few bytes."""
    oldest = today - CONTACTS_KEPT
    for contact_id, contact in [(key, contact) for key, contact in state.contacts.items() if contact.at < oldest]:
        if contact.is_interactive_care:
            month = contact.at.year * 12 + contact.at.month - 1
            said = (contact.at, packed(contact.event_id), contact.labels)
            state.reached[month] = max(state.reached.get(month, said), said)
        del state.contacts[contact_id]
    first_month = today.year * 12 + today.month - MONTHS_KEPT
    for month in [month for month in state.reached if month < first_month]:
        del state.reached[month]


def _forget_stays(state: PatientState, oldest: datetime) -> None:
    for encounter_id, stay in list(state.encounters.items()):
        touched = stay.last_touched()
        if touched is None or touched < oldest:
            del state.encounters[encounter_id]


def _forget_results(state: PatientState, today: datetime) -> None:
    """Medicines and results: how long depends on what they are."""
    for drug, fills in list(state.fills.items()):
        window = CLASSED_FILLS_KEPT if classes_of(drug) else OTHER_FILLS_KEPT
        fills.forget(today - window, today - FILL_EVIDENCE_KEPT)
        if not fills.rows:
            del state.fills[drug]
    for key in [key for key, order in state.orders.items() if order.at < today - ORDERS_KEPT]:
        del state.orders[key]
    for observation in [key for key, lab in state.labs.items() if _lab_at(lab) < today - _lab_window(lab)]:
        del state.labs[observation]


def _forget_follow_up(state: PatientState, today: datetime) -> None:
    """Referrals, appointments, recommendations."""
    oldest = today - FOLLOW_UP_KEPT
    for key in [key for key, referral in state.referrals.items() if referral.last_touched() < oldest]:
        del state.referrals[key]
    for key in [key for key, one in state.appointments.items() if one.last_touched() < oldest]:
        del state.appointments[key]
    for key in [key for key, one in state.recommendations.items() if one.last_touched() < today - RECOMMENDED_KEPT]:
        del state.recommendations[key]


def _lab_at(lab: Lab) -> datetime:
    """The latest moment it speaks of."""
    return max(one.at for one in (lab.result, lab.acknowledged) if one)


def _lab_window(lab: Lab) -> timedelta:
    return NAMED_RESULTS_KEPT if lab.result and lab.result.test else OTHER_RESULTS_KEPT
