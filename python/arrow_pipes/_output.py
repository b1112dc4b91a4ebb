"""The output of a pipe: the bytes of a stream, which end well or raise an error, and its reader."""

from __future__ import annotations

import os
import struct
import threading
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from arrow_pipes._feed import Source
from arrow_pipes._run import Run
from arrow_pipes._stages import Stage

_CONTINUATION = b"\xff\xff\xff\xff"

#: More than a schema has.
_MOST_METADATA_BYTES = 1 << 30

_READ_BYTES = 1 << 20

_NO_STREAM = "the output is not an Arrow stream (it begins with {}): use arrow_pipes.sink for text"
_EMPTY = "the output is empty, not an Arrow stream: use arrow_pipes.sink for a command that writes a file"
_INCOMPLETE = "the output stops without its end marker"
_MORE_BYTES = "more bytes follow the end marker of the output: add | stream-cat to join streams"


class Output:
    """A file for pyarrow: the stream that the last stage writes.

    It hands out the end marker only after all stages have ended well; else it raises an error. Every
    reader of it, also one in C++, therefore gets all batches or an error.
    """

    closed = False

    def __init__(self, run: Run) -> None:
        self._run = run
        # Bytes of a message up to its body that were read but not handed out, and the size of its body.
        self._header = b""
        self._body = 0
        self._has_begun = False
        self._is_complete = False
        # The pipe ends when nothing refers to this object, and at exit.
        weakref.finalize(self, run.drop)

    def end(self) -> None:
        """End the pipe, if it has not ended."""
        self._run.end()

    def read_all(self) -> bytes:
        """All bytes, whatever they are."""
        parts = []
        try:
            with self._run.reading:
                while part := os.read(self._run.output, _READ_BYTES):
                    parts.append(part)
                self._run.finish()
        finally:
            self.end()
        return b"".join(parts)

    def read_buffer(self, size: int) -> Any:
        """Called by pyarrow for each part of a message."""
        if self._is_complete:
            return self._take_header(size)
        # First: in a forked child, the lock stays held if another thread held it.
        self._run.check_owner()
        try:
            with self._run.reading:
                self._run.check_open()
                return self._read(size)
        except BaseException:
            # Also if the user interrupts it: the place in the stream is lost.
            self.end()
            raise

    def read(self, size: int) -> bytes:
        """Called by pyarrow for the first bytes of a message."""
        return bytes(self.read_buffer(size))

    def _read(self, size: int) -> Any:
        if not self._header and not self._body:
            self._next_message()
        if self._header:
            return self._take_header(size)
        size = min(size, self._body)
        self._body -= size
        return self._read_body(size)

    def _take_header(self, size: int) -> bytes:
        part, self._header = self._header[:size], self._header[size:]
        return part

    def _next_message(self) -> None:
        prefix = self._read_most(8)
        size = int.from_bytes(prefix[4:], "little")
        if prefix and (prefix[:4] != _CONTINUATION[: len(prefix)] or size > _MOST_METADATA_BYTES):
            self._run.fail(_NO_STREAM.format(ascii(prefix.decode("latin-1"))))
        if len(prefix) < 8:
            self._run.finish(_INCOMPLETE if prefix or self._has_begun else _EMPTY)
        self._has_begun = True
        if size == 0:
            self._header = prefix
            self._finish()
            return
        metadata = self._read_most(size)
        if len(metadata) < size:
            self._run.finish(_INCOMPLETE)
        self._header = prefix + metadata
        self._body = _body_bytes(metadata)

    def _finish(self) -> None:
        """The end marker was read. It is handed out if all is well."""
        if os.read(self._run.output, 1):
            self._run.fail(_MORE_BYTES)
        self._run.finish()
        self._is_complete = True
        self.end()

    def _read_most(self, size: int) -> bytes:
        """As many bytes, or fewer if the output ends."""
        parts = []
        while size and (part := os.read(self._run.output, min(size, _READ_BYTES))):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _read_body(self, size: int) -> pa.Buffer:
        buffer = pa.allocate_buffer(size)
        view = memoryview(buffer).cast("B")
        while view:
            count = os.readv(self._run.output, [view])
            if not count:
                self._run.finish(_INCOMPLETE)
            view = view[count:]
        return buffer

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self.end()


def open_output(
    stages: Sequence[Stage], source: Source | None, env: Mapping[str, str | None] | None
) -> Output:
    """Start the stages.

    Signal handlers run in the main thread, and raise there what ends a program, such as KeyboardInterrupt.
    Halfway through a start, that would leave processes and descriptors, so another thread starts. If the
    main thread is interrupted meanwhile, nothing refers to the output, and so it ends.
    """
    if threading.current_thread() is not threading.main_thread():
        return Output(Run(stages, source, env))
    started: list[Output] = []
    errors: list[BaseException] = []

    def start(started: list[Output]) -> None:
        try:
            started.append(Output(Run(stages, source, env)))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=start, args=(started,), name="arrow-pipes start", daemon=True)
    thread.start()
    thread.join()
    if errors:
        try:
            raise errors[0]
        finally:
            # No cycle with the traceback.
            errors.clear()
    return started.pop()


def _body_bytes(metadata: bytes) -> int:
    """The field `bodyLength` of a message, a flatbuffer. pyarrow checks the rest of it."""
    try:
        (table,) = struct.unpack_from("<I", metadata, 0)
        (distance,) = struct.unpack_from("<i", metadata, table)
        size_of_fields, field = struct.unpack_from("<H8xH", metadata, table - distance)
        if size_of_fields < 12 or field == 0:
            return 0
        (size,) = struct.unpack_from("<q", metadata, table + field)
    except struct.error:
        return 0
    return max(0, int(size))


class Reader(pa.ipc.RecordBatchStreamReader):  # type: ignore[misc]
    """A pyarrow.RecordBatchReader that ends the pipe when it is closed."""

    def __init__(self, output: Output) -> None:
        self._output = output
        try:
            super().__init__(pa.PythonFile(self._output, mode="r"))
        except BaseException:
            self._output.end()
            raise

    def close(self) -> None:
        """End all programs of the pipe, if they have not ended."""
        self._output.end()
