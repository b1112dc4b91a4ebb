"""Edits Parquet files as bytes: the Thrift compact protocol in both directions, and the parts of a file.

A struct is a mapping from field number to Value. It does not depend on Parquet's definitions, so unknown
fields can be read, written and added. Specifications: thrift-compact-protocol.md of Apache Thrift, and
parquet.thrift of Apache Parquet for the field numbers.
"""

import struct
from typing import NamedTuple

TRUE, FALSE, I8, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)


class Value(NamedTuple):
    kind: int
    value: object


class Items(NamedTuple):
    """A list, a set, or the entries of a map; the kind of a map is a pair."""

    kind: int
    items: list


class Struct(dict):
    """The fields of a struct by number."""

    def at(self, *numbers):
        """The value of a field; more numbers lead into nested structs."""
        found = self
        for number in numbers:
            found = found[number].value
        return found

    def list(self, number):
        return self.at(number).items

    def drop(self, *numbers):
        for number in numbers:
            self.pop(number, None)


def boolean(value):
    return Value(TRUE if value else FALSE, value)


def i8(value):
    return Value(I8, value)


def i32(value):
    return Value(I32, value)


def i64(value):
    return Value(I64, value)


def binary(value):
    return Value(BINARY, value.encode() if isinstance(value, str) else value)


def items(kind, values):
    return Value(LIST, Items(kind, list(values)))


def fields(members=()):
    """A struct as a value: fields({1: i32(5)})."""
    return Value(STRUCT, Struct(members))


# Reading.


class Reader:
    def __init__(self, data, place=0):
        self.data, self.place = data, place

    def bytes(self, length):
        if length < 0 or len(self.data) < self.place + length:
            raise ValueError("the end of the data")
        self.place += length
        return bytes(self.data[self.place - length : self.place])

    def byte(self):
        return self.bytes(1)[0]

    def varint(self):
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def zigzag(self):
        number = self.varint()
        return (number >> 1) ^ -(number & 1)

    def value(self, kind):
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind == I8:
            return struct.unpack("b", self.bytes(1))[0]
        if kind in (I16, I32, I64):
            return self.zigzag()
        if kind == DOUBLE:
            return struct.unpack("<d", self.bytes(8))[0]
        if kind == BINARY:
            return self.bytes(self.varint())
        if kind in (LIST, SET):
            return self.items()
        if kind == MAP:
            length = self.varint()
            kinds = divmod(self.byte(), 16) if length else (0, 0)
            return Items(kinds, [tuple(self.value(k) for k in kinds) for _ in range(length)])
        if kind == STRUCT:
            return self.struct()
        raise ValueError(f"no type {kind}")

    def items(self):
        length, kind = divmod(self.byte(), 16)
        length = self.varint() if length == 15 else length
        if kind in (TRUE, FALSE):  # an element takes a byte of its own, unlike a field
            return Items(kind, [self.byte() == TRUE for _ in range(length)])
        return Items(kind, [self.value(kind) for _ in range(length)])

    def struct(self):
        found, last = Struct(), 0
        while header := self.byte():
            step, kind = divmod(header, 16)
            last = last + step if step else self.zigzag()
            found[last] = Value(kind, self.value(kind))
        return found


def read(data, place=0):
    """The struct that begins at a place, and the place after it."""
    reader = Reader(data, place)
    return reader.struct(), reader.place


# Writing.


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def zigzag(number):
    return varint(2 * number if number >= 0 else -2 * number - 1)


def encoded(kind, value):
    if kind in (TRUE, FALSE):  # as an element
        return bytes([TRUE if value else FALSE])
    if kind == I8:
        return struct.pack("b", value)
    if kind in (I16, I32, I64):
        return zigzag(value)
    if kind == DOUBLE:
        return struct.pack("<d", value)
    if kind == BINARY:
        return varint(len(value)) + value
    if kind in (LIST, SET):
        length = len(value.items)
        header = bytes([length << 4 | value.kind]) if length < 15 else bytes([0xF0 | value.kind]) + varint(length)
        return header + b"".join(encoded(value.kind, item) for item in value.items)
    if kind == MAP:
        pairs = b"".join(encoded(k, item) for pair in value.items for k, item in zip(value.kind, pair))
        return varint(len(value.items)) + (bytes([value.kind[0] << 4 | value.kind[1]]) + pairs if pairs else b"")
    if kind == STRUCT:
        return write(value)
    raise ValueError(f"no type {kind}")


def write(fields):
    out, last = bytearray(), 0
    for number in sorted(fields):
        kind, value = fields[number]
        if kind in (TRUE, FALSE):
            kind = TRUE if value else FALSE
        step = number - last
        out += bytes([step << 4 | kind]) if 0 < step < 16 else bytes([kind]) + zigzag(number)
        if kind not in (TRUE, FALSE):
            out += encoded(kind, value)
        last = number
    return bytes(out + b"\0")


# Parquet files.


class ParquetBytes:
    """A Parquet file in two parts: everything before the footer, and the footer's struct."""

    def __init__(self, data):
        start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
        self.body, self.footer = bytes(data[:start]), read(data, start)[0]

    def to_bytes(self):
        footer = write(self.footer)
        return self.body + footer + struct.pack("<I", len(footer)) + b"PAR1"

    def append(self, data):
        """Appends bytes to the body and returns their offset: new pages or indexes."""
        self.body += data
        return len(self.body) - len(data)

    @property
    def elements(self):
        return self.footer.list(2)

    def element(self, name):
        return next(e for e in self.elements if e.at(4) == name.encode())

    @property
    def groups(self):
        return self.footer.list(4)

    def chunk(self, name, group=0):
        """The column chunk of a leaf, by the last name of its path or the whole dotted path."""
        for chunk in self.groups[group].list(1):
            path = [part.decode() for part in chunk.at(3).list(3)]
            if name in (path[-1], ".".join(path)):
                return chunk
        raise KeyError(name)

    def chunks(self, name=None):
        for group in self.groups:
            for chunk in group.list(1):
                if name is None or chunk.at(3).list(3)[-1] == name.encode():
                    yield chunk

    def metadata(self, name, group=0):
        return self.chunk(name, group).at(3)

    def statistics(self, name, group=0):
        return self.metadata(name, group).at(12)

    def rewrite_pages(self, change):
        """Rewrites all pages. `change(name, header, data)` returns the header and data to write, or a list of such pairs.

        Page indexes and bloom filters are dropped because their offsets no longer hold.
        """
        out = bytearray(self.body[:4])
        for chunk in self.chunks():
            chunk.drop(4, 5, 6, 7)
            metadata = chunk.at(3)
            metadata.drop(14, 15)
            name = metadata.list(3)[-1].decode()
            place = metadata.at(11) if 11 in metadata else metadata.at(9)
            end, start, first = place + metadata.at(7), len(out), None
            while place < end:
                header, place = read(self.body, place)
                data = self.body[place : place + header.at(3)]
                place += header.at(3)
                changed = change(name, header, data)
                for header, data in changed if isinstance(changed, list) else [changed]:
                    if header.get(1) == i32(2):
                        metadata[11] = i64(len(out))
                    elif first is None:
                        first = len(out)
                    out += write(header) + data
            metadata[9] = i64(start if first is None else first)
            metadata[7] = i64(len(out) - start)
        self.body = bytes(out)
