"""A patient's facts become one picture: the same facts in any order give the same picture."""

from collections.abc import Iterable

from care_notifications.core.picture.fold_care import care_plan, dates, reaching, stays
from care_notifications.core.picture.fold_health import health
from care_notifications.core.picture.fold_person import circle, person
from care_notifications.core.picture.known import Known
from care_notifications.core.picture.picture import Picture
from care_notifications.core.picture.standing import holding
from care_notifications.core.picture.words import Words


def picture_of(known: Iterable[Known]) -> Picture:
    """What these facts say together."""
    words = Words(holding(list(known)))
    return Picture(
        person=person(words),
        **circle(words),
        **health(words),
        stays=stays(words),
        **dates(words),
        **care_plan(words),
        reaching=reaching(words),
    )
