"""Messages that are folded together: each is decided with what those before it led to."""

from dataclasses import replace
from datetime import timedelta

from care_notifications.core.departures import Clockwork
from care_notifications.core.effects import Deliver, Suppress
from care_notifications.core.folding import Folding, Known
from care_notifications.core.notice_policy import SHIPPED
from care_notifications.core.reasons import Reason
from care_notifications.core.situation import Neighbour
from care_notifications.core.state import Channel, Person, Team, TeamId
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import AlertChange, GapId, PersonId, Tier
from tests.care_alerts import ANNA, BEN, DESK, NOW, Story, care_alert, directory

LATER = NOW + timedelta(days=3)
NORTH = TeamId("north")


def folding(known=None, **changed):
    return Folding(known or Known(), Clockwork(directory(**changed), SHIPPED, NOW))


def told(news):
    return [(one.recipient, one.channel.value) for one in news.effects if isinstance(one, Deliver)]


def covers(news):
    return {one.wait.by if one.wait else None for one in news.effects if isinstance(one, Deliver)}


def graver(**other):
    return care_alert("graver", tier=Tier.P1, card_id="card-1", rule_id="HF-WEIGHT", **other)


def lesser(gap="lesser", revision=1, **other):
    return care_alert(gap, revision, card_id="card-1", due_at=LATER, **other)


def test_a_message_that_came_before_in_the_same_look_is_no_news():
    one = folding()

    assert told(one.hear(care_alert())) == [(ANNA, "console"), (ANNA, "email")]
    assert one.hear(care_alert()) is None


def test_an_update_tells_nobody_who_was_told_a_moment_ago():
    one = folding()
    one.hear(care_alert())

    update = one.hear(care_alert(revision=2))

    assert update.before.revision == 1
    assert told(update) == []


def test_what_is_stored_counts_like_what_was_just_heard():
    story = Story()
    first = story.hear(care_alert())
    known = Known({GapId("gap-1"): first.record}, {GapId("gap-1"): story.told})

    assert told(folding(known).hear(care_alert(revision=2))) == []


def test_a_graver_alert_of_the_same_look_covers_what_comes_after_it():
    one = folding()
    one.hear(graver())

    assert covers(one.hear(lesser())) == {"graver"}


def test_what_came_before_the_graver_one_was_told_by_itself():
    one = folding()

    assert covers(one.hear(lesser())) == {None}
    one.hear(graver())
    assert covers(one.hear(lesser("third"))) == {"graver"}


def test_a_cover_that_closed_in_the_same_look_covers_no_more():
    one = folding()
    one.hear(graver())
    one.hear(graver(revision=2, change=AlertChange.CLOSED))

    assert covers(one.hear(lesser())) == {None}


def test_what_itself_waits_for_a_cover_covers_nobody():
    one = folding()
    one.hear(graver())
    one.hear(lesser("second", tier=Tier.P2))

    assert covers(one.hear(lesser("third", tier=Tier.P3))) == {"graver"}, "not by the second, which itself waits"


def test_an_alert_that_goes_to_another_patient_covers_there_and_no_longer_here():
    one = folding()
    one.hear(graver())
    one.hear(graver(revision=2, patient_id="patient-2"))

    assert covers(one.hear(lesser(patient_id="patient-1"))) == {None}
    assert covers(one.hear(lesser("moved", patient_id="patient-2"))) == {"graver"}


def test_who_knew_of_a_stored_neighbour_still_knows_when_it_changes():
    record = replace(Story().hear(graver()).record)
    stored = Neighbour(GapId("graver"), "HF-WEIGHT", "gained", Tier.P1, "card-1", told=frozenset({ANNA}))
    one = folding(Known({GapId("graver"): record}, {}, {record.patient_id: (stored,)}))

    one.hear(graver(revision=2, explanation="Three pounds more."))

    assert covers(one.hear(lesser())) == {"graver"}


def test_who_wants_no_digest_is_not_told_by_it_and_says_so_for_each_message():
    reader = replace(Person(ANNA), no_digests_over=frozenset({Channel.EMAIL}))
    one = folding(people=directory().people | {ANNA: reader})

    first = one.hear(care_alert(tier=Tier.P3, due_at=None))
    again = one.hear(care_alert(revision=2, tier=Tier.P3, due_at=None))

    assert told(first) == [(ANNA, "console")]
    assert told(again) == []
    assert (ANNA, Channel.EMAIL, Reason.NO_DIGESTS) in {
        (one.recipient, one.channel, one.reason) for one in again.effects if isinstance(one, Suppress)
    }


def test_a_storm_for_a_team_is_spread_and_what_closed_makes_room():
    people = {name: Person(name, team=NORTH) for name in (ANNA, BEN)} | {DESK: Person(DESK)}
    one = folding(people=people, teams={NORTH: Team(NORTH)}, load={})
    north = CareTeam(lead_care_manager=PersonId(NORTH))

    owners = [one.hear(care_alert(f"gap-{n}", care_team=north)).record.owner for n in range(3)]
    one.hear(care_alert("gap-0", 2, care_team=north, change=AlertChange.CLOSED))
    one.hear(care_alert("gap-2", 2, care_team=north, change=AlertChange.CLOSED))

    assert owners == [ANNA, BEN, ANNA]
    assert one.hear(care_alert("gap-3", care_team=north)).record.owner == ANNA
