# Writes a stream NAME.arrows for each data type: a column of numbers and a column `value` of the
# type, with nulls, an empty batch, a batch without nulls, and a slice. Prints the names.
import datetime
import decimal

import pyarrow as pa

D = decimal.Decimal


def timestamps(unit, zone=None):
    # Values that fit every unit, and the zero.
    return pa.array([0, 1, None, -1, 1_600_000_000], pa.timestamp(unit, zone))


TYPES = {
    "null": pa.nulls(5),
    "bool": pa.array([True, False, None, True, False]),
    "float16": pa.array([0.5, float("nan"), None, float("-inf"), -0.0], pa.float16()),
    "float32": pa.array([0.5, float("nan"), None, float("-inf"), -0.0], pa.float32()),
    "float64": pa.array([0.5, float("nan"), None, float("-inf"), -0.0], pa.float64()),
    "utf8": pa.array(["", "ab", None, "longer than a view holds inline", "é€😀"]),
    "large_utf8": pa.array(["", "ab", None, "c", "é"], pa.large_utf8()),
    "utf8_view": pa.array(["", "ab", None, "longer than a view holds inline", "é"], pa.string_view()),
    "binary": pa.array([b"", b"\x00\xff", None, b"c", b"d"], pa.binary()),
    "large_binary": pa.array([b"", b"\x00\xff", None, b"c", b"d"], pa.large_binary()),
    "binary_view": pa.array([b"", b"\x00", None, b"longer than a view holds inline", b"d"], pa.binary_view()),
    "fixed_size_binary": pa.array([b"abc", b"\x00\x01\x02", None, b"xyz", b"123"], pa.binary(3)),
    "decimal128": pa.array([D("0.00"), D("-123456789.99"), None, D("99999999999999999999999999.99"), D("1.10")], pa.decimal128(28, 2)),
    "decimal256": pa.array([D("0.00"), D("-1.25"), None, D("9" * 60 + ".99"), D("1.10")], pa.decimal256(76, 2)),
    "date32": pa.array([0, -1, None, 20000, 1], pa.date32()),
    "date64": pa.array([0, -86400000, None, 86400000 * 20000, 86400000], pa.date64()),
    "time32_s": pa.array([0, 86399, None, 1, 2], pa.time32("s")),
    "time32_ms": pa.array([0, 86399999, None, 1, 2], pa.time32("ms")),
    "time64_us": pa.array([0, 86399999999, None, 1, 2], pa.time64("us")),
    "time64_ns": pa.array([0, 86399999999999, None, 1, 2], pa.time64("ns")),
    "month_day_nano": pa.array([(0, 0, 0), (1, -2, 3), None, (12, 31, 10**12), (0, 1, 0)], pa.month_day_nano_interval()),
    "list": pa.array([[1, 2], [], None, [None], [3]], pa.list_(pa.int32())),
    "large_list": pa.array([[1, 2], [], None, [None], [3]], pa.large_list(pa.int32())),
    "list_view": pa.array([[1, 2], [], None, [None], [3]], pa.list_view(pa.int32())),
    "large_list_view": pa.array([[1, 2], [], None, [None], [3]], pa.large_list_view(pa.int32())),
    "fixed_size_list": pa.array([[1, 2], [3, None], None, [5, 6], [7, 8]], pa.list_(pa.int32(), 2)),
    "list_of_text": pa.array([["a", None], [], None, ["b"], ["c", "d"]], pa.list_(pa.utf8())),
    "struct": pa.array([{"a": 1, "b": "x"}, {"a": None, "b": "y"}, None, {"a": 3, "b": None}, {"a": 4, "b": ""}], pa.struct([("a", pa.int64()), ("b", pa.utf8())])),
    "list_of_struct": pa.array([[{"a": 1}], [], None, [{"a": None}, None], [{"a": 2}]], pa.list_(pa.struct([("a", pa.int64())]))),
    "map": pa.array([[("k", 1)], [], None, [("a", None), ("b", 2)], [("z", 3)]], pa.map_(pa.utf8(), pa.int32())),
    "dictionary": pa.array(["a", "b", None, "a", "c"]).dictionary_encode(),
    "dictionary_int8": pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0, 1], pa.int8()), pa.array([10, 20])),
    "run_end": pa.RunEndEncodedArray.from_arrays(pa.array([2, 3, 5], pa.int32()), pa.array(["a", None, "b"])),
    "sparse_union": pa.UnionArray.from_sparse(pa.array([0, 1, 0, 1, 0], pa.int8()), [pa.array([1, 2, 3, 4, 5]), pa.array(list("abcde"))]),
    "dense_union": pa.UnionArray.from_dense(pa.array([0, 1, 0, 1, 0], pa.int8()), pa.array([0, 0, 1, 1, 2], pa.int32()), [pa.array([1, 2, 3]), pa.array(["a", "b"])]),
}
for bits in (8, 16, 32, 64):
    top = 2 ** (bits - 1)
    TYPES[f"int{bits}"] = pa.array([0, -top, None, top - 1, 1], getattr(pa, f"int{bits}")())
    TYPES[f"uint{bits}"] = pa.array([0, 1, None, 2 * top - 1, 2], getattr(pa, f"uint{bits}")())
for unit in ("s", "ms", "us", "ns"):
    TYPES[f"timestamp_{unit}"] = timestamps(unit)
    TYPES[f"duration_{unit}"] = pa.array([0, 1, None, -1, 1_600_000_000], pa.duration(unit))
TYPES["timestamp_utc"] = timestamps("us", "UTC")
TYPES["timestamp_zone"] = timestamps("ns", "Europe/Berlin")
TYPES["timestamp_offset"] = timestamps("ms", "+02:00")

for name, column in TYPES.items():
    field = pa.field("value", column.type, metadata={"unit": "none"})
    schema = pa.schema([pa.field("number", pa.int64(), nullable=False), field], metadata={"made by": "pyarrow"})
    with pa.OSFile(f"{name}.arrows", "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        first = 0
        # A slice of a union or a dictionary is where lengths and offsets part.
        for part in (column, column.slice(0, 0), column.slice(3, 2), column.slice(1, 3)):
            numbers = pa.array(range(first, first + len(part)), pa.int64())
            writer.write_batch(pa.record_batch([numbers, part], schema=schema))
            first += len(part)
    print(name)


def write(name, column_parts, **options):
    schema = pa.schema([pa.field("number", pa.int64(), nullable=False), pa.field("value", column_parts[0].type)])
    with pa.OSFile(f"{name}.arrows", "wb") as sink:
        with pa.ipc.new_stream(sink, schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
            first = 0
            for part in column_parts:
                numbers = pa.array(range(first, first + len(part)), pa.int64())
                writer.write_batch(pa.record_batch([numbers, part], schema=schema))
                first += len(part)
    print(name)


def dictionary(indices, words):
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(words))


# Dictionaries that grow, and that are replaced, from batch to batch.
write(
    "dictionary_delta",
    [dictionary([0, 1, None], ["a", "b"]), dictionary([2, 0], ["a", "b", "c"]), dictionary([3], ["a", "b", "c", "d"])],
    emit_dictionary_deltas=True,
)
write("dictionary_replaced", [dictionary([0, 1, None], ["a", "b"]), dictionary([1, 0], ["x", "y"]), dictionary([0], ["a"])])
for codec in ("lz4", "zstd"):
    write(f"compressed_{codec}", [pa.array([f"text {n % 7}" for n in range(5000)]), pa.array(["", None])], compression=codec)
