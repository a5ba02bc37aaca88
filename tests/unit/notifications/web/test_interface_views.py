"""What the interface desk says about messages, replays and doubts, in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from care_notifications.adapters.intake_identities import Evidence
from care_notifications.adapters.intake_messages import Fixed, Replayed, Step
from care_notifications.web.identity_views import evidence_view
from care_notifications.web.interface_acts import facts_in_words, outcomes, sentence_of_fix, sentence_of_replay
from care_notifications.web.interface_words import NEXT_STEPS, VERDICTS, verdict_word
from care_notifications.web.message_views import way_of
from care_shared.runtime.trace import TraceStep

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")


def replayed(after, *added, applied=True, field="", problem=""):
    return Replayed(
        receipt_id="r", before="quarantined", after=after, is_applied=applied, field=field, problem=problem, added=added
    )


def test_facts_are_counted_by_their_kind():
    assert facts_in_words([]) == "no new fact"
    assert facts_in_words(["patient-updated"]) == "1 new fact (patient-updated)"
    assert facts_in_words(["b", "a", "b"]) == "3 new facts (a, b 2 times)"


def test_a_trial_says_what_would_be():
    assert sentence_of_replay(replayed("accepted", "a")) == "It would be accepted: 1 new fact (a)."
    stays = replayed("quarantined", applied=False, field="PID-3", problem="is missing")
    assert sentence_of_replay(stays) == (
        "It would stay as it is; read again today it would be quarantined. PID-3 is missing"
    )
    kept = {"receipt_id": "r", "field": "", "problem": "", "facts": ("a",)}
    assert sentence_of_fix(Fixed(verdict="accepted", is_kept=True, **kept)) == (
        "The copy would be accepted: 1 new fact (a)."
    )


def test_a_replay_of_many_is_summed_up_by_verdict_and_reason_the_most_frequent_first():
    missing = {"field": "PID-3", "problem": "is missing"}
    done = [
        replayed("accepted"), replayed("quarantined", **missing), replayed("quarantined", **missing),
        replayed("", applied=False, problem="the sources file does not name x").model_copy(update={"before": ""}),
    ]  # fmt: skip

    assert outcomes(done) == [
        ("Quarantined", "bad", 2, "PID-3 is missing"),
        ("Accepted", "good", 1, ""),
        ("Not readable", "", 1, "the sources file does not name x"),
    ]


def test_a_verdict_that_only_a_newer_intake_knows_is_unknown_and_no_error():
    assert verdict_word("paused").word == "Unknown"
    assert set(NEXT_STEPS) < set(VERDICTS)


def test_the_way_of_a_message_is_told_in_order_and_an_alert_of_two_facts_once():
    step = lambda what, minutes, **ids: Step(what=what, at=NOW - timedelta(minutes=minutes), ids=ids)  # noqa: E731
    opened = TraceStep("notifications", "alert opened", NOW, {"gap_id": "gap-1", "tier": "P2"})

    there, led_to = way_of(
        [step("translated", 1, receipt_id="r", type="hospital-discharged", event_id="e"), step("received", 3),
         step("quarantined", 2, field="PID-3", reason="is missing")],
        [opened, opened], NOW, ZONE,
    )  # fmt: skip

    assert [(one.what, one.codes) for one in there] == [
        ("Received", ()),
        ("Judged: quarantined", ()),
        ("Fact: hospital-discharged", (("event id", "e"),)),
    ]
    assert [(one.what, one.codes) for one in led_to] == [("Alert opened", (("gap id", "gap-1"), ("tier", "P2")))]


def test_records_are_called_by_letters_so_that_one_can_speak_of_them_without_a_number():
    number = {"authority": "1.2.3", "type": "MR", "value": "9999"}
    record = {"survivor": "rec-1", "same_family_name": None, "same_birth_date": False, "birth_date": ""}
    one = Evidence.model_validate(
        {
            "id": 7, "source": "general", "found_at": NOW, "decision": "", "receipt_id": "r", "why": "why", "facts": 2,
            "candidates": ["rec-1", "rec-2"], "is_masked": True, "fact_types": ["a"], "said": {},
            "numbers": [number | {"record": "rec-2"}, number | {"record": ""}],
            "records": [
                record | {"record": "rec-1", "numbers": []},
                record | {"record": "rec-2", "numbers": [number | {"record": "rec-2"}]},
            ],
        }
    )  # fmt: skip

    view = evidence_view(one, NOW, ZONE)

    assert [letter for _, letter in view.numbers] == ["B", ""]
    assert [(one.letter, one.family_name, one.birth_date, one.is_survivor) for one in view.records] == [
        ("A", "not known", "different", True), ("B", "not known", "different", False),
    ]  # fmt: skip
