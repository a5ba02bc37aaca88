"""What a patient allowed to be disclosed, to whom and until when, opens a label to a partner; silence opens nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from care_shared.vocabulary import OrganizationId, SensitivityLabel

Scopes = Mapping[SensitivityLabel, Sequence[str]]

# Which scopes of a consent open which label. A label without one is opened by none.
SUBSTANCE = ("ETH", "42CFRPart2", "substance-use", "part-2")
CONSENT_SCOPES: dict[SensitivityLabel, tuple[str, ...]] = {
    SensitivityLabel.SUBSTANCE_USE: SUBSTANCE,
    SensitivityLabel.PART_2: SUBSTANCE,
    SensitivityLabel.PSYCHIATRIC: ("PSY", "psychiatric"),
    SensitivityLabel.HIV: ("HIV",),
}


@dataclass(frozen=True, slots=True)
class Consent:
    """The latest answer for one scope and recipient; without a recipient it is for everybody."""

    scope: str
    recipient: OrganizationId | None
    permitted: bool
    expires_at: datetime | None = None

    def holds_at(self, now: datetime) -> bool:
        """Whether the answer, yes or no, still counts."""
        return self.expires_at is None or now < self.expires_at


def opens(
    labels: Iterable[SensitivityLabel],
    recipient: OrganizationId | None,
    consents: Sequence[Consent],
    scopes: Scopes,
    now: datetime,
) -> bool:
    """Whether every label may be disclosed to this organisation now (42 CFR Part 2, clinical.md 8.6 P2-1)."""
    valid = [one for one in consents if one.holds_at(now)]
    return all(_is_open(scopes.get(label, ()), recipient, valid) for label in labels)


def _is_open(scopes: Sequence[str], recipient: OrganizationId | None, consents: Sequence[Consent]) -> bool:
    """An answer about this very recipient outweighs one about everybody; a no outweighs a yes of the same kind."""
    told = [one for one in consents if one.scope in scopes]
    about = [one for one in told if recipient is not None and one.recipient == recipient]
    deciding = about or [one for one in told if one.recipient is None]
    return bool(deciding) and all(one.permitted for one in deciding)
