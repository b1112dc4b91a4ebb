"""Writes Parquet files by pyarrow in several manners: what repeats, what does not, what falls back."""

import datetime
import decimal

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 30_000


def value(row):
    # Long runs, a few values in turn, runs again, then more values than a small dictionary holds.
    if row < 9000:
        return row // 600
    if row < 15000:
        return row % 11
    if row < 20000:
        return 7
    return row


def columns(nulls):
    keep = lambda row: not nulls or (row // 100 % 9 != 4 and row % 7 != 3 and not 2000 <= row < 4000)
    rows = [value(row) if keep(row) else None for row in range(ROWS)]
    few = [row // 500 % 40 if keep(row) else None for row in range(ROWS)]
    make = lambda make, values, kind: pa.array([None if v is None else make(v) for v in values], kind)
    for name, values in (("many", rows), ("few", few)):
        yield f"{name}_int", make(int, values, pa.int64())
        yield f"{name}_small", make(lambda v: v % 100, values, pa.int8())
        yield f"{name}_unsigned", make(int, values, pa.uint32())
        yield f"{name}_float", make(lambda v: [0.0, -0.0, float("nan"), v / 3][v % 4], values, pa.float32())
        yield f"{name}_text", make(lambda v: f"text of some length {v}", values, pa.string())
        yield f"{name}_large", make(lambda v: f"text of some length {v}", values, pa.large_string())
        yield f"{name}_view", make(lambda v: f"text of some length {v}", values, pa.string_view())
        yield f"{name}_bytes", make(lambda v: bytes([v % 256]) * (v % 5), values, pa.binary())
        yield f"{name}_fixed", make(lambda v: v.to_bytes(4, "big"), values, pa.binary(4))
        yield f"{name}_bool", make(lambda v: v % 2 == 0, values, pa.bool_())
        yield f"{name}_date", make(lambda v: datetime.date(1990, 1, 1) + datetime.timedelta(v), values, pa.date32())
        yield f"{name}_time", make(int, values, pa.timestamp("ns", "Europe/Rome"))
        yield f"{name}_decimal", make(lambda v: decimal.Decimal(v) / 100, values, pa.decimal128(20, 2))
        yield f"{name}_list", make(lambda v: [v, None], values, pa.list_(pa.int64()))
        yield f"{name}_struct", make(lambda v: {"a": v}, values, pa.struct([("a", pa.int64())]))
    yield "number", pa.array(range(ROWS), pa.int64())
    yield "is_dictionary", pa.array([f"v{row // 1000}" for row in range(ROWS)]).dictionary_encode()


for name, nulls, options in (
    ("plain", False, {}),
    ("nulls", True, {}),
    ("v2", True, {"data_page_version": "2.0", "version": "2.6"}),
    ("small", True, {"dictionary_pagesize_limit": 2000, "data_page_size": 4000, "row_group_size": 7001}),
    ("small_v2", False, {"dictionary_pagesize_limit": 2000, "data_page_version": "2.0", "row_group_size": 25000}),
    ("none", True, {"use_dictionary": False}),
):
    names, arrays = zip(*columns(nulls))
    fields = [pa.field(n, a.type, nullable=nulls or a.null_count > 0) for n, a in zip(names, arrays)]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata={"made": "here"}))
    pq.write_table(table, f"{name}.parquet", **options)
