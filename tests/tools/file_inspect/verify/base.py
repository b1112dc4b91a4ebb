"""Writes the rows of the sound files as Arrow streams: rows.arrows for Parquet, arrays.arrows for Arrow."""

import decimal

import pyarrow as pa

ROWS = 3000
CITIES = ["Abidjan", "Łódź", "Nairobi", "Oslo", "Quito"]
rows = pa.table(
    {
        "id": pa.array(range(ROWS), pa.int64()),
        "n": pa.array([None if i % 10 == 3 else i * 7919 % 10007 for i in range(ROWS)], pa.int32()),
        "u": pa.array([i * 2654435761 % 2**32 for i in range(ROWS)], pa.uint32()),
        "city": pa.array([CITIES[i * i % 5] for i in range(ROWS)]),
        "price": pa.array([decimal.Decimal(i - 1500) / 100 for i in range(ROWS)], pa.decimal128(25, 2)),
        "list": pa.array([list(range(i % 4)) for i in range(ROWS)], pa.list_(pa.int32())),
    }
)
with pa.ipc.new_stream("rows.arrows", rows.schema) as writer:
    writer.write_table(rows)

COUNT = 100
nulls = [i % 10 == 3 for i in range(COUNT)]
arrays = pa.record_batch(
    {
        "n": pa.array([None if null else i for i, null in enumerate(nulls)], pa.int64()),
        "text": pa.array([CITIES[0]] * COUNT),
        "code": pa.DictionaryArray.from_arrays(pa.array([i % 3 for i in range(COUNT)], pa.int8()), pa.array(CITIES[:3])),
        "run": pa.RunEndEncodedArray.from_arrays(pa.array([40, 80, 90, 100], pa.int32()), pa.array([1, 2, 3, 4])),
        "union": pa.UnionArray.from_sparse(
            pa.array([i % 2 for i in range(COUNT)], pa.int8()), [pa.array(range(COUNT)), pa.array([0.5] * COUNT)]
        ),
    }
)
with pa.ipc.new_stream("arrays.arrows", arrays.schema) as writer:
    for _ in range(3):
        writer.write_batch(arrays)
with pa.ipc.new_stream("lz4.arrows", arrays.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
    for _ in range(3):
        writer.write_batch(arrays)
