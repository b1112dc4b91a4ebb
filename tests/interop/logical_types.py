"""Checks that logical types and metadata survive parquet-to-stream | stream-to-parquet, with pyarrow, DuckDB, pandas and GeoPandas.

Arguments: the directory of the support modules, and the part to run: annotated, plain, nested, geometry, streams, text,
pandas, schema or geopandas. The tools are on the path. Fails with one line for each difference.
"""

import datetime
import decimal
import json
import subprocess
import sys
import traceback
import uuid

sys.path.insert(0, sys.argv[1])

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from table_values import column_values
from thrift_compact import STRUCT, ParquetBytes, Struct, binary, boolean, fields, i8, i32, items

WRONG = []
POINT = bytes.fromhex("0101000000000000000000f03f0000000000000040")
LINE = bytes.fromhex("01020000000200000000000000000000000000000000000000000000000000f03f000000000000f03f")
PROJJSON = json.dumps({"type": "GeographicCRS", "name": "made up", "id": {"authority": "X", "code": 1}}, separators=(",", ":"))
UUIDS = [uuid.UUID("a7b8c9d0-1111-2222-3333-444455556666"), None, uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)]
JSON = ['{"a":1}', None, "[]", '"é, \\"quoted\\""']
ENUM = ["RED", None, "GREEN", "RED"]


def check(what, found, expected):
    if found != expected:
        WRONG.append(f"{what}: {found!r}, not {expected!r}")


class Geometry(pa.ExtensionType):
    """geoarrow.wkb. With it, pyarrow converts GEOMETRY and GEOGRAPHY to this type and back."""

    def __init__(self, storage=pa.binary(), metadata=""):
        self.metadata = metadata
        super().__init__(storage, "geoarrow.wkb")

    def __arrow_ext_serialize__(self):
        return self.metadata.encode()

    @classmethod
    def __arrow_ext_deserialize__(cls, storage, serialized):
        return cls(storage, serialized.decode())


pa.register_extension_type(Geometry())


# The round trip.


def run(line):
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True)
    if done.returncode != 0 or done.stderr:
        WRONG.append(f"{line}: exit {done.returncode}, {done.stderr.strip()}")
    return done.stdout


def there_and_back(name, options=""):
    """Writes NAME.arrows and NAME.again.parquet from NAME.parquet. Returns false if that fails."""
    before = len(WRONG)
    run(f"parquet-to-stream {name}.parquet >{name}.arrows")
    run(f"stream-to-parquet {options} -o {name}.again.parquet {name}.arrows")
    return len(WRONG) == before


def stream(name):
    with pa.OSFile(f"{name}.arrows") as source:
        return pa.ipc.open_stream(source).read_all()


def described(field):
    """Describes a field: its storage type, its extension type, and the logical type in its metadata."""
    kind, metadata = field.type, dict(field.metadata or {})
    name = metadata.pop(b"ARROW:extension:name", b"").decode()
    parameters = metadata.pop(b"ARROW:extension:metadata", b"").decode()
    if isinstance(kind, pa.BaseExtensionType):
        name, parameters, kind = kind.extension_name, getattr(kind, "metadata", ""), kind.storage_type
    told = str(kind)
    if name:
        told += f" as {name}"
    if name == "geoarrow.wkb":
        told += f" {crs_of(parameters)}"
    if b"PARQUET:logical_type" in metadata:
        told += f" of {metadata[b'PARQUET:logical_type'].decode()}"
    return told


def crs_of(parameters):
    """The CRS and edges in the metadata of geoarrow.wkb, independent of JSON formatting."""
    found = json.loads(parameters or "{}")
    return {key: found[key] for key in ("crs", "edges") if key in found}


def leaves(name):
    """The leaves of a file by path: physical type, logical type, levels."""
    file = pq.ParquetFile(name)
    found = {}
    for number in range(len(file.schema)):
        column = file.schema.column(number)
        logical = str(column.logical_type)
        logical = column.converted_type if logical == "None" and column.converted_type == "INTERVAL" else logical
        # A signed integer of the physical width needs no annotation.
        logical = "None" if logical in ("Int(bitWidth=32, isSigned=true)", "Int(bitWidth=64, isSigned=true)") else logical
        physical = column.physical_type
        # Short decimals may be stored as integers, INT96 becomes an ordinary timestamp.
        physical = "any" if logical.startswith("Decimal") or physical == "INT96" or logical.startswith("Timestamp") else physical
        found[column.path] = (physical, logical, column.max_definition_level, column.max_repetition_level)
    return found


