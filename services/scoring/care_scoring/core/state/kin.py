"""Of a patient who was ever merged: whose facts make up the picture, kept apart so that a mistake can be undone."""

from msgspec import Struct

from care_shared.vocabulary import PatientId


class Kin(Struct, array_like=True):
    """Beliefs are encoded states. A revision grows with every change of who is who, so the highest one holds."""

    own: bytes  # what came under the patient's own numbers
    answers: tuple[int, PatientId] | None = None  # revision, and who answers for this record: itself, or its survivor
    absorbed: dict[PatientId, tuple[int, bool]] = {}  # other records: revision, and whether they are part of this one
    parts: dict[PatientId, bytes] = {}  # what came under their numbers

    def survivor_of(self, patient_id: PatientId) -> PatientId:
        """Who answers for the record whose kin this is."""
        return self.answers[1] if self.answers else patient_id

    def holds(self, record: PatientId) -> bool:
        """Whether that record is part of this one."""
        return self.absorbed.get(record, (0, False))[1]

    def gave_up(self, record: PatientId) -> bool:
        """Whether that record was part of this one and is no more, or is known never to have been."""
        return record in self.absorbed and not self.absorbed[record][1]
