"""The values of literals in conditions, for columns that can have exactly these values."""

from __future__ import annotations

import datetime
import re
import struct
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.types as is_


class Literal(NamedTuple):
    """A literal as it is written."""

    #: number, text, word (TRUE or FALSE), DATE, TIMESTAMP or TIMESTAMPTZ
    kind: str
    text: str


_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")

_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:\d\d)?",
)

_EPOCH = datetime.date(1970, 1, 1)

#: A double has these numbers and these powers of ten exactly, so their quotient is rounded only once.
_MOST_DIGITS = 15
_MOST_PLACES = 22


def value_of(literal: Literal, kind: pa.DataType) -> Any:
    """The value of a literal that is compared with a column of this type.

    An int for integers, the days and microseconds since 1970 for dates and timestamps; a float, Decimal,
    bool or str. None if the column cannot have the value, or if it may mean something else to an engine.
    """
    if literal.kind == "number":
        return _number(literal.text, kind)
    if literal.kind == "word":
        return literal.text == "TRUE" if is_.is_boolean(kind) else None
    if literal.kind == "text" and (is_.is_string(kind) or is_.is_large_string(kind)):
        return literal.text
    if is_.is_date32(kind) and literal.kind in ("text", "DATE"):
        return _days(literal.text)
    if is_.is_timestamp(kind) and kind.unit == "us":
        return _micros(literal, kind.tz)
    return None


def _number(text: str, kind: pa.DataType) -> Any:
    number = Decimal(text)
    if is_.is_signed_integer(kind):
        most = 1 << (kind.bit_width - 1)
        return int(number) if "." not in text and -most <= number < most else None
    if is_.is_decimal128(kind):
        whole, _, fraction = text.lstrip("-").partition(".")
        fits = len(whole.lstrip("0")) <= kind.precision - kind.scale and len(fraction.rstrip("0")) <= kind.scale
        return number if fits else None
    if is_.is_float64(kind) or is_.is_float32(kind):
        return _float(text, is_.is_float32(kind))
    return None


def _float(text: str, is_single: bool) -> float | None:
    whole, _, fraction = text.lstrip("-").partition(".")
    if len((whole + fraction).lstrip("0")) > _MOST_DIGITS or len(fraction) > _MOST_PLACES:
        return None
    value = float(text)
    if not is_single or value == 0:
        return value
    (bits,) = struct.unpack("<Q", struct.pack("<d", value))
    # Rounded twice, a number in the middle of two may become the wrong one.
    if bits & 0x1FFFFFFF == 0x10000000 or not 1e-30 < abs(value) < 1e30:
        return None
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def _days(text: str) -> int | None:
    found = _DATE.fullmatch(text)
    if found is None or not text.isascii():
        return None
    try:
        return (datetime.date(*map(int, found.groups())) - _EPOCH).days
    except ValueError:
        return None


def _micros(literal: Literal, zone: str | None) -> int | None:
    """Local times of a zone are left to the tools: some occur twice, others never."""
    found = _TIMESTAMP.fullmatch(literal.text)
    days = _days(found[1]) if found is not None and literal.text.isascii() else None
    if found is None or days is None:
        return None
    offset = found[6]
    if zone is None and (offset is not None or literal.kind == "TIMESTAMPTZ"):
        return None
    if zone is not None and (offset is None or literal.kind not in ("text", "TIMESTAMPTZ")):
        return None
    if literal.kind == "DATE" and found[2] is not None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.group(2, 3, 4))
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    total = (days * 24 + hours) * 3600 + minutes * 60 + seconds
    if offset is not None and offset != "Z":
        ahead = int(offset[1:3]) * 3600 + int(offset[4:]) * 60
        if int(offset[1:3]) > 14 or int(offset[4:]) > 59:
            return None
        total -= ahead if offset[0] == "+" else -ahead
    return total * 1_000_000 + int((found[5] or "").ljust(6, "0"))
