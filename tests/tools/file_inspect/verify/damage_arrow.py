"""Plants one kind of damage in each of many copies of base.arrow and base.arrows, which the tools wrote.

A footer and a header are flatbuffers; the numbers that are edited are found by their values. Run in a
directory with these files; each function below writes its NAME.arrow or NAME.arrows.
"""

import struct
from pathlib import Path

FILE, STREAM, LZ4 = (Path(name).read_bytes() for name in ("base.arrow", "base.arrows", "lz4.arrows"))


class Message:
    """A message: where its prefix, its metadata and its body begin, and where the body ends."""

    def __init__(self, data, start):
        self.start, self.header = start, start + 8
        self.body = self.header + struct.unpack_from("<i", data, start + 4)[0]
        # Message.bodyLength is the fourth field of the table.
        root = self.header + struct.unpack_from("<I", data, self.header)[0]
        vtable = root - struct.unpack_from("<i", data, root)[0]
        slot = struct.unpack_from("<H", data, vtable + 10)[0] if struct.unpack_from("<H", data, vtable)[0] > 10 else 0
        self.body_length_place = root + slot
        self.end = self.body + (struct.unpack_from("<q", data, root + slot)[0] if slot else 0)


def messages(data, start=0):
    found = []
    while data[start : start + 4] == b"\xff" * 4 and data[start + 4 : start + 8] != bytes(4):
        found.append(Message(data, start))
        start = found[-1].end
    return found


IN_FILE, IN_STREAM, IN_LZ4 = messages(FILE, 8), messages(STREAM), messages(LZ4)


def damage(suffix):
    def decorator(make):
        Path(f"{make.__name__}.{suffix}").write_bytes(make())
        return make

    return decorator


def put(data, place, new):
    return data[:place] + new + data[place + len(new) :]


def replaced(data, old, new, start=0, end=None):
    """The data with the only occurrence of some bytes replaced."""
    end = len(data) if end is None else end
    assert data.count(old, start, end) >= 1, old
    return put(data, data.index(old, start, end), new)


def block(message):
    return struct.pack("<qi4xq", message.start, message.body - message.start, message.end - message.body)


def with_block(number, **changes):
    """The file with the block of a message changed in the footer."""
    message = IN_FILE[number]
    values = {"offset": message.start, "header": message.body - message.start, "body": message.end - message.body}
    values.update({name: values[name] + change for name, change in changes.items()})
    new = struct.pack("<qi4xq", values["offset"], values["header"], values["body"])
    return replaced(FILE, block(message), new, IN_FILE[-1].end)


@damage("arrow")
def arrow_last_magic():
    return FILE[:-1] + b"2"


@damage("arrow")
def arrow_footer_length():
    return put(FILE, len(FILE) - 10, (1 << 30).to_bytes(4, "little"))


@damage("arrow")
def arrow_footer():
    length = struct.unpack_from("<i", FILE, len(FILE) - 10)[0]
    return put(FILE, len(FILE) - 10 - length, b"\xff" * 16)


@damage("arrow")
def arrow_block_offset():
    return with_block(-1, offset=8)


@damage("arrow")
def arrow_block_header():
    return with_block(-1, header=64)


@damage("arrow")
def arrow_block_body():
    return with_block(-2, body=-64)


@damage("arrow")
def arrow_block_outside():
    return with_block(-1, offset=1 << 40)


@damage("arrow")
def arrow_block_kind():
    return replaced(FILE, block(IN_FILE[1]), block(IN_FILE[-1]), IN_FILE[-1].end)


@damage("arrow")
def arrow_block_twice():
    return replaced(FILE, block(IN_FILE[-1]), block(IN_FILE[-2]), IN_FILE[-1].end)


@damage("arrow")
def arrow_schema():
    return replaced(FILE, b"text", b"tixt", 0, IN_FILE[0].end)


@damage("arrow")
def arrow_schema_message():
    return put(FILE, IN_FILE[0].header, b"\xff" * 16)


@damage("arrow")
def arrow_end_marker():
    return put(FILE, IN_FILE[-1].end, b"\x01\x02\x03\x04")


def batch():
    """The last record batch of the stream."""
    return IN_STREAM[-1]


def node(rows, nulls):
    return struct.pack("<qq", rows, nulls)


def in_header(old, new):
    return replaced(STREAM, old, new, batch().header, batch().body)


def length_place():
    """Where RecordBatch.length is: the only 100 that is not part of a node."""
    place = batch().header
    while True:
        place = STREAM.index(struct.pack("<q", 100), place, batch().body)
        following = struct.unpack_from("<q", STREAM, place + 8)[0] if place + 16 <= batch().body else -1
        if following not in (0, 10):
            return place
        place += 8


def buffers():
    """Where the buffers are: pairs of offset and length, of which the first is the validity of "n"."""
    return STREAM.index(struct.pack("<qqq", 0, 13, 64), batch().header, batch().body)


def column(name):
    """Where the bytes of a column are that are marked in the data."""
    marks = {
        "text": b"Abidjan",
        "run": struct.pack("<iiii", 40, 80, 90, 100),
        "union": bytes([0, 1] * 8),
        "code": bytes([0, 1, 2, 0, 1, 2]),
        "offsets": struct.pack("<iii", 0, 7, 14),
    }
    return STREAM.index(marks[name], batch().body, batch().end)


@damage("arrows")
def stream_end_marker():
    return STREAM[:-8]


@damage("arrows")
def stream_cut():
    return STREAM[: batch().end - 5]


@damage("arrows")
def stream_header():
    return put(STREAM, batch().header, b"\xff" * 16)


@damage("arrows")
def stream_prefix():
    return put(STREAM, batch().start, b"abcd")


@damage("arrows")
def stream_second_schema():
    return STREAM[: batch().start] + STREAM[: IN_STREAM[0].end] + STREAM[batch().start :]


@damage("arrows")
def stream_after_end():
    return STREAM + b"abc"


@damage("arrows")
def node_length():
    return in_header(node(100, 10), node(99, 10))


@damage("arrows")
def node_nulls():
    return in_header(node(100, 10), node(100, 11))


@damage("arrows")
def node_no_nulls():
    return in_header(node(100, 10), node(100, 0))


@damage("arrows")
def node_nulls_above():
    return in_header(node(100, 10), node(100, 101))


@damage("arrows")
def rows():
    return put(STREAM, length_place(), struct.pack("<q", 98))


@damage("arrows")
def buffer_outside():
    return put(STREAM, buffers(), struct.pack("<q", 1 << 30))


@damage("arrows")
def buffer_overlap():
    return put(STREAM, buffers() + 16, struct.pack("<q", 0))


@damage("arrows")
def arrow_utf8():
    return put(STREAM, column("text"), b"\xff")


@damage("arrows")
def offsets():
    return put(STREAM, column("offsets") + 4, struct.pack("<i", 70))


@damage("arrows")
def run_ends():
    return put(STREAM, column("run") + 4, struct.pack("<i", 20))


@damage("arrows")
def union_type():
    return put(STREAM, column("union"), b"\x09")


@damage("arrows")
def arrow_dictionary_index():
    return put(STREAM, column("code"), b"\x63")


@damage("arrows")
def dictionary_missing():
    return STREAM[: IN_STREAM[1].start] + STREAM[IN_STREAM[2].start :]


@damage("arrows")
def arrow_compressed():
    body, end = IN_LZ4[-1].body, IN_LZ4[-1].end
    return put(LZ4, body + 8 + 6, b"\xff" * (end - body - 14))
