"""Plants one kind of damage in each of many copies of base.parquet, which the tools wrote.

Run in a directory with base.parquet and zstd.parquet; each function below writes its NAME.parquet.
"""

import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from thrift_compact import ParquetBytes, binary, boolean, i32, i64, read, write

BASE = Path("base.parquet").read_bytes()
ZSTD = Path("zstd.parquet").read_bytes()


class File(ParquetBytes):
    """A file whose pages and indexes are edited in place."""

    def pages(self, name, group=0):
        """The header, the start of the header and the start of the body of each page of a chunk."""
        metadata = self.metadata(name, group)
        place = metadata.at(11) if 11 in metadata else metadata.at(9)
        end = place + metadata.at(7)
        while place < end:
            header, body = read(self.body, place)
            yield header, place, body
            place = body + header.at(3)

    def put(self, place, data):
        self.body = self.body[:place] + data + self.body[place + len(data) :]

    def change_header(self, name, page, change):
        """Edits a page header, whose length must stay the same."""
        header, place, body = list(self.pages(name))[page]
        change(header)
        data = write(header)
        assert len(data) == body - place, (len(data), body - place)
        self.put(place, data)

    def change_index(self, name, part, change):
        """Edits the offset index (4) or the column index (6), which then is at the end."""
        chunk = self.chunk(name)
        index, _ = read(self.body, chunk.at(part))
        change(index)
        data = write(index)
        chunk[part], chunk[part + 1] = i64(self.append(data)), i32(len(data))


def damage(make):
    file = File(BASE)
    changed = make(file)
    data = changed if isinstance(changed, bytes) else file.to_bytes()
    Path(f"{make.__name__}.parquet").write_bytes(data)


def flip(data, place, bits=0x01):
    return data[:place] + bytes([data[place] ^ bits]) + data[place + 1 :]


def pad(length):
    """An unknown field of this many bytes: a binary with a number in full."""
    if length == 0:
        return b""
    assert length >= 3, length
    return b"\x08" + b"\x64" + bytes([length - 3]) + bytes(length - 3)


def without_checksum(file, name, page):
    """Replaces the checksum in a header by an unknown field."""
    _, place, body = list(file.pages(name))[page]
    header, _ = read(file.body, place)
    header.drop(4)
    data = write(header)
    file.put(place, data[:-1] + pad(body - place - len(data)) + b"\x00")


@damage
def first_magic(file):
    return b"PAX1" + BASE[4:]


@damage
def last_magic(file):
    return BASE[:-1] + b"2"


@damage
def footer_length(file):
    return BASE[:-8] + (1 << 30).to_bytes(4, "little") + BASE[-4:]


@damage
def footer_bytes(file):
    start = len(file.body)
    return BASE[:start] + b"\xff" * 20 + BASE[start + 20 :]


@damage
def file_rows(file):
    file.footer[3] = i64(file.footer.at(3) + 1)


@damage
def group_rows(file):
    file.groups[0][3] = i64(999)
    file.footer[3] = i64(file.footer.at(3) - 1)


@damage
def missing_column(file):
    file.groups[1].list(1).pop()


@damage
def chunk_values(file):
    file.metadata("item")[5] = i64(12345)


@damage
def chunk_outside(file):
    metadata = file.metadata("n")
    metadata[9] = i64(len(file.body) + 1000)
    metadata.drop(11)


@damage
def chunk_overlap(file):
    metadata = file.metadata("id")
    metadata[7] = i64(metadata.at(7) + 40)


@damage
def chunk_uncompressed(file):
    metadata = file.metadata("n")
    metadata[6] = i64(metadata.at(6) + 1)


@damage
def header_bytes(file):
    _, place, _ = list(file.pages("n"))[-1]
    file.put(place, b"\xff\xff\xff")


@damage
def page_beyond(file):
    def change(header):
        header[3] = i32(header.at(3) + 64)

    last = len(list(file.pages("u"))) - 1
    file.change_header("u", last, change)


@damage
def page_values(file):
    def change(header):
        header.at(5)[1] = i32(header.at(5, 1) + 1)

    file.change_header("n", 1, change)


@damage
def page_size(file):
    def change(header):
        header[2] = i32(header.at(2) + 1)

    file.change_header("u", 0, change)


@damage
def page_encoding(file):
    def change(header):
        header.at(5)[2] = i32(33)

    file.change_header("u", 0, change)


@damage
def checksum(file):
    header, _, body = list(file.pages("u"))[1]
    file.body = flip(file.body, body + header.at(3) - 1)


