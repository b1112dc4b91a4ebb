# Writes a stream whose fields name logical types, lets stream-to-parquet write it, and asks pyarrow,
# DuckDB and Polars for types and values.
import datetime
import json
import subprocess
import uuid

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

POINT = bytes.fromhex("0101000000000000000000f03f0000000000000040")
UUID = uuid.UUID("a7b8c9d0-1111-2222-3333-444455556666")
BSON = bytes.fromhex("0500000000")
# A variant that is the number 1, and its empty dictionary of names.
METADATA, VALUE = b"\x01\x00\x00", b"\x0c\x01"
UTM = {"type": "ProjectedCRS", "name": "UTM 32", "id": {"authority": "EPSG", "code": 25832}}


def extension(name, data_type, storage, metadata=""):
    pairs = {"ARROW:extension:name": storage, "ARROW:extension:metadata": metadata}
    return pa.field(name, data_type, metadata=pairs)


def logical(name, data_type, logical_type):
    return pa.field(name, data_type, metadata={"PARQUET:logical_type": logical_type})


def geometry(name, metadata, data_type=pa.binary()):
    return extension(name, data_type, "geoarrow.wkb", json.dumps(metadata))


variant = pa.struct([pa.field("metadata", pa.binary(), nullable=False), pa.field("value", pa.binary())])
uuid_item = extension("element", pa.binary(16), "arrow.uuid")
json_item = extension("value", pa.string(), "arrow.json")
struct = pa.struct([uuid_item.with_name("u"), logical("e", pa.string(), "ENUM")])
words = pa.dictionary(pa.int32(), pa.string())
# Each field, a value, and how pyarrow shows the Parquet type of its leaves.
COLUMNS = [
    (extension("uuid", pa.binary(16), "arrow.uuid"), UUID.bytes, ["UUID"]),
    (extension("json", pa.string(), "arrow.json"), '{"a": "é"}', ["JSON"]),
    (extension("json_large", pa.large_string(), "arrow.json"), "[]", ["JSON"]),
    (extension("json_view", pa.string_view(), "arrow.json"), "1", ["JSON"]),
    (geometry("geometry", {"crs": "OGC:CRS84"}), POINT, ["Geometry(crs=)"]),
    (geometry("no_crs", {}, pa.large_binary()), POINT, ["Geometry(crs=srid:0)"]),
    (geometry("named", {"crs": "EPSG:25832"}, pa.binary_view()), POINT, ["Geometry(crs=EPSG:25832)"]),
    (geometry("projjson", {"crs": UTM}), POINT, [f"Geometry(crs={json.dumps(UTM, separators=(',', ':'))})"]),
    (geometry("geography", {"crs": "EPSG:4326", "edges": "spherical"}), POINT, ["Geography(crs=, algorithm=spherical)"]),
    (geometry("karney", {"edges": "karney"}), POINT, ["Geography(crs=srid:0, algorithm=karney)"]),
    (logical("enum", pa.string(), "ENUM"), "RED", ["Enum"]),
    (logical("enum_dictionary", words, "ENUM"), "RED", ["Enum"]),
    (logical("bson", pa.binary(), "BSON"), BSON, ["BSON"]),
    (pa.field("float16", pa.float16()), 0.5, ["Float16"]),
    (pa.field("interval", pa.month_day_nano_interval()), pa.MonthDayNano([14, 2, 3_000_000_000]), ["Interval"]),
    (extension("variant", variant, "arrow.parquet.variant"), {"metadata": METADATA, "value": VALUE}, ["None", "None"]),
    (pa.field("list", pa.list_(uuid_item)), [UUID.bytes], ["UUID"]),
    (pa.field("struct", struct), {"u": UUID.bytes, "e": "RED"}, ["UUID", "Enum"]),
    (pa.field("map", pa.map_(pa.string(), json_item)), [("k", "{}")], ["String", "JSON"]),
    # Names that do not fit the type say nothing.
    (logical("bson_of_text", pa.string(), "BSON"), "abcd", ["String"]),
    (logical("enum_of_int", pa.int32(), "ENUM"), 1, ["None"]),
]
schema = pa.schema([field for field, _, _ in COLUMNS])
arrays = [pa.array([value, None, value], field.type) for field, value, _ in COLUMNS]
batch = pa.record_batch(arrays, schema=schema)
with pa.OSFile("in.arrows", "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
    writer.write_batch(batch)
subprocess.run(["stream-to-parquet", "-o", "out.parquet", "in.arrows"], check=True)
# Rows that are moved into partitions are stored before.
subprocess.run(["stream-to-parquet", "--partition-by", "enum_of_int", "-o", "tree", "in.arrows"], check=True)


for path in ("out.parquet", "tree/enum_of_int=1/part-00000.parquet"):
    file = pq.ParquetFile(path)
    leaves = [str(file.schema.column(i).logical_type) for i in range(len(file.schema))]
    expected = [shown for field, _, shown in COLUMNS for shown in shown if path == "out.parquet" or field.name != "enum_of_int"]
    assert leaves == expected, [pair for pair in zip(leaves, expected) if pair[0] != pair[1]]
    assert "optional group field_id=-1 variant (Variant" in str(file.schema), file.schema

# What the format gives no order has no bounds, and everything has its count of nulls.
group = pq.read_metadata("out.parquet").row_group(0)
for i in range(group.num_columns):
    column = group.column(i)
    shown = str(pq.ParquetFile("out.parquet").schema.column(i).logical_type)
    assert column.statistics.null_count == 1, column
    ordered = not shown.startswith(("Geo", "Interval"))
    assert column.statistics.has_min_max == ordered, (column.path_in_schema, column.statistics)

# They come back after Parquet, stream and Parquet, also where no Arrow schema tells of them.
bare = "bare.parquet"
pq.write_table(pq.read_table("out.parquet", columns=["uuid", "json", "float16"]), bare, store_schema=False)
for path in ("out.parquet", bare):
    subprocess.run(f"parquet-to-stream {path} | stream-to-parquet -o again.parquet", shell=True, check=True)
    # The first line is the address of an object.
    there, back = (str(pq.ParquetFile(it).schema).split("\n", 2)[2] for it in (path, "again.parquet"))
    assert there == back, (there, back)
    assert pq.read_table(path).equals(pq.read_table("again.parquet"))

# pyarrow gives the types back that it knows, and all field metadata.
table = pq.read_table("out.parquet")
assert table.schema.field("uuid").type == pa.uuid(), table.schema
assert table["uuid"].to_pylist() == [UUID, None, UUID]
assert table.schema.field("json").type == pa.json_(), table.schema
assert table.schema.field("list").type.value_type == pa.uuid(), table.schema
# It gives ENUM as binary, whoever wrote it.
assert table.schema.field("enum").type == pa.binary()
assert table["enum"].to_pylist() == [b"RED", None, b"RED"]
for field, value, _ in COLUMNS:
    back = table.schema.field(field.name)
    if field.type == pa.month_day_nano_interval():
        # pyarrow has no INTERVAL of Parquet.
        assert back.type == pa.binary(12)
    elif field.name not in ("enum", "enum_dictionary") and not isinstance(back.type, pa.BaseExtensionType):
        assert back.type == field.type or field.name in ("list", "struct", "map"), (field, back)
        missing = dict(field.metadata or {}).items() - dict(back.metadata or {}).items()
        assert not missing, (field.name, missing)
        if field.name not in ("list", "struct", "map"):
            assert table[field.name].to_pylist() == [value, None, value], field.name



def without(types, path):
    """The file without columns of types that a reader refuses, whoever wrote them."""
    left = [field.name for field, _, shown in COLUMNS if not shown[0].startswith(types) and field.name not in types]
    with pa.OSFile("part.arrows", "wb") as sink, pa.ipc.new_stream(sink, batch.select(left).schema) as writer:
        writer.write_batch(batch.select(left))
    subprocess.run(["stream-to-parquet", "-o", path, "part.arrows"], check=True)
    return path


# DuckDB has types of its own for most; at BSON it stops.
path = without(("BSON",), "duckdb.parquet")
relation = duckdb.sql(f"from '{path}'")
types = dict(zip(relation.columns, map(str, relation.types)))
for name, expected in {
    "uuid": "UUID",
    "json": "JSON",
    "json_view": "JSON",
    "variant": "VARIANT",
    "interval": "INTERVAL",
    "enum": "VARCHAR",
    "enum_dictionary": "VARCHAR",
    "float16": "FLOAT",
    "list": "UUID[]",
    "struct": "STRUCT(u UUID, e VARCHAR)",
    "map": "MAP(VARCHAR, JSON)",
}.items():
    assert types[name] == expected, (name, types[name])
for name in ("geometry", "no_crs", "named", "projjson", "geography", "karney"):
    assert types[name].startswith("GEOMETRY"), (name, types[name])
rows = duckdb.sql(f"select uuid::varchar, json::varchar, variant::varchar, enum from '{path}'").fetchall()
assert rows[0] == (str(UUID), '{"a": "é"}', "1", "RED") and rows[1] == (None,) * 4, rows
same = f"select count(*) from '{path}' where interval = interval '14 months 2 days 3 seconds'"
assert duckdb.sql(same).fetchall() == [(2,)]

# Polars stops at INTERVAL, GEOMETRY, GEOGRAPHY and VARIANT.
frame = pl.read_parquet(without(("Interval", "Geo", "variant"), "polars.parquet"))
assert frame["enum"].to_list() == ["RED", None, "RED"]
assert frame["json"].to_list() == ['{"a": "é"}', None, '{"a": "é"}']
