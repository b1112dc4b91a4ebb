"""Writes plain.arrows, and marked.arrows with the same columns as dictionaries (d_) and runs (r_) that
carry the mark."""

import datetime
import decimal

import pyarrow as pa

ROWS = 3000


def columns():
    groups = [row // 250 for row in range(ROWS)]
    yield "int", pa.array([None if g == 5 else g % 7 for g in groups], pa.int64())
    yield "text", pa.array([None if g == 3 else "abcdef"[g % 6] * (g + 1) for g in groups])
    yield "float", pa.array([[0.0, -0.0, float("nan"), 1.5, None][g % 5] for g in groups])
    yield "time", pa.array([g * 10**9 for g in groups], pa.timestamp("us", "UTC"))
    yield "decimal", pa.array([decimal.Decimal(g) / 4 for g in groups], pa.decimal128(9, 2))
    yield "bytes", pa.array([bytes([g]) * g for g in groups], pa.binary())
    yield "date", pa.array([datetime.date(2020, 1, 1 + g % 9) for g in groups])


def runs(array):
    # By hand: pyarrow's run_end_encode would make one run of both zeros.
    starts = [0] + [row for row in range(1, len(array)) if row % 250 == 0]
    ends = pa.array(starts[1:] + [len(array)], pa.int32())
    kind = pa.run_end_encoded(pa.int32(), array.type)
    return pa.RunEndEncodedArray.from_arrays(ends, array.take(pa.array(starts)), kind)


def dictionary(array):
    return pa.DictionaryArray.from_arrays(
        pa.array([row // 250 for row in range(len(array))], pa.int8()),
        array.take(pa.array(range(0, len(array), 250))),
    )


def write(name, arrays, fields, rows):
    schema = pa.schema(fields)
    batch = pa.record_batch(arrays, schema=schema)
    with pa.ipc.new_stream(name, schema) as writer:
        for start in range(0, ROWS, rows):
            writer.write_batch(batch.slice(start, rows))


number = pa.array(range(ROWS), pa.int64())
plain, marked = ([number], [pa.field("number", pa.int64(), False)]), ([number], [pa.field("number", pa.int64(), False)])
for name, array in columns():
    for prefix, encoded, word in (("d_", dictionary(array), b"dictionary"), ("r_", runs(array), b"runs")):
        plain[0].append(array)
        plain[1].append(pa.field(prefix + name, array.type, metadata={b"kept": b"yes"}))
        metadata = {b"kept": b"yes", b"arrow-pipes:encoded": word}
        marked[0].append(encoded)
        marked[1].append(pa.field(prefix + name, encoded.type, metadata=metadata))
write("plain.arrows", *plain, rows=700)
write("marked.arrows", *marked, rows=700)
unmarked = (marked[0], [field.remove_metadata() for field in marked[1]])
write("unmarked.arrows", *unmarked, rows=ROWS)
