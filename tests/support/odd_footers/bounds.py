"""Statistics of column chunks, and column orders."""

import decimal
import math
import struct

import pyarrow as pa
from thrift_compact import I32, STRUCT, ParquetBytes, Struct, binary, boolean, fields, i32, i64, items

from .files import MAX, MAX_EXACT, MIN, MIN_EXACT, NULLS, OLD_MAX, OLD_MIN, changed, columns, put, written


def plain_bound(column, text):
    """A value as statistics hold it."""
    if column in ("number", "day"):
        return struct.pack("<i", int(text))
    if column == "ratio":
        return struct.pack("<d", float(text))
    if column == "price":
        return int(decimal.Decimal(text) * 100).to_bytes(9, "big", signed=True)
    return text.encode()


def bounds():
    predicates = {
        "number": ["number = 7", "number = -3", "number > 4", "number IS NULL", "number <> 5"],
        "text": ["text = 'c'", "text > 'b'", "text = ''", "text >= 'é'", "text LIKE 'a%'"],
        "price": ["price = 99", "price = -1.25", "price > 0", "price < 0"],
        "ratio": ["ratio = 0", "ratio = -1.5", "ratio > 1", "ratio < 0", "ratio <> 0"],
        "day": ["day = DATE '2020-01-17'", "day > DATE '2020-01-12'"],
        "at": ["\"at\" > TIMESTAMPTZ '1970-02-20 00:00:00+00'", "\"at\" < TIMESTAMPTZ '1970-01-01 00:00:00+00'"],
        "small": ["small = 257", "small > 254"],
        "flag": ["flag", "NOT flag"],
    }
    for column, wheres in predicates.items():

        def of(name, change):
            def all_groups(file):
                for group in range(2):
                    change(file.metadata(column, group), file.statistics(column, group))

            return f"bounds/{column}: {name}", changed("plain", all_groups), wheres

        def swapped(_, s):
            s[MAX], s[MIN] = s[MIN], s[MAX]

        def moved(_, s):
            s[OLD_MAX], s[OLD_MIN] = s.pop(MAX), s.pop(MIN)

        def moved_swapped(_, s):
            s[OLD_MIN], s[OLD_MAX] = s.pop(MAX), s.pop(MIN)

        def resized(bound, change):
            return lambda _, s: put(s, bound, binary(change(s.at(bound))))

        yield of("none at all", lambda m, s: m.drop(12))
        yield of("an empty struct", lambda m, s: s.clear())
        yield of("only the smallest", lambda _, s: s.drop(MAX, OLD_MAX))
        yield of("only the largest", lambda _, s: s.drop(MIN, OLD_MIN))
        yield of("swapped", swapped)
        yield of("old fields only", moved)
        yield of("old fields only, swapped", moved_swapped)
        yield of("not exact", lambda _, s: (put(s, MAX_EXACT, boolean(False)), put(s, MIN_EXACT, boolean(False))))
        yield of("said to be exact", lambda _, s: (put(s, MAX_EXACT, boolean(True)), put(s, MIN_EXACT, boolean(True))))
        yield of("largest is empty", lambda _, s: put(s, MAX, binary(b"")))
        if column != "text":  # for text, these bounds are possible
            yield of("both are empty", lambda _, s: (put(s, MAX, binary(b"")), put(s, MIN, binary(b""))))
            yield of("largest is cut", resized(MAX, lambda b: b[:-1]))
            yield of("smallest is cut to a byte or nothing", resized(MIN, lambda b: b[: len(b) // 2]))
            yield of("largest is too long", resized(MAX, lambda b: b + b"\0"))
            yield of("smallest is too long", resized(MIN, lambda b: b + bytes(8)))
        else:
            yield of("largest grown by a shortening", lambda _, s: (put(s, MAX, binary(b"\xff")), put(s, MAX_EXACT, boolean(False))))
            yield of("bounds that are no UTF-8", lambda _, s: (put(s, MAX, binary(b"\xff\xfe")), put(s, MIN, binary(b""))))
        yield of("swapped, and the old ones right", lambda _, s: (s.update({OLD_MIN: s[MIN], OLD_MAX: s[MAX]}), swapped(_, s)))
        yield of("the old ones swapped, and the new right", lambda _, s: s.update({OLD_MIN: s[MAX], OLD_MAX: s[MIN]}))

        # A count that says all values are null contradicts the bounds.
        yield of("all are null, says the count", lambda m, s: put(s, NULLS, i64(m.at(5))))

    ratio = predicates["ratio"]

    def floats(name, smallest, largest):
        def change(file):
            for group in range(2):
                statistics = file.statistics("ratio", group)
                put(statistics, MIN, binary(struct.pack("<d", smallest)))
                put(statistics, MAX, binary(struct.pack("<d", largest)))

        return f"bounds/ratio: {name}", changed("plain", change), ratio

    yield floats("NaN both", math.nan, math.nan)
    yield floats("NaN smallest", math.nan, 9)
    yield floats("NaN largest", -9, math.nan)
    yield floats("-NaN smallest", -math.nan, 9)
    yield floats("infinite", -math.inf, math.inf)
    yield floats("infinite the wrong way", math.inf, -math.inf)

    # A bound of zero does not show the sign of the values.
    zeros = written(pa.table({"id": range(3), "z": [0.0, -0.0, 0.0]}))
    for low, high in ((0.0, 0.0), (-0.0, -0.0), (0.0, -0.0), (-0.0, 0.0)):
        file = ParquetBytes(zeros)
        put(file.statistics("z"), MIN, binary(struct.pack("<d", low)))
        put(file.statistics("z"), MAX, binary(struct.pack("<d", high)))
        yield f"bounds/zeros: {low} to {high}", file.to_bytes(), ["z = 0", "z < 0", "z >= 0", "z = -0.0"]

    # Decimals of mixed sign whose bounds were compared as unsigned bytes.
    def unsigned(file):
        for group, (low, high) in enumerate((("0.00", "-1.25"), ("0.10", "-0.01"))):
            put(file.statistics("price", group), MIN, binary(plain_bound("price", low)))
            put(file.statistics("price", group), MAX, binary(plain_bound("price", high)))

    yield "bounds/price: compared as unsigned bytes", changed("plain", unsigned), predicates["price"]

    def signed(file):
        for group in range(2):
            put(file.statistics("text", group), OLD_MIN, binary("é"))
            put(file.statistics("text", group), OLD_MAX, binary("~"))
            file.statistics("text", group).drop(MIN, MAX)

    yield "bounds/text: compared as signed bytes, old fields", changed("plain", signed), predicates["text"]

    count = len(columns())
    orders = {
        "missing": None,
        "empty": items(STRUCT, []),
        "short": items(STRUCT, [Struct({1: fields()})]),
        "long": items(STRUCT, [Struct({1: fields()})] * 2 * count),
        "of the future": items(STRUCT, [Struct({55: fields()})] * count),
        "without a member": items(STRUCT, [Struct()] * count),
        "the second member, total order of floats": items(STRUCT, [Struct({2: fields()})] * count),
        "members with fields": items(STRUCT, [Struct({1: fields({1: i32(5)})})] * count),
        "two members": items(STRUCT, [Struct({1: fields(), 2: fields()})] * count),
        "no structs": items(I32, [1] * count),
        "no list": i32(7),
    }
    some = [predicates[name][0] for name in ("number", "text", "price", "ratio")] + ["small > 254", "text > 'b'"]
    for name, value in orders.items():
        yield f"bounds/column orders {name}", changed("plain", lambda f: put(f.footer, 7, value)), some
        if name in ("missing", "of the future", "short"):
            old = lambda f: (put(f.footer, 7, value), [moved(None, c.at(3, 12)) for c in f.chunks()])
            yield f"bounds/column orders {name}, old fields", changed("plain", old), some
