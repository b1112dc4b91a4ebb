"""Encodings, codecs, dictionaries and page headers."""

import copy

from thrift_compact import I32, STRUCT, Struct, binary, boolean, fields, i32, i64, items, read

from .files import HUGE, changed, put


def encodings():
    def of(name, change, file="dictionary", wheres=("word = 'a'", "word IS NULL")):
        return f"encodings/{name}", changed(file, change), wheres

    word = lambda f: [c.at(3) for c in f.chunks("word")]
    for values in ([], [99], [0, 3, 8, 99], [-1], [4], [0], [2, 0, 3], [8, 8, 8], [1], list(range(40))):
        yield of(f"list {values[:5]}", lambda f: [put(m, 2, items(I32, values)) for m in word(f)])
        yield of(f"list {values[:5]} of a plain column", lambda f: [put(c.at(3), 2, items(I32, values)) for c in f.chunks("id")], wheres=["id = 7"])
    yield of("statistics empty", lambda f: [put(m, 13, items(STRUCT, [])) for m in word(f)])
    for page, encoding, count in ((0, 0, 1), (9, 8, 1), (0, 99, 1), (-1, -1, -1), (2, 8, 0), (0, 8, HUGE % 2**31)):
        entry = Struct({1: i32(page), 2: i32(encoding), 3: i32(count)})
        yield of(f"statistics {page} {encoding} {count}", lambda f: [put(m, 13, items(STRUCT, [entry])) for m in word(f)])
    for codec in (-1, 1, 2, 3, 5, 6, 7, 8, 99):
        yield of(f"codec {codec} of uncompressed pages", lambda f: [put(m, 4, i32(codec)) for m in word(f)], wheres=[])
    for codec in (0, 5, 6, 99):
        yield of(f"codec {codec} of Snappy pages", lambda f: [put(c.at(3), 4, i32(codec)) for c in f.chunks("number")], "snappy", [])
    for value in (None, 0, -1, 1, 4, 2**31, HUGE):
        yield of(f"dictionary_page_offset {value}", lambda f: [put(m, 11, None if value is None else i64(value)) for m in word(f)])
        yield of(f"dictionary_page_offset {value} of a plain column", lambda f: [put(c.at(3), 11, None if value is None else i64(value)) for c in f.chunks("id")], wheres=["id = 7"])
    yield of("data_page_offset at the dictionary", lambda f: [put(m, 9, m[11]) for m in word(f)])
    yield of("data_page_offset at the dictionary, which has none", lambda f: [(put(m, 9, m[11]), m.drop(11)) for m in word(f)])
    yield of("data_page_offset at the dictionary, which is at 0", lambda f: [(put(m, 9, m[11]), put(m, 11, i64(0))) for m in word(f)])
    yield of("dictionary_page_offset at the data", lambda f: [put(m, 11, m[9]) for m in word(f)])
    yield of("the two swapped", lambda f: [m.update({9: m[11], 11: m[9]}) for m in word(f)])

    def short(file):
        for metadata in word(file):
            start, end = metadata.at(11), read(file.body, metadata.at(11))[1]
            put(metadata, 7, i64(metadata.at(7) - (end - start)))

    yield of("size without the dictionary's header", short)
    old = lambda f: (short(f), put(f.footer, 6, binary("parquet-mr version 1.2.5-cdh4.5.0 (build )")))
    yield of("size without the dictionary's header, of parquet-mr 1.2.5", old)


# Page headers.


