"""The jobs of scripts/bench in pyarrow: with_pyarrow.py JOB ARGUMENT..."""

import sys
import time

begun = time.perf_counter()

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from job import finish, run


def start():
    pass


def parquet_to_stream(source):
    write_stream(ds.dataset(source, format="parquet").scanner())


def file_to_stream(source):
    with pa.memory_map(source) as file, pa.ipc.open_file(file) as reader:
        with pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as writer:
            for number in range(reader.num_record_batches):
                writer.write_batch(reader.get_batch(number))


def stream_filter(column, below):
    with pa.ipc.open_stream(sys.stdin.buffer) as reader:
        with pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as writer:
            for batch in reader:
                kept = batch.filter(pc.less(batch[column], int(below)))
                if kept.num_rows:
                    writer.write_batch(kept)


def stream_to_parquet(target, sync=None):
    with pa.ipc.open_stream(sys.stdin.buffer) as reader:
        write_parquet(reader.schema, reader, target, sync)


def parquet_filter(source, column, below, target, sync=None):
    scanner = ds.dataset(source, format="parquet").scanner(filter=ds.field(column) < int(below))
    write_parquet(scanner.projected_schema, scanner.to_batches(), target, sync)


def partition(key, target, sync=None):
    """By default pyarrow opens at most 1,024 partitions and writes a row group per batch."""
    options = ds.ParquetFileFormat().make_write_options(compression="zstd", compression_level=1)
    with pa.ipc.open_stream(sys.stdin.buffer) as reader:
        ds.write_dataset(
            reader,
            target,
            format="parquet",
            file_options=options,
            partitioning=ds.partitioning(pa.schema([reader.schema.field(key)]), flavor="hive"),
            max_partitions=1 << 16,
        )
    finish(target, sync)


def sample(source, target, sync=None):
    """The loop of a first attempt, over a small share of the rows. Reports an extrapolated total."""
    file = pq.ParquetFile(source)
    share = min(file.metadata.num_rows, 1_000_000)
    left, chosen = share, {}
    looped = time.perf_counter()
    with pq.ParquetWriter(target, file.schema_arrow, compression="zstd", compression_level=1) as writer:
        for batch in file.iter_batches():
            keep = []
            for group, id in zip(batch["group"].to_pylist(), batch["id"].to_pylist()):
                ids = chosen.setdefault(group, set())
                if id not in ids and len(ids) < 10:
                    ids.add(id)
                keep.append(id in ids)
            writer.write_batch(batch.filter(pa.array(keep)))
            left -= batch.num_rows
            if left <= 0:
                break
    finish(target, sync)
    ended = time.perf_counter()
    seconds = looped - begun + (ended - looped) / (share - left) * file.metadata.num_rows
    if left <= 0 and share < file.metadata.num_rows:
        print(f"extrapolated {seconds:.3f}", file=sys.stderr)


def count_by(source, column):
    print(ds.dataset(source).to_table(columns=[column]).group_by(column).aggregate([([], "count_all")]).num_rows)


def count_between(source, column, low, high):
    is_between = (ds.field(column) >= int(low)) & (ds.field(column) < int(high))
    print(ds.dataset(source).count_rows(filter=is_between))


def sort(source, column):
    print(ds.dataset(source).to_table(columns=[column]).sort_by(column).num_rows)


def count_row_groups(source):
    print(pq.read_metadata(source).num_row_groups)


def write_stream(scanner):
    with pa.ipc.new_stream(sys.stdout.buffer, scanner.projected_schema) as writer:
        for batch in scanner.to_batches():
            if batch.num_rows:
                writer.write_batch(batch)


def write_parquet(schema, batches, target, sync):
    """Writes a row group per half a million rows or so: pyarrow makes one of each table."""
    with pq.ParquetWriter(target, schema, compression="zstd", compression_level=1) as writer:
        held, rows = [], 0
        for batch in batches:
            held.append(batch)
            rows += batch.num_rows
            if rows >= 500_000:
                writer.write_table(pa.Table.from_batches(held, schema))
                held, rows = [], 0
        writer.write_table(pa.Table.from_batches(held, schema))
    finish(target, sync)


run(globals())
