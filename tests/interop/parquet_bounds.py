# Readers of today use the bounds of float columns, and never pay for those of long values.
import os
import struct
import subprocess
import sys

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.ipc as ipc
import pyarrow.parquet as pq


def write(table, path, options=""):
    with ipc.new_stream("in.arrows", table.schema) as writer:
        writer.write_table(table)
    subprocess.run(f"stream-to-parquet {options} -o {path} in.arrows", shell=True, check=True)
    return pq.read_metadata(path) if os.path.isfile(path) else None


rows, group_rows = 100_000, 10_000
numbers = np.arange(rows) / 2
columns = {
    "double": pa.array(numbers),
    "float": pa.array(numbers.astype("f4")),
    "half": pa.array((numbers // group_rows).astype("f2")),
    "list": pa.array([[x] for x in numbers]),
    "x": pa.array(np.arange(rows)),
}
metadata = write(pa.table(columns), "numbers.parquet", f"--row-group-rows {group_rows}")
assert metadata.num_row_groups == 10
for column in range(4):
    statistics = metadata.row_group(1).column(column).statistics
    assert statistics.has_min_max, statistics
    if column != 2:
        assert (statistics.min, statistics.max) == (5000.0, 9999.5), statistics

# So have the footers of a tree that are gathered in one file.
write(pa.table(columns), "tree", "--partition-by half --metadata-file")
assert pq.read_metadata("tree/_metadata").row_group(3).column(0).statistics.has_min_max

# pyarrow, DuckDB and Polars skip row groups by them.
fragment = next(ds.dataset("numbers.parquet").get_fragments())
for name in ("double", "float"):
    value = pa.scalar(45_000, pa.float32() if name == "float" else pa.float64())
    assert len(fragment.split_by_row_group(filter=ds.field(name) > value)) == 1, name
    plan = duckdb.sql(f"explain analyze select x from 'numbers.parquet' where {name} > 45000").fetchall()
    assert "Row Groups Scanned: 1 / 10" in plan[0][1], plan[0][1]
# For Polars NaN is larger than all numbers, so that no max rules out `>`.
polars = """
import polars as pl
print(pl.scan_parquet('numbers.parquet').filter(pl.col('double') < 1000).select('x').collect().height)
"""
run = subprocess.run(
    [sys.executable, "-c", polars],
    env={**os.environ, "POLARS_VERBOSE": "1"}, capture_output=True, text=True, check=True,
)
assert run.stdout == "2000\n", run.stdout
assert "1 / 10" in run.stderr, run.stderr

# NaN is no bound; of the two zeros the one that includes the other is.
nan = float("nan")
for kind, width in (("f4", "<f"), ("f8", "<d"), ("f2", "<e")):
    for values, expected in [
        ([nan, 1.5, -2.0, None], (-2.0, 1.5)),
        ([0.0, 1.0], (-0.0, 1.0)),
        ([-1.0, -0.0], (-1.0, 0.0)),
        ([0.0, -0.0, nan], (-0.0, 0.0)),
        ([-0.0], (-0.0, 0.0)),
        ([nan, -nan, None], None),
        ([None], None),
    ]:
        array = pa.array([None if v is None else np.dtype(kind).type(v) for v in values], {"f2": pa.float16(), "f4": pa.float32(), "f8": pa.float64()}[kind])
        statistics = write(pa.table({"v": array}), "few.parquet").row_group(0).column(0).statistics
        assert statistics.has_min_max == (expected is not None), (values, statistics)
        stored = duckdb.sql("select stats_min_value, stats_max_value from parquet_metadata('few.parquet')").fetchall()
        if expected:
            # repr tells the zeros apart.
            found = (statistics.min, statistics.max)
            if kind == "f2":
                found = tuple(struct.unpack(width, bound)[0] for bound in found)
            assert repr(found) == repr(expected), (kind, values, found)
        again = duckdb.sql("select count(*) from 'few.parquet' where v = 0 or isnan(v)").fetchall()
        assert again == [(sum(v is not None and (v == 0 or v != v) for v in values),)], values

# A long value has a short bound or none.
for size in (65, 50_000, 200_000):
    for value in (b"\xff" * size, b"\x00" * size, b"ab" * (size // 2)):
        for options in ("", "--encode-dictionary none"):
            table = pa.table({"v": [value], "l": [[value]], "f": pa.array([value], pa.binary(len(value)))})
            metadata = write(table, "long.parquet", options)
            assert os.path.getsize("long.parquet") < 2_500, os.path.getsize("long.parquet")
            assert pq.read_table("long.parquet").equals(table)
            found = duckdb.sql("select count(*) from 'long.parquet' where v >= '\\x41'::blob").fetchall()
            assert found == [(int(value >= b"A"),)]
