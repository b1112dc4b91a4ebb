"""Elements of the schema; missing and unknown fields."""

import math

from thrift_compact import BINARY, DOUBLE, I8, I16, I32, I64, MAP, STRUCT, Items, ParquetBytes, Struct, Value, binary, boolean, fields, i8, i32, i64, items

from .annotations import typed
from .files import CHUNK, ELEMENT, FOOTER, GROUP, HUGE, METADATA, changed, put


def schema():
    def of(name, change, file="few", wheres=("id >= 7",)):
        return f"schema/{name}", changed(file, change), wheres

    root = lambda f: f.elements[0]
    for value in (None, 0, 1, 2, 3, -1):
        yield of(f"root repetition {value}", lambda f: put(root(f), 3, None if value is None else i32(value)))
    for value in (None, 0, 1, 2, 4, -1, 2**31 - 1):
        yield of(f"root num_children {value}", lambda f: put(root(f), 5, None if value is None else i32(value)))
    for name in (None, b"", b"m\xfcller", b"a.b", b"\0"):
        yield of(f"root name {name}", lambda f: put(root(f), 4, None if name is None else binary(name)))
    yield of("root with a type", lambda f: put(root(f), 1, i32(1)))
    yield of("root with a field id", lambda f: put(root(f), 9, i32(7)))
    yield of("root with converted type MAP", lambda f: put(root(f), 6, i32(1)))
    yield of("root with logical type LIST", lambda f: put(root(f), 10, fields({3: fields()})))
    yield of("root with logical type of the future", lambda f: put(root(f), 10, fields({99: fields()})))
    leaf = lambda f: f.element("number")
    for value in (0, 1, -1):
        yield of(f"leaf num_children {value}", lambda f: put(leaf(f), 5, i32(value)))
    for value in (None, 0, 2, 3, -1):
        yield of(f"leaf repetition {value}", lambda f: put(leaf(f), 3, None if value is None else i32(value)))
    for value in (None, 0, 2, 3, 4, 6, 7, 8, 99, -1):
        yield of(f"leaf type {value}", lambda f: put(leaf(f), 1, None if value is None else i32(value)))
        yield of(f"leaf type {value} in the chunk", lambda f: [put(c.at(3), 1, None if value is None else i32(value)) for c in f.chunks("number")])
    for value in (0, 4, -1, 2**31 - 1):
        yield of(f"leaf type_length {value}", lambda f: put(leaf(f), 2, i32(value)))
    for value in (None, 0, 1, 3, 5, 8, -4, 2**31 - 1):
        file = ParquetBytes(typed()["FIXED(4)"])
        put(file.element("x"), 2, None if value is None else i32(value))
        yield f"schema/FIXED(4) with type_length {value}", file.to_bytes(), []
    for value in (-1, 0, 1, 2**31 - 1, -(2**31)):
        yield of(f"field id {value}", lambda f: put(leaf(f), 9, i32(value)))
    yield of("field ids alike", lambda f: [put(e, 9, i32(3)) for e in f.elements[1:]])

    def renamed(name):
        def change(file):
            put(leaf(file), 4, binary(name))
            for chunk in list(file.chunks("number")):
                put(chunk.at(3), 3, items(BINARY, [name]))

        return change

    for name in (b"", b"a.b", b"id", b"ID", b"\xff", b"a\0b", b"a\nb", b" ", b'"', "é".encode(), b"x" * 3000):
        yield of(f"name {name[:20]}", renamed(name))
        yield of(f"name {name[:20]} in the schema only", lambda f: put(leaf(f), 4, binary(name)))
    for path in ([], [b""], [b"id"], [b"NUMBER"], [b"number", b"number"], [b"\xff"]):
        yield of(f"path_in_schema {path}", lambda f: [put(c.at(3), 3, items(BINARY, path)) for c in f.chunks("number")])
    yield of("an element after the last", lambda f: f.elements.append(Struct({1: i32(1), 3: i32(1), 4: binary("more")})))
    yield of("the last element is missing", lambda f: f.elements.pop())
    yield of("no elements", lambda f: f.elements.clear())
    yield of("the root alone", lambda f: (f.elements.__delitem__(slice(1, None)), put(root(f), 5, i32(0))))

    def empty_group(file):
        put(root(file), 5, i32(4))
        file.elements.append(Struct({3: i32(1), 4: binary("hollow"), 5: i32(0)}))

    yield of("a group without children", empty_group)
    for depth in (10, 60, 70, 200, 1000, 5000):

        def deep(file, kind=0):
            last = file.elements.pop()
            for _ in range(depth):
                file.elements.append(Struct({3: i32(kind), 4: binary("g"), 5: i32(1)}))
            file.elements.append(last)
            for chunk in file.chunks("text"):
                put(chunk.at(3), 3, items(BINARY, [b"g"] * depth + [b"text"]))

        yield of(f"{depth} groups around a leaf", deep)


def missing():
    def of(name, change, wheres=("number = 7",)):
        return f"missing/{name}", changed("few", change), wheres

    for name, number in FOOTER.items():
        yield of(f"footer {name}", lambda f: f.footer.drop(number))
    for name, number in ELEMENT.items():
        yield of(f"element {name} (INT32)", lambda f: f.element("number").drop(number))
        yield of(f"element {name} (STRING)", lambda f: f.element("text").drop(number))
        yield of(f"element {name} (root)", lambda f: f.elements[0].drop(number))
    for name, number in GROUP.items():
        yield of(f"group {name}", lambda f: f.groups[1].drop(number))
    for name, number in CHUNK.items():
        yield of(f"chunk {name}", lambda f: f.chunk("number").drop(number))
    for name, number in METADATA.items():
        yield of(f"metadata {name}", lambda f: f.metadata("number").drop(number))


