# Writes table.arrows: numbered rows with many ties, nulls, NaN, dictionaries that change from batch
# to batch, sliced and empty batches. For each order below it writes what DuckDB makes of it into
# NUMBER.arrows, and prints the arguments that ask for it.
import decimal
import itertools
import random

import duckdb
import pyarrow as pa

random.seed(5)
ROWS = 2000


def column(values, type):
    return pa.array([None if random.random() < 0.1 else random.choice(values) for _ in range(ROWS)], type)


nan = float("nan")
words = ["", "a", "ab", "abc", "é", "z", "longer than a view holds inline", "longer than a view holds in"]
COLUMNS = {
    "n": pa.array(range(ROWS), pa.int64()),
    "i8": column([-128, -1, 0, 1, 127], pa.int8()),
    "u64": column([0, 1, 2**64 - 1, 2**63], pa.uint64()),
    "f32": column([0.0, -0.0, 1.5, -1.5, nan, float("inf"), float("-inf")], pa.float32()),
    "f64": column([0.0, -0.0, 1.5, -1.5, nan, float("inf"), 1e-300], pa.float64()),
    "b": column([True, False], pa.bool_()),
    "text": column(words, pa.utf8()),
    "view": column(words, pa.string_view()),
    "bytes": column([b"", b"\x00", b"\x00\x00", b"\xff", b"a"], pa.binary()),
    "fixed": column([b"\x00\x00", b"\xff\x00", b"ab"], pa.binary(2)),
    "decimal": column([decimal.Decimal(t) for t in ("-12.30", "0.00", "999999999999999999.99", "12.30")], pa.decimal128(30, 2)),
    "date": column([-1, 0, 20000], pa.date32()),
    "time": column([0, 1, 86399999999], pa.time64("us")),
    "timestamp": column([-1, 0, 1_600_000_000_000_000], pa.timestamp("us")),
    "zoned": column([-1, 0, 1_600_000_000_000_000], pa.timestamp("us", "UTC")),
    "word": column(words, pa.utf8()),
    "list": column([[], [1], [1, 2], [1, None], [2], [None]], pa.list_(pa.int32())),
    "texts": column([[], ["a"], ["a", "b"], ["a", None], ["ab"]], pa.list_(pa.utf8())),
    "struct": column([{"a": 1, "b": "x"}, {"a": 1, "b": None}, {"a": None, "b": "x"}, {"a": 0, "b": "y"}], pa.struct([("a", pa.int64()), ("b", pa.utf8())])),
}
plain = pa.table(COLUMNS)


# Each batch has a dictionary of its own, in another order.
def batch(start, length):
    part = plain.slice(start, length).combine_chunks()
    columns = []
    for name, values in zip(part.column_names, part.columns):
        values = values.combine_chunks() if values.num_chunks != 1 else values.chunk(0)
        if name == "word":
            known = words[:]
            random.shuffle(known)
            known = pa.array(known + [f"unused {start}"])
            keys = pa.array([None if v is None else known.to_pylist().index(v) for v in values.to_pylist()], pa.int8())
            values = pa.DictionaryArray.from_arrays(keys, known)
        columns.append(values)
    return pa.record_batch(columns, names=part.column_names)


sizes = itertools.cycle([1, 700, 0, 37, 250, 3])
batches, start = [], 0
while start < ROWS:
    length = min(next(sizes), ROWS - start)
    whole = batch(max(start - 5, 0), length + min(start, 5))
    batches.append(whole.slice(min(start, 5), length))
    start += length
with pa.OSFile("table.arrows", "wb") as sink, pa.ipc.new_stream(sink, batches[0].schema) as writer:
    for part in batches:
        writer.write_batch(part)
table = pa.Table.from_batches(batches)

connection = duckdb.connect()
connection.sql("SET TimeZone = 'UTC'")
connection.register("t", plain)


def taken(column, order):
    if column.type == pa.string_view():
        values = column.to_pylist()
        return pa.array([values[row] for row in order], column.type)
    return column.take(pa.array(order, pa.int64()))


def expect(number, arguments, query):
    order = [row[0] for row in connection.sql(query).fetchall()]
    with pa.OSFile(f"{number}.arrows", "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(pa.table([taken(column, order) for column in table.columns], schema=table.schema))
    print("\t".join(arguments))


numbers = itertools.count()
for name in COLUMNS:
    for direction, nulls in itertools.product(("ASC", "DESC"), ("NULLS FIRST", "NULLS LAST")):
        order = f'"{name}" {direction} {nulls}'
        expect(next(numbers), ["--by", order], f"SELECT n FROM t ORDER BY {order}, n")
for order in (
    "b DESC, text, f64 DESC",
    "word DESC NULLS FIRST, i8",
    "struct.a DESC NULLS FIRST, struct.b",
    "f32, f64, u64 DESC, bytes",
):
    full = ", ".join(term if "NULLS" in term else f"{term} NULLS LAST" for term in order.split(", "))
    expect(next(numbers), ["--by", order], f"SELECT n FROM t ORDER BY {full}, n")
    expect(next(numbers), ["--by", order, "-n", "100"], f"SELECT n FROM t ORDER BY {full}, n LIMIT 100")
    for unique in ("i8", "text,b", "word", "f64,list", order.split()[0].split(".")[0].strip(",")):
        first = f"SELECT * FROM t QUALIFY row_number() OVER (PARTITION BY {unique} ORDER BY n) = 1"
        arguments = ["--by", order, "--unique", unique]
        expect(next(numbers), arguments, f"SELECT n FROM ({first}) ORDER BY {full}, n")
        expect(next(numbers), [*arguments, "-n", "9"], f"SELECT n FROM ({first}) ORDER BY {full}, n LIMIT 9")