@damage
def second_dictionary(file):
    """A data page that says that it is a dictionary page."""

    def change(header):
        header[1] = i32(2)
        header[7] = header.pop(5)
        for number in list(header.at(7)):
            if number > 2:
                header.at(7).pop(number)

    _, place, body = list(file.pages("u"))[1]
    header, _ = read(file.body, place)
    change(header)
    data = write(header)
    # A longer varint pads the header to its old length.
    file.put(place, data[:-1] + pad(body - place - len(data)) + b"\x00")


@damage
def dictionary_index(file):
    without_checksum(file, "city", 1)
    header, _, body = list(file.pages("city"))[1]
    # The levels are followed by the width of the indexes, which becomes 8 bits.
    levels = int.from_bytes(file.body[body : body + 4], "little")
    width = body + 4 + levels
    file.put(width, bytes([8, (header.at(3) - levels - 6) << 1 & 0xFE, 200]))


@damage
def utf8(file):
    without_checksum(file, "city", 0)
    _, _, body = list(file.pages("city"))[0]
    file.put(body + 4, b"\xff")


@damage
def compressed_bytes(file):
    file.__init__(ZSTD)
    without_checksum(file, "n", 0)
    header, _, body = list(file.pages("n"))[0]
    file.put(body + 4, bytes(header.at(3) - 4))


@damage
def levels(file):
    """A definition level above the highest."""
    without_checksum(file, "n", 1)
    _, _, body = list(file.pages("n"))[1]
    file.put(body, (1 << 20).to_bytes(4, "little"))


@damage
def minimum(file):
    file.statistics("id")[6] = binary((5).to_bytes(8, "little"))


@damage
def maximum(file):
    file.statistics("city")[5] = binary("Kyoto")


@damage
def unsigned_maximum(file):
    file.statistics("u")[5] = binary((7).to_bytes(4, "little"))


@damage
def decimal_minimum(file):
    length = len(file.statistics("price").at(6))
    file.statistics("price")[6] = binary((-1000).to_bytes(length, "big", signed=True))


@damage
def bound_length(file):
    file.statistics("price")[6] = binary(b"\x80\x00\x00")


@damage
def bounds_inverted(file):
    statistics = file.statistics("id")
    statistics[5], statistics[6] = statistics[6], statistics[5]


@damage
def exact_bound(file):
    statistics = file.statistics("id")
    statistics[6] = binary((-5).to_bytes(8, "little", signed=True))
    statistics[8] = boolean(True)


@damage
def null_count(file):
    file.statistics("n")[3] = i64(7)


@damage
def null_count_above(file):
    file.statistics("n")[3] = i64(5000)


@damage
def distinct_count(file):
    file.statistics("city")[4] = i64(50)


@damage
def bloom_filter(file):
    metadata = file.metadata("city")
    _, start = read(file.body, metadata.at(14))
    end = metadata.at(14) + metadata.at(15)
    file.put(start, bytes(end - start))


@damage
def bloom_filter_outside(file):
    file.metadata("city")[14] = i64(1 << 40)


@damage
def page_minimum(file):
    def change(index):
        index.list(2)[0] = (3).to_bytes(8, "little")

    file.change_index("id", 6, change)


@damage
def page_null_count(file):
    def change(index):
        index.list(5)[1] += 1

    file.change_index("n", 6, change)


@damage
def null_page(file):
    def change(index):
        index.list(1)[1] = True

    file.change_index("id", 6, change)


@damage
def page_order(file):
    def change(index):
        index[4] = i32(2)

    file.change_index("id", 6, change)


@damage
def index_bytes(file):
    chunk = file.chunk("id")
    file.put(chunk.at(6), b"\xff" * 8)


def change_entry(file, name, page, field, step):
    """Adds a number to the offset (1), the size (2) or the first row (3) of a page in the offset index."""

    def change(index):
        entry = index.list(1)[page]
        entry[field] = entry[field]._replace(value=entry.at(field) + step)

    file.change_index(name, 4, change)


@damage
def page_offset(file):
    change_entry(file, "id", 1, 1, 3)


@damage
def page_length(file):
    change_entry(file, "id", 0, 2, -1)


@damage
def first_row(file):
    change_entry(file, "id", 1, 3, 1)


@damage
def first_row_of_lists(file):
    change_entry(file, "item", 1, 3, 1)


@damage
def index_entries(file):
    file.change_index("id", 4, lambda index: index.list(1).pop())


@damage
def sort_order(file):
    file.groups[1].list(4)[0][2] = boolean(True)


@damage
def sort_column(file):
    file.groups[1].list(4)[0][1] = i32(77)
