"""Writes random tables of all types under names that need quoting, and what they are to columns.json.

Between the pages and the footer of a Parquet file is a hole, so that the file is large enough for its
reader to wait for a hint, though it has few rows.
"""

import datetime
import decimal
import json
import os
import random
import sys

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

HOLE = 5 << 20
ROWS = 2400
NAMES = ["x", "X", "a b", 'quo"te', "O'Brien", "select", "x.y", "#2", "é", "city", "a,b", "-- no", "Group", "s"]
NAMES += ["NULL"]
TEXTS = ["v1", "v2", "V1", "", "Oslo", "O'Slo", "12", "-3", "1e2", "ß", "naïve", "x" * 70]
FLOATS = [0.0, -0.0, 1.5, -2.25, float("nan"), float("inf"), float("-inf"), 1e300, 7.0]
EPOCH = datetime.datetime(2020, 1, 1)

KINDS = {
    "int": [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint32(), pa.uint64()],
    "float": [pa.float32(), pa.float64()],
    "decimal": [pa.decimal128(9, 2), pa.decimal128(38, 4)],
    "text": [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())],
    "bool": [pa.bool_()],
    "date": [pa.date32()],
    "timestamp": [pa.timestamp("us"), pa.timestamp("ms"), pa.timestamp("us", "UTC")],
    "list": [pa.list_(pa.int64()), pa.list_(pa.field("item", pa.string(), nullable=False))],
    "struct": [pa.struct([pa.field("x", pa.int64()), pa.field("Y", pa.string())])],
    "null": [pa.null()],
    "binary": [pa.binary(), pa.binary(3)],
}


def value(draw, kind, data_type):
    if kind == "int":
        return draw.choice([0, 1, 2, 3, 5, 100, 127])
    if kind == "float":
        return draw.choice(FLOATS)
    if kind == "decimal":
        return decimal.Decimal(draw.randrange(-500, 500)) / 4
    if kind == "text":
        return draw.choice(TEXTS)
    if kind == "bool":
        return draw.random() < 0.5
    if kind == "date":
        return (EPOCH + datetime.timedelta(days=draw.randrange(900))).date()
    if kind == "timestamp":
        return EPOCH + datetime.timedelta(minutes=draw.randrange(900_000))
    if kind == "list":
        item = "int" if pa.types.is_integer(data_type.value_type) else "text"
        return [value(draw, item, data_type.value_type) for _ in range(draw.randrange(4))]
    if kind == "struct":
        return {"x": draw.randrange(9), "Y": draw.choice(TEXTS)}
    if kind == "binary":
        return draw.choice([b"abc", b"\0\xff\0", b"xyz"])
    return None


def column(draw, kind, rows):
    data_type = draw.choice(KINDS[kind])
    absent = draw.choice([0, 0, 0.1, 0.5])
    values = [None if draw.random() < absent else value(draw, kind, data_type) for _ in range(rows)]
    return pa.array(values, data_type), kind == "null" or 0 < absent or draw.random() < 0.5


def table(draw):
    kinds = ["int", "text", "float"] + draw.sample(sorted(KINDS), draw.randrange(2, 8))
    names = draw.sample(NAMES, len(kinds))
    arrays, fields = [pa.array(range(ROWS), pa.int64())], [pa.field("id", pa.int64(), nullable=False)]
    for name, kind in zip(names, kinds):
        array, nullable = column(draw, kind, ROWS)
        metadata = {"note": name} if draw.random() < 0.3 else None
        arrays.append(array)
        fields.append(pa.field(name, array.type, nullable=nullable, metadata=metadata))
    schema = pa.schema(fields, metadata={"owner": "tests"} if draw.random() < 0.5 else None)
    columns = [["id", "int"]] + [list(pair) for pair in zip(names, kinds)]
    return pa.table(arrays, schema=schema), columns


def write(draw, part, name):
    flat = [field.name for field in part.schema if not pa.types.is_nested(field.type)]
    pq.write_table(
        part,
        name,
        row_group_size=draw.choice([300, 700, 5000]),
        data_page_size=draw.choice([200, 4000]),
        write_page_index=draw.random() < 0.5,
        write_statistics=draw.random() < 0.8,
        use_dictionary=draw.choice([True, False, flat[:2]]),
    )
    with open(name, "rb") as file:
        whole = file.read()
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    with open(name, "wb") as file:
        file.write(whole[:footer])
        file.seek(HOLE)
        file.write(whole[footer:])


def main(count):
    tables = []
    for number in range(count):
        draw = random.Random(number)
        whole, columns = table(draw)
        half = ROWS // 2
        write(draw, whole, f"t{number}.parquet")
        for place, part in enumerate([whole[:half], whole[half:]]):
            directory = f"tree{number}/k={place}"
            os.makedirs(directory)
            write(draw, part, f"{directory}/part.parquet")
        with pa.OSFile(f"t{number}.arrows", "wb") as file, pa.ipc.new_stream(file, whole.schema) as stream:
            stream.write_table(whole, max_chunksize=500)
        with pa.OSFile(f"t{number}.arrow", "wb") as file, pa.ipc.new_file(file, whole.schema) as writer:
            writer.write_table(whole, max_chunksize=500)
        tables.append(columns)
    with open("columns.json", "w") as file:
        json.dump(tables, file)


main(int(sys.argv[1]))
