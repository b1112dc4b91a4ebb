"""How tasks of Spark read Parquet files: each runs `parquet-to-stream` for a part of them.

The driver lists the files with `file-inspect` and divides them into parts. A part of one file is some of its
row groups. Else it is several whole files. Then the task also reads an empty file with the columns of the
whole, so that the tool itself applies its rule for files whose columns differ.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

import arrow_pipes
from arrow_pipes import _partitions, _pipe, _scan_parts, _scan_paths, _spark_types
from arrow_pipes._errors import PipeError
from arrow_pipes._scan_command import ScanCommand
from arrow_pipes._scan_parts import File, Part

if TYPE_CHECKING:
    import pyspark.sql

#: The types that partition keys have by default, as --hive-types names them.
_KEY_TYPES = {pa.int64(): "int64", pa.date32(): "date32", pa.string(): "utf8"}

_TEMPLATE = "columns-of-the-scan.parquet"


class Task(NamedTuple):
    """What all tasks of a scan know."""

    command: ScanCommand
    #: The options for the partition keys.
    hive: list[str]
    #: An empty Parquet file with the columns of all files.
    template: bytes
    #: The columns of the result.
    target: pa.Schema
    threads: int


def plan(
    spark: pyspark.sql.SparkSession, command: ScanCommand, target: pa.Schema, part_bytes: int | None
) -> tuple[Task, list[Part]]:
    """What tasks do, and the part of each."""
    with arrow_pipes.scan(command.columns_of_files()) as reader:
        schema = reader.schema
        reader.read_all()
    schema = pa.schema([field for field in schema if field.name != command.filename], metadata=schema.metadata)
    files = list_files(command)
    types = {field.name: _KEY_TYPES.get(field.type, "utf8") for field in schema}
    hive = command.hive_options([file.path for file in files], types)
    if command.is_union:
        command.choose(schema.names)
    task = Task(command, hive, _template(schema), target, int(spark.conf.get("spark.task.cpus", "1") or 1))
    file_bytes = _setting(spark, "spark.sql.files.openCostInBytes")
    part_bytes = part_bytes or _part_bytes(spark, files, file_bytes)
    large = [file for file in files if file.size > part_bytes]
    if command.filename is not None and not command.is_union:
        # A condition may exclude the empty file by its name.
        _check_columns(task, files)
    elif large and not _have_same_columns(task, large):
        large = []
    row_groups = _row_groups(command, large) if large else {}
    return task, _scan_parts.divide(files, part_bytes, file_bytes, row_groups)


def _template(schema: pa.Schema) -> bytes:
    return arrow_pipes.sink((), "stream-to-parquet", schema=schema)


def list_files(command: ScanCommand, paths: Sequence[str] | None = None) -> list[File]:
    """The files of the operands, or of some paths."""
    files = []
    for path, listed in _listing(command, "files", paths):
        if listed["format"] != "parquet":
            raise ValueError(f"{path}: not a Parquet file")
        numbers = (listed[name] for name in ("bytes", "rows", "row_groups", "footer_bytes"))
        files.append(File(_scan_paths.absolute(path), *numbers))
    return files


def _row_groups(command: ScanCommand, files: Sequence[File]) -> dict[str, list[int]]:
    sizes: dict[str, list[int]] = {file.path: [] for file in files}
    for path, listed in _listing(command, "row-groups", [*sizes]):
        sizes[path].append(listed["bytes"])
    return sizes


def _listing(command: ScanCommand, show: str, paths: Sequence[str] | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The path of each line of a view of `file-inspect`, and all else in it."""
    operands = [_scan_paths.as_operand(path) for path in paths or ()]
    known = dict(zip(operands, paths or ()))
    for line in _pipe.printed(command.listing(show, operands)).splitlines():
        listed = json.loads(line)
        path = listed.pop("path")
        yield known.get(path, path), listed


def _have_same_columns(task: Task, files: Sequence[File]) -> bool:
    try:
        _check_columns(task, files)
    except PipeError:
        return False
    return True


def _check_columns(task: Task, files: Sequence[File]) -> None:
    with tempfile.TemporaryDirectory(prefix="arrow-pipes-") as place:
        listed = _listed(task, files, place, is_template_first=True)
        _pipe.printed(task.command.strict_check(listed, task.hive))


