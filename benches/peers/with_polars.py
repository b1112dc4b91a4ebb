"""The jobs of scripts/bench in Polars: with_polars.py JOB ARGUMENT..."""

import sys

import polars as pl

from job import finish, run

ZSTD = {"compression": "zstd", "compression_level": 1}


def start():
    pass


def parquet_to_stream(source):
    write_stream(pl.scan_parquet(source))


def file_to_stream(source):
    write_stream(pl.scan_ipc(source))


def stream_filter(column, below):
    write_stream(read_stream().filter(pl.col(column) < int(below)))


def stream_to_parquet(target, sync=None):
    read_stream().sink_parquet(target, **ZSTD)
    finish(target, sync)


def parquet_filter(source, column, below, target, sync=None):
    pl.scan_parquet(source).filter(pl.col(column) < int(below)).sink_parquet(target, **ZSTD)
    finish(target, sync)


def partition(key, target, sync=None):
    read_stream().sink_parquet(pl.PartitionBy(target, key=key, include_key=False), mkdir=True, **ZSTD)
    finish(target, sync)


def sample(source, target, sync=None):
    rows = pl.scan_parquet(source)
    firsts = rows.select("group", "id").with_row_index("met").group_by("group", "id").agg(pl.col("met").min())
    chosen = firsts.filter(pl.col("met").rank("ordinal").over("group") <= 10)
    rows.join(chosen, on=["group", "id"], how="semi", maintain_order="left").sink_parquet(target, **ZSTD)
    finish(target, sync)


def count_by(source, column):
    print(height(pl.scan_parquet(source).group_by(column).agg(pl.len())))


def count_between(source, column, low, high):
    rows = pl.scan_parquet(source).filter((pl.col(column) >= int(low)) & (pl.col(column) < int(high)))
    print(rows.select(pl.len()).collect(engine="streaming").item())


def sort(source, column):
    print(height(pl.scan_parquet(source).select(column).sort(column)))


def aggregate(source, by, items):
    tables = pl.SQLContext(rows=pl.scan_parquet(source))
    print(height(tables.execute(f"SELECT {by}, {items} FROM rows GROUP BY {by}")))


def largest(source, by, value, most):
    groups = pl.scan_parquet(source).drop_nulls(value).group_by(by)
    print(height(groups.agg(pl.col(value).top_k(int(most))).explode(value)))


def join(source, table, key, how):
    table = pl.scan_parquet(table).select(key, "value")
    print(height(pl.scan_parquet(source).join(table, on=key, how=how)))


def diff(old, new, key):
    """The rows that only one table has, and those with a value that differs."""
    old, new = (pl.scan_parquet(path) for path in (old, new))
    old, new = (table.with_columns(there=pl.lit(True)) for table in (old, new))
    names = [name for name in old.collect_schema().names() if name != key]
    changed = (pl.col(name).ne_missing(pl.col(f"{name}_right")) for name in names)
    print(height(old.join(new, on=key, how="full").filter(pl.any_horizontal(*changed))))


def height(frame):
    return frame.collect(engine="streaming").height


def read_stream():
    import pyarrow as pa

    return pl.scan_arrow_c_stream(pa.ipc.open_stream(sys.stdin.buffer))


def write_stream(frame):
    import pyarrow as pa

    writer = None
    for part in frame.collect_batches():
        table = part.to_arrow()
        writer = writer or pa.ipc.new_stream(sys.stdout.buffer, table.schema)
        writer.write_table(table)
    writer.close()


run(globals())
