"""Converted and logical types on all physical types."""

import copy
import functools
import math

import pyarrow as pa
from thrift_compact import ParquetBytes, binary, boolean, fields, i8, i32

from .files import base, put, written

CONVERTED = ["UTF8", "MAP", "MAP_KEY_VALUE", "LIST", "ENUM", "DECIMAL", "DATE", "TIME_MILLIS", "TIME_MICROS"]
CONVERTED += ["TIMESTAMP_MILLIS", "TIMESTAMP_MICROS", "UINT_8", "UINT_16", "UINT_32", "UINT_64"]
CONVERTED += ["INT_8", "INT_16", "INT_32", "INT_64", "JSON", "BSON", "INTERVAL"]


def unit(number, utc):
    return fields({1: boolean(utc), 2: fields({number: fields()})})


def decimal_type(precision, scale):
    return fields({1: i32(scale), 2: i32(precision)})


LOGICAL = {
    "STRING": {1: fields()},
    "MAP": {2: fields()},
    "LIST": {3: fields()},
    "ENUM": {4: fields()},
    "DECIMAL(9, 2)": {5: decimal_type(9, 2)},
    "DECIMAL(30, 5)": {5: decimal_type(30, 5)},
    "DECIMAL(0, 0)": {5: decimal_type(0, 0)},
    "DECIMAL(5, 9)": {5: decimal_type(5, 9)},
    "DECIMAL(9, -2)": {5: decimal_type(9, -2)},
    "DECIMAL(90, 2)": {5: decimal_type(90, 2)},
    "DECIMAL without fields": {5: fields()},
    "DATE": {6: fields()},
    "TIME of an unknown unit": {7: unit(4, True)},
    "TIME without fields": {7: fields()},
    "TIMESTAMP of an unknown unit": {8: unit(4, True)},
    "TIMESTAMP without fields": {8: fields()},
    "TIMESTAMP without a unit": {8: fields({1: boolean(True), 2: fields()})},
    "the reserved ninth": {9: fields()},
    "UNKNOWN": {11: fields()},
    "JSON": {12: fields()},
    "BSON": {13: fields()},
    "UUID": {14: fields()},
    "FLOAT16": {15: fields()},
    "VARIANT": {16: fields()},
    "GEOMETRY": {17: fields()},
    "GEOMETRY with CRS": {17: fields({1: binary("EPSG:25832")})},
    "GEOGRAPHY": {18: fields()},
    "GEOGRAPHY of the future": {18: fields({2: i32(77)})},
    "of the future (19)": {19: fields()},
    "of the far future (2555)": {2555: fields({1: i32(1)})},
    "without a member": {},
    "STRING and DATE": {1: fields(), 6: fields()},
    "INTEGER of no width": {10: fields()},
    "INTEGER(24, signed)": {10: fields({1: i8(24), 2: boolean(True)})},
    "a member that is no struct": {1: i32(1)},
}
for number, name in ((1, "MILLIS"), (2, "MICROS"), (3, "NANOS")):
    for utc in (True, False):
        LOGICAL[f"TIME({name}, {utc})"] = {7: unit(number, utc)}
        LOGICAL[f"TIMESTAMP({name}, {utc})"] = {8: unit(number, utc)}
for width in (8, 16, 32, 64):
    for signed in (True, False):
        LOGICAL[f"INTEGER({width}, {signed})"] = {10: fields({1: i8(width), 2: boolean(signed)})}


@functools.cache
def typed():
    """A file for each physical type, with columns `id` and `x`, without annotations and statistics."""
    wide = lambda size: [None if n == 3 else bytes([n]) * (size - 1) + b"\1" for n in range(5)]
    arrays = {
        "BOOLEAN": pa.array([True, False, None, True, False]),
        "INT32": pa.array([0, 1, 100, None, 120], pa.int32()),
        "INT32 of all bits": pa.array([-1, -(2**31), 2**31 - 1, None, 70000], pa.int32()),
        "INT64": pa.array([0, 1, 100, None, 120], pa.int64()),
        "INT64 of all bits": pa.array([-1, -(2**63), 2**63 - 1, None, 2**40], pa.int64()),
        "FLOAT": pa.array([0.0, -0.5, math.nan, None, 3.0], pa.float32()),
        "DOUBLE": pa.array([0.0, -0.5, math.nan, None, 3.0], pa.float64()),
        "BYTE_ARRAY of JSON": pa.array([b"1", b'{"a":2}', b"[]", None, b'"RED"'], pa.binary()),
        "BYTE_ARRAY of bytes": pa.array([b"\xff\xfe", b"\0", b"\x80\x01", None, b"caf\xe9"], pa.binary()),
        "BYTE_ARRAY of WKB": pa.array([bytes.fromhex("0101000000000000000000f03f0000000000000040")] * 5),
    }
    files = {name: written(pa.table({"id": range(5), "x": array}), write_statistics=False) for name, array in arrays.items()}
    for size in (2, 4, 8, 12, 16, 20):
        array = pa.array(wide(size), pa.binary(size))
        files[f"FIXED({size})"] = written(pa.table({"id": range(5), "x": array}), write_statistics=False)
    return files | {"INT96": base("int96")}


