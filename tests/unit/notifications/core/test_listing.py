"""A notice that lists several is ordered and counted the same way every time, and names no patient."""

from datetime import timedelta

from care_notifications.core.effects import FoldKind
from care_notifications.core.listing import MOST_SHOWN, in_order, listing_of
from care_notifications.core.messages import Listed
from care_shared.vocabulary import GapId, Tier
from tests.care_alerts import NOW


def listed(gap, tier=Tier.P2, hours=None):
    return Listed(GapId(gap), tier, None if hours is None else NOW + timedelta(hours=hours))


def test_gravest_first_then_by_deadline():
    ordered = in_order([listed("d"), listed("c", hours=9), listed("b", hours=1), listed("a", Tier.P1)])

    assert [one.gap_id for one in ordered] == ["a", "b", "c", "d"]


def test_all_are_counted_and_the_first_are_shown():
    ordered = in_order([listed(f"gap-{n:03}", Tier.P1 if n == 7 else Tier.P3) for n in range(100)])
    listing = listing_of(FoldKind.DIGEST, ordered)

    assert listing.counts == ((Tier.P1, 1), (Tier.P3, 99))
    assert listing.total == 100
    assert len(listing.shown) == MOST_SHOWN
    assert listing.shown[0].gap_id == "gap-007"