def same_as_before(name, except_for=(), enums=(), duckdb_reads=True):
    """Compares NAME.parquet with NAME.again.parquet in pyarrow and DuckDB.

    pyarrow reads an ENUM as bytes, and as text if ARROW:schema says so.
    """
    before, after = leaves(f"{name}.parquet"), leaves(f"{name}.again.parquet")
    for path in before | after:
        if path not in except_for:
            check(f"{name}: leaf {path}", after.get(path), before.get(path))
    before, after = (pq.ParquetFile(f"{name}{part}.parquet", arrow_extensions_enabled=True).read() for part in ("", ".again"))
    check(f"{name}: names", after.column_names, before.column_names)
    for field in before.schema:
        other = after.schema.field(field.name)
        if field.name not in (*except_for, *enums):
            check(f"{name}: pyarrow's type of {field.name}", described(other).split(" of ")[0], described(field))
            check(f"{name}: nullability of {field.name}", other.nullable, field.nullable)
        values = [column_values(table[field.name]) for table in (after, before)]
        if field.name in enums:
            values = [[value.replace("b'", "'") for value in column] for column in values]
        check(f"{name}: pyarrow's values of {field.name}", *values)
    if not duckdb_reads:
        return
    types = [{row[0]: row[1] for row in duckdb.sql(f"DESCRIBE FROM '{name}{part}.parquet'").fetchall()} for part in ("", ".again")]
    for column in types[0]:
        if column not in except_for:
            check(f"{name}: DuckDB's type of {column}", types[1].get(column), types[0][column])
        # DuckDB needs an extension to cast a geometry to text. The bytes are compared with pyarrow above.
        if "GEOMETRY" not in types[0][column]:
            values = [duckdb.sql(f"SELECT \"{column}\"::VARCHAR FROM '{name}{part}.parquet'").fetchall() for part in ("", ".again")]
            check(f"{name}: DuckDB's values of {column}", values[1], values[0])


def is_in_the_stream(name, expected):
    schema = stream(name).schema
    for column, told in expected.items():
        check(f"{name}: {column} in the stream", described(schema.field(column)), told)


def annotated(name, columns, required=False):
    """Writes a file whose columns are (array, logical type, converted type)."""
    arrays = {column: array for column, (array, *_) in columns.items()}
    schema = pa.schema([pa.field(column, array.type, nullable=not required) for column, array in arrays.items()])
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(arrays, schema=schema), sink, store_schema=False)
    file = ParquetBytes(sink.getvalue().to_pybytes())
    for column, (_, logical, *converted) in columns.items():
        element = file.element(column)
        element.drop(6, 10)
        if logical is not None:
            element[10] = fields(logical)
        if converted:
            element[6] = i32(converted[0])
    with open(f"{name}.parquet", "wb") as sink:
        sink.write(file.to_bytes())


def raw(values):
    return pa.array([None if value is None else value.encode() for value in values], pa.binary())


def uuids(values):
    return pa.array([None if value is None else value.bytes for value in values], pa.binary(16))


# The parts.


