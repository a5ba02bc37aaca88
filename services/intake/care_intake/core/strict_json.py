"""JSON from outside is read once and strictly: bounded depth, no repeated keys, no numbers that are none."""

import json
import re
from collections.abc import Iterator
from itertools import accumulate
from math import isinf
from typing import NoReturn

from care_shared.errors import UnusableMessageError

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
MAX_DEPTH = 32
MAX_STRING = 1024 * 1024

# Possessive, and satisfied by an end without a closing quote: once begun it never fails, so the cost stays linear.
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(code for code in range(256) if code not in _STEPS)
_DOUBTFUL_ESCAPE = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
_LONG_NUMBER = re.compile(rb"(?<![0-9])[0-9]{400}")


def load(body: bytes, where: str = "body") -> Json:
    """The value. Raises UnusableMessageError that names the problem, never a value."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    if len(body) > MAX_STRING and any(len(one.group()) > MAX_STRING + 2 for one in _STRINGS.finditer(body)):
        raise UnusableMessageError(where, f"holds a text of more than {MAX_STRING} bytes")
    bare = _STRINGS.sub(b'""', body)
    _refuse_depth(bare, where)
    if _LONG_NUMBER.search(bare):
        raise UnusableMessageError(where, "holds a number of more than 400 digits")
    try:
        value: Json = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_finite
        )
    except UnicodeDecodeError:
        raise UnusableMessageError(where, "is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise UnusableMessageError(where, f"is not JSON (line {error.lineno}, column {error.colno})") from None
    except ValueError as error:
        # Ours, from the hooks below: they speak of keys and numbers, never of values.
        raise UnusableMessageError(where, str(error)) from None
    if _DOUBTFUL_ESCAPE.search(body):
        _refuse_broken_text(value, where)
    return value


def _refuse_depth(bare: bytes, where: str) -> None:
    depths = accumulate(map(_STEPS.__getitem__, bare.translate(None, _NO_BRACKETS)))
    if max(depths, default=0) > MAX_DEPTH:
        raise UnusableMessageError(where, f"is nested deeper than {MAX_DEPTH} levels")


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeats a key within one object")
    return found


def _no_number(_: str) -> NoReturn:
    raise ValueError("holds NaN or Infinity")


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError("holds a number too large to be one")
    return number


def _refuse_broken_text(value: Json, where: str) -> None:
    for text in _texts(value):
        if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
            raise UnusableMessageError(where, "holds text that is not Unicode")


def _texts(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            for key, item in value.items():
                yield key
                yield from _texts(item)
        case _:
            return
