"""The functions of the package. pyarrow is imported by their first call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, Union

from arrow_pipes import _lazy

if TYPE_CHECKING:
    import pyarrow

    from arrow_pipes._output import Output
else:
    pyarrow = _lazy.Module("pyarrow")


class ArrowStream(Protocol):
    """Any object of the Arrow PyCapsule interface: data frames of Polars and pandas, DuckDB relations."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


Batches = Union["pyarrow.RecordBatchReader", "pyarrow.Table", "pyarrow.RecordBatch", ArrowStream, Iterable[Any]]


def pipe(
    batches: Batches,
    command: str,
    *,
    schema: pyarrow.Schema | None = None,
    env: Mapping[str, str | None] | None = None,
    shell: bool = False,
) -> pyarrow.RecordBatchReader:
    """Send record batches through a command, and return a reader of its output.

        with arrow_pipes.pipe(table, "stream-filter 'price > 10' | stream-head -n 5") as reader:
            for batch in reader:
                print(batch.num_rows)

    batches: a RecordBatchReader, Table or RecordBatch of pyarrow, an object with __arrow_c_stream__ (a
        data frame of Polars or of pandas 3, a relation of DuckDB), or an iterable of RecordBatch.
    command: programs separated by `|`, quoted as in a shell. Those of this package are found in it,
        others, such as `tee` or `pv`, in PATH.
    schema: the schema of an iterable; default: that of its first batch. Other sources are cast to it.
    env: environment variables for the programs, in addition to those of this process; None removes one.
    shell: run the command with `bash -o pipefail`.

    A thread asks the source for batches while the caller reads, but only as fast as the programs take
    them, so memory stays flat. The reader may be given to pandas, Polars or DuckDB, or to another `pipe`,
    which then closes it. Closing it, or dropping the last reference to it, ends all programs.

    Reading raises the exception of the source if it raised one, and PipeError if a program failed. The
    call itself raises these errors if they occur before the schema of the output is known, and
    CommandError (a ValueError) for a command that needs a shell, FileNotFoundError for an unknown
    program, ValueError for an iterable without batches and schema.
    """
    return _read(_start(command, (batches, schema), env, shell))


def scan(
    command: str, *, env: Mapping[str, str | None] | None = None, shell: bool = False
) -> pyarrow.RecordBatchReader:
    """Run a command without input, and return a reader of its output.

        with arrow_pipes.scan("parquet-to-stream sales -w 'price > 10' | stream-head -n 5") as reader:
            table = reader.read_all()

    Parameters, reader and errors are those of `pipe`.
    """
    return _read(_start(command, None, env, shell))


def sink(
    batches: Batches,
    command: str,
    *,
    schema: pyarrow.Schema | None = None,
    env: Mapping[str, str | None] | None = None,
    shell: bool = False,
) -> bytes:
    """Send record batches to a command, wait until it ends, and return what it prints.

        arrow_pipes.sink(table, "stream-sort --by price | stream-to-parquet -o sales.parquet")
        rows = int(arrow_pipes.sink(table, "stream-count"))

    Returns the bytes on standard output: empty if the command writes a file. The file appears only if
    all went well; after an error there is none. Parameters and errors are those of `pipe`.
    """
    return _start(command, (batches, schema), env, shell).read_all()


def printed(command: str) -> bytes:
    """What a command without input prints. Errors are those of `pipe`."""
    return _start(command, None, None, False).read_all()


def schema(
    schema: pyarrow.Schema,
    command: str,
    *,
    env: Mapping[str, str | None] | None = None,
    shell: bool = False,
) -> pyarrow.Schema:
    """Return the schema that a command makes of another schema, by sending it a stream without rows.

        before = pyarrow.schema([("city", pyarrow.string()), ("price", pyarrow.float64())])
        after = arrow_pipes.schema(before, "stream-select 'city, price * 2 AS twice'")

    Errors are those of `pipe`.
    """
    with pipe((), command, schema=schema, env=env, shell=shell) as reader:
        for _ in reader:
            pass
        return reader.schema


def _start(
    command: str, source: tuple[Any, Any] | None, env: Mapping[str, str | None] | None, shell: bool
) -> Output:
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        message = "arrow_pipes needs pyarrow for this: pip install 'arrow-pipes[python]'"
        raise ImportError(message, name="pyarrow") from error
    from arrow_pipes._output import open_output
    from arrow_pipes._run import parse
    from arrow_pipes._source import open_source

    stages = parse(command, shell)
    return open_output(stages, None if source is None else open_source(*source), env)


def _read(output: Output) -> pyarrow.RecordBatchReader:
    from arrow_pipes._output import Reader

    return Reader(output)