def _part_bytes(spark: pyspark.sql.SparkSession, files: Sequence[File], file_bytes: int) -> int:
    """The size of the partitions that Spark would make of the same files."""
    parallel = spark.conf.get("spark.sql.files.minPartitionNum", None)
    parallel = parallel or spark.conf.get("spark.sql.leafNodeDefaultParallelism", None)
    context = None if parallel else getattr(spark, "sparkContext", None)
    count = int(parallel or (context.defaultParallelism if context is not None else 1))
    share = sum(file.size + file_bytes for file in files) // count
    return min(_setting(spark, "spark.sql.files.maxPartitionBytes"), max(file_bytes, share))


def _setting(spark: pyspark.sql.SparkSession, name: str) -> int:
    """A setting in bytes: 134217728b, 128m."""
    text = spark.conf.get(name) or ""
    found = re.fullmatch(r"\s*(\d+)\s*([kmgtp]?)i?b?\s*", text, re.IGNORECASE)
    if found is None:
        raise ValueError(f'{name} is "{text}", not a number of bytes')
    return int(found[1]) << 10 * " kmgtp".index(found[2].lower() or " ")


def read(task: Task, part: Part, number: int) -> Iterator[pa.RecordBatch]:
    """The rows of a part. Raises PipeError, or ValueError if a file changed since it was listed."""
    with tempfile.TemporaryDirectory(prefix="arrow-pipes-") as place:
        with _open(task, part, number, place) as reader:
            _spark_types.check_result(reader.schema, task.target)
            for batch in reader:
                yield _spark_types.convert(batch, task.target)
    paths = [file.path for file in part.files]
    now = list_files(task.command, paths)
    for before, after in zip(part.files, now):
        if before != after:
            raise ValueError(f"{before.path}: the file changed after the scan listed it: make the DataFrame again")
    if len(part.files) != len(now):
        raise ValueError(f"{paths[0]}: files changed after the scan listed them: make the DataFrame again")


def _open(task: Task, part: Part, number: int, place: str) -> pa.RecordBatchReader:
    """The output of the command for a part.

    The empty file comes last, because the tools choose encodings by the first file. But if -w excludes all
    files of the part, their columns do not count, and the empty file must be the first.
    """
    if part.row_groups is not None:
        return arrow_pipes.scan(_command(task, part, number, _write_list(place, [part.files[0].path])))
    try:
        listed = _listed(task, part.files, place, is_template_first=False)
        with contextlib.ExitStack() as otherwise:
            reader = otherwise.enter_context(arrow_pipes.scan(_command(task, part, number, listed)))
            if _spark_types.is_result(reader.schema, task.target):
                otherwise.pop_all()
                return reader
    except (PipeError, TypeError, ValueError):
        # Again below. If it was no matter of columns, it is raised there.
        pass
    listed = _listed(task, part.files, place, is_template_first=True)
    return arrow_pipes.scan(_command(task, part, number, listed))


def _command(task: Task, part: Part, number: int, listed: str) -> str:
    reader = task.command.for_files(listed, task.hive, part.row_groups, task.threads)
    return _partitions.seeded([reader, *task.command.rest], number)


def _listed(task: Task, files: Sequence[File], place: str, is_template_first: bool) -> str:
    """A list of files with an empty file for each combination of keys, which -w excludes when it excludes these."""
    has_keys = task.hive[0] == "--hive"
    if has_keys and _scan_paths.key_parts(f"{place}/"):
        raise ValueError(f'{place}: the path of temporary files contains "=", as partition keys do: change TMPDIR')
    keys = [_scan_paths.local_keys(file.path) if has_keys else "" for file in files]
    templates = [os.path.join(place, directory, _TEMPLATE) for directory in dict.fromkeys(keys)]
    for template in templates:
        os.makedirs(os.path.dirname(template), exist_ok=True)
        with open(template, "wb") as output:
            output.write(task.template)
    paths = [file.path for file in files]
    return _write_list(place, [*templates, *paths] if is_template_first else [*paths, *templates])


def _write_list(place: str, paths: Sequence[str]) -> str:
    listed = os.path.join(place, "files")
    with open(listed, "wb") as output:
        # The null at the end says that line breaks separate nothing.
        output.write(b"".join(os.fsencode(path) + b"\0" for path in paths))
    return listed
