"""Who hears what stands in Kafka beside alerts: check-ins, patient pages, figures and dead letters, each by itself."""

from collections.abc import Coroutine
from dataclasses import dataclass

from care_notifications.adapters.kafka_alerts import AlertReader
from care_notifications.check_ins import CheckIns, build_check_ins
from care_notifications.footing import Footing
from care_notifications.insight import Insight, build_insight
from care_notifications.letters import Letters, build_letters
from care_notifications.patients import Patients, build_patients


@dataclass(frozen=True, slots=True)
class Hearing:
    """The four."""

    check_ins: CheckIns
    patients: Patients
    insight: Insight
    letters: Letters

    @property
    def readers(self) -> dict[str, AlertReader]:
        """Their readers, by the name that health pages call each."""
        return {
            "facts": self.check_ins.reader,
            "patients": self.patients.reader,
            "measures": self.insight.reader,
            "letters": self.letters.reader,
        }

    def background(self) -> tuple[Coroutine[None, None, None], ...]:
        """What runs beside the pages."""
        return (
            *self.check_ins.background(), self.patients.background(), *self.insight.background(),
            *self.letters.background(),
        )  # fmt: skip


def build_hearing(on: Footing) -> Hearing:
    """Wire them; nothing runs yet."""
    return Hearing(
        build_check_ins(on.settings, on.pool, on.ring, on.clock),
        build_patients(on.settings, on.pool, on.clock),
        build_insight(on.settings, on.pool, on.source, on.clock),
        build_letters(on),
    )
