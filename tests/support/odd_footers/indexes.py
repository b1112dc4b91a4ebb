"""Page indexes and bloom filters."""

from thrift_compact import I64, fields, i32, i64, items, read, write

from .files import HUGE, changed, put


def indexes():
    wheres = ["id = 25", "id BETWEEN 12 AND 14", "number IS NULL", "number = 9", "text = 'zz'", "id >= 47 AND number > 3"]

    def of(name, column_index=None, offset_index=None, wheres=wheres):
        """Rewrites both indexes of `id` and `number` in all groups."""

        def change(file):
            for chunk in [*file.chunks("id"), *file.chunks("number")]:
                for number, edit in ((6, column_index), (4, offset_index)):
                    if edit:
                        index = read(file.body, chunk.at(number))[0]
                        data = edit(index)
                        data = data if isinstance(data, bytes) else write(index)
                        put(chunk, number, i64(file.append(data)))
                        put(chunk, number + 1, i32(len(data)))

        return f"indexes/{name}", changed("pages", change), wheres

    # Column index: null_pages 1, min_values 2, max_values 3, boundary_order 4, null_counts 5, histograms 6 and 7.
    yield of("column index empty", lambda i: i.clear())
    yield of("column index of no bytes", lambda i: b"")
    yield of("column index of zeros", lambda i: bytes(20))
    yield of("column index cut", lambda i: write(i)[:9])
    yield of("column index is garbage", lambda i: b"\xff" * 40)
    for number, name in ((1, "null_pages"), (2, "min_values"), (3, "max_values"), (4, "boundary_order"), (5, "null_counts")):
        yield of(f"no {name}", lambda i: i.drop(number))
        if number != 4:
            yield of(f"{name} short", lambda i: i.list(number).pop())
            yield of(f"{name} empty", lambda i: i.list(number).clear())
            yield of(f"{name} long", lambda i: i.list(number).append(i.list(number)[0]))
    for order in (0, 2, 3, -1):
        yield of(f"boundary_order {order}", lambda i: put(i, 4, i32(order)))
    yield of("boundary_order ascending of what is not", lambda i: put(i, 4, i32(1)))
    for value in (-1, 11, HUGE, 10):
        yield of(f"null_counts {value}", lambda i: i.list(5).__setitem__(1, value))
    for number in (2, 3):
        name = "max" if number == 3 else "min"
        yield of(f"{name} of a page empty", lambda i: i.list(number).__setitem__(1, b""))
        yield of(f"{name} of a page short", lambda i: i.list(number).__setitem__(1, i.list(number)[1][:2]))
        yield of(f"{name} of a page long", lambda i: i.list(number).__setitem__(1, i.list(number)[1] + b"\0"))
    yield of("bounds swapped", lambda i: i.update({2: i[3], 3: i[2]}))
    yield of("bounds of a page empty", lambda i: [i.list(n).__setitem__(1, b"") for n in (2, 3)])
    yield of("null_pages all, with bounds", lambda i: put(i, 1, items(1, [True] * len(i.list(1)))))
    yield of("histograms odd", lambda i: i.update({6: items(I64, [1, -1]), 7: items(I64, [])}))
    yield of("column index with fields of the future", lambda i: i.update({50: fields({1: i32(1)})}))
    # Offset index: page_locations 1 (offset 1, compressed_page_size 2, first_row_index 3), unencoded bytes 2.
    yield of("offset index empty", None, lambda i: i.clear())
    yield of("offset index of no bytes", None, lambda i: b"")
    yield of("offset index of zeros", None, lambda i: bytes(20))
    yield of("offset index cut", None, lambda i: write(i)[:9])
    yield of("offset index is garbage", None, lambda i: b"\xff" * 40)
    yield of("no locations", None, lambda i: i.list(1).clear())
    yield of("the last location is missing", None, lambda i: i.list(1).pop())
    yield of("the first location is missing", None, lambda i: i.list(1).pop(0))
    yield of("a location too many", None, lambda i: i.list(1).append(i.list(1)[0]))
    yield of("locations in another order", None, lambda i: i.list(1).reverse())
    yield of("unencoded bytes short", None, lambda i: put(i, 2, items(I64, [5])))
    for number, name, values in (
        (1, "offset", (0, -1, 4, 2**31, HUGE)),
        (2, "size", (0, -1, 1, 2**31 - 1)),
        (3, "first row", (0, -1, 9, 11, 31, HUGE)),
    ):
        make = i32 if number == 2 else i64
        for value in values:
            yield of(f"{name} of a page {value}", None, lambda i: put(i.list(1)[1], number, make(value)))
    yield of("first rows all 0", None, lambda i: [put(location, 3, i64(0)) for location in i.list(1)])
    yield of("first rows from 1", None, lambda i: [put(location, 3, i64(location.at(3) + 1)) for location in i.list(1)])
    yield of("both empty", lambda i: i.clear(), lambda i: i.clear())
    yield of("both without pages", lambda i: [i.list(n).clear() for n in (1, 2, 3, 5)], lambda i: i.list(1).clear())

    def place(name, change):
        both = lambda f: [change(chunk, f) for chunk in [*f.chunks("id"), *f.chunks("number")]]
        return f"indexes/{name}", changed("pages", both), wheres

    for number, name in ((4, "offset index"), (6, "column index")):
        yield place(f"no {name}", lambda c, f: c.drop(number, number + 1))
        yield place(f"{name} without a length", lambda c, f: c.drop(number + 1))
        yield place(f"{name} without a place", lambda c, f: c.drop(number))
        for value in (0, -1, 1, HUGE):
            yield place(f"{name} at {value}", lambda c, f: put(c, number, i64(value)))
        yield place(f"{name} after the data", lambda c, f: put(c, number, i64(len(f.body))))
        for value in (0, -1, 1, 2**31 - 1):
            yield place(f"{name} of length {value}", lambda c, f: put(c, number + 1, i32(value)))

    def crossed(number):
        def change(file):
            for group in range(2):
                one, two = file.chunk("id", group), file.chunk("number", group)
                for field in (number, number + 1):
                    one[field], two[field] = two[field], one[field]

        return change

    yield "indexes/offset indexes of each other's columns", changed("pages", crossed(4)), wheres
    blooms = ["word = 6", "word = 5", "word IN (4, 9)"]
    for name, number, make, values in (
        ("offset", 14, i64, (None, 0, -1, 4, 2**31, HUGE)),
        ("length", 15, i32, (None, 0, -1, 1, 10, 2**31 - 1)),
    ):
        for value in values:
            both = lambda f: [put(c.at(3), number, None if value is None else make(value)) for c in f.chunks()]
            yield f"indexes/bloom filter {name} {value}", changed("bloom", both), blooms
    header = {
        "numBytes 0": {1: i32(0)},
        "numBytes -1": {1: i32(-1)},
        "numBytes 31": {1: i32(31)},
        "numBytes huge": {1: i32(2**31 - 1)},
        "algorithm of the future": {2: fields({9: fields()})},
        "hash of the future": {3: fields({9: fields()})},
        "compression of the future": {4: fields({9: fields()})},
    }
    for name, members in header.items():

        def rewritten(file):
            for chunk in file.chunks("word"):
                metadata = chunk.at(3)
                if 14 in metadata:
                    bloom, end = read(file.body, metadata.at(14))
                    bits = file.body[end : end + bloom.at(1)]
                    data = write(bloom | members) + bits
                    put(metadata, 14, i64(file.append(data)))
                    put(metadata, 15, i32(len(data)))

        yield f"indexes/bloom filter with {name}", changed("bloom", rewritten), blooms
