"""Reads a stream from parquet-to-stream with all kinds of locks on the pipe, and compares what comes."""

import fcntl
import os
import random
import struct
import subprocess
import zlib

import pyarrow as pa
import pyarrow.ipc

SLOT, HALF = 1 << 50, 1 << 49
MARK, HEAD = 8190, 8191
COMMANDS = ["parquet-to-stream t0.parquet", "parquet-to-stream t0.parquet | stream-cat"]
OFF = {**os.environ, "ARROW_PIPES_HINTS": "off"}
WHOLE = {
    command: subprocess.run(["bash", "-c", command], env=OFF, stdout=subprocess.PIPE, check=True).stdout
    for command in COMMANDS
}
ROWS = 2400


def frames(data):
    """The messages of a stream with their bodies, and the end marker."""
    place, found = 0, []
    while place < len(data):
        length = struct.unpack_from("<i", data, place + 4)[0]
        if length == 0:
            found.append(data[place : place + 8])
            place += 8
            continue
        metadata = data[place : place + 8 + length]
        message = pa.ipc.read_message(metadata + data[place + 8 + length :])
        body = 0 if message.body is None else message.body.size
        found.append(data[place : place + 8 + length + body])
        place += 8 + length + body
    return found


def place_lock(end, slot, data):
    data = data.ljust(12, b"\0")
    start, stop = (int.from_bytes(half, "little") for half in (data[:6], data[6:]))
    start, stop = slot * SLOT + start, slot * SLOT + HALF + stop
    fcntl.lockf(end, fcntl.LOCK_SH, stop - start + 1, start, os.SEEK_SET)


def publish(end, data):
    for slot in range(0, len(data), 12):
        place_lock(end, slot // 12, data[slot : slot + 12])
    place_lock(end, HEAD, len(data).to_bytes(2, "little") + zlib.crc32(data).to_bytes(4, "little"))


def held(end, slot):
    ask = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, slot * SLOT, SLOT, 0)
    kind, _, start, length, _ = struct.unpack("hhqqi4x", fcntl.fcntl(end, fcntl.F_GETLK, ask))
    if kind == fcntl.F_UNLCK:
        return None
    start -= slot * SLOT
    return start.to_bytes(6, "little") + (start + length - 1 - HALF).to_bytes(6, "little")


def message_of_a_reader(command):
    """The message that stream-count leaves when it has read the schema that a command writes."""
    reader, writer = os.pipe()
    child = subprocess.Popen(["stream-count"], stdin=reader, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(reader)
    os.write(writer, frames(WHOLE[command])[0])
    while (head := held(writer, HEAD)) is None:
        assert child.poll() is None
    length = int.from_bytes(head[:2], "little")
    data = b"".join(held(writer, slot) for slot in range(-(-length // 12)))[:length]
    child.kill()
    child.wait()
    os.close(writer)
    return data


def written(command, leave):
    """What a command writes into a pipe with locks."""
    reader, writer = os.pipe()
    line = "set -o pipefail; read -r line; " + command
    child = subprocess.Popen(["bash", "-c", line], stdin=subprocess.PIPE, stdout=writer)
    # All locks of a process vanish when it closes any descriptor of the pipe.
    os.close(writer)
    leave(reader)
    child.stdin.write(b"\n")
    child.stdin.close()
    data = b""
    while piece := os.read(reader, 1 << 16):
        data += piece
    os.close(reader)
    assert child.wait() == 0, command
    return data


def rows(data):
    """The rows of a stream whose second schema says which columns it has."""
    first, second, *rest = frames(data)
    assert b"arrow-pipes:agreement" in second, "it was not used"
    return sum(batch.num_rows for batch in pa.ipc.open_stream(second + b"".join(rest)))


PREFIX = message_of_a_reader(COMMANDS[0])[:12]
assert PREFIX == message_of_a_reader(COMMANDS[1])[:12], "the schemas are written alike"
COLUMNS, LIMIT, PREDICATE = 1, 2, 4


def hint(columns=None, limit=None, predicate=None, prefix=PREFIX):
    flags = (columns is not None) * COLUMNS + (limit is not None) * LIMIT + (predicate is not None) * PREDICATE
    data = prefix + bytes([flags])
    if columns is not None:
        data += struct.pack(f"<H{len(columns)}I", len(columns), *columns)
    if limit is not None:
        data += struct.pack("<Q", limit)
    return data + (predicate or b"")


def refused():
    """Messages that are none."""
    yield "nothing", b""
    yield "another version", hint([0], prefix=bytes([PREFIX[0] ^ 1]) + PREFIX[1:])
    yield "another schema", hint([0], prefix=PREFIX[:-1] + bytes([PREFIX[-1] ^ 1]))
    yield "a column out of range", hint([0, 4_000_000_000])
    yield "columns in another order", hint([1, 0])
    yield "a column twice", hint([0, 0])
    yield "fewer columns than it says", hint([0, 1])[:-1]
    yield "more than it says", hint([0], 3) + b"x"
    yield "no text", hint(predicate=b"id = \xff")
    yield "only the prefix", PREFIX
    yield "many columns", hint(list(range(1000)))


def used():
    """Messages, and the number of rows that must come at least and at most."""
    yield "columns", hint([1]), ROWS, ROWS
    yield "no columns", hint([]), ROWS, ROWS
    yield "a predicate", hint(predicate=b"id < 5"), 5, ROWS
    yield "a limit", hint(limit=3), 3, ROWS
    yield "no rows", hint([], limit=0), 0, ROWS
    yield "both", hint([0], 7, b"id >= 3"), 4, ROWS
    for predicate in [
        b"7 // id > 3",
        b"CAST(id AS TINYINT) > 3",
        b"id >",
        b"",
        b"id",
        b"nope = 1",
        b"id = 1) OR (TRUE",
        b"(" * 3000 + b"id = 1" + b")" * 900,
        b"NOT " * 900 + b"(id = 1)",
        b"id = 1 /*",
        b"\0",
        b"id = 1;",
        b"id = 1; DROP TABLE id",
        b"#99 = 1",
        b"'" + b"x" * 4000,
    ]:
        yield repr(predicate[:30]), hint(predicate=predicate), ROWS, ROWS
    long = b"id < 5" + b" OR id < 5" * 396
    assert 3900 < len(long) < 4000
    yield "a long predicate", hint(predicate=long), 5, ROWS


def random_locks(seed):
    draw = random.Random(seed)

    def leave(end):
        for _ in range(draw.randrange(1, 40)):
            slot = draw.choice([0, 1, 2, MARK, HEAD, draw.randrange(8192)])
            if draw.random() < 0.5:
                place_lock(end, slot, draw.randbytes(12))
            else:
                start = slot * SLOT + draw.choice([0, draw.randrange(SLOT)])
                length = draw.choice([0, 1, draw.randrange(SLOT)]) if slot < 8190 else 0
                fcntl.lockf(end, fcntl.LOCK_SH, length, start, os.SEEK_SET)

    return leave


def main():
    for command in COMMANDS:
        for seed in range(12):
            assert written(command, random_locks(seed)) == WHOLE[command], (command, seed)
        for name, data in refused():
            assert written(command, lambda end: publish(end, data)) == WHOLE[command], (command, name)
    for name, data, least, most in used():
        for command in COMMANDS:
            try:
                found = rows(written(command, lambda end: publish(end, data)))
            except Exception as error:
                raise AssertionError((command, name)) from error
            assert least <= found <= most, (command, name, found)
        if name == "a predicate":
            found = rows(written(COMMANDS[0], lambda end: publish(end, data)))
            assert found < ROWS, "nothing was left out"
    print("done")


main()
