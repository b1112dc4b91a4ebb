"""Counts, sizes, offsets, paths and sorting columns."""

from thrift_compact import I16, STRUCT, Struct, Value, binary, boolean, i32, i64, items

from .files import HUGE, changed, put


def counts():
    def each(name, values, where, wheres=("id >= 7",), base="few"):
        for value in values:
            yield f"counts/{name} = {value}", changed(base, lambda file: where(file, value)), wheres

    yield from each("num_rows of the file", [0, 1, 9, 11, -1, 2**31, HUGE], lambda f, v: put(f.footer, 3, i64(v)))
    yield from each("num_rows of a group", [0, 4, 6, -1, 2**31, HUGE], lambda f, v: put(f.groups[0], 3, i64(v)))

    def all_counts(file, value):
        put(file.footer, 3, i64(2 * value))
        for group in file.groups:
            put(group, 3, i64(value))

    yield from each("num_rows of the file and all groups", [0, 3, 7, -5], all_counts)
    values = [0, 3, 6, -1, 2**31, HUGE]
    yield from each("num_values", values, lambda f, v: put(f.metadata("number"), 5, i64(v)), ["number IS NULL", "number = 7"])
    sizes = [0, 1, -1, 2**31, HUGE]
    yield from each("total_byte_size", sizes, lambda f, v: put(f.groups[0], 2, i64(v)))
    yield from each("group's total_compressed_size", sizes, lambda f, v: put(f.groups[0], 6, i64(v)))
    yield from each("group's file_offset", sizes, lambda f, v: put(f.groups[0], 5, i64(v)))
    yield from each("ordinal", [-1, 0, 5, 32767], lambda f, v: put(f.groups[1], 7, Value(I16, v)))
    yield from each("total_uncompressed_size", sizes, lambda f, v: put(f.metadata("number"), 6, i64(v)))
    yield from each("total_compressed_size", sizes, lambda f, v: put(f.metadata("number"), 7, i64(v)))
    for more in (-8, -1, 1, 8, 22):
        larger = lambda f: put(f.metadata("number"), 7, i64(f.metadata("number").at(7) + more))
        yield f"counts/total_compressed_size {more:+}", changed("few", larger), ["number > 4"]
    yield from each("data_page_offset", [0, 1, 3, 4, 5, -1, 2**31, HUGE], lambda f, v: put(f.metadata("number"), 9, i64(v)))
    yield from each("index_page_offset", [0, -1, 4, HUGE], lambda f, v: put(f.metadata("number"), 10, i64(v)))
    yield from each("distinct_count", [0, -1, HUGE], lambda f, v: put(f.statistics("number"), 4, i64(v)), ["number = 7"])
    yield from each("version", [-1, 0, 2, 3, 99], lambda f, v: put(f.footer, 1, i32(v)))
    # One of five values in the first group is null. Each of these counts contradicts another field.
    nulls = ["number IS NULL", "number IS NOT NULL", "number = 7", "NOT number = 7"]
    yield from each("null_count", [-1, 6, HUGE, 5], lambda f, v: put(f.statistics("number"), 3, i64(v)), nulls)
    yield from each("null_count", [None], lambda f, v: put(f.statistics("number"), 3, None), nulls)

    def odd(name, change, wheres=("id >= 7",)):
        return f"counts/{name}", changed("few", change), wheres

    yield odd("no row groups", lambda f: (put(f.footer, 4, items(STRUCT, [])), put(f.footer, 3, i64(0))))
    yield odd("no row groups, but rows", lambda f: put(f.footer, 4, items(STRUCT, [])))
    yield odd("a group without columns", lambda f: put(f.groups[0], 1, items(STRUCT, [])))
    yield odd("a group without rows and columns", lambda f: (put(f.groups[0], 1, items(STRUCT, [])), put(f.groups[0], 3, i64(0))))
    yield odd("a chunk is missing", lambda f: f.groups[0].list(1).pop())
    yield odd("a chunk too many", lambda f: f.groups[0].list(1).append(f.groups[0].list(1)[0]))
    yield odd("chunks in another order", lambda f: f.groups[0].list(1).reverse())
    yield odd("the same group again", lambda f: (f.groups.append(f.groups[0]), put(f.footer, 3, i64(15))))
    yield odd("groups in another order", lambda f: f.groups.reverse())


def places():
    def of(name, change, wheres=("id = 7", "number = 7")):
        return f"places/{name}", changed("few", change), wheres

    def sorting(index, descending=False, nulls_first=False):
        return Struct({1: i32(index), 2: boolean(descending), 3: boolean(nulls_first)})

    for name, value in {
        "empty": [],
        "of a column that is not there": [sorting(99)],
        "of column -1": [sorting(-1)],
        "twice": [sorting(0), sorting(0, True)],
        "wrong": [sorting(0, True)],
        "of nulls": [sorting(1, False, True)],
        "without fields": [Struct()],
        "of the future": [sorting(0) | {9: i32(1)}],
        "many": [sorting(0)] * 100,
    }.items():
        for_all = lambda f: [put(group, 4, items(STRUCT, value)) for group in f.groups]
        yield of(f"sorting columns {name}", for_all)
    for value in (0, -1, 4, 2**31, HUGE, None):
        yield of(f"file_offset {value}", lambda f: [put(c, 2, None if value is None else i64(value)) for c in f.chunks()])
    for path in (b"", b".", b"other.parquet", b"/dev/null", b"\xff", b"../x", b"a\0b"):
        yield of(f"file_path {path}", lambda f: [put(c, 1, binary(path)) for c in f.chunks()])
        yield of(f"file_path {path} of one chunk", lambda f: put(f.chunk("number"), 1, binary(path)))
    yield of("chunks overlap", lambda f: put(f.metadata("number"), 9, f.metadata("id")[9]))
    yield of("a chunk reaches into the footer", lambda f: put(f.metadata("text", 1), 7, i64(f.metadata("text", 1).at(7) + 60)))
