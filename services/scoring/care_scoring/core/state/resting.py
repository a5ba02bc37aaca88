"""Most of a patient's state rests while readings come in: it is deflated when it changes, and else stored as it was."""

from zlib import DEFLATED, compressobj, decompressobj, error

# A small window and few tables: setting up the usual ones costs three times as much as deflating a kilobyte or two.
FASTEST, WINDOW_BITS, MEMORY_LEVEL = 1, 12, 5
# Far beyond any patient. What claims to hold more was not written by us.
MOST_BYTES = 16 << 20
# What most patients' states say, the commonest last: deflating begins as if it had just read this. Any other word only
# costs its letters. Never change it: what was stored with it could not be read. Other words ask for another version.
WORDS = b" ".join(
    (
        b"America/Los_Angeles America/Denver America/Chicago emergency observation skilled-nursing superseded",
        b"withdrawn late_evidence left-message no-answer text-message caregiver patient phone care reached",
        b"VISIT-WEEK VISIT-LATE VISIT-REFUSED VISIT-WELFARE VISIT-CRITICAL VISIT-MISSED TCM-MEDREC ARRIVAL",
        b"NO-SHOW-REPEATED FOLLOW-UP-NO-SHOW REC-TASK REF-LOOP TPAD LAB-ACK MED-DISCREP RX-GAP POST-DC-FILL",
        b"READMISSION FMC HH-ASSESS HH-ROC HH-SOC HH-RECERT HHP-MONTH HHP-TRANS HHP-PLAN HIGH-NEEDS SOCIAL-NEED",
        b"CAREGIVER-SCREEN CAREGIVER-BURDEN PHQ-SCREEN PHQ-I9 SERVICE-RECOVERY BP-1 BP-2 BP-3 HR-1 RR-1 SP-1 TE-1",
        b"GL-1 GL-3 PF-1 HF-S1 HF-W3 DATA-2 GAP-BP GAP-CHRONIC chronic_gaps_checked medicines_at_hand",
        b"transmits_again gap_in_readings needs_more_readings trend_ended trend_rising weight_gain_week",
        b"weight_settled contact_overdue contact_pending engagement_missing reconciliation_missing",
        b"medicines_not_reconciled VITALS-TREND/2339-0 VITALS-TREND/59408-5 VITALS-TREND/8462-4 VITALS-TREND/8480-6",
        b"VITALS-TREND/8867-4 P1 P4 P3 P2 series: episode: stay: :survey :MRP expired evidence inpatient home",
        b"America/New_York PULSE-SURVEY MED-REC TRC TCM-VISIT visit_window_over period_ended",
        b"transition_window_closed too_long_ago HOMEBOUND status_fresh HF-WEIGHT/29463-7 no_weight_gain",
        b"VITALS-TREND/29463-7 no_significant_trend TCM-CONTACT contact_made TFU diagnosis_unknown DATA-1",
    )
)


class Resting:
    """The part of one patient's state that a reading leaves alone: plain, and as it was stored last."""

    __slots__ = ("plain", "stored")

    def __init__(self) -> None:
        self.plain = self.stored = b""

    @property
    def spared(self) -> int:
        """How many bytes fewer are stored than are held."""
        return len(self.plain) - len(self.stored)

    def deflated(self, plain: bytes) -> bytes:
        """What to store of these bytes; nearly always they are those of the time before."""
        if plain != self.plain:
            self.plain, self.stored = plain, _deflated(plain)
        return self.stored

    def inflated(self, stored: bytes) -> bytes:
        """The bytes again. Raises ValueError when these were not deflated here, or with other words."""
        self.plain, self.stored = _inflated(stored), stored
        return self.plain


def _deflated(plain: bytes) -> bytes:
    if not plain:
        return b""
    work = compressobj(FASTEST, DEFLATED, WINDOW_BITS, MEMORY_LEVEL, zdict=WORDS)
    return work.compress(plain) + work.flush()


def _inflated(stored: bytes) -> bytes:
    if not stored:
        return b""
    work = decompressobj(WINDOW_BITS, zdict=WORDS)
    try:
        plain = work.decompress(stored, MOST_BYTES)
    except error as why:
        raise ValueError("not deflated by us") from why
    if not work.eof or work.unused_data:
        raise ValueError("not whole, or too much")
    return plain