def pages():
    def of(name, change, file="few", wheres=("number = 7", "id >= 7"), columns=("number",)):
        def only(column, header, data):
            made = change(header, data) if column in columns else None
            is_page = isinstance(made, tuple) and isinstance(made[0], Struct)
            return made if is_page or isinstance(made, list) else (header, data)

        return f"pages/{file}: {name}", changed(file, lambda f: f.rewrite_pages(only)), wheres

    def detail(header):
        return next(header.at(number) for number in (5, 7, 8) if number in header)

    for file in ("few", "v2"):
        part = lambda header: header.at(8 if 8 in header else 5)
        yield of("as they are", lambda h, d: None, file)
        for value in (0, 1, 4, 6, -1, 2**31 - 1):
            yield of(f"num_values {value}", lambda h, d: put(part(h), 1, i32(value)), file)
        for value in (None, 0, 1, -1, 1000, 2**31 - 1):
            yield of(f"uncompressed size {value}", lambda h, d: put(h, 2, None if value is None else i32(value)), file)
        for value in (None, 0, 1, -1, 1000, 2**31 - 1):
            yield of(f"compressed size {value}", lambda h, d: put(h, 3, None if value is None else i32(value)), file)
        for value in (1, 2, 3, 4, 99, -1, None):
            yield of(f"page type {value}", lambda h, d: put(h, 1, None if value is None else i32(value)), file)
        encoding = 4 if file == "v2" else 2
        for value in (*range(1, 10), 99, -1, None):
            yield of(f"encoding {value}", lambda h, d: put(part(h), encoding, None if value is None else i32(value)), file)
        yield of("statistics that are odd", lambda h, d: put(part(h), 8 if file == "v2" else 5, fields({6: binary(""), 3: i64(-1)})), file)
        yield of("statistics said to be all null", lambda h, d: put(part(h), 8 if file == "v2" else 5, fields({3: i64(5)})), file)
        yield of("fields of the future", lambda h, d: (put(h, 77, i32(1)), put(part(h), 77, fields({1: i64(1)}))), file)
        yield of("no header of its kind", lambda h, d: h.drop(5, 8), file)
        yield of("two headers", lambda h, d: h.update({5: h.get(5, h.get(8)), 7: fields({1: i32(1), 2: i32(0)})}), file)
        yield of("crc wrong", lambda h, d: put(h, 4, i32(77)), file)
        yield of("an empty page before", lambda h, d: [empty(h), (h, d)], file)
        yield of("an empty page after", lambda h, d: [(h, d), empty(h)], file)
        yield of("an index page before", lambda h, d: [(index_header(4), bytes(4)), (h, d)], file)
        yield of("a page of the future before", lambda h, d: [(Struct({1: i32(7), 2: i32(4), 3: i32(4)}), bytes(4)), (h, d)], file)
        yield of("the page twice", lambda h, d: [(h, d), (h, d)], file)
        yield of("bytes after the data", lambda h, d: (resized(h, len(d) + 7), d + bytes(7)), file)
    for level, name in ((3, "definition"), (4, "repetition")):
        for value in (None, 0, 4, 99, -1):
            odd = lambda h, d: put(h.at(5), level, None if value is None else i32(value))
            yield of(f"{name} level encoding {value}", odd)
            yield of(f"{name} level encoding {value} of a required column", odd, wheres=["id = 3"], columns=("id",))
    for value in (-1, 0, 5, 1000, 2**31 - 1, None):
        yield of(f"num_nulls {value}", lambda h, d: put(h.at(8), 2, None if value is None else i32(value)), "v2", ["number IS NULL", "number = 7"])
    for value in (-1, 0, 4, 6, 2**31 - 1, None):
        yield of(f"num_rows {value}", lambda h, d: put(h.at(8), 3, None if value is None else i32(value)), "v2")
    for value in (-1, 0, 1, 1000, 2**31 - 1, None):
        yield of(f"definition levels of {value} bytes", lambda h, d: put(h.at(8), 5, None if value is None else i32(value)), "v2")
        yield of(f"repetition levels of {value} bytes", lambda h, d: put(h.at(8), 6, None if value is None else i32(value)), "v2")
    for value in (True, False, None):
        flag = None if value is None else boolean(value)
        yield of(f"is_compressed {value}", lambda h, d: put(h.at(8), 7, flag), "v2")
        yield of(f"is_compressed {value}", lambda h, d: put(h.at(8), 7, flag), "snappy")

    word = {"file": "dictionary", "wheres": ("word = 'a'",), "columns": ("word",)}
    dictionary = lambda change: lambda h, d: change(h, d) if 7 in h else None
    for value in (0, 1, 2, 4, -1, 2**31 - 1, None):
        yield of(f"dictionary num_values {value}", dictionary(lambda h, d: put(h.at(7), 1, None if value is None else i32(value))), **word)
    for value in (0, 2, 3, 8, 99, None):
        yield of(f"dictionary encoding {value}", dictionary(lambda h, d: put(h.at(7), 2, None if value is None else i32(value))), **word)
    for value in (True, False):
        yield of(f"dictionary is_sorted {value}", dictionary(lambda h, d: put(h.at(7), 3, boolean(value))), **word)
    yield of("dictionary twice", dictionary(lambda h, d: [(h, d), (h, d)]), **word)
    yield of("no dictionary", lambda h, d: [] if 7 in h else [(h, d)], **word)
    yield of("dictionary after the data", lambda h, d: [] if 7 in h else [(h, d), (dictionary_header(), b"\1\0\0\0a")], **word)
    yield of("indices said to be PLAIN_DICTIONARY", lambda h, d: put(h.at(5), 2, i32(2)) if 5 in h else put(h.at(7), 2, i32(2)), **word)

    # Bytes after the last page of the last chunk in the file, so that no other chunk moves.
    for more in (1, 7, 22, 400):

        def behind(file):
            metadata = file.metadata("text", 1)
            put(metadata, 7, i64(metadata.at(7) + more))
            file.body = file.body[: metadata.at(9) + metadata.at(7) - more] + bytes(more)
            file.chunk("text", 1).drop(4, 5, 6, 7)

        yield f"pages/few: {more} bytes after the last page", changed("few", behind), ["text = 'c'", "id >= 7"]


def resized(header, size):
    return Struct(header | {2: i32(size), 3: i32(size)})


def empty(header):
    """The page without values: empty levels, no data."""
    header = copy.deepcopy(header)
    if 8 in header:
        header.at(8).update({1: i32(0), 2: i32(0), 3: i32(0), 5: i32(0), 6: i32(0)})
        return resized(header, 0), b""
    header.at(5)[1] = i32(0)
    return resized(header, 4), bytes(4)


def index_header(size):
    return Struct({1: i32(1), 2: i32(size), 3: i32(size), 6: fields()})


def dictionary_header():
    return Struct({1: i32(2), 2: i32(5), 3: i32(5), 7: fields({1: i32(1), 2: i32(0)})})
