"""Hive trees: `write` makes tables and the trees that other programs make of them, `read` compares the trees
made of them by the tools with the tables."""

import datetime
import os
import sys

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

NULL = "__HIVE_DEFAULT_PARTITION__"

HOSTILE = [
    "../../etc", "a/b", ".", "..", "=", "a=b", "%2F", "%", "%zz", "", " ", "x y", "\x01\n\x7f", "\0", "\u202e", "Köln", "日本",
    "A", "a", "*?[a]{}", "\"'`$;&|<>()!#~^@,:", "\\", "_x", ".x", "NULL", "null", "true", "2024-02-30", "2024-1-1", "007x",
    "+5", "1e3", "1.5", "99999999999999999999", "a" * 200, None,
]
LOOK_LIKE_NUMBERS = ["007", "7", "-7", "+5", " 5", "1e3", "0x10", "2024-01-01", "99999999999999999999"]
DAYS = [datetime.date(2024, 1, 1), datetime.date(1969, 12, 31), datetime.date(1, 1, 1), datetime.date(9999, 12, 31), None]
NUMBERS = [0, -1, 7, 10, 2**63 - 1, -(2**63), None]


def case(keys, types):
    """Every row of `keys` seven times, far apart."""
    rows = len(keys[0])
    columns = {"id": pa.array(range(7 * rows)), "v": pa.array([i / 2 for i in range(7 * rows)])}
    for number, (values, data_type) in enumerate(zip(keys, types)):
        columns[f"k{number}"] = pa.array(list(values) * 7, data_type)
    return pa.table(columns)


CASES = {
    "numbers": case([NUMBERS], [pa.int64()]),
    "months": case([[2023, 2024, 2024], [12, 1, None]], [pa.int64()] * 2),
    "days": case([DAYS], [pa.date32()]),
    "hostile": case([HOSTILE], [pa.string()]),
    "lookalikes": case([LOOK_LIKE_NUMBERS], [pa.string()]),
    "zips": case([["07", "7", "007", None]], [pa.string()]),
    "mixed": case([[2024, None, 2024], DAYS[:3], ["a/b", "", None]], [pa.int64(), pa.date32(), pa.string()]),
}


# A key of each type that has a text, and how --hive-types calls it.
TYPES = {
    "bool": pa.array([True, False, None]),
    "int8": pa.array([-128, 127], pa.int8()),
    "uint64": pa.array([0, 2**64 - 1], pa.uint64()),
    "float16": pa.array([0.5, 65504.0], pa.float16()),
    "float32": pa.array([0.1, 1e-30, float("inf"), None], pa.float32()),
    "float64": pa.array([0.1, 1e300, 5e-324, float("nan"), 1.0]),
    "decimal(9, 2)": pa.array(["1.50", "-0.01", "9999999.99"]).cast(pa.decimal128(9, 2)),
    "decimal256(60, 5)": pa.array(["-" + "9" * 55 + ".99999", "0"]).cast(pa.decimal256(60, 5)),
    "date64": pa.array([0, 86400000 * 19723], pa.int64()).cast(pa.date64()),
    "timestamp[s]": pa.array([-1, 1_700_000_000], pa.timestamp("s")),
    "timestamp[ns]": pa.array([-1, 1_700_000_000_123_456_789, None], pa.timestamp("ns")),
    "timestamp[us, UTC]": pa.array([-1, 1_700_000_000_123_456], pa.timestamp("us", "UTC")),
    "timestamp[us, Europe/Berlin]": pa.array([1698541200000000, 1698544800000000], pa.timestamp("us", "Europe/Berlin")),
    "time32[s]": pa.array([0, 86399], pa.time32("s")),
    "time64[ns]": pa.array([1, 86399_000_000_000], pa.time64("ns")),
    "large_utf8": pa.array(["007", "", "é"], pa.large_utf8()),
    "utf8_view": pa.array(["5", "a text that is not held inline"], pa.string_view()),
    "dictionary<int8, utf8>": pa.array(["a", None, "b"]).cast(pa.dictionary(pa.int8(), pa.string())),
}


def write_types():
    for number, (name, values) in enumerate(TYPES.items()):
        save(pa.table({"id": pa.array(range(len(values))), "k0": values}), f"type-{number}.arrows")
        print(name)


def keys(table):
    return [name for name in table.column_names if name.startswith("k")]


def pyarrow_writes(table, tree):
    partitioning = ds.partitioning(table.select(keys(table)).schema, flavor="hive")
    ds.write_dataset(table, tree, format="parquet", partitioning=partitioning)


def duckdb_writes(table, tree):
    duckdb.sql(f"COPY (FROM t) TO '{tree}' (FORMAT parquet, PARTITION_BY ({', '.join(keys(table))}))", connection=connected(table))


def connected(table):
    connection = duckdb.connect()
    connection.register("t", table)
    return connection


def polars_writes(table, tree):
    frame = pl.from_arrow(table).lazy()
    frame.sink_parquet(pl.PartitionBy(tree, key=keys(table), include_key=False), mkdir=True)


