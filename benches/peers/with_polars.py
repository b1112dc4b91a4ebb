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
    print(pl.scan_parquet(source).group_by(column).agg(pl.len()).collect(engine="streaming").height)


def count_between(source, column, low, high):
    rows = pl.scan_parquet(source).filter((pl.col(column) >= int(low)) & (pl.col(column) < int(high)))
    print(rows.select(pl.len()).collect(engine="streaming").item())


def sort(source, column):
    print(pl.scan_parquet(source).select(column).sort(column).collect(engine="streaming").height)


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
