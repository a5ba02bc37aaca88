"""The numbers operators see about scoring; no name, id or value of a patient is ever a label."""

from prometheus_client import Counter, Gauge, Histogram

FACTS = Counter("care_scoring_facts_total", "Facts folded and committed")
REPLAYED = Counter("care_scoring_replayed_total", "Records dropped because their offset was folded before")
DEAD_LETTERS = Counter("care_scoring_dead_letters_total", "Records set aside because nobody can use them")
UNKNOWN_ZONES = Counter(
    "care_scoring_unknown_zones_total", "Facts whose time zone is not known: the home's stands for it", ["field"]
)
ALERTS = Counter("care_scoring_alerts_total", "Changes of care gaps decided", ["change"])
FIRINGS = Counter("care_scoring_rule_changes_total", "Changes of care gaps", ["rule", "tier", "change", "shadow"])
DEADLINES = Counter("care_scoring_deadlines_total", "Patients woken because a deadline passed")
PARKED = Counter("care_scoring_parked_patients_total", "Patients set aside because a rule failed on their state")
SKIPPED = Counter("care_scoring_skipped_offsets_total", "Offsets that left the log before we read them: lost facts")
EPOCH_REJECTS = Counter("care_scoring_epoch_rejects_total", "Turns refused because another worker owns the partition")
RETRIES = Counter("care_scoring_store_retries_total", "Calls of PostgreSQL repeated in place")
TURN_SECONDS = Histogram(
    "care_scoring_turn_seconds",
    "From records in hand to committed",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
AT_HAND = Gauge("care_scoring_patients_at_hand", "Decoded patient states in memory")
OWNED = Gauge("care_scoring_partitions_owned", "Partitions this process owns")
LAG = Gauge("care_scoring_lag_records", "Records in the log that are not folded yet")
PATIENTS_PARKED = Gauge("care_scoring_patients_parked", "Patients set aside now because a rule failed on their state")
OFFSETS_SKIPPED = Gauge("care_scoring_offsets_skipped", "Places in the log that left it unread: lost facts")
HELD_BACK = Gauge("care_scoring_deadlines_held_back", "Deadlines not fired now because their partition is behind")
PUBLISHED = Counter("care_scoring_published_total", "Outbox rows confirmed by Kafka")
