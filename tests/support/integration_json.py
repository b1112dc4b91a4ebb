"""Compares Arrow streams and files with tables in the JSON format of Arrow's integration tests.

Arrays are built from the JSON alone, through buffers; their types are those of the stream or file, once each of
them was found to be the type that the JSON names.
"""

import functools
import gzip
import itertools
import json
import struct
import sys

import compare
import pyarrow as pa

UNITS = {"SECOND": "s", "MILLISECOND": "ms", "MICROSECOND": "us", "NANOSECOND": "ns"}
# pyarrow has no arrays of the first two; their values are compared as integers.
INTERVALS = {
    "YEAR_MONTH": ("month_interval", "<i", lambda value: (value,)),
    "DAY_TIME": ("day_time_interval", "<ii", lambda value: (value["days"], value["milliseconds"])),
    "MONTH_DAY_NANO": (
        "month_day_nano_interval",
        "<iiq",
        lambda value: (value["months"], value["days"], value["nanoseconds"]),
    ),
}
FLOATS = {"HALF": ("halffloat", "<e"), "SINGLE": ("float", "<f"), "DOUBLE": ("double", "<d")}
LISTS = {
    "list": ("<i", False),
    "map": ("<i", False),
    "largelist": ("<q", False),
    "listview": ("<i", True),
    "largelistview": ("<q", True),
}
# How pyarrow writes other types that it calls differently.
NAMES = {
    "int": "{sign}int{bitWidth}",
    "decimal": "decimal{bitWidth}({precision}, {scale})",
    "time": "time{bitWidth}[{unit}]",
    "timestamp": "timestamp[{unit}{zone}]",
    "duration": "duration[{unit}]",
    "utf8": "string",
    "largeutf8": "large_string",
    "utf8view": "string_view",
    "largebinary": "large_binary",
    "binaryview": "binary_view",
    "fixedsizebinary": "fixed_size_binary[{byteWidth}]",
    "struct": "struct<",
    "list": "list<",
    "largelist": "large_list<",
    "fixedsizelist": "fixed_size_list<",
    "listview": "list_view<",
    "largelistview": "large_list_view<",
    "map": "map<",
    "union": "{mode}_union<",
    "runendencoded": "run_end_encoded<",
}


def storage(data_type):
    return data_type.storage_type if isinstance(data_type, pa.BaseExtensionType) else data_type


def children(data_type):
    if pa.types.is_map(data_type):
        return [pa.field("entries", pa.struct([data_type.key_field, data_type.item_field]), nullable=False)]
    if isinstance(data_type, pa.RunEndEncodedType):
        return [pa.field("run_ends", data_type.run_end_type, nullable=False), pa.field("values", data_type.value_type)]
    return [data_type.field(place) for place in range(data_type.num_fields)]


def unlike(said, field):
    """The first difference between a field in the JSON and in a stream; None if there is none."""
    expected = said["name"], said["nullable"]
    if (field.name, field.nullable) != expected:
        return f"{expected} is {field}"
    metadata = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    if isinstance(field.type, pa.BaseExtensionType):
        metadata |= {"ARROW:extension:name": field.type.extension_name, "ARROW:extension:metadata": ""}
    if metadata != pairs(said):
        return f"{said['name']}: metadata {pairs(said)} is {metadata}"
    data_type = storage(field.type)
    if "dictionary" in said:
        dictionary = said["dictionary"]
        if not pa.types.is_dictionary(data_type) or data_type.ordered != dictionary["isOrdered"]:
            return f"{said['name']}: {dictionary} is {data_type}"
        if str(data_type.index_type) != name_of(dictionary["indexType"]):
            return f"{said['name']}: {dictionary} is {data_type}"
        data_type = data_type.value_type
    name = name_of(said["type"])
    if not str(data_type).startswith(name):
        return f"{said['name']}: {name} is {data_type}"
    inner = children(data_type)
    if len(inner) != len(said["children"]):
        return f"{said['name']}: {len(said['children'])} children are {len(inner)}"
    for child, one in zip(said["children"], inner):
        # pyarrow gives the fields in maps and runs names of its own.
        if pa.types.is_map(data_type):
            named = zip(child["children"], children(one.type))
            child = child | {"name": one.name, "children": [part | {"name": part_of.name} for part, part_of in named]}
        elif isinstance(data_type, pa.RunEndEncodedType):
            child = child | {"name": one.name, "nullable": one.nullable}
        difference = unlike(child, one)
        if difference:
            return f"{said['name']}: {difference}"
    return None


