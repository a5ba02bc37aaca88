"""A wish to be left in peace, or not any more: a fact for everybody, which holds here before it comes back as one."""

from dataclasses import dataclass
from datetime import datetime

from care_notifications.adapters.check_in_patients import PROFILE
from care_notifications.adapters.postgres_follow_up import fact_rows
from care_notifications.core.check_ins.answering import SOURCE
from care_notifications.core.check_ins.listen import CAREGIVER_CHECK_INS, CHECK_INS
from care_notifications.core.check_ins.reasons import NotSent
from care_shared.contracts.care_events import ConsentChanged
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ContactParty, EventId, PatientId

LOCK_PATIENT = "SELECT body FROM check_in_patients WHERE patient_id = $1 FOR UPDATE"
SAVE_PATIENT = "UPDATE check_in_patients SET body = $2, look_at = coalesce($3, look_at) WHERE patient_id = $1"
STOP_WAITING = """
UPDATE check_ins SET state = 'not-sent', reason = $3, ended_at = $4
WHERE patient_id = $1 AND party = $2 AND state = 'waiting'
"""
SCOPES = {ContactParty.CAREGIVER: CAREGIVER_CHECK_INS}


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants check-ins or none, about which patient."""

    patient_id: PatientId
    party: ContactParty
    wanted: bool


async def grant(connection: Connection, wish: Wish, event_id: str, now: datetime) -> bool:
    """Whether that changes anything; what is so already is told nobody again."""
    scope = SCOPES.get(wish.party, CHECK_INS)
    body = await connection.fetchval(LOCK_PATIENT, wish.patient_id)
    if body is not None:
        profile = PROFILE.validate_json(body)
        if profile.refused.get(scope, False) is not wish.wanted:
            return False
        profile.is_news(scope, now)
        profile.refused[scope] = not wish.wanted
        kept = PROFILE.dump_json(profile, exclude_defaults=True).decode()
        await connection.execute(SAVE_PATIENT, wish.patient_id, kept, now if wish.wanted else None)
    if not wish.wanted:
        await connection.execute(STOP_WAITING, wish.patient_id, wish.party, NotSent.OPTED_OUT, now)
    said = ConsentChanged(
        event_id=EventId(event_id), patient_id=wish.patient_id, occurred_at=now, recorded_at=now, source=SOURCE,
        scope=scope, permitted=wish.wanted,
    )  # fmt: skip
    await enqueue(connection, fact_rows((said,)))
    return True
