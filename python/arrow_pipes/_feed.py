"""The thread that writes record batches into a pipe."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from arrow_pipes import _descriptors, _interrupts

#: Larger batches are sent in parts, so that the memory of the stages does not depend on the size of a
#: pyarrow.Table's chunks. Parts of 4 to 32 MiB take about the same time through two stages, of 64 MiB more.
_BATCH_BYTES = 16 << 20

#: Buffers in one call of writev: IOV_MAX of Linux.
_MOST_BUFFERS = 1024


class Source(NamedTuple):
    """Where the batches of a pipe come from."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    #: Ends it while it is read, if that is possible.
    close: Callable[[], object] | None = None
    #: Called with the pipe after the schema was written, before the first batch is asked for.
    begun: Callable[[int], object] | None = None


def check(batch: object) -> None:
    """Raise TypeError if an item of a source is no record batch."""
    if not isinstance(batch, pa.RecordBatch):
        kind = type(batch).__name__
        raise TypeError(f"the iterable has a {kind}, not only pyarrow.RecordBatch")


class Feeder:
    """A thread that writes batches into a pipe, and the end marker only if their source ended well."""

    def __init__(self, source: Source, descriptor: int) -> None:
        #: The exception of the source.
        self.error: BaseException | None = None
        #: How often the source was asked for a batch, and how often it returned.
        self.asked = self.answered = 0
        self._source_close = source.close
        self._is_needed = True
        # The thread must be the only one that refers to it.
        arguments = ([source], descriptor)
        self._thread = threading.Thread(target=self._run, args=arguments, name="arrow-pipes feeder", daemon=True)
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait for the thread after all stages have ended.

        If it is in the source for longer, it is left there, and ends when the source returns.
        """
        self._is_needed = False
        if self._source_close is not None:
            self._source_close()
            self._source_close = None
        if self._thread.ident != threading.get_ident():
            _interrupts.join(self._thread, seconds)

    def _run(self, source: list[Source], descriptor: int) -> None:
        try:
            self._feed(source[0], descriptor)
        except BaseException as error:
            # Before the pipe is closed: a stage that fails because of it is not the cause.
            if self._is_needed:
                self.error = error
        finally:
            _descriptors.close(descriptor)
            # What the source holds is given back now, not when the pipe is dropped.
            source.clear()

    def _feed(self, source: Source, descriptor: int) -> None:
        gather = _Gather(descriptor)
        # At once, so that the stages and the caller know it before there is a batch.
        start = source.schema.serialize()
        if not gather.write_all([start]):
            return
        if source.begun is not None:
            source.begun(descriptor)
        gather.skip(len(start))
        writer = pa.ipc.new_stream(pa.PythonFile(gather, mode="w"), source.schema)
        while gather.has_reader():
            self.asked += 1
            try:
                batch = next(source.batches)
            except StopIteration:
                writer.close()
                gather.flush()
                return
            finally:
                self.answered += 1
            check(batch)
            for part in _parts(batch):
                writer.write_batch(part)
                if not gather.flush():
                    return


def _parts(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch, or parts of it with at most twice as many bytes as a part should have, or one row."""
    # That of whole buffers is cheap, and at least that of the rows.
    if batch.get_total_buffer_size() <= _BATCH_BYTES:
        yield batch
    else:
        yield from _cut(batch)


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    rows = batch.num_rows
    size = batch.nbytes
    if size > _BATCH_BYTES:
        # Dictionaries, the buffers of views and long runs are in both halves.
        shared = batch.slice(0, rows // 2).nbytes + batch.slice(rows // 2).nbytes - size
        size -= max(0, shared)
    if size <= _BATCH_BYTES or rows <= 1:
        yield batch
        return
    some = max(1, rows * _BATCH_BYTES // size)
    # Bitmaps of a multiple of 8 rows are not shifted.
    some = some & ~63 or some
    for start in range(0, rows, some):
        part = batch.slice(start, some)
        if part.nbytes <= 2 * _BATCH_BYTES:
            yield part
        else:
            # Its rows are longer than those of others, or share much.
            yield from _cut(part)


class _Gather:
    """Collects the buffers of a message without copying them, and writes them with one call."""

    closed = False

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffers: list[Any] = []
        self._skipped = 0
        self._poll = select.poll()
        self._poll.register(descriptor, 0)

    def skip(self, size: int) -> None:
        """Do not write the first bytes: they were written."""
        self._skipped = size

    def write(self, data: Any) -> int:
        """Called by pyarrow with each buffer."""
        size = len(data)
        if self._skipped:
            assert size <= self._skipped
            self._skipped -= size
        elif size:
            self._buffers.append(data)
        return size

    def flush(self) -> bool:
        """Write what was collected. Whether anything still reads it."""
        buffers, self._buffers = self._buffers, []
        return self.write_all(buffers)

    def write_all(self, buffers: list[Any]) -> bool:
        try:
            for start in range(0, len(buffers), _MOST_BUFFERS):
                self._write(buffers[start : start + _MOST_BUFFERS])
        except BrokenPipeError:
            return False
        return True

    def _write(self, buffers: list[Any]) -> None:
        left = [memoryview(buffer).cast("B") for buffer in buffers]
        while left:
            written = os.writev(self._descriptor, left)
            done = 0
            while done < len(left) and len(left[done]) <= written:
                written -= len(left[done])
                done += 1
            del left[:done]
            if written:
                left[0] = left[0][written:]

    def has_reader(self) -> bool:
        """Whether the first stage still reads: else the source is not asked for more."""
        return not self._poll.poll(0)

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        pass