def types():
    def annotated(kind, data, name, change):
        file = ParquetBytes(data)
        element = file.element("x")
        element.drop(6, 7, 8, 10)
        change(element)
        return f"types/{kind} as {name}", file.to_bytes(), []

    for kind, data in typed().items():
        for number, name in [*enumerate(CONVERTED), (22, "22"), (24, "24"), (99, "99"), (-1, "-1")]:
            if name != "DECIMAL":
                yield annotated(kind, data, f"converted type {name}", lambda e: put(e, 6, i32(number)))
        for scale, precision in ((2, 4), (None, 4), (2, None), (None, None), (0, 9), (2, 18), (5, 38), (9, 5), (-1, 9), (2, 90)):

            def scaled(element):
                put(element, 6, i32(5))
                put(element, 7, None if scale is None else i32(scale))
                put(element, 8, None if precision is None else i32(precision))

            yield annotated(kind, data, f"converted type DECIMAL, precision {precision}, scale {scale}", scaled)
        for name, members in LOGICAL.items():
            yield annotated(kind, data, name, lambda e: put(e, 10, fields(copy.deepcopy(members))))

    # A logical type and a converted type that contradict each other.
    pairs = [
        ("INT32", 6, "INTEGER(16, False)"),
        ("INT32", 11, "INTEGER(8, True)"),
        ("INT32", 5, "DATE"),
        ("INT32", 7, "UNKNOWN"),
        ("INT32", 24, "of the future (19)"),
        ("INT32", 16, "of the future (19)"),
        ("INT64", 9, "TIMESTAMP(MICROS, True)"),
        ("INT64", 10, "TIMESTAMP(NANOS, False)"),
        ("INT64", 14, "INTEGER(64, True)"),
        ("INT64", 10, "of the far future (2555)"),
        ("INT64", 10, "without a member"),
        ("BYTE_ARRAY of JSON", 0, "ENUM"),
        ("BYTE_ARRAY of JSON", 4, "STRING"),
        ("BYTE_ARRAY of JSON", 0, "JSON"),
        ("BYTE_ARRAY of JSON", 19, "STRING"),
        ("BYTE_ARRAY of JSON", 20, "STRING"),
        ("BYTE_ARRAY of JSON", 0, "BSON"),
        ("BYTE_ARRAY of JSON", 0, "UNKNOWN"),
        ("BYTE_ARRAY of JSON", 0, "UUID"),
        ("BYTE_ARRAY of JSON", 0, "of the future (19)"),
        ("BYTE_ARRAY of JSON", 5, "STRING"),
        ("BYTE_ARRAY of WKB", 0, "GEOMETRY"),
        ("FIXED(12)", 21, "UNKNOWN"),
        ("FIXED(12)", 21, "without a member"),
        ("FIXED(16)", 21, "UUID"),
        ("FIXED(16)", 5, "UUID"),
        ("FIXED(2)", 5, "FLOAT16"),
        ("FIXED(4)", 0, "DECIMAL(9, 2)"),
        ("DOUBLE", 0, "STRING"),
    ]
    for kind, converted, name in pairs:
        number = converted
        both = lambda e: (put(e, 6, i32(number)), put(e, 10, fields(copy.deepcopy(LOGICAL[name]))))
        converted = CONVERTED[number] if number < len(CONVERTED) else number
        yield annotated(kind, typed()[kind], f"{name} beside converted type {converted}", both)
    for scale, precision in ((2, 9), (4, 6), (None, 9), (2, None)):

        def contradicting(element):
            put(element, 6, i32(5))
            put(element, 7, None if scale is None else i32(scale))
            put(element, 8, None if precision is None else i32(precision))
            put(element, 10, fields({5: decimal_type(8, 3)}))

        yield annotated("INT32", typed()["INT32"], f"DECIMAL(8, 3) beside precision {precision}, scale {scale}", contradicting)
