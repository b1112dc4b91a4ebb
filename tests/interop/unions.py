"""Files whose schemas differ in time zones, integers and lists: the rows of pyarrow, DuckDB and
Polars, and the same rows whatever --where prunes. Prints what differs."""
import datetime as dt
import decimal
import io
import subprocess
import sys

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

failures = 0


def fail(what, *details):
    global failures
    failures += 1
    print(what, *details, sep="\n    ")


def ours(*arguments):
    run = subprocess.run(["parquet-to-stream", *arguments], capture_output=True)
    if run.returncode != 0:
        return None, run.stderr.decode()
    return ipc.open_stream(io.BytesIO(run.stdout)).read_all(), run.stderr.decode()


def write(name, column, field="v", rows=4000):
    ids = pa.array(range(len(column)), pa.int64())
    table = pa.table({"id": ids, field: column})
    # Small row groups and pages, so that there is something to prune.
    pq.write_table(table, name, row_group_size=500, data_page_size=1024, write_page_index=True)
    return table


def instants(zone, unit="us", start=0):
    step = {"s": 1, "ms": 1000, "us": 10**6, "ns": 10**9}[unit] * 3600
    return pa.array([start * step + n * step for n in range(4000)], pa.int64()).cast(
        pa.timestamp(unit, zone)
    )


def zones():
    """One zone under any name, others in UTC."""
    for first, other, result, lines in [
        ("UTC", "+00:00", "UTC", 0),
        ("+00:00", "Etc/UTC", "+00:00", 0),
        ("Etc/UTC", "UTC", "Etc/UTC", 0),
        ("Europe/Berlin", "Europe/Berlin", "Europe/Berlin", 0),
        ("Europe/Berlin", "America/New_York", "UTC", 1),
        ("+02:00", "UTC", "UTC", 1),
    ]:
        tables = [write("1.parquet", instants(first)), write("2.parquet", instants(other, start=9))]
        for options in [["--merge-schema", "union"], []]:
            name = f"{first} and {other} {options}"
            table, told = ours(*options, "1.parquet", "2.parquet")
            if not options and lines:
                if table is not None or "column \"v\" is timestamp[us, " not in told:
                    fail(name, "read as equal", told)
                continue
            if table is None:
                fail(name, told)
                continue
            if told.count("\n") != lines or lines and not (first in told and other in told):
                fail(name, "warned", told)
            if table.schema.field("v").type != pa.timestamp("us", result):
                fail(name, table.schema)
            expected = pa.chunked_array([t["v"].cast(pa.int64()).combine_chunks() for t in tables])
            if not table["v"].cast(pa.int64()).equals(expected):
                fail(name, "other instants")
            duck = duckdb.sql(
                "SELECT epoch_us(v) FROM read_parquet(['1.parquet', '2.parquet'], union_by_name=true)"
            ).fetchall()
            if [row[0] for row in duck] != table["v"].cast(pa.int64()).to_pylist():
                fail(name, "other instants than DuckDB's")
            for where in [
                "v > '1970-03-01 00:00:00+00'",
                "v = '1970-03-01 05:00:00+00'",
                "v < '1970-01-02 00:00:00+00' OR v >= '1970-06-10 12:00:00+00'",
                "v BETWEEN '1970-02-01 00:00:00+00' AND '1970-02-03 00:00:00+00'",
            ]:
                same_rows(name, options, table, where)


def same_rows(name, options, table, where):
    """What --where leaves, with pruning, is what stream-filter leaves of all rows."""
    pruned, told = ours(*options, "-w", where, "1.parquet", "2.parquet")
    stream = io.BytesIO()
    with ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    run = subprocess.run(["stream-filter", where], input=stream.getvalue(), capture_output=True)
    if run.returncode != 0 or pruned is None:
        fail(name, where, run.stderr.decode(), told)
        return
    filtered = ipc.open_stream(io.BytesIO(run.stdout)).read_all()
    if not pruned.equals(filtered):
        fail(f"{name}: {where}", f"{pruned.num_rows} rows, and {filtered.num_rows} without pruning")
    if pruned.num_rows == 0:
        fail(f"{name}: {where}", "no rows: nothing was tested")


