"""The jobs of scripts/bench in DuckDB: with_duckdb.py JOB ARGUMENT..."""

import sys

import duckdb

from job import finish, run

ZSTD = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"


def start():
    duckdb.connect()


def parquet_to_stream(source):
    write_stream(f"FROM read_parquet('{source}')")


def file_to_stream(source):
    import pyarrow.dataset as ds

    write_stream("FROM rows", rows=ds.dataset(source, format="ipc"))


def stream_filter(column, below):
    write_stream(f'FROM rows WHERE "{column}" < {below}', rows=read_stream())


def stream_to_parquet(target, sync=None):
    execute(f"COPY (FROM rows) TO '{target}' {ZSTD}", rows=read_stream())
    finish(target, sync)


def parquet_filter(source, column, below, target, sync=None):
    execute(f"""COPY (FROM read_parquet('{source}') WHERE "{column}" < {below}) TO '{target}' {ZSTD}""")
    finish(target, sync)


def partition(key, target, sync=None):
    partitioned = ZSTD.replace(")", f', PARTITION_BY ("{key}"))')
    execute(f"COPY (FROM rows) TO '{target}' {partitioned}", rows=read_stream())
    finish(target, sync)


def sample(source, target, sync=None):
    execute(f"""
        COPY (
            WITH firsts AS (
                SELECT "group", id, min(file_row_number) AS met
                FROM read_parquet('{source}', file_row_number = true) GROUP BY ALL
            ), chosen AS (
                SELECT "group", id FROM firsts
                QUALIFY row_number() OVER (PARTITION BY "group" ORDER BY met) <= 10
            )
            SELECT rows.* FROM read_parquet('{source}') rows SEMI JOIN chosen USING ("group", id)
        ) TO '{target}' {ZSTD}""")
    finish(target, sync)


def count_by(source, column):
    print(len(duckdb.sql(f"SELECT {column}, count(*) FROM read_parquet('{source}') GROUP BY ALL").fetchall()))


def count_between(source, column, low, high):
    rows = f"FROM read_parquet('{source}') WHERE {column} >= {low} AND {column} < {high}"
    print(duckdb.sql(f"SELECT count(*) {rows}").fetchall())


def sort(source, column):
    count(f"SELECT {column} FROM read_parquet('{source}') ORDER BY {column}")


def aggregate(source, by, items, memory=None):
    if memory:
        duckdb.sql(f"SET memory_limit = '{memory}'")
    count(f"SELECT {by}, {items} FROM read_parquet('{source}') GROUP BY {by}")


def largest(source, by, value, most):
    count(f"SELECT {by}, unnest(max({value}, {most})) FROM read_parquet('{source}') GROUP BY {by}")


def join(source, table, key, how):
    rows, table = f"read_parquet('{source}') AS facts", f"read_parquet('{table}') AS other"
    count(f"SELECT facts.*, other.value FROM {rows} {how} JOIN {table} ON facts.{key} = other.{key}")


def diff(old, new, key):
    """The rows that only one table has, and those with a value that differs."""
    columns = [name for name in duckdb.sql(f"FROM read_parquet('{old}')").columns if name != key]
    changed = " OR ".join(f"a.{name} IS DISTINCT FROM b.{name}" for name in columns)
    rows = f"read_parquet('{old}') AS a FULL JOIN read_parquet('{new}') AS b ON a.{key} = b.{key}"
    count(f"SELECT * FROM {rows} WHERE a.{key} IS NULL OR b.{key} IS NULL OR {changed}")


def summary(source):
    print(duckdb.sql(f"SUMMARIZE FROM read_parquet('{source}')"))


def count(query):
    """Runs a query and takes all rows of its result."""
    print(sum(batch.num_rows for batch in duckdb.sql(query).to_arrow_reader(100_000)))


def count_row_groups(source):
    (count,) = duckdb.sql(f"SELECT num_row_groups FROM parquet_file_metadata('{source}')").fetchall()
    print(*count)


def read_stream():
    import pyarrow as pa

    return pa.ipc.open_stream(sys.stdin.buffer)


def execute(query, **tables):
    register(tables).execute(query)


def register(tables):
    connection = duckdb.connect()
    for name, table in tables.items():
        connection.register(name, table)
    return connection


def write_stream(query, **tables):
    import pyarrow as pa

    reader = register(tables).sql(query).to_arrow_reader(100_000)
    with pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)


run(globals())
