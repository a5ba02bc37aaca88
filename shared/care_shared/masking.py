"""A message can be shown without its patient: the structure stays, every value becomes a pattern of its kind."""

import json
import re
from collections.abc import Collection, Mapping

Words = Mapping[str, Collection[str]]

_SEPARATORS_END = 8
_MSH = re.compile(r"[A-Z][A-Z0-9]{2}")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
# Words of the standard at their place, and only in their exact shape: anything else there may be somebody's name.
_WORDS: dict[tuple[str, int], re.Pattern[str]] = {
    ("MSH", 8): re.compile(
        r"(ADT|ORU|ORM|OML|SIU|MDM|REF|RDE|RDS|VXU|DFT|BAR|MFN)(.[A-Z]\d{2}(.[A-Z]{3}_[A-Z]\d{2})?)?"
    ),
    ("MSH", 10): re.compile(r"[PTD]"),
    ("MSH", 11): re.compile(r"2\.\d(\.\d)?"),
    ("EVN", 1): re.compile(r"[A-Z]\d{2}"),
    ("PV1", 2): re.compile(r"[A-Z]"),
    ("OBX", 2): re.compile(r"NM|ST|TX|FT|CE|CWE|CNE|SN|DT|TM|TS|DTM|ED|RP"),
    ("OBX", 11): re.compile(r"[A-Z]"),
}


def masked_hl7(text: str) -> str:
    """Segment names, kinds of messages and lengths stay."""
    lines = [line for line in re.split(r"\r\n|\r|\n", text.strip("\r\n")) if line]
    sign = lines[0][3:4] if lines and lines[0].startswith("MSH") else "|"
    # A letter as separator would be masked itself; such a message is one long value.
    return "\n".join(_segment(line, sign) if sign and not sign.isalnum() else pattern(line) for line in lines)


def _segment(line: str, sign: str) -> str:
    name, *fields = line.split(sign)
    if not _MSH.fullmatch(name):
        name = pattern(name)
    return sign.join([name, *(_field(name, number, value) for number, value in enumerate(fields, 1))])


def _field(name: str, number: int, value: str) -> str:
    if name == "MSH" and number == 1 and len(value) < _SEPARATORS_END and not any(sign.isalnum() for sign in value):
        return value
    word = _WORDS.get((name, number))
    return value if word is not None and word.fullmatch(value) else pattern(value)


def masked_json(text: str, words: Words) -> str:
    """Keys, types and lengths stay; under the keys of `words` a value that is one of them stays too."""
    try:
        value = json.loads(text.removeprefix("\ufeff"))
        return json.dumps(_value(value, "", words), indent=1, ensure_ascii=False)
    except (ValueError, RecursionError):
        return pattern(text)


def _value(value: object, key: str, words: Words) -> object:
    match value:
        case dict():
            return {_key(name): _value(one, name, words) for name, one in value.items()}
        case list():
            return [_value(one, "", words) for one in value]
        case str() if value in words.get(key, ()):
            return value
        case str():
            return pattern(value)
        case bool() | None:
            return value
        case _:
            return pattern(str(value))


def _key(name: str) -> str:
    return name if _KEY.fullmatch(name) else pattern(name)


def pattern(value: str) -> str:
    """«1941-03-22» as «9999-99-99», «O'Neil» as «x'xxxx»."""
    return "".join("9" if sign.isdigit() else "x" if sign.isalpha() else sign for sign in value)