def integers():
    """uint64 with signed integers: decimals of 20 digits, as DuckDB's are huge integers."""
    top = 2**64 - 1
    unsigned = pa.array([top - n for n in range(4000)], pa.uint64())
    for signed in [pa.int8(), pa.int16(), pa.int32(), pa.int64()]:
        least = -(2 ** (signed.bit_width - 1))
        other = pa.array([least + n % 200 for n in range(3999)] + [None], signed)
        for order in [("1.parquet", "2.parquet"), ("2.parquet", "1.parquet")]:
            write(order[0], unsigned)
            write(order[1], other)
            table, told = ours("--merge-schema", "union", "1.parquet", "2.parquet")
            name = f"uint64 and {signed} {order}"
            if table is None or told:
                fail(name, told)
                continue
            if table.schema.field("v").type != pa.decimal128(20, 0):
                fail(name, table.schema)
            values = [None if v is None else int(v) for v in table["v"].to_pylist()]
            duck = duckdb.sql(
                "SELECT v FROM read_parquet(['1.parquet', '2.parquet'], union_by_name=true)"
            ).fetchall()
            if values != [row[0] if row[0] is None else int(row[0]) for row in duck]:
                fail(name, "other values than DuckDB's")
            for where in [
                f"v = {top}",
                f"v > {top - 20}",
                f"v < {least + 3}",
                "v IS NULL",
                f"v BETWEEN {least + 5} AND {top - 3990}",
                "v > 0.5",
            ]:
                same_rows(name, ["--merge-schema", "union"], table, where)


def lists():
    """Zones and integers inside lists, structs and maps; Polars' diagonal concat has the values."""
    zone = lambda z: pa.list_(pa.struct([("t", pa.timestamp("us", z)), ("m", pa.map_(pa.string(), pa.timestamp("ms", z)))]))
    rows = [[{"t": 5, "m": [("a", 7)]}, None], None, []] * 20
    values = pa.array(rows, pa.list_(pa.struct([("t", pa.int64()), ("m", pa.map_(pa.string(), pa.int64()))])))
    for one, two, unit in [("UTC", "Z", "UTC"), ("Asia/Tokyo", "America/Lima", "UTC")]:
        pq.write_table(pa.table({"v": cast(values, zone(one))}), "1.parquet")
        pq.write_table(pa.table({"v": cast(values, zone(two))}), "2.parquet")
        table, told = ours("--merge-schema", "union", "1.parquet", "2.parquet")
        if table is None:
            fail(f"lists of {one} and {two}", told)
            continue
        expected = cast(values, zone(unit)).to_pylist() * 2
        if table["v"].to_pylist() != expected or table.schema.field("v").type.value_type.field("t").type != pa.timestamp("us", unit):
            fail(f"lists of {one} and {two}", table.schema)
        if two == "America/Lima":
            for place in ['list element, field "t" has', 'list element, field "m", map value has']:
                if place not in told:
                    fail(f"no {place}", told)
    pq.write_table(pa.table({"v": pa.array([[1, -2]], pa.list_(pa.int64()))}), "1.parquet")
    pq.write_table(pa.table({"v": pa.array([[2**64 - 1]], pa.list_(pa.uint64()))}), "2.parquet")
    table, told = ours("--merge-schema", "union", "1.parquet", "2.parquet")
    if table is None or table["v"].to_pylist() != [[1, -2], [decimal.Decimal(2**64 - 1)]]:
        fail("lists of integers", told, table)
    pq.write_table(pa.table({"v": pa.array([["x"]], pa.list_(pa.string()))}), "2.parquet")
    table, told = ours("--merge-schema", "union", "1.parquet", "2.parquet")
    if table is not None or '2.parquet: column "v", list element is Utf8' not in told:
        fail("lists of int64 and utf8", told)


def cast(values, to):
    """pyarrow casts no maps inside of structs: the same buffers under another type."""
    return pa.Array.from_buffers(to, len(values), values.buffers()[:2], children=[retyped(values.values, to.value_type)])


def retyped(array, to):
    if pa.types.is_struct(to):
        children = [retyped(array.field(n), to.field(n).type) for n in range(to.num_fields)]
        return pa.StructArray.from_arrays(children, fields=list(to), mask=array.is_null())
    if pa.types.is_map(to):
        return pa.MapArray.from_arrays(array.offsets, array.keys, array.items.cast(pa.int64()).view(to.item_type))
    return array.view(to)


def polars_agrees():
    """Zones that Polars keeps apart are cast to UTC there, and mean the same instants."""
    write("1.parquet", instants("Europe/Berlin", "ms"))
    write("2.parquet", instants("Asia/Tokyo", "us", start=77))
    table, _ = ours("--merge-schema", "union", "1.parquet", "2.parquet")
    frames = [pl.read_parquet(name).with_columns(pl.col("v").dt.convert_time_zone("UTC").dt.cast_time_unit("us")) for name in ["1.parquet", "2.parquet"]]
    expected = pl.concat(frames, how="diagonal")
    if not pl.from_arrow(table).equals(expected):
        fail("Polars reads other instants")


zones()
integers()
lists()
polars_agrees()
sys.exit(1 if failures else 0)