def part_annotated():
    """Types that are annotations of bytes, as parquet-java and others write them."""
    float16 = pa.array([b"\0\x3c", None, b"\0\x7e", b"\0\x80"], pa.binary(2))
    months = pa.array([bytes([14, 0, 0, 0, 2, 0, 0, 0, 0xB8, 0x0B, 0, 0]), None, bytes(12), bytes([1] + [0] * 11)], pa.binary(12))
    columns = {
        "uuid": (uuids(UUIDS), {14: fields()}),
        "json": (raw(JSON), {12: fields()}, 19),
        "json_converted": (raw(JSON), None, 19),
        "enum": (raw(ENUM), {4: fields()}, 4),
        "enum_converted": (raw(ENUM), None, 4),
        "text": (raw(["a", None, "é", ""]), {1: fields()}, 0),
        "bytes": (pa.array([b"\xff", None, b"\0", b""]), None),
        "float16": (float16, {15: fields()}),
        "interval": (months, None, 21),
        "nothing": (pa.array([None] * 4, pa.int32()), {11: fields()}),
    }
    annotated("annotated", columns)
    if there_and_back("annotated"):
        is_in_the_stream(
            "annotated",
            {
                "uuid": "fixed_size_binary[16] as arrow.uuid",
                "json": "string as arrow.json",
                "json_converted": "string as arrow.json",
                "enum": "string of ENUM",
                "enum_converted": "string of ENUM",
                "text": "string",
                "bytes": "binary",
                "float16": "halffloat",
                "interval": "month_day_nano_interval",
                "nothing": "null",
            },
        )
        intervals = stream("annotated")["interval"]
        if intervals.type == pa.month_day_nano_interval():
            check("annotated: months", tuple(intervals.to_pylist()[0]), (14, 2, 3_000_000_000))
        # A converted type of an old writer becomes the logical type.
        same_as_before("annotated", except_for=("json_converted", "enum_converted"), enums=("enum", "enum_converted"))
        after = leaves("annotated.again.parquet")
        check("annotated: json_converted", after["json_converted"][1], "JSON")
        check("annotated: enum_converted", after["enum_converted"][1], "Enum")
    annotated("bson", {"b": (pa.array([b"\5\0\0\0\0", None, b"\xff", b""]), {13: fields()}, 20)})
    if there_and_back("bson"):
        is_in_the_stream("bson", {"b": "binary of BSON"})
        same_as_before("bson", duckdb_reads=False)
    del columns["nothing"], columns["interval"]
    columns = {column: (array.drop_null(), *rest) for column, (array, *rest) in columns.items()}
    annotated("required", columns, required=True)
    if there_and_back("required"):
        same_as_before("required", except_for=("json_converted", "enum_converted"), enums=("enum", "enum_converted"))
    duckdb.sql(
        "COPY (SELECT UUID 'a7b8c9d0-1111-2222-3333-444455556666' AS u, '{\"a\": [1]}'::JSON AS j, INTERVAL '14 months 2 days 3 seconds' AS i,"
        " 'b'::ENUM('a', 'b') AS e, 5::UTINYINT AS n, TIME '12:34:56' AS t, '1.5'::DECIMAL(4, 1) AS d, TIMESTAMPTZ '2020-01-01 00:00:00+00' AS z)"
        " TO 'duckdb.parquet'"
    )
    if there_and_back("duckdb"):
        is_in_the_stream("duckdb", {"u": "fixed_size_binary[16] as arrow.uuid", "j": "string as arrow.json", "i": "month_day_nano_interval"})
        same_as_before("duckdb")
    duckdb.sql("COPY (SELECT i AS id, ({'a': i, 'b': [i, i + 1]})::VARIANT AS v FROM range(5) r(i)) TO 'variant.parquet'")
    if there_and_back("variant"):
        told = described(stream("variant").schema.field("v"))
        if not (told.startswith("struct<metadata: ") and told.endswith(" as arrow.parquet.variant")):
            WRONG.append(f"variant: v in the stream: {told}")
        check("variant: DuckDB's type", str(duckdb.sql("SELECT v FROM 'variant.again.parquet'").types[0]), "VARIANT")
        values = [duckdb.sql(f"SELECT v::VARCHAR FROM 'variant{part}.parquet'").fetchall() for part in ("", ".again")]
        check("variant: DuckDB's values", values[1], values[0])
        check("variant: leaves", leaves("variant.again.parquet"), leaves("variant.parquet"))
        schemas = ["Variant" in str(pq.ParquetFile(f"variant{part}.parquet").schema) for part in ("", ".again")]
        check("variant: annotation", schemas, [True, True])


