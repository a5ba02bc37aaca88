"""HL7 v2 messages come in by MLLP or HTTP and are answered as their sender expects, after they are kept."""

from care_intake.adapters.mllp_terms import MllpEvent
from care_intake.adapters.mllp_tls import Peer
from care_intake.adapters.numbers import MLLP_EVENTS
from care_intake.adapters.sources import Sources
from care_intake.core.effects import Verdict, error_of
from care_intake.core.feed import Feed
from care_intake.core.formats import Format
from care_intake.core.hl7.acks import AckStamp, Condition, Outcome, Problem, ProblemSeverity, acknowledge
from care_intake.core.hl7.batches import is_batch, messages_of
from care_intake.core.hl7.refusals import refusal_of
from care_intake.core.hl7.reply_to import ReplyTo, reply_to
from care_intake.core.translation import Ignored
from care_intake.handler import Intake
from care_intake.ports import Kept
from care_shared.errors import UnsupportedMessageError
from care_shared.runtime.clock import Clock, random_id
from care_shared.runtime.logs import get_log

log = get_log(__name__)

# MSH-10 of an answer: 20 characters before 2.7, and two of them may be needed for a second answer.
_NUMBER_LENGTH = 18
_MAX_REMARKS = 5


class Hl7Door:
    """Receives bytes from a known peer and gives back the acknowledgement."""

    def __init__(self, intake: Intake, sources: Sources, clock: Clock) -> None:
        self._intake = intake
        self._sources = sources
        self._clock = clock

    async def receive(self, raw: bytes, peer: Peer) -> tuple[bytes, ...]:
        """The answers to one MLLP frame of a peer, in order; some senders put a whole batch into one."""
        if not is_batch(raw):
            return await self._receive(raw, peer)
        answers = [await self._receive(one, peer) for one in messages_of(raw)]
        return tuple(answer for each in answers for answer in each)

    async def _receive(self, raw: bytes, peer: Peer) -> tuple[bytes, ...]:
        """The answers to one message; a peer without agreement gets AR and nothing is kept."""
        reply = reply_to(raw)
        application = reply.application.partition(reply.encoding.component)[0]
        facility = reply.facility.partition(reply.encoding.component)[0]
        feed = self._sources.by_identity(peer.identity, application, facility)
        if feed is None:
            log.warning("message.unknown_sender", host=peer.host)
            return self._refused(
                reply, UnsupportedMessageError("MSH-3", "comes from a sender we have no agreement with")
            )
        return await self.answer(raw, feed, reply)

    async def answer(self, raw: bytes, feed: Feed, reply: ReplyTo) -> tuple[bytes, ...]:
        """Keep, then acknowledge. The same receipt gives the same acknowledgement, to the byte."""
        kept = await self._intake.receive(raw, Format.HL7, feed)
        return acknowledgement(reply, kept)

    def fallback(self, raw: bytes, error: Exception) -> tuple[bytes, ...]:
        """Not kept, for whatever reason: never a yes."""
        return self._refused(reply_to(raw), error)

    def observe(self, event: MllpEvent) -> None:
        """A count, and one log line for what is worth one."""
        MLLP_EVENTS.labels(event.name.value).inc()
        if event.error is not None:
            log.warning("message.refused", error=type(event.error).__name__)
        elif event.reason:
            log.warning("mllp.connection", kind=event.name, host=event.peer.host)

    def _refused(self, reply: ReplyTo, error: Exception) -> tuple[bytes, ...]:
        refusal = refusal_of(error)
        stamp = AckStamp(random_id().replace("-", "")[:_NUMBER_LENGTH], self._clock())
        return acknowledge(reply, refusal.outcome, stamp, [refusal.problem])


def acknowledgement(reply: ReplyTo, kept: Kept) -> tuple[bytes, ...]:
    """The acknowledgement of a kept message."""
    receipt = kept.receipt
    stamp = AckStamp(receipt.receipt_id.replace("-", "")[:_NUMBER_LENGTH], receipt.received_at)
    error = error_of(receipt.verdict, receipt.field, receipt.problem)
    if error is not None:
        refusal = refusal_of(error)
        return acknowledge(reply, refusal.outcome, stamp, [refusal.problem])
    remarks = list(receipt.ignored)
    if receipt.verdict in (Verdict.IGNORED, Verdict.HELD):
        remarks.insert(0, Ignored(receipt.field, receipt.problem))
    # Said to the sender, because «accepted» alone would let them think that it led to something.
    problems = [
        Problem(Condition.ACCEPTED, one.where, one.reason, ProblemSeverity.INFORMATION)
        for one in remarks[:_MAX_REMARKS]
    ]
    return acknowledge(reply, Outcome.ACCEPTED, stamp, problems)
