"""Each hospital message names, in its first characters, the signs that separate its fields and parts."""

from dataclasses import dataclass
from functools import lru_cache

from care_intake.core.hl7.charsets import readable_codec
from care_shared.errors import UnusableMessageError


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one message is written (MSH-1, MSH-2, MSH-18); a sign the sender left out is empty and separates nothing."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""
    codec: str = "utf-8"

    @property
    def signs(self) -> str:
        """What stands in MSH-2."""
        return self.component + self.repetition + self.escape + self.subcomponent + self.truncation


DEFAULT_ENCODING = Encoding()


def _is_separator(sign: str) -> bool:
    # The quotation mark is kept out: two of them are HL7's way to say "delete this value".
    return "!" <= sign <= "~" and not sign.isalnum() and sign != '"'


@lru_cache(maxsize=64)  # bounded: both come from outside
def encoding_of(header: str, charset: str = "") -> Encoding:
    """What an MSH segment declares: `header` is its first ten characters, beginning with MSH, `charset` its MSH-18."""
    field = header[3:4]
    if not field or not _is_separator(field):
        raise UnusableMessageError("MSH-1", "is not a printable sign that is neither letter nor digit")
    signs = header[4:].partition(field)[0]
    # Escape and subcomponent may be missing (2.3), the truncation sign may follow (2.7).
    if not 2 <= len(signs) <= 5:
        raise UnusableMessageError("MSH-2", "does not hold two to five separators")
    if not all(_is_separator(sign) for sign in signs):
        raise UnusableMessageError("MSH-2", "holds a sign that cannot be a separator")
    if len({field, *signs}) != len(signs) + 1:
        raise UnusableMessageError("MSH-2", "holds the same separator twice")
    component, repetition, escape, subcomponent, truncation = (signs[at : at + 1] for at in range(5))
    if signs[2:] == "&":
        # `^~&`: the backslash was lost on the way, as program text likes to do; & never is an escape.
        escape, subcomponent = "", "&"
    return Encoding(field, component, repetition, escape, subcomponent, truncation, readable_codec(charset))