def part_plain():
    """Numbers and times of all widths, units and signs, with and without ARROW:schema."""
    numbers = [0, 1, None, 100]
    columns = {}
    for bits in (8, 16, 32, 64):
        columns[f"int{bits}"] = pa.array([-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, None, 0], getattr(pa, f"int{bits}")())
        columns[f"uint{bits}"] = pa.array([0, 2**bits - 1, None, 7], getattr(pa, f"uint{bits}")())
    columns["date"] = pa.array([0, -1, None, 20000], pa.date32())
    columns["time_ms"] = pa.array(numbers, pa.time32("ms"))
    for unit in ("us", "ns"):
        columns[f"time_{unit}"] = pa.array(numbers, pa.time64(unit))
    for unit in ("ms", "us", "ns"):
        columns[f"local_{unit}"] = pa.array([0, -1, None, 10**12], pa.timestamp(unit))
        columns[f"utc_{unit}"] = pa.array([0, -1, None, 10**12], pa.timestamp(unit, "UTC"))
    columns["bool"] = pa.array([True, False, None, True])
    columns["float16"] = pa.array([1.5, -0.0, None, float("inf")], pa.float16())
    columns["float"] = pa.array([1.5, -0.0, None, float("inf")], pa.float32())
    columns["double"] = pa.array([1.5, -0.0, None, float("inf")])
    columns["null"] = pa.nulls(4)
    columns["fixed"] = pa.array([b"abc", b"\0\0\0", None, b"\xff\xff\xff"], pa.binary(3))
    for precision, scale in ((1, 0), (9, 2), (10, 10), (18, 0), (19, 4), (38, 37), (39, 2), (76, 0)):
        digits = "9" * precision
        values = [decimal.Decimal(f"{sign}{digits}").scaleb(-scale, decimal.Context(prec=80)) for sign in ("", "-")]
        kind = pa.decimal128(precision, scale) if precision < 39 else pa.decimal256(precision, scale)
        columns[f"decimal_{precision}_{scale}"] = pa.array([values[0], values[1], None, decimal.Decimal(0)], kind)
    table = pa.table(columns)
    pq.write_table(table, "plain.parquet", store_schema=False)
    pq.write_table(table, "integer_decimals.parquet", store_schema=False, store_decimal_as_integer=True)
    pq.write_table(table.append_column("seconds", pa.array([0, None, 1, 2], pa.timestamp("s"))), "with_schema.parquet")
    for name in ("plain", "integer_decimals", "with_schema"):
        if there_and_back(name):
            same_as_before(name)
    old = pa.table({"at": pa.array([0, 10**15, None, -1], pa.timestamp("us"))})
    pq.write_table(old, "int96.parquet", use_deprecated_int96_timestamps=True, store_schema=False)
    if there_and_back("int96"):
        values = [duckdb.sql(f"SELECT epoch_ns(\"at\") FROM 'int96{part}.parquet'").fetchall() for part in ("", ".again")]
        check("int96: values", values[1], values[0])
    # Decimals as byte arrays, as parquet-java writes them.
    short = pa.array([b"\1", b"\xff", None, b"\x04\xd2"], pa.binary())
    fixed = pa.array([bytes(15) + b"\1", b"\xff" * 16, None, bytes(14) + b"\x04\xd2"], pa.binary(16))
    decimals = {5: fields({1: i32(2), 2: i32(9)})}
    annotated("decimals", {"short": (short, decimals), "fixed": (fixed, decimals)})
    file = ParquetBytes(open("decimals.parquet", "rb").read())
    for name in ("short", "fixed"):
        file.element(name).update({6: i32(5), 7: i32(2), 8: i32(9)})
    open("decimals.parquet", "wb").write(file.to_bytes())
    if there_and_back("decimals"):
        is_in_the_stream("decimals", {"short": "decimal128(9, 2)", "fixed": "decimal128(9, 2)"})
        same_as_before("decimals")
    # Arrow has no time of day in UTC. pyarrow loses isAdjustedToUTC too. The values must stay.
    for number, column in ((1, pa.array(numbers, pa.int32())), (2, pa.array(numbers, pa.int64())), (3, pa.array(numbers, pa.int64()))):
        unit = fields({number: fields()})
        annotated(f"time_{number}", {"t": (column, {7: fields({1: boolean(True), 2: unit})})})
        if there_and_back(f"time_{number}"):
            before, after = (pq.read_table(f"time_{number}{part}.parquet")["t"] for part in ("", ".again"))
            check(f"time_{number}: type", after.type, before.type)
            check(f"time_{number}: values", column_values(after), column_values(before))
    # Integer widths that only the annotation defines.
    integers = {}
    for number, (width, kind) in enumerate(((8, pa.int32()), (16, pa.int32()), (32, pa.int32()), (64, pa.int64()))):
        for signed in (True, False):
            logical = {10: fields({1: i8(width), 2: boolean(signed)})}
            name = f"{'' if signed else 'u'}int{width}"
            integers[name] = (pa.array(numbers, kind), logical, number + (15 if signed else 11))
    annotated("integers", integers)
    if there_and_back("integers"):
        is_in_the_stream("integers", {name: name for name in integers})
        same_as_before("integers")


