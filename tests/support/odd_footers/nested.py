"""Lists, maps and structs."""

import copy

from thrift_compact import binary, fields, i32

from .files import changed, put


def nested():
    MAP_, LIST_ = {2: fields()}, {3: fields()}

    def of(name, change):
        return f"nested/{name}", changed("nested", change), ["id >= 3"]

    def at(file, name):
        return next(n for n, e in enumerate(file.elements) if e.at(4) == name.encode())

    def annotate(element, converted, logical):
        put(element, 6, None if converted is None else i32(converted))
        put(element, 10, None if logical is None else fields(copy.deepcopy(logical)))

    def rename(file, top, level, name):
        """Renames the element at a depth below a top-level column, in the schema and in the paths."""
        place = at(file, top) + level
        put(file.elements[place], 4, binary(name))
        for chunk in file.chunks():
            path = chunk.at(3).list(3)
            if path[0] == top.encode():
                path[level] = name.encode()

    def cut(file, top, level):
        """Removes an element, and its name from the paths."""
        element = file.elements.pop(at(file, top) + level)
        for chunk in file.chunks():
            path = chunk.at(3).list(3)
            if path[0] == top.encode():
                path.pop(level)
        return element

    annotations = {
        "both": (3, LIST_),
        "converted only": (3, None),
        "logical only": (None, LIST_),
        "none": (None, None),
        "logical MAP": (None, MAP_),
        "converted MAP": (1, None),
        "converted MAP beside logical LIST": (1, LIST_),
        "logical STRING": (None, {1: fields()}),
        "of the future": (None, {77: fields()}),
        "converted 99": (99, None),
    }
    for name, (converted, logical) in annotations.items():
        for top in ("l", "ls", "ll"):
            yield of(f"{top} annotated: {name}", lambda f: annotate(f.elements[at(f, top)], converted, logical))
    for names in (("bag", "array_element"), ("list", "item"), ("array", "array"), ("l_tuple", "x"), ("list", "l_tuple"), ("key_value", "value"), ("", "")):
        for top in ("l", "ls", "ll"):

            def change(file):
                rename(file, top, 1, names[0])
                rename(file, top, 2, names[1])

            yield of(f"{top} with the levels {names}", change)

    def two_levels(name, converted=3, logical=LIST_, repeated_annotation=(None, None)):
        def change_of(top):
            def change(file):
                place = at(file, top)
                cut(file, top, 1)
                put(file.elements[place + 1], 3, i32(2))
                rename(file, top, 1, name)
                annotate(file.elements[place], converted, logical)
                if repeated_annotation[0] is not None:
                    annotate(file.elements[place + 1], *repeated_annotation)

            return change

        return change_of

    for name in ("array", "element", "list", "l_tuple", "bag", "item"):
        for top in ("l", "ls", "ll"):
            yield of(f"{top} of two levels, {name}", two_levels(name)(top))
    yield of("l of two levels, converted only", two_levels("array", 3, None)("l"))
    yield of("l of two levels, logical only", two_levels("array", None, LIST_)("l"))
    yield of("l of two levels, no annotation", two_levels("array", None, None)("l"))
    yield of("ls of two levels, no annotation", two_levels("array", None, None)("ls"))
    for name in ("array", "element"):
        yield of(f"lm of two levels, {name} (MAP)", two_levels(name, repeated_annotation=(1, MAP_))("lm"))
        yield of(f"lm of two levels, {name} (MAP), converted only", two_levels(name, 3, None, (1, None))("lm"))
        yield of(f"ll of two levels, {name} (LIST), converted only", two_levels(name, 3, None, (3, None))("ll"))

    maps = {
        "both": (1, MAP_),
        "converted only": (1, None),
        "logical only": (None, MAP_),
        "none": (None, None),
        "MAP_KEY_VALUE": (2, None),
        "MAP_KEY_VALUE and logical": (2, MAP_),
        "LIST": (3, LIST_),
        "of the future": (None, {77: fields()}),
    }
    for name, (converted, logical) in maps.items():
        yield of(f"m annotated: {name}", lambda f: annotate(f.elements[at(f, "m")], converted, logical))

        def inner(file):
            annotate(file.elements[at(file, "m") + 1], converted, logical)

        yield of(f"m's entries annotated: {name}", inner)
    for name in ("map", "entries", "key_value", "m", ""):
        yield of(f"m's entries named {name!r}", lambda f: rename(f, "m", 1, name))
    yield of("m's key and value renamed", lambda f: (rename_leaf(f, "m", "key", "k"), rename_leaf(f, "m", "value", "v")))
    yield of("m's keys as bytes", lambda f: annotate(f.elements[at(f, "m") + 2], None, None))

    def repetition(file, top, level, value):
        put(file.elements[at(file, top) + level], 3, None if value is None else i32(value))

    for top, levels in (("l", 3), ("s", 2), ("m", 4)):
        for level in range(levels):
            for value in (0, 1, 2, None):
                yield of(f"{top}, level {level}: repetition {value}", lambda f: repetition(f, top, level, value))
            for value in (0, 1, 2, 5):
                yield of(f"{top}, level {level}: num_children {value}", lambda f: put(f.elements[at(f, top) + level], 5, i32(value)))
    for converted, logical in ((0, None), (None, {1: fields()}), (None, {16: fields()}), (1, MAP_), (3, LIST_), (None, {11: fields()})):
        yield of(f"s annotated: {converted} {list(logical or [])}", lambda f: annotate(f.elements[at(f, "s")], converted, logical))
    yield of("s with a physical type", lambda f: put(f.elements[at(f, "s")], 1, i32(1)))


def rename_leaf(file, top, name, other):
    start = next(n for n, e in enumerate(file.elements) if e.at(4) == top.encode())
    element = next(e for e in file.elements[start:] if e.at(4) == name.encode())
    put(element, 4, binary(other))
    for chunk in file.chunks(name):
        if chunk.at(3).list(3)[0] == top.encode():
            chunk.at(3).list(3)[-1] = other.encode()