def spark_writes(table, tree):
    """What Spark's ExternalCatalogUtils.escapePathName and its committer leave, without Spark: an empty text is
    a null there."""
    escapes = set('"#%\'*/:=?\\{[]^\x7f') | {chr(code) for code in range(1, 32)}

    def escaped(value):
        if value is None or value == "":
            return NULL
        return "".join(f"%{ord(c):02X}" if c in escapes else c for c in str(value))

    groups = {}
    for row in table.to_pylist():
        groups.setdefault(tuple(row[key] for key in keys(table)), []).append(row)
    plain = pa.schema([table.schema.field("id"), table.schema.field("v")])
    for values, rows in groups.items():
        directory = os.path.join(tree, *(f"{key}={escaped(value)}" for key, value in zip(keys(table), values)))
        os.makedirs(directory, exist_ok=True)
        name = f"part-{rows[0]['id']:05}-c9a5.c000.snappy.parquet"
        pq.write_table(pa.Table.from_pylist(rows, plain), os.path.join(directory, name))
        open(os.path.join(directory, f".{name}.crc"), "w").close()
    open(os.path.join(tree, "_SUCCESS"), "w").close()


WRITERS = {"pyarrow": pyarrow_writes, "duckdb": duckdb_writes, "polars": polars_writes, "spark": spark_writes}


def without(table, unable):
    """The rows whose first key the program can write."""
    return table.filter(pa.array([value not in unable for value in table["k0"].to_pylist()]))


def write():
    for name, table in CASES.items():
        save(table, f"{name}.arrows")
        for program, writes in WRITERS.items():
            kept = table
            if name == "hostile":
                # pyarrow writes an empty text for a NUL, Hadoop's paths hold none; Spark writes null for an
                # empty text.
                kept = without(table, {"pyarrow": ["\0"], "spark": ["\0", ""]}.get(program, []))
            writes(kept, f"{program}-{name}")
            expected = kept
            if program == "spark" and name == "mixed":
                blank = [value or None for value in kept["k2"].to_pylist()]
                expected = kept.set_column(4, "k2", pa.array(blank, pa.string()))
            save(expected, f"{program}-{name}.arrows")
            print(f"{program}-{name}")


def save(table, path):
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table.combine_chunks())


def pyarrow_reads(tree, schema):
    fields = pa.schema([field for field in schema if field.name.startswith("k")])
    return ds.dataset(tree, partitioning=ds.partitioning(fields, flavor="hive")).to_table()


def pyarrow_infers(tree, _schema):
    return ds.dataset(tree, partitioning="hive").to_table()


def duckdb_reads(tree, schema):
    names = {pa.int64(): "BIGINT", pa.date32(): "DATE", pa.string(): "VARCHAR"}
    types = ", ".join(f"'{f.name}': {names[f.type]}" for f in schema if f.name.startswith("k"))
    return duckdb.sql(
        f"FROM read_parquet('{tree}/**/*.parquet', hive_partitioning=true, hive_types={{{types}}})"
    ).to_arrow_table()


def duckdb_infers(tree, _schema):
    return duckdb.sql(f"FROM read_parquet('{tree}/**/*.parquet', hive_partitioning=true)").to_arrow_table()


def polars_reads(tree, schema):
    names = {pa.int64(): pl.Int64, pa.date32(): pl.Date, pa.string(): pl.String}
    types = {f.name: names[f.type] for f in schema if f.name.startswith("k")}
    return pl.scan_parquet(tree, hive_partitioning=True, hive_schema=types).collect().to_arrow()


def polars_infers(tree, _schema):
    return pl.scan_parquet(tree, hive_partitioning=True).collect().to_arrow()


# Who infers other types than ours from the same names is told the types; the rest need not be told anything.
READERS = {
    "pyarrow": (pyarrow_reads, pyarrow_infers, ["months", "days", "hostile", "mixed"]),
    "duckdb": (duckdb_reads, duckdb_infers, ["numbers", "months", "days", "hostile", "mixed"]),
    "polars": (polars_reads, polars_infers, ["numbers", "months", "days", "mixed"]),
}


def read():
    failed = False
    for name, table in CASES.items():
        for program, (reads, infers, agreed) in READERS.items():
            for way in [reads, infers] if name in agreed else [reads]:
                try:
                    got = way(f"ours-{name}", table.schema).select(table.column_names).cast(table.schema)
                    found = difference(got.sort_by("id"), table)
                except Exception as error:  # whatever it is, it is a difference
                    found = f"{type(error).__name__}: {error}"
                if found:
                    failed = True
                    print(f"{way.__name__} {name}: {found}")
    sys.exit(1 if failed else 0)


def difference(got, wanted):
    if got.num_rows != wanted.num_rows:
        return f"{got.num_rows} rows for {wanted.num_rows}"
    pairs = zip(got.to_pylist(), wanted.to_pylist())
    return next((f"{ours} for {theirs}" for ours, theirs in pairs if ours != theirs), None)


{"write": write, "types": write_types, "read": read}[sys.argv[1]]()