def part_nested():
    """Logical types, layouts and field ids inside lists, maps and structs."""
    item = pa.field("element", pa.uuid())
    ids = pa.array([[UUIDS[0].bytes, None], [], None], pa.list_(pa.binary(16))).cast(pa.list_(item))
    texts = pa.array([["{}", None], [], None], pa.list_(pa.string()))
    tags = pa.array([[("a", "1")], None, []], pa.map_(pa.string(), pa.string()))
    pair = pa.array([{"j": "{}", "g": POINT}, None, {"j": None, "g": None}], pa.struct([("j", pa.string()), ("g", pa.binary())]))
    deep = pa.array([[[1], []], None, [None]], pa.list_(pa.list_(pa.int32())))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"ids": ids, "texts": texts, "tags": tags, "pair": pair, "deep": deep}), sink, store_schema=False)
    file = ParquetBytes(sink.getvalue().to_pybytes())

    def annotate(path, logical, converted=None):
        """Annotates the element at a dotted path."""
        place = 0
        for name in path.split("."):
            place = next(n for n in range(place + 1, len(file.elements)) if file.elements[n].at(4) == name.encode())
        file.elements[place].drop(6, 10)
        file.elements[place][10] = fields(logical)
        if converted is not None:
            file.elements[place][6] = i32(converted)

    annotate("texts.list.element", {12: fields()}, 19)
    annotate("tags.key_value.value", {4: fields()}, 4)
    annotate("pair.j", {12: fields()}, 19)
    annotate("pair.g", {17: fields({1: binary("EPSG:25832")})})
    for number, element in enumerate(file.elements[1:]):
        element[9] = i32(100 + number)
    open("nested.parquet", "wb").write(file.to_bytes())
    if there_and_back("nested"):
        same_as_before("nested", enums=("tags",))
        found = {name: described(field) for name, field in inner_fields(stream("nested").schema)}
        for name, told in {
            "ids.element": "fixed_size_binary[16] as arrow.uuid",
            "texts.element": "string as arrow.json",
            "tags.value": "string of ENUM",
            "pair.j": "string as arrow.json",
            "pair.g": "binary as geoarrow.wkb {'crs': 'EPSG:25832'}",
        }.items():
            check(f"nested: {name} in the stream", found.get(name), told)
        # The repeated level of a list or map is not an Arrow field, so its field id cannot be kept.
        files = [ParquetBytes(open(f"nested{part}.parquet", "rb").read()) for part in ("", ".again")]
        numbers = [[e.get(9) for e in file.elements[1:] if e.at(4) not in (b"list", b"key_value")] for file in files]
        check("nested: field ids", numbers[1], numbers[0])


def inner_fields(parent, path=""):
    kind = parent if isinstance(parent, pa.Schema) else parent.type
    if isinstance(kind, pa.BaseExtensionType):
        return
    if isinstance(kind, pa.Schema) or pa.types.is_struct(kind):
        children = list(kind)
    elif pa.types.is_map(kind):
        children = [kind.key_field, kind.item_field]
    else:
        children = [kind.value_field] if pa.types.is_list(kind) else []
    for child in children:
        yield path + child.name, child
        yield from inner_fields(child, f"{path}{child.name}.")


def part_geometry():
    """GEOMETRY and GEOGRAPHY. The expected metadata of geoarrow.wkb is that of pyarrow."""
    points = pa.array([POINT, None, LINE, POINT])
    spherical, karney = {2: i32(0)}, {2: i32(4)}
    columns = {
        "plain": (points, {17: fields()}),
        "crs84": (points, {17: fields({1: binary("OGC:CRS84")})}),
        "epsg": (points, {17: fields({1: binary("EPSG:25832")})}),
        "srid": (points, {17: fields({1: binary("srid:5070")})}),
        "projjson": (points, {17: fields({1: binary(PROJJSON)})}),
        "geography": (points, {18: fields()}),
        "sphere": (points, {18: fields(spherical)}),
        "sphere_epsg": (points, {18: fields({1: binary("EPSG:4269"), **spherical})}),
        "karney": (points, {18: fields(karney)}),
    }
    annotated("geometry", columns)
    if there_and_back("geometry"):
        told = pq.ParquetFile("geometry.parquet", arrow_extensions_enabled=True).schema_arrow
        is_in_the_stream("geometry", {name: described(told.field(name)) for name in columns})
        before, after = leaves("geometry.parquet"), leaves("geometry.again.parquet")
        for name in ("epsg", "srid", "projjson", "geography", "sphere", "sphere_epsg", "karney"):
            check(f"geometry: {name}", after[name], before[name])
        same_as_before("geometry", except_for=("crs84",))
    # A CRS that is defined in the key-values of the file.
    annotated("by_key", {"g": (points, {17: fields({1: binary("projjson:my_crs")})})})
    file = ParquetBytes(open("by_key.parquet", "rb").read())
    file.footer[5] = items(STRUCT, [Struct({1: binary("my_crs"), 2: binary(PROJJSON)})])
    open("by_key.parquet", "wb").write(file.to_bytes())
    if there_and_back("by_key"):
        expected = f"binary as geoarrow.wkb {{'crs': {json.loads(PROJJSON)!r}}}"
        is_in_the_stream("by_key", {"g": expected})
        field = pq.ParquetFile("by_key.again.parquet", arrow_extensions_enabled=True).schema_arrow.field("g")
        check("by_key: afterwards", described(field), expected)


