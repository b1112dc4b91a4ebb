"""The jobs of scripts/bench in chDB, ClickHouse as a library: with_chdb.py JOB ARGUMENT..."""

import os

import chdb

from job import finish, run

ZSTD = """SETTINGS output_format_parquet_compression_method = 'zstd', output_format_compression_level = 1,
    engine_file_truncate_on_insert = 1"""
STREAM = "INTO OUTFILE '/dev/stdout' APPEND FORMAT ArrowStream"


def start():
    chdb.query("SELECT 1")


def parquet_to_stream(source):
    chdb.query(f"SELECT * FROM {file(source, 'Parquet')} {STREAM}")


def file_to_stream(source):
    chdb.query(f"SELECT * FROM {file(source, 'Arrow')} {STREAM}")


def stream_filter(column, below):
    chdb.query(f"SELECT * FROM {file('-', 'ArrowStream')} WHERE {column} < {below} {STREAM}")


def stream_to_parquet(target, sync=None):
    write_parquet(f"SELECT * FROM {file('-', 'ArrowStream')}", target, sync)


def parquet_filter(source, column, below, target, sync=None):
    write_parquet(f"SELECT * FROM {file(source, 'Parquet')} WHERE {column} < {below}", target, sync)


def sample(source, target, sync=None):
    rows = file(source, "Parquet")
    write_parquet(
        f"""SELECT * FROM {rows} WHERE ("group", id) IN (
            SELECT "group", id FROM (SELECT "group", id, min(_row_number) AS met FROM {rows} GROUP BY "group", id)
            ORDER BY met LIMIT 10 BY "group")""",
        target,
        sync,
    )


def count_by(source, column):
    rows = file(source, "Parquet")
    print(chdb.query(f"SELECT {column}, count() FROM {rows} GROUP BY {column} FORMAT Null"))


def count_between(source, column, low, high):
    rows = file(source, "Parquet")
    print(chdb.query(f"SELECT count() FROM {rows} WHERE {column} >= {low} AND {column} < {high}"), end="")


def sort(source, column):
    print(chdb.query(f"SELECT {column} FROM {file(source, 'Parquet')} ORDER BY {column} FORMAT Null"))


def count_row_groups(source):
    print(chdb.query(f"SELECT num_row_groups FROM {file(source, 'ParquetMetadata')}"), end="")


def file(path, format):
    """The table function. Paths are relative to the working directory, not to chDB's own."""
    return f"file('{path if path == '-' else os.path.abspath(path)}', '{format}')"


def write_parquet(query, target, sync):
    chdb.query(f"INSERT INTO FUNCTION {file(target, 'Parquet')} {query} {ZSTD}")
    finish(target, sync)


run(globals())