def pairs(said):
    return {pair["key"]: pair["value"] for pair in said.get("metadata", [])}


def name_of(said):
    """How pyarrow writes a type, or the start of it for a nested type."""
    match said["name"]:
        case "floatingpoint":
            return FLOATS[said["precision"]][0]
        case "interval":
            return INTERVALS[said["unit"]][0]
        case "date":
            return "date32[day]" if said["unit"] == "DAY" else "date64[ms]"
    parts = {"bitWidth": 128} | said
    parts["sign"] = "" if said.get("isSigned") else "u"
    parts["zone"] = f", tz={said['timezone']}" if said.get("timezone") else ""
    parts |= {"unit": UNITS.get(said.get("unit")), "mode": said.get("mode", "").lower()}
    return NAMES.get(said["name"], said["name"]).format(**parts)


def packed(form, rows):
    return pa.py_buffer(b"".join(struct.pack(form, *row) for row in rows))


def bits(values):
    number = sum(1 << place for place, value in enumerate(values) if value)
    return pa.py_buffer(number.to_bytes((len(values) + 7) // 8, "little"))


def values(said, data):
    """The values of a type of fixed width, in a buffer."""
    match said["name"]:
        case "bool":
            return bits(data)
        case "fixedsizebinary":
            return pa.py_buffer(b"".join(bytes.fromhex(value) for value in data))
        case "decimal":
            width = said.get("bitWidth", 128) // 8
            return pa.py_buffer(b"".join(int(value).to_bytes(width, "little", signed=True) for value in data))
        case "floatingpoint":
            return packed(FLOATS[said["precision"]][1], ((value,) for value in data))
        case "interval":
            _, form, parts = INTERVALS[said["unit"]]
            return packed(form, map(parts, data))
        case "int":
            form = {8: "b", 16: "h", 32: "i", 64: "q"}[said["bitWidth"]]
            form = form if said["isSigned"] else form.upper()
        case "date":
            form = "i" if said["unit"] == "DAY" else "q"
        case "time":
            form = "i" if said["bitWidth"] == 32 else "q"
        case _:
            form = "q"
    return packed(f"<{form}", ((int(value),) for value in data))


def array(said, column, data_type, dictionaries):
    """The array of a column in the JSON, in this type."""
    if isinstance(data_type, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(data_type, array(said, column, data_type.storage_type, dictionaries))
    count, kind = column["count"], said["type"]["name"]
    if "dictionary" in said:
        value = {key: part for key, part in said.items() if key != "dictionary"}
        indices = array({"type": said["dictionary"]["indexType"]}, column, data_type.index_type, dictionaries)
        entries = array(value, dictionaries[said["dictionary"]["id"]], data_type.value_type, dictionaries)
        return pa.DictionaryArray.from_arrays(indices, entries, ordered=data_type.ordered)
    if kind == "null":
        return pa.nulls(count)
    validity = column.get("VALIDITY", [])
    validity = None if all(validity) else bits(validity)
    if kind in ("utf8view", "binaryview"):
        return pa.array(views(column, kind == "utf8view"), data_type)
    if kind in ("utf8", "largeutf8", "binary", "largebinary"):
        encoded = [value.encode() if "utf8" in kind else bytes.fromhex(value) for value in column["DATA"]]
        offsets = itertools.accumulate((len(value) for value in encoded), initial=0)
        offsets = packed("<q" if kind.startswith("large") else "<i", ((offset,) for offset in offsets))
        return pa.Array.from_buffers(data_type, count, [validity, offsets, pa.py_buffer(b"".join(encoded))])
    inner = zip(said.get("children", []), column.get("children", []), children(data_type))
    inner = [array(child, part, field.type, dictionaries) for child, part, field in inner]
    if kind == "runendencoded":
        return pa.RunEndEncodedArray.from_arrays(*inner, type=data_type)
    buffers = [validity]
    if kind in LISTS:
        form, has_sizes = LISTS[kind]
        for key in ("OFFSET", "SIZE") if has_sizes else ("OFFSET",):
            # Zeros for a list without rows, which may have no offset.
            buffers.append(packed(form, ((int(value),) for value in column[key] or [0])))
    elif kind == "union":
        buffers = [None, packed("<b", ((value,) for value in column["TYPE_ID"]))]
        if said["type"]["mode"] == "DENSE":
            buffers.append(packed("<i", ((value,) for value in column["OFFSET"])))
    elif not inner and kind != "struct":
        buffers.append(values(said["type"], column["DATA"]))
    return pa.Array.from_buffers(data_type, count, buffers, children=inner)


def views(column, is_text):
    for is_valid, view in zip(column["VALIDITY"], column["VIEWS"]):
        if "INLINED" in view:
            value = view["INLINED"].encode() if is_text else bytes.fromhex(view["INLINED"])
        else:
            data = bytes.fromhex(column["VARIADIC_DATA_BUFFERS"][view["BUFFER_INDEX"]])
            value = data[view["OFFSET"] : view["OFFSET"] + view["SIZE"]]
        assert not is_valid or len(value) == view["SIZE"]
        yield (value.decode() if is_text else value) if is_valid else None


@functools.lru_cache(1)
def load(path):
    with gzip.open(path) as source:
        return json.load(source)


def table(golden, schema):
    dictionaries = {entry["id"]: entry["data"]["columns"][0] for entry in golden.get("dictionaries", [])}
    columns = []
    for place, (said, field) in enumerate(zip(golden["schema"]["fields"], schema)):
        parts = [batch["columns"][place] for batch in golden["batches"]]
        parts = [array(said, part, field.type, dictionaries) for part in parts]
        for part in parts:
            part.validate()
        columns.append(pa.chunked_array(parts, field.type))
    return pa.table(columns, schema=schema)


def read(path, swap):
    options = pa.ipc.IpcReadOptions(ensure_native_endian=swap)
    open_it = pa.ipc.open_file if path.endswith(".arrow_file") else pa.ipc.open_stream
    with pa.OSFile(path) as source:
        return open_it(source, options=options).read_all()


def as_integers(table):
    """The same table with the bytes of intervals as integers, where pyarrow has no arrays for them."""
    widths = {"month_interval": pa.int32(), "day_time_interval": pa.int64()}
    schema = pa.schema([field.with_type(widths.get(str(field.type), field.type)) for field in table.schema])
    if schema == table.schema:
        return table
    batches = [pa.ipc.read_record_batch(batch.serialize(), schema) for batch in table.to_batches()]
    return pa.Table.from_batches(batches, schema)


def verdict(golden, path):
    # The values are in the order of this machine, and the schema says so.
    ours = read(path, swap=True)
    fields, metadata = golden["schema"]["fields"], ours.schema.metadata or {}
    if len(fields) != len(ours.schema):
        return f"{len(fields)} columns are {len(ours.schema)}"
    if pairs(golden["schema"]) != {key.decode(): value.decode() for key, value in metadata.items()}:
        return f"metadata {pairs(golden['schema'])} is {metadata}"
    for said, field in zip(fields, ours.schema):
        difference = unlike(said, field)
        if difference:
            return f"column {difference}"
    ours = as_integers(ours)
    ours.validate()
    expected, native = table(golden, ours.schema), as_integers(read(path, swap=False))
    found = [*compare.differences(expected, ours, True), *compare.differences(ours, native, True)]
    return "; ".join(found) or "ok"


if __name__ == "__main__":
    for line in sys.stdin.read().splitlines():
        golden, path = line.split("\t")
        try:
            outcome = verdict(load(golden), path)
        except Exception as error:  # any error is a difference
            outcome = f"{type(error).__name__}: {error}"
        print(f"{path}\t{' '.join(outcome.split())}")