def part_streams():
    """Extension types and field metadata of streams become logical types."""
    extension = lambda name, kind, of, parameters="": pa.field(
        name, kind, metadata={"ARROW:extension:name": of, "ARROW:extension:metadata": parameters}
    )
    columns = [
        (pa.field("uuid", pa.uuid()), pa.array([u and u.bytes for u in UUIDS], pa.uuid()), "UUID"),
        (pa.field("json", pa.json_()), pa.array(JSON, pa.json_()), "JSON"),
        (pa.field("json_large", pa.json_(pa.large_string())), pa.array(JSON, pa.json_(pa.large_string())), "JSON"),
        (pa.field("enum", pa.string(), metadata={"PARQUET:logical_type": "ENUM"}), pa.array(ENUM), "Enum"),
        (pa.field("bson", pa.binary(), metadata={"PARQUET:logical_type": "BSON"}), pa.array([POINT] * 4), "BSON"),
        (pa.field("words", pa.string()), pa.array(ENUM), "String"),
        (pa.field("month_day_nano", pa.month_day_nano_interval()), pa.array([(1, 2, 3_000_000)] * 4, pa.month_day_nano_interval()), "Interval"),
        # GeoArrow: without a CRS it is not known; pyarrow writes the default of Parquet, OGC:CRS84, instead.
        (extension("unknown", pa.binary(), "geoarrow.wkb"), pa.array([POINT] * 4), "Geometry(crs=srid:0)"),
        (extension("crs84", pa.binary(), "geoarrow.wkb", '{"crs":"OGC:CRS84"}'), pa.array([POINT] * 4), "Geometry(crs=)"),
        (extension("epsg", pa.binary(), "geoarrow.wkb", '{"crs":"EPSG:25832"}'), pa.array([POINT] * 4), "Geometry(crs=EPSG:25832)"),
        (extension("edges", pa.binary(), "geoarrow.wkb", '{"edges":"spherical"}'), pa.array([POINT] * 4), "Geography(crs=srid:0, algorithm=spherical)"),
        (pa.field("half", pa.float16()), pa.array([1.5] * 4, pa.float16()), "Float16"),
        (pa.field("null", pa.null()), pa.nulls(4), "Null"),
    ]
    schema = pa.schema([field for field, _, _ in columns])
    with pa.OSFile("streams.arrows", "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        # A field whose extension type pyarrow knows needs an extension array.
        arrays = [array if array.type == field.type else pa.ExtensionArray.from_storage(field.type, array) for field, array, _ in columns]
        writer.write_batch(pa.record_batch(arrays, schema=schema))
    run("stream-to-parquet -o streams.parquet streams.arrows")
    if not WRONG:
        found = leaves("streams.parquet")
        for field, _, logical in columns:
            check(f"streams: {field.name}", found[field.name][1], logical)
        run("parquet-to-stream streams.parquet >again.arrows")
        with pa.OSFile("again.arrows") as source:
            again = pa.ipc.open_stream(source).read_all()
        # The metadata of these becomes explicit.
        for field, array, _ in columns:
            if field.name not in ("unknown", "crs84", "edges"):
                check(f"streams: {field.name} again", described(again.schema.field(field.name)), described(field))
            check(f"streams: values of {field.name}", column_values(again[field.name]), column_values(pa.chunked_array([array])))


def part_text():
    """ENUM, JSON and UUID are text in CSV and JSON. A predicate compares a UUID with its text or is refused."""
    columns = {
        "u": (uuids(UUIDS), {14: fields()}),
        "j": (raw(JSON), {12: fields()}),
        "e": (raw(ENUM), {4: fields()}),
    }
    annotated("text", columns)
    expected = [{"u": None if u is None else str(u), "j": j, "e": e} for u, j, e in zip(UUIDS, JSON, ENUM)]
    lines = run("parquet-to-stream text.parquet | stream-to-json").splitlines()
    check("text: JSON", [json.loads(line) for line in lines], expected)
    run("parquet-to-stream text.parquet | stream-to-csv >text.csv")
    read = pd.read_csv("text.csv", dtype=str, keep_default_na=False).to_dict("records")
    check("text: CSV", read, [{key: value or "" for key, value in row.items()} for row in expected])
    printed = run("parquet-to-stream text.parquet | stream-print")
    check("text: stream-print", str(UUIDS[0]) in printed and "RED" in printed, True)
    check("text: e = 'RED'", run("parquet-to-stream -w \"e = 'RED'\" text.parquet | stream-count").strip(), "2")
    for text in (str(UUIDS[0]), str(UUIDS[0]).upper()):
        done = subprocess.run(f"parquet-to-stream -w \"u = '{text}'\" text.parquet | stream-count", shell=True, capture_output=True, text=True)
        check(f"text: u = {text}", done.stdout.strip() == "1" or "parquet-to-stream: " in done.stderr, True)
    for options in ("--dictionary auto", "--runs auto"):
        lines = run(f"parquet-to-stream {options} text.parquet | stream-to-json").splitlines()
        check(f"text: JSON, {options}", [json.loads(line) for line in lines], expected)


def part_pandas():
    """pandas finds its indexes, types and attributes again."""
    plain = pd.DataFrame({"a": [3, 1, 2], "b": ["x", None, "z"]})
    frames = {
        "range": plain,
        "range_step": plain.set_axis(pd.RangeIndex(10, 16, 2, name="r")),
        "named": plain.set_axis(pd.Index([10, 20, 30], name="idx")),
        "unnamed": plain.set_axis(pd.Index(["p", "q", "r"])),
        "multi": plain.set_axis(pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["k", "n"])),
        "dates": plain.set_axis(pd.date_range("2020-01-01", periods=3, tz="Europe/Berlin", name="day")),
        "categories": pd.DataFrame({"c": pd.Categorical(["x", None, "y"], categories=["y", "x", "unused"])}),
        "ordered": pd.DataFrame({"c": pd.Categorical(["lo", "hi", "lo"], categories=["lo", "hi"], ordered=True)}),
        "numbers": pd.DataFrame({"c": pd.Categorical([3, 1, 3])}),
        "nullable": pd.DataFrame({"i": pd.array([1, None, 3], dtype="Int64"), "b": pd.array([True, None, False], dtype="boolean")}),
        "text": pd.DataFrame({"s": pd.array(["a", None, "c"], dtype="string")}),
        "times": pd.DataFrame({"t": pd.to_datetime(["2020-01-01", None, "2021-05-05"]), "d": pd.to_timedelta([1, None, 3], unit="s")}),
        "zoned": pd.DataFrame({"t": pd.to_datetime(["2020-01-01", None, "2021-05-05"]).tz_localize("America/New_York")}),
        "periods": pd.DataFrame({"p": pd.period_range("2020-01", periods=3, freq="M")}),
        "intervals": pd.DataFrame({"i": pd.interval_range(0, 3)}),
        "lists": pd.DataFrame({"l": [[1, 2], None, []]}),
        "columns": pd.DataFrame([[1, 2], [3, 4]], columns=pd.Index(["x", "y"], name="axis")),
        "objects": pd.DataFrame({"o": [b"bytes", None, b""], "d": [decimal.Decimal("1.5"), None, decimal.Decimal("-2.5")]}),
        "days": pd.DataFrame({"d": [datetime.date(2020, 1, 1), None, datetime.date(1, 1, 1)]}),
        "empty": plain.iloc[:0],
    }
    for name, frame in frames.items():
        frame.attrs["made"] = "here"
        frame.to_parquet(f"{name}.parquet")
        if there_and_back(name):
            expected, found = pd.read_parquet(f"{name}.parquet"), pd.read_parquet(f"{name}.again.parquet")
            try:
                # pandas takes the categories from the dictionary in the file, which has only the used ones.
                exact = {"check_index_type": "exact", "check_column_type": "exact", "check_freq": False}
                pd.testing.assert_frame_equal(found, expected, check_categorical=False, **exact)
            except AssertionError as error:
                WRONG.append(f"pandas: {name}: {' '.join(str(error).split())}")
            check(f"pandas: attributes of {name}", found.attrs, expected.attrs)


