"""What Prometheus is told about alerts that climb: steps, how late they were, and what the auditor found."""

from prometheus_client import Counter, Gauge

STEPS = Counter("care_notifications_steps_total", "Steps that alerts took by themselves", ["kind"])
LATE_STEPS = Counter("care_notifications_late_steps_total", "Steps that were taken more than two minutes late")
FINDINGS = Gauge("care_notifications_audit_findings", "What the auditor found and is not put right", ["kind"])
REPAIRS = Counter("care_notifications_audit_repairs_total", "What the auditor put right", ["kind"])
LAG = Gauge("care_notifications_lag_records", "Records of a topic that are not stored here yet", ["reader"])
DUE = Gauge("care_notifications_deliveries_due", "Notices that should have left by now and have not ended")
DUE_SECONDS = Gauge("care_notifications_deliveries_oldest_seconds", "How long the first of them should have left")
FAILED = Gauge("care_notifications_deliveries_failed_last_day", "Notices of the last day that were given up")
LETTERS = Gauge("care_notifications_dead_letters_waiting", "Dead letters that nobody has settled yet", ["topic"])
CHORES = Counter("care_notifications_chores_total", "Chores that ran, by how they ended", ["chore", "outcome"])
