"""The small files that are changed, and how a change is applied."""

import datetime
import decimal
import functools
import os
import tempfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from thrift_compact import ParquetBytes

HUGE = 2**62

# Field numbers of parquet.thrift.
FOOTER = {"version": 1, "schema": 2, "num_rows": 3, "row_groups": 4, "key_values": 5, "created_by": 6, "column_orders": 7}
ELEMENT = {
    "type": 1,
    "type_length": 2,
    "repetition_type": 3,
    "name": 4,
    "num_children": 5,
    "converted_type": 6,
    "scale": 7,
    "precision": 8,
    "field_id": 9,
    "logical_type": 10,
}
GROUP = {
    "columns": 1,
    "total_byte_size": 2,
    "num_rows": 3,
    "sorting_columns": 4,
    "file_offset": 5,
    "total_compressed_size": 6,
    "ordinal": 7,
}
CHUNK = {"file_path": 1, "file_offset": 2, "meta_data": 3}
METADATA = {
    "type": 1,
    "encodings": 2,
    "path_in_schema": 3,
    "codec": 4,
    "num_values": 5,
    "total_uncompressed_size": 6,
    "total_compressed_size": 7,
    "data_page_offset": 9,
    "statistics": 12,
    "encoding_stats": 13,
    "size_statistics": 16,
}
OLD_MAX, OLD_MIN, NULLS, DISTINCT, MAX, MIN, MAX_EXACT, MIN_EXACT = range(1, 9)

# The files that are changed.


def written(table, **options):
    options = {"compression": "none", "use_dictionary": False, "store_schema": False} | options
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    file = ParquetBytes(sink.getvalue().to_pybytes())
    # pyarrow checks levels against these histograms and refuses files that it would read without them.
    for chunk in file.chunks():
        chunk.at(3).drop(16)
    return file.to_bytes()


NUMBERS = [5, -3, None, 7, 2, 9, 0, None, -8, 4]
RATIOS = [0.5, -1.5, 2.0, None, 0.0, 3.25, -0.25, 8.0, 1.0, -7.0]
WORDS = ["c", "abc", "é", None, "", "zz", "g", "c", "Ab", "~"]
PRICES = ["1.25", "-1.25", "0.00", "99.00", None, "-7.50", "3.10", "2.00", "-0.01", "5.00"]


def columns(rows=10):
    take = lambda values, make: [None if values[n % 10] is None else make(values[n % 10]) for n in range(rows)]
    return {
        "id": pa.array(range(rows), pa.int64()),
        "number": pa.array(take(NUMBERS, int), pa.int32()),
        "text": pa.array(take(WORDS, str)),
        "price": pa.array(take(PRICES, decimal.Decimal), pa.decimal128(20, 2)),
        "ratio": pa.array(take(RATIOS, float)),
        "day": pa.array(take(NUMBERS, lambda n: datetime.date(2020, 1, 10) + datetime.timedelta(n)), pa.date32()),
        "at": pa.array(take(NUMBERS, lambda n: n * 10**12), pa.timestamp("us", "UTC")),
        "small": pa.array(take(NUMBERS, lambda n: n + 250), pa.uint16()),
        "flag": pa.array(take(NUMBERS, lambda n: n > 3)),
    }


@functools.cache
def base(name):
    table = pa.table(columns())
    if name == "plain":
        return written(table, row_group_size=5)
    if name == "few":
        return written(table.select(["id", "number", "text"]), row_group_size=5)
    if name == "one":
        return written(table.select(["id", "number"]))
    if name == "v2":
        return written(table.select(["id", "number", "text"]), row_group_size=5, data_page_version="2.0")
    if name == "snappy":
        return written(table.select(["id", "number", "text"]), compression="snappy", data_page_version="2.0")
    if name == "schema":
        return written(table.select(["id", "number", "text"]), store_schema=True)
    if name == "dictionary":
        words = pa.table({"id": columns()["id"], "word": pa.array(["a", None, "b", "a", "c", "a", "b", None, "a", "a"])})
        return written(words, row_group_size=5, use_dictionary=["word"])
    if name == "pages":
        options = {"max_rows_per_page": 10, "write_batch_size": 10, "write_page_index": True}
        long = pa.table(columns(60)).select(["id", "number", "text"])
        return written(long, row_group_size=30, **options)
    if name == "int96":
        at = pa.array([0, 86400 * 10**6, None, 10**15, -1], pa.timestamp("us"))
        return written(pa.table({"id": range(5), "x": at}), use_deprecated_int96_timestamps=True, write_statistics=False)
    if name == "bloom":
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "bloom.parquet")
            duckdb.sql(f"COPY (SELECT range AS id, range % 7 * 2 AS word FROM range(3000)) TO '{path}' (ROW_GROUP_SIZE 2048)")
            with open(path, "rb") as file:
                return file.read()
    if name == "nested":
        item = pa.field("element", pa.int32(), nullable=False)
        rows = {
            "id": pa.array(range(5), pa.int64()),
            "l": pa.array([[1, 2], [], None, [3], [4, 5, 6]], pa.list_(item)),
            "s": pa.array([{"a": 1}, {"a": 2}, None, {"a": None}, {"a": 5}], pa.struct([("a", pa.int32())])),
            "m": pa.array([[("k", 1)], [], None, [("a", None), ("b", 2)], [("z", 3)]], pa.map_(pa.utf8(), pa.int32())),
            "ls": pa.array(
                [[{"a": 1}], [], None, [{"a": 7}, {"a": 8}], [{"a": 2}]],
                pa.list_(pa.field("element", pa.struct([pa.field("a", pa.int32(), nullable=False)]), nullable=False)),
            ),
            "ll": pa.array(
                [[[1], [2, 3]], [[]], [], None, [[4]]],
                pa.list_(pa.field("element", pa.list_(item), nullable=False)),
            ),
            "lm": pa.array(
                [[[("a", 1)], [("b", 2)]], [[]], [], None, [[("c", 3)]]],
                pa.list_(pa.field("element", pa.map_(pa.utf8(), pa.int32()), nullable=False)),
            ),
        }
        return written(pa.table(rows), write_statistics=False)
    raise KeyError(name)


def changed(name, change):
    """One of these files after `change` was applied to its parts."""
    file = ParquetBytes(base(name))
    change(file)
    return file.to_bytes()


def put(target, number, value):
    """Sets a field; None drops it."""
    if value is None:
        target.drop(number)
    else:
        target[number] = value