def part_schema():
    """Metadata of the schema and of fields is in ARROW:schema and in the footer."""
    features = json.dumps({"info": {"features": {"text": {"dtype": "string", "_type": "Value"}, "label": {"names": ["no", "yes"], "_type": "ClassLabel"}}}})
    metadata = {b"huggingface": features.encode(), b"made by": b"hand"}
    schema = pa.schema(
        [pa.field("text", pa.string(), metadata={b"unit": b"none"}), pa.field("label", pa.int64(), nullable=False)], metadata=metadata
    )
    table = pa.table({"text": ["a", "b"], "label": [0, 1]}, schema=schema)
    pq.write_table(table, "schema.parquet")
    file = ParquetBytes(open("schema.parquet", "rb").read())
    file.footer[5] = items(STRUCT, [pair for pair in file.footer.list(5) if pair.at(1) != b"ARROW:schema"])
    open("bare.parquet", "wb").write(file.to_bytes())
    for name in ("schema", "bare"):
        if there_and_back(name):
            check(f"{name}: in the stream", stream(name).schema.metadata, metadata)
            check(f"{name}: read_schema", pq.read_schema(f"{name}.again.parquet").metadata, metadata)
            check(f"{name}: read_table", pq.read_table(f"{name}.again.parquet").schema.metadata, metadata)
            footer = {k: v for k, v in pq.read_metadata(f"{name}.again.parquet").metadata.items() if k != b"ARROW:schema"}
            check(f"{name}: footer", footer, metadata)
    check("schema: field metadata", pq.read_schema("schema.again.parquet").field("text").metadata, {b"unit": b"none"})
    if there_and_back("schema", "--metadata by=me --metadata 'made by=us'"):
        expected = metadata | {b"by": b"me", b"made by": b"us"}
        check("--metadata: read_schema", pq.read_schema("schema.again.parquet").metadata, expected)
        check("--metadata: read_table", pq.read_table("schema.again.parquet").schema.metadata, expected)
        footer = {k: v for k, v in pq.read_metadata("schema.again.parquet").metadata.items() if k != b"ARROW:schema"}
        check("--metadata: footer", footer, expected)
        keys = [row[0] for row in duckdb.sql("SELECT key FROM parquet_kv_metadata('schema.again.parquet')").fetchall()]
        check("--metadata: no key twice", len(keys), len(set(keys)))


