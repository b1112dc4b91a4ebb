"""The columns and rows that a command needs, as its first program tells the writer of its input.

An engine can then leave out the others before it sends them to Python; see "Hints through the pipe" in
arrow-pipes(1). `stream-filter true` listens: it passes everything on, and prints what it was told.
"""

from __future__ import annotations

import errno
import json
import os
import select
import struct
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

from arrow_pipes import _command
from arrow_pipes._arguments import Program
from arrow_pipes._errors import PipeError
from arrow_pipes._feed import Source
from arrow_pipes._output import Reader, open_output
from arrow_pipes._stages import Stage

#: How long the listener may take to start and to hear the command, in seconds. It takes 10 ms on an
#: idle machine. Without an answer, nothing is left out.
_MOST_SECONDS = 2.0

#: How often a command is asked that tells nothing at all: on a busy machine, its hint may come too late.
_TRIES = 3

#: Between two looks, in seconds.
_PAUSE = 0.001

#: An explanation has the names of all columns, twice.
_MOST_BYTES = 16 << 20

#: Where a lock says that a hint is complete: HEAD in src/io/pipe_locks.rs.
_HEAD = 8191 << 50
_LENGTH = 1 << 50


class Hint(NamedTuple):
    """What a command needs of its input."""

    #: The names of the columns that it uses; None for all.
    columns: list[str] | None = None
    #: An expression: rows for which it is not true change nothing.
    where: str | None = None


def learn(schema: pa.Schema, command: str) -> tuple[pa.Schema, Hint]:
    """The schema that a command makes of another schema, and what it needs of its input.

    Programs of other packages tell nothing, so the hint is empty. Errors are those of
    `arrow_pipes.schema`.
    """
    from arrow_pipes import schema as schema_of

    words = [program for program in _command.parse(command)]
    if _can_tell(words[0]):
        try:
            for _ in range(_TRIES):
                result, hint = _listen(schema, words)
                if hint is not None:
                    return result, hint
            return result, Hint()
        except (PipeError, FileNotFoundError):
            # Again below, without the listener: for the error of the command itself.
            pass
    return schema_of(schema, command), Hint()


def _can_tell(words: list[str]) -> bool:
    """Whether a program gives hints here: advisory locks on pipes are of Linux."""
    return Program(words).is_tool and sys.platform == "linux" and os.environ.get("ARROW_PIPES_HINTS") != "off"


def _listen(schema: pa.Schema, words: list[list[str]]) -> tuple[pa.Schema, Hint | None]:
    listener = Stage([*_sibling(words[0]), "true", "--explain=json"])
    listener.most_tail_bytes = _MOST_BYTES
    source = Source(schema, _no_batches(), begun=_wait)
    with Reader(open_output([listener, *map(Stage, words)], source, None)) as reader:
        rows = sum(batch.num_rows for batch in reader)
        result = reader.schema
    hint = parse(listener.tail)
    # A command that answers even without rows, as count(*) does, answers for each part of a table. An engine
    # that leaves out rows may leave out whole parts.
    return result, hint._replace(where=None) if hint is not None and rows else hint


def _sibling(words: list[str]) -> list[str]:
    """The listener of the same installation as a program."""
    directory, name = os.path.split(words[0])
    return [words[0], "stream-filter"] if name == "arrow-pipes" else [os.path.join(directory, "stream-filter")]


def _no_batches() -> Iterator[pa.RecordBatch]:
    yield from ()


def _wait(descriptor: int) -> None:
    """Keep the input open until the listener has heard the command.

    It hears only while it waits for rows. It then gives a hint itself, to the writer of this pipe.
    """
    poll = select.poll()
    poll.register(descriptor, 0)
    deadline = time.monotonic() + _MOST_SECONDS
    while not _has_hint(descriptor) and not poll.poll(0) and time.monotonic() < deadline:
        time.sleep(_PAUSE)


def _has_hint(descriptor: int) -> bool:
    """Whether another process has locked the place that ends a hint."""
    import fcntl

    lock = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, _HEAD, _LENGTH, 0)
    try:
        found = fcntl.fcntl(descriptor, fcntl.F_GETLK, lock + bytes(8))
    except OSError as error:
        # A system without such locks: nothing will come.
        return error.errno in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)
    return bool(struct.unpack_from("h", found)[0] != fcntl.F_UNLCK)


def parse(explanation: bytes) -> Hint | None:
    """The hint in what `--explain=json` prints; None if there is none, or if it is not understood."""
    try:
        told = json.loads(explanation.rstrip().rpartition(b"\n")[2])["reader"]
        columns, where = told["columns"], told["where"]
        is_hint = any(told.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        columns = None
    # A list without columns is a hint, too.
    return Hint(columns, where if isinstance(where, str) else None) if is_hint or columns is not None else None
