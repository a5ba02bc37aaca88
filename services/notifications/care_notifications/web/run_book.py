"""What to do about each number of the operators' page: the run-book's entries, where they are needed at night."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """What a number is called, what it means when it is not well, and what to do about it, in order."""

    word: str
    unit: str
    means: str
    do: tuple[str, ...]
    page: str = ""  # where the desk shows what it counts


DOWN = "down"
ENTRIES = {
    DOWN: Entry(
        "A service is down or not ready",
        "",
        "Nothing is lost: senders keep or repeat what intake does not answer, facts and alerts wait in Kafka and "
        "PostgreSQL. But nobody is told of anything new while scoring or notifications stands.",
        (
            "If the card names PostgreSQL or Kafka, look at that first: the services come back by themselves.",
            "Else look at the end of the service's log. Exit code 78 means that a setting is wrong; the line names it.",
            "Start it again. Killing it is safe at any moment.",
            "If it runs and this page cannot reach it, the health address in the settings of notifications is wrong.",
        ),
    ),
    "outbox": Entry(
        "Waiting for Kafka",
        "message",
        "What this service has decided is kept, and Kafka does not take it. Order is kept.",
        (
            "Look at the brokers: disk, in-sync replicas, certificates.",
            "If Kafka answers others, look for outbox.waiting in the service's log.",
        ),
    ),
    "inbound-lag": Entry(
        "Unread records of producers on Kafka",
        "record",
        "Producers write to care.inbound.v1 faster than intake keeps it. The other doors do not notice.",
        ("Look for inbound.waiting in intake's log.", "If it gets on, wait; if it does not, add an intake process."),
    ),
    "set-aside": Entry(
        "Messages set aside",
        "message",
        "Messages that intake could not use, or that a person must look at. They are kept whole, and nothing of them "
        "went out.",
        (
            "Look at the causes, the most frequent first: is it the sender, the agreement, or our code?",
            "Mend that, then replay the cause.",
        ),
        "/interfaces/set-aside",
    ),
    "skipped": Entry(
        "Facts lost from the log",
        "place",
        "Kafka removed facts before scoring had read them. This is the one number here that means a loss.",
        (
            "select * from scoring.skipped_offsets names the offsets.",
            "Intake still has the raw messages: find them by published_offset in intake.outbox, and replay them.",
            "Raise the retention of care.events.v1, or find out why scoring stood still for so long.",
        ),
    ),
    "scoring-lag": Entry(
        "Facts not judged yet",
        "fact",
        "More facts come in than are judged. Deadlines wait meanwhile; they do not fire wrongly.",
        (
            "Wait a minute: does the number fall? After a stop of scoring it may begin high.",
            "If it does not fall, add a scoring process, up to the number of partitions.",
        ),
    ),
    "deadlines": Entry(
        "Deadlines held back",
        "patient",
        "Deadlines have passed and are not judged, because their partition has not been read to its end: silence "
        "must never be our own delay. They fire once afterwards, marked late.",
        ("Mend what holds up reading: Kafka, or the facts not judged yet.",),
    ),
    "parked": Entry(
        "Patients set aside",
        "patient",
        "A rule fails on the state of these patients. They alone wait; nobody is told anything about them.",
        (
            "select * from scoring.parked_patients names the error.",
            "Deploy the fix, then set release_requested_at = now() there: their facts are judged again in order.",
            "Until then, tell their care managers.",
        ),
    ),
    "unowned": Entry(
        "Findings of the auditor",
        "finding",
        "An open alert has no owner, no next step, or a ladder that reaches nobody.",
        ("carelead audit says which, and what to do about each kind.",),
    ),
    "dead-letters": Entry(
        "Dead letters",
        "letter",
        "Messages that a service can never use were taken out of its way, whole. Others go on.",
        (
            "Look at the cause: has a producer changed, is a source not agreed, or is a service older than "
            "its producer?",
            "Mend that first. Then send the letters again; what was meant for nobody, discard with a reason.",
        ),
        "/interfaces/dead-letters",
    ),
    "deliveries": Entry(
        "Notices that should have left",
        "notice",
        "Mails, texts or webhooks are due and have not left.",
        (
            "Is the mail server or the gateway away? Its notices are tried again by themselves.",
            "One partner only: carelead partner list, then attempts ENDPOINT.",
            "Everything at once: look for courier lines in the log of notifications, and at PostgreSQL.",
        ),
    ),
    "given-up": Entry(
        "Notices given up in 24 hours",
        "notice",
        "Every attempt failed. The alerts stay on the worklist and climb to the next person.",
        (
            "select channel, recipient, reason, code, count(*) from notifications.deliveries where state = 'failed' "
            "group by 1, 2, 3, 4 says whose and why.",
            "Mend the address or the endpoint.",
        ),
    ),
    "alert-lag": Entry(
        "Unread by notifications",
        "record",
        "Alerts and facts come faster than they are stored here. Nobody is told while an alert is unread.",
        ("Look for alerts.waiting in the log of notifications, and at PostgreSQL.", "Wait: does the number fall?"),
    ),
}  # fmt: skip