def part_geopandas():
    """GeoParquet: CRS, geometry types, covering boxes. Then the Arrow stream of a GeoDataFrame."""
    import geopandas
    import geopandas.testing
    from shapely.geometry import LineString, Point, Polygon

    shapes = [Point(1, 2), None, LineString([(0, 0), (1, 1)]), Polygon([(0, 0), (1, 0), (1, 1)])]
    points = [Point(1, 2), Point(3, 4), None, Point(5, 6)]
    frames = {
        "mixed": geopandas.GeoDataFrame({"id": range(4)}, geometry=shapes, crs="EPSG:25832"),
        "no_crs": geopandas.GeoDataFrame({"id": range(4)}, geometry=shapes),
        "indexed": geopandas.GeoDataFrame({"id": range(4)}, geometry=shapes, crs="OGC:CRS84", index=pd.Index([5, 6, 7, 8], name="n")),
        "two": geopandas.GeoDataFrame({"centre": geopandas.GeoSeries(points, crs="EPSG:4326")}, geometry=shapes, crs="EPSG:25832"),
        "points": geopandas.GeoDataFrame({"id": range(4)}, geometry=points, crs="EPSG:3857"),
    }
    manners = [("mixed", {}), ("no_crs", {}), ("indexed", {}), ("two", {}), ("mixed", {"write_covering_bbox": True})]
    manners += [("mixed", {"schema_version": "1.0.0"}), ("points", {"geometry_encoding": "geoarrow"}), ("points", {})]
    for number, (name, options) in enumerate(manners):
        what = f"{name}_{number}"
        frames[name].to_parquet(f"{what}.parquet", **options)
        if not there_and_back(what):
            continue
        expected, found = (geopandas.read_parquet(f"{what}{part}.parquet") for part in ("", ".again"))
        try:
            geopandas.testing.assert_geodataframe_equal(found, expected, check_crs=True)
        except AssertionError as error:
            WRONG.append(f"geopandas: {what}: {' '.join(str(error).split())}")
        keys = [json.loads(pq.read_metadata(f"{what}{part}.parquet").metadata[b"geo"]) for part in ("", ".again")]
        check(f"geopandas: geo of {what}", keys[1], keys[0])
        if options.get("write_covering_bbox"):
            box = [len(geopandas.read_parquet(f"{what}{part}.parquet", bbox=(0.9, 1.5, 2, 3))) for part in ("", ".again")]
            check(f"geopandas: rows in a box of {what}", box[1], box[0])
    # geoarrow.wkb with a CRS becomes a GEOMETRY.
    table = pa.table(frames["mixed"].to_arrow(geometry_encoding="WKB", index=False))
    with pa.OSFile("frame.arrows", "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    run("stream-to-parquet -o frame.parquet frame.arrows")
    if not WRONG:
        before = described(table.schema.field("geometry"))
        after = pq.ParquetFile("frame.parquet", arrow_extensions_enabled=True).schema_arrow.field("geometry")
        check("geopandas: to_arrow", described(after), before)
        check("geopandas: to_arrow, in DuckDB", str(duckdb.sql("SELECT geometry FROM 'frame.parquet'").types[0]).startswith("GEOMETRY"), True)
        back = geopandas.GeoDataFrame.from_arrow(pq.ParquetFile("frame.parquet", arrow_extensions_enabled=True).read())
        check("geopandas: from_arrow", (back.crs, [str(g) for g in back.geometry]), (frames["mixed"].crs, [str(g) for g in frames["mixed"].geometry]))


try:
    globals()[f"part_{sys.argv[2]}"]()
except Exception:  # earlier differences are printed too
    WRONG.append(traceback.format_exc())
if WRONG:
    sys.exit("\n".join(WRONG))
