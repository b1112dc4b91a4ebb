"""Trees of files that differ, read by parquet-to-stream and by DuckDB and pyarrow.

Arguments: a directory to make them in. The tools are on the path. Says what differs, and fails.

Keys that are null, columns that are missing in files and of other types in others, several row groups
a file: predicates over all of them, pushed down, evaluated afterwards by stream-filter, and by DuckDB.
"""

import itertools
import os
import subprocess
import sys

import duckdb
import pyarrow as pa
import pyarrow.compute
import pyarrow.dataset
import pyarrow.parquet as pq

NULL = "__HIVE_DEFAULT_PARTITION__"
KEYS = [
    "year = 2022",
    "year IS NULL",
    "year <> 2022",
    "year IN (2022, NULL)",
    "kind = 'a'",
    "kind IS NOT NULL",
    "year + 1 = 2024",
    "kind LIKE 'b%'",
]
COLUMNS = ["id < 45", "f > 1", "s = 't0045'", "more IS NULL", "more > 85", "s IS NULL OR f < 0.5"]
FORMS = [
    "{k} AND {c}",
    "{k} OR {c}",
    "NOT ({k} AND {c})",
    "NOT ({c} OR {k})",
    "({c} AND year = 2023) OR ({k} AND id % 2 = 0)",
    "({k}) IS NOT TRUE AND ({c})",
]


def some(first, make):
    return [None if i % 7 == 0 else make(i) for i in range(first, first + 40)]


def make(root):
    ids = lambda first, kind: pa.array(range(first, first + 40), kind)
    files = {
        "year=2022/kind=a/part-10.parquet": {
            "id": ids(0, pa.int16()),
            "f": pa.array(some(0, lambda i: i / 10), pa.float32()),
            "s": pa.array(some(0, lambda i: f"t{i:04}")),
        },
        f"year=2022/kind={NULL}/part-2.parquet": {
            "s": pa.array(some(40, lambda i: f"t{i:04}"), pa.large_string()),
            "id": ids(40, pa.int64()),
        },
        f"year={NULL}/kind=b/part-1.parquet": {
            "id": ids(80, pa.int32()),
            "f": pa.array(some(80, lambda i: i / 10), pa.float64()),
            "more": pa.array(some(80, lambda i: i), pa.int64()),
        },
        f"year=2023/kind=b%20c/part-1.parquet": {
            "more": pa.array(some(120, lambda i: i - 60), pa.int8()),
            "id": ids(120, pa.int64()),
            "s": pa.nulls(40),
        },
    }
    for name, columns in files.items():
        os.makedirs(os.path.dirname(f"{root}/{name}"), exist_ok=True)
        pq.write_table(pa.table(columns), f"{root}/{name}", row_group_size=10)


def stream(arguments, given=None):
    run = subprocess.run(arguments, input=given, capture_output=True)
    if run.returncode != 0:
        raise SystemExit(f"{arguments}: {run.stderr.decode()}")
    return run.stdout


def rows(data):
    """The rows of a stream, each as a mapping, by their ids."""
    table = pa.ipc.open_stream(data).read_all() if isinstance(data, bytes) else data
    plain = {}
    for name, column in zip(table.column_names, table.columns):
        if pa.types.is_run_end_encoded(column.type):
            column = pa.chunked_array(
                [pa.compute.run_end_decode(c) for c in column.chunks], column.type.value_type
            )
        plain[name] = column.to_pylist()
    found = [dict(sorted(zip(plain, row))) for row in zip(*plain.values())]
    return sorted(found, key=lambda row: row["id"])


def same(what, ours, theirs):
    if ours != theirs:
        first = next((pair for pair in itertools.zip_longest(ours, theirs) if pair[0] != pair[1]))
        raise SystemExit(f"{what}: {len(ours)} and {len(theirs)} rows, first {first}")


def main(root):
    make(root)
    read = ["parquet-to-stream", "--merge-schema", "union", root]
    whole = stream(read)
    source = f"read_parquet('{root}/**/*.parquet', hive_partitioning=true, union_by_name=true)"
    names = f"read_parquet('{root}/**/*.parquet', hive_partitioning=true, union_by_name=true, filename='file')"
    same("all", rows(whole), rows(duckdb.sql(f"FROM {source}").to_arrow_table()))
    assert len(rows(whole)) == 160
    same(
        "filename",
        rows(stream(read + ["--filename", "file"])),
        rows(duckdb.sql(f"FROM {names}").to_arrow_table()),
    )
    forms = itertools.cycle(FORMS)
    for key, column in itertools.product(KEYS, COLUMNS):
        for form in itertools.islice(forms, 2):
            text = form.format(k=key, c=column)
            ours = rows(stream(read + ["-w", text, "--runs", "auto"]))
            same(text, ours, rows(stream(["stream-filter", text], whole)))
            same(text, ours, rows(duckdb.sql(f"FROM {source} WHERE {text}").to_arrow_table()))
        next(forms)
    # Files of equal schema, as pyarrow reads them.
    equal = f"{root}-equal"
    table = pa.ipc.open_stream(whole).read_all()
    partitioning = pa.dataset.partitioning(table.select(["year", "kind"]).schema, flavor="hive")
    pa.dataset.write_dataset(table, equal, format="parquet", partitioning=partitioning)
    theirs = pa.dataset.dataset(equal, format="parquet", partitioning=partitioning).to_table()
    same("equal", rows(stream(["parquet-to-stream", equal])), rows(theirs))


main(sys.argv[1])
