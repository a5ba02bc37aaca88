"""Writes HL7 messages from plain text, for tests: what a message means is known before any parser has seen it."""

from collections.abc import Sequence

from hypothesis import strategies as st

from care_intake.core.hl7.encoding import Encoding
from care_intake.core.hl7.escapes import escape
from care_intake.core.hl7.message import NULL

# Subcomponents of components of repetitions of fields, each text as a person would read it.
Field = Sequence[Sequence[Sequence[str]]]
Lines = Sequence[tuple[str, Sequence[Field]]]

SIGNS = "|^~\\&!#$%*+-./:;<=>?@[]_`{}"
SEGMENT_NAMES = ("PID", "PV1", "OBX", "NTE", "ZAB", "Z01")


def written(lines: Lines, encoding: Encoding, end: str = "\r") -> bytes:
    """A message of these segments below a header with these separators."""
    f, c = encoding.field, encoding.component
    header = [
        "MSH",
        encoding.signs,
        "APP",
        "FAC",
        "CARELEAD",
        "ACO",
        "20261120150000-0500",
        "",
        f"ADT{c}A08",
        "M1",
        "P",
    ]
    texts = [f.join([*header, "2.5.1"])]
    texts += [f.join([name, *(_field(one, encoding) for one in fields)]) for name, fields in lines]
    return (end.join(texts) + end).encode()


def _field(field: Field, encoding: Encoding) -> str:
    return encoding.repetition.join(
        encoding.component.join(
            encoding.subcomponent.join(escape(text, encoding) for text in component) for component in repetition
        )
        for repetition in field
    )


@st.composite
def encodings(draw: st.DrawFn) -> Encoding:
    """Any five signs that the standard allows as separators."""
    if draw(st.booleans()):
        return Encoding()
    return Encoding(*draw(st.permutations(SIGNS))[:5])


# No control characters (they are refused) and no blanks around it (every reader takes them away).
texts = (
    st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), max_size=8)
    .map(str.strip)
    .filter(lambda text: text != NULL)
)
fields = st.lists(st.lists(st.lists(texts, min_size=1, max_size=3), min_size=1, max_size=3), min_size=1, max_size=3)
bodies = st.lists(
    st.tuples(st.sampled_from(SEGMENT_NAMES), st.lists(fields, min_size=1, max_size=5)), min_size=1, max_size=4
)
