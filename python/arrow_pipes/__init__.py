"""Small Unix programs that speak Arrow IPC streams, and Arrow data from Python through pipes of them.

    import arrow_pipes

    sales = [{"city": "Oslo", "price": 12.5}, {"city": "Rome", "price": 8.0}]
    batch = pyarrow.RecordBatch.from_pylist(sales)
    with arrow_pipes.pipe(batch, "stream-filter 'price > 10' | stream-select city") as reader:
        print(reader.read_all())

`pipe` sends record batches through a command and reads its output, `scan` only reads the output of a
command, `sink` only sends. `schema` tells which columns a command makes of others. They need pyarrow:

    pip install 'arrow-pipes[python]'

A command is written as in a shell, but no shell runs it: programs and their arguments, separated by
`|`. Quotes and backslashes mean what they mean in a shell. Other characters that a shell interprets, such
as `>`, `$` or `*`, must be quoted, or are an error. `shell=True` runs the command with bash instead.

Results are never shortened in silence. If the source of the batches or a program of the pipe fails,
the end of the stream is missing for all programs downstream: they fail, write no file, and the caller
gets the exception of the source, or a `PipeError` that names the program that failed first.
"""

from __future__ import annotations

from arrow_pipes._errors import CommandError, PipeError
from arrow_pipes._pipe import pipe, scan, schema, sink
from arrow_pipes._programs import find_executable

__all__ = ["CommandError", "PipeError", "find_executable", "pipe", "scan", "schema", "sink"]
