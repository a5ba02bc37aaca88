"""Facts about who is who: what the record that is absorbed learns of a merge, and what it hands to the survivor."""

from typing import Literal

from pydantic import Field

from care_shared.contracts.envelope import CareEvent, SomePatientId


class PatientAbsorbed(CareEvent):
    """This record is another record's person now: `survivor_patient_id` answers for it. Key: the absorbed record."""

    type: Literal["patient-absorbed"] = "patient-absorbed"
    survivor_patient_id: SomePatientId
    revision: int = Field(default=0, description="grows with every change of who is who; the highest holds")


class PatientSeparated(CareEvent):
    """This record was absorbed, and that was a mistake: it is a person of its own again. Key: the separated record."""

    type: Literal["patient-separated"] = "patient-separated"
    former_survivor_patient_id: SomePatientId
    revision: int = Field(default=0, description="grows with every change of who is who; the highest holds")


class PatientStateHandedOver(CareEvent):
    """What scoring believes from the facts of one record, sent to whoever answers for it. Only scoring writes it.

    `record_patient_id` is the absorbed record when beliefs go to its survivor, and `patient_id` itself when they come
    back. Whoever receives it joins it to what is known already, so twice or late makes no difference.
    """

    type: Literal["patient-state-handed-over"] = "patient-state-handed-over"
    record_patient_id: SomePatientId
    beliefs: str = Field(description="base64 of scoring's own versioned bytes; what was told about gaps is not in it")
