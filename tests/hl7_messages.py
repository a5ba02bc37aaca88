"""HL7 messages for tests: a few lines written by hand, and the sample files of other projects."""

from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
EDGE_CASES = SAMPLES / "hl7v2-edge-cases"
VENDOR_SAMPLES = SAMPLES / "fhir-converter" / "hl7v2"

MSH = r"MSH|^~\&|ADT1|GOODHEALTH|CARELEAD|ACO|20261120143012-0500||ADT^A03^ADT_A03|MSG1|P|2.5.1"


def hl7(*segments: str, header: str = MSH) -> bytes:
    """A message of these segments below a header."""
    return "\r".join((header, *segments)).encode() + b"\r"


def header(**fields: str) -> str:
    """The usual header with other values: header(f18="8859/1") sets MSH-18."""
    parts = MSH.split("|")
    for name, value in fields.items():
        number = int(name.removeprefix("f"))
        parts += [""] * (number - len(parts))
        parts[number - 1] = value
    return "|".join(parts)


def edge_case(name: str) -> bytes:
    """One file of `hl7v2-edge-cases`."""
    return (EDGE_CASES / f"{name}.hl7").read_bytes()


def well_formed_samples() -> list[Path]:
    """Every sample that is a legal message, by its own name or by the standard."""
    # Trailing empty fields are untidy but legal in every version, and most senders write them.
    legal = [*EDGE_CASES.glob("[!i]*.hl7"), EDGE_CASES / "invalid-trailing-empty-fields.hl7"]
    return sorted([*legal, *VENDOR_SAMPLES.glob("*.hl7")])
