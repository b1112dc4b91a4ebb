"""Pipes of the tools on the partitions of a Spark DataFrame.

    import arrow_pipes.spark

    sales = spark.read.parquet("sales")
    taxes = arrow_pipes.spark.pipe(sales, "stream-filter 'price > 98' | stream-select 'user, price * 0.19 AS tax'")
    means = arrow_pipes.spark.pipe(sales, "stream-aggregate --by city 'avg(price)'", group_by="city")

    dear = arrow_pipes.spark.scan(spark, "parquet-to-stream sales | stream-filter 'price > 98'")

Needs PySpark 4 and pyarrow, and the package arrow-pipes on the driver and on all executors. If tools
are in PATH there, the Python files alone are enough: `spark-submit --py-files arrow_pipes.zip`.

`help("arrow_pipes._partitions")` lists the programs that are safe for any partition, and those that
need `group_by`.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Union

import pyarrow as pa

import arrow_pipes
from arrow_pipes import _lazy, _partitions, _spark_pushdown, _spark_scan, _spark_types
from arrow_pipes._arguments import Program
from arrow_pipes._scan_command import ScanCommand
from arrow_pipes._spark_pushdown import Needs

if TYPE_CHECKING:
    import pyspark.sql
    from pyspark.sql.types import StructType
else:
    pyspark = _lazy.Module("pyspark")

__all__ = ["pipe", "scan"]

#: The key of the metadata of a partial aggregate with its --by.
_MERGE_BY = b"arrow-pipes:aggregate:by"


def pipe(
    df: pyspark.sql.DataFrame,
    command: str,
    *,
    group_by: str | Sequence[str] | None = None,
    schema: Union[pa.Schema, pyspark.sql.types.StructType, str, None] = None,
    per_partition: bool = False,
    pushdown: bool = True,
) -> pyspark.sql.DataFrame:
    """Run a command on each partition of a DataFrame, and return its output as a DataFrame.

        pipe(df, "stream-sort --by time | stream-sample --first 10 --per user", group_by="user")

    command: programs separated by `|`, as for `arrow_pipes.pipe`.
    group_by: one column or several. Spark first brings all rows that are equal in them into one
        partition, so that programs that group by at least these columns see whole groups. The rows of
        a partition then come in any order: sort them, with `stream-sort`, if the order matters.
    schema: the columns of the output, if the tools are not installed on the driver: a pyarrow.Schema,
        or a schema of Spark. Default: what the command makes of the columns of `df` without rows.
    per_partition: also run commands whose answer is one for each partition, such as `stream-head`.
    pushdown: whether Spark leaves out columns and rows that the command does not need. With False, Spark
        sends everything, so damage in a file that is otherwise not read is an error.

    Spark sends only the columns that the command uses, and leaves out rows that a condition of
    `stream-filter` would remove, as far as it compares columns with literals: `price > 98`, `city IN ('Oslo')`.
    The answer is the same; only random samples may differ, because partitions get other numbers. All is sent
    if the first program is not of this package, or if `schema` is given.

    Types that Spark does not have are converted if all values stay exact: unsigned integers become wider,
    times microseconds, dictionary-encoded and run-end encoded columns plain.

    `--seed` is needed where rows are sampled at random: each partition samples by the seed and its
    number, and a repeated task takes the same rows.

    If a program fails, its task fails, with its message in the error of Spark. If Spark repeats a task,
    the rows of the first attempt are dropped.

    Raises, before Spark starts: CommandError if the command needs a shell; ValueError if it would not
    mean the same for partitions, with the way out; TypeError, with the column, for a type that Spark
    does not have; PipeError if the command does not fit the columns.
    """
    source = _source(df)
    keys = [group_by] if isinstance(group_by, str) else list(group_by or ())
    merge_by = (source.metadata or {}).get(_MERGE_BY)
    programs = _partitions.check(command, keys or None, merge_by.decode() if merge_by else None, per_partition)
    if keys and _partitions.draws_in_order(programs):
        text = "the rows of a partition come in any order: sort them before stream-sample to choose the same each time"
        warnings.warn(text, stacklevel=2)
    target, columns, needs = _result(source, command, schema, pushdown)
    df = needs.filter(df)
    if keys:
        df = needs.select(df, also=keys).repartition(*map(_spark_pushdown.quoted, keys))
    df = needs.select(df)
    if any("." in name or "`" in name for name in df.columns):
        # mapInArrow takes such a name for an expression. `_with_schema` gives the names back.
        df = df.toDF(*[f"_{place}" for place in range(len(df.columns))])
    sent, places = needs.schema, needs.places

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return _run(_Input(batches, sent, places), programs, target)

    return df.mapInArrow(run, columns)


def scan(
    spark: pyspark.sql.SparkSession,
    command: str,
    *,
    schema: Union[pa.Schema, pyspark.sql.types.StructType, str, None] = None,
    part_bytes: int | None = None,
    per_partition: bool = False,
) -> pyspark.sql.DataFrame:
    """Run a command that reads Parquet files on parts of these files, and return its output as a DataFrame.

        scan(spark, "parquet-to-stream sales -w 'price > 98' | stream-select 'user, price * 0.19 AS tax'")

    command: as on one machine: `parquet-to-stream` with files, directories, patterns or URLs, and programs
        that mean the same for parts as for the whole.
    schema: the columns of the output, as for `pipe`. Default: those of the command without rows.
    part_bytes: the size of a part, compressed. Default: that of the partitions that Spark would make,
        at most spark.sql.files.maxPartitionBytes.
    per_partition: also run commands whose answer is one for each part, such as `stream-head`.

    Each task reads a part itself: row groups of a large file, or several small files. So only the results
    pass through Java, and the tools skip columns, row groups and pages that the command does not need.
    The files must have the same paths on all executors, or be URLs, for tools with the feature `remote`.

    The files are listed now, and their footers are read, by the driver. A file that changes before its
    task has read it is an error of the task. The types of partition keys are those that all files have
    together, and files whose columns differ follow the rule of `parquet-to-stream`: an error when one is
    read, unless --merge-schema union is given. Row groups of a file are divided only if the file has all columns.

    There is no group_by: give the result to `pipe`. Conversions, failures and `--seed` are as for `pipe`.
    `help("arrow_pipes._scan_command")` lists the options that are refused, such as `-n`.

    Raises, before Spark starts, the errors of `pipe`.
    """
    reading = ScanCommand(command, per_partition)
    if part_bytes is not None and part_bytes < 1:
        raise ValueError(f"part_bytes is {part_bytes}, not at least 1")
    if schema is None:
        with arrow_pipes.scan(reading.without_rows()) as reader:
            schema = reader.schema
            for _ in reader:
                pass
    target, columns = _spark_types.result(schema)
    task, parts = _spark_scan.plan(spark, reading, target, part_bytes)

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from _spark_scan.read(task, parts[number], number)

    return spark.range(0, len(parts), 1, len(parts)).mapInArrow(run, columns)


def _source(df: pyspark.sql.DataFrame) -> pa.Schema:
    if not df.columns:
        raise ValueError("the DataFrame has no columns, and without them Spark sends no rows: select one")
    conf = df.sparkSession.conf
    zone = conf.get("spark.sql.session.timeZone") or "UTC"
    large = conf.get("spark.sql.execution.arrow.useLargeVarTypes", "false") == "true"
    return _spark_types.from_spark(df.schema, zone, large)


def _result(
    source: pa.Schema, command: str, schema: Union[pa.Schema, StructType, str, None], pushdown: bool
) -> tuple[pa.Schema, StructType, Needs]:
    """The columns of the output, for Arrow and for Spark, and what is needed of the input."""
    needs = Needs(source)
    if schema is None and pushdown:
        schema, needs = _spark_pushdown.learn(source, command)
    elif schema is None:
        schema = arrow_pipes.schema(source, command)
    return (*_spark_types.result(schema), needs)


def _run(rows: _Input, programs: Sequence[Program], target: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The output of one task."""
    from pyspark import TaskContext

    task = TaskContext.get()
    command = _partitions.seeded(programs, task.partitionId() if task else 0)
    with rows, arrow_pipes.pipe(rows, command, schema=rows.schema) as reader:
        _spark_types.check_result(reader.schema, target)
        for batch in reader:
            yield _spark_types.convert(batch, target)


class _Input:
    """The batches of a task, for the thread that feeds the pipe, until the task ends.

    If the command did not read all of them, Spark reads what follows from the same socket, so the
    thread must not be reading, too.
    """

    def __init__(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema, places: Sequence[int]) -> None:
        self._batches = iter(batches)
        #: That of the pipe. Spark sends the columns at these places of it.
        self.schema = schema
        self._places = places
        self._lock = threading.Lock()
        self._is_over = False

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return self

    def __next__(self) -> pa.RecordBatch:
        with self._lock:
            if self._is_over:
                raise InterruptedError("the task is over")
            batch = next(self._batches)
        return _with_schema(_spark_pushdown.widened(batch, self.schema, self._places), self.schema)

    def __enter__(self) -> _Input:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_over = True


def _with_schema(arrays: Sequence[pa.Array], schema: pa.Schema) -> pa.RecordBatch:
    """A batch with the metadata that Spark does not send, and the zone of the session."""
    columns = [array if array.type == field.type else array.cast(field.type) for array, field in zip(arrays, schema)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