def unknown():
    """Unknown fields in every struct, and known fields of another Thrift type."""
    future = {
        "bool": boolean(True),
        "i8": i8(-1),
        "i64": i64(HUGE),
        "double": Value(DOUBLE, 1.5),
        "binary": binary(b"\xff" * 20),
        "list of structs": items(STRUCT, [Struct({1: i32(1)}), Struct()]),
        "list of bools": items(1, [True, False]),
        "map": Value(MAP, Items((BINARY, I32), [(b"a", 1), (b"b", 2)])),
        "empty map": Value(MAP, Items((0, 0), [])),
        "struct": fields({1: fields({-5: i32(1)})}),
    }
    places = {
        "footer": lambda f: f.footer,
        "root": lambda f: f.elements[0],
        "element": lambda f: f.element("number"),
        "group": lambda f: f.groups[0],
        "chunk": lambda f: f.chunk("number"),
        "metadata": lambda f: f.metadata("number"),
        "statistics": lambda f: f.statistics("number"),
    }
    for place, find in places.items():
        for name, value in future.items():
            if place in ("footer", "metadata") or name in ("i64", "struct", "map"):
                yield f"unknown/a {name} in {place}", changed("few", lambda f: put(find(f), 100, value)), ["number = 7"]
        yield f"unknown/a negative number in {place}", changed("few", lambda f: put(find(f), -3, i32(1))), ["number = 7"]
    retyped = {
        "num_rows as i32": lambda f: put(f.footer, 3, i32(10)),
        "num_rows as i8": lambda f: put(f.footer, 3, i8(10)),
        "version as i64": lambda f: put(f.footer, 1, i64(1)),
        "created_by as i32": lambda f: put(f.footer, 6, i32(1)),
        "key-values as text": lambda f: put(f.footer, 5, binary("x")),
        "num_values as i32": lambda f: put(f.metadata("number"), 5, i32(5)),
        "type as i64": lambda f: put(f.metadata("number"), 1, i64(1)),
        "null_count as i32": lambda f: put(f.statistics("number"), 3, i32(1)),
        "null_count as double": lambda f: put(f.statistics("number"), 3, Value(DOUBLE, 1.0)),
        "statistics as text": lambda f: put(f.metadata("number"), 12, binary("x")),
        "bounds as numbers": lambda f: put(f.statistics("number"), 6, i32(7)),
        "encodings as i64": lambda f: put(f.metadata("number"), 2, items(I64, [0, 3])),
        "encodings as i16": lambda f: put(f.metadata("number"), 2, items(I16, [0, 3])),
        "encodings as i8": lambda f: put(f.metadata("number"), 2, items(I8, [0, 3])),
        "an empty list of no type": lambda f: put(f.metadata("number"), 2, items(0, [])),
        "size statistics as i64 lists of i16": lambda f: put(f.metadata("number"), 16, fields({2: items(I16, [1, 4])})),
        "size statistics as lists of i32": lambda f: put(f.metadata("number"), 16, fields({2: items(I32, [1, 4])})),
        "converted type as text": lambda f: put(f.element("number"), 6, binary("INT_32")),
        "logical type as number": lambda f: put(f.element("number"), 10, i32(1)),
        "is_adjusted as number": lambda f: put(f.element("number"), 10, fields({7: fields({1: i32(1), 2: fields({1: fields()})})})),
        "field id as i64": lambda f: put(f.element("number"), 9, i64(5)),
        "ordinal as i32": lambda f: put(f.groups[0], 7, i32(0)),
    }
    for name, change in retyped.items():
        yield f"unknown/{name}", changed("few", change), ["number = 7"]
    sizes = {
        "odd": {1: i64(-1), 2: items(I64, [HUGE, -1, 3]), 3: items(I64, [-HUGE])},
        "empty": {},
        "short": {2: items(I64, []), 3: items(I64, [1])},
    }
    for name, members in sizes.items():
        yield f"unknown/size statistics {name}", changed("few", lambda f: put(f.metadata("text"), 16, fields(members))), ["text = 'c'"]
        geo = lambda f: put(f.metadata("text"), 17, fields({1: fields({1: Value(DOUBLE, math.nan)}), 2: items(I32, [-1])}))
    yield "unknown/geospatial statistics on text", changed("few", geo), ["text = 'c'"]
    crypto = lambda f: put(f.footer, 8, fields({1: fields({1: binary("aad")})}))
    yield "unknown/encryption algorithm without encryption", changed("few", crypto), ["text = 'c'"]
    yield "unknown/footer signing key", changed("few", lambda f: put(f.footer, 9, binary("key"))), ["text = 'c'"]
    yield "unknown/column crypto metadata", changed("few", lambda f: put(f.chunk("text"), 8, fields({1: fields()}))), ["id = 3"]
    yield "unknown/encrypted column metadata beside plain", changed("few", lambda f: put(f.chunk("text"), 9, binary("x" * 30))), ["id = 3"]
