"""The record batches of all that `pipe` accepts: tables, readers, data frames, generators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from arrow_pipes._feed import Source, check
from arrow_pipes._output import Reader


def open_source(batches: Any, schema: pa.Schema | None) -> Source:
    """The source for a table, a reader, a data frame or a generator."""
    if schema is not None and not isinstance(schema, pa.Schema):
        raise TypeError(f"schema is a {type(schema).__name__}, not a pyarrow.Schema")
    # The output of another pipe ends with this pipe, as in a shell.
    close = batches.close if isinstance(batches, Reader) else None
    if isinstance(batches, pa.RecordBatch):
        batches = pa.Table.from_batches([batches])
    if isinstance(batches, pa.Table):
        reader = batches.to_reader()
    elif isinstance(batches, pa.RecordBatchReader):
        reader = batches
    elif hasattr(batches, "__arrow_c_stream__"):
        reader = pa.RecordBatchReader.from_stream(batches)
    elif hasattr(batches, "__arrow_c_array__"):
        reader = pa.Table.from_batches([pa.record_batch(batches)]).to_reader()
    elif isinstance(batches, Iterable):
        return _open_iterable(batches, schema)
    else:
        kind = type(batches).__name__
        raise TypeError(f"batches is a {kind}, not a table, a reader or an iterable of pyarrow.RecordBatch")
    if schema is not None and not reader.schema.equals(schema, check_metadata=True):
        reader = reader.cast(schema)
    return Source(reader.schema, iter(reader), close)


def _open_iterable(batches: Iterable[Any], schema: pa.Schema | None) -> Source:
    iterator = iter(batches)
    if schema is not None:
        return Source(schema, iterator)
    for first in iterator:
        check(first)
        return Source(first.schema, _chain(first, iterator))
    raise ValueError("the iterable has no batch, so its schema is unknown: pass schema=")


def _chain(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    del first
    yield from rest
