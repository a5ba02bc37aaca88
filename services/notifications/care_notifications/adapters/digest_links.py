"""The link in a digest mail that ends digest mails: it names its person to nobody but us, and works for ever."""

from collections.abc import Sequence

from care_notifications.adapters.sealed import MARK, Sealer
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import PersonId

PREFIX = "/unsubscribe"
ABOUT = "digests by mail"
LONGEST_TOKEN = 400
TO_ADDRESS, FROM_ADDRESS = str.maketrans("+/", "-_", "="), str.maketrans("-_", "+/")


class DigestLinks:
    """Makes and reads them. Sealed, they can neither be guessed nor made to mean somebody else."""

    def __init__(self, keys: Sequence[str], base_url: str) -> None:
        """`keys`, newest first: at least one; a link works as long as its key is among them."""
        self._sealer = Sealer(keys)
        self._base_url = base_url

    def link(self, person: str) -> str:
        """The address for this person's mails."""
        token = self._sealer.seal(person, ABOUT).removeprefix(MARK).translate(TO_ADDRESS)
        return f"{self._base_url}{PREFIX}/{token}"

    def person_of(self, token: str) -> PersonId | None:
        """Whose link this is; None when it is none of ours."""
        if len(token) > LONGEST_TOKEN or not token.isascii():
            return None
        name, _, closed = token.translate(FROM_ADDRESS).partition(".")
        padded = closed + "=" * (-len(closed) % 4)
        try:
            return PersonId(self._sealer.open(f"{MARK}{name}.{padded}", ABOUT))
        except (ConfigurationError, ValueError):
            return None
