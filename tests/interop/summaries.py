# Random tables, and DuckDB's exact answers about their columns.
#
# `make CASES SEED` writes NUMBER.arrows and prints the numbers. `check` reads them from standard input,
# compares NUMBER.summary.arrows with what DuckDB says of the table, and prints differences that are
# larger than the errors in the manual of stream-summary.
import datetime
import decimal
import math
import random
import sys

import duckdb
import numpy
import pyarrow as pa

ROWS = [0, 1, 2, 7, 300, 9000, 60_000]


def column(kind, rows, r):
    chance = r.choice([0, 0, 0.1, 0.9, 1])
    g = numpy.random.default_rng(r.randrange(2**32))
    nulls = g.random(rows) < chance
    epoch = datetime.date(2000, 1, 1)

    def of(values, type):
        return pa.array([None if null else value for value, null in zip(values, nulls)], type)

    few = r.choice([1, 5, 1000, 10**6, 2**40])
    whole = g.integers(-few, few, rows, endpoint=True).tolist()
    skewed = numpy.exp(g.normal(0, 4, rows)).tolist()
    make = {
        "i8": lambda: of([value % 100 for value in whole], pa.int8()),
        "i64": lambda: of(sorted(whole) if r.random() < 0.3 else whole, pa.int64()),
        "u64": lambda: of([abs(value) * 2**20 for value in whole], pa.uint64()),
        "f": lambda: of([r.choice([value, value, math.nan, math.inf, -math.inf, -0.0]) for value in skewed], pa.float64()),
        "g": lambda: of(skewed, pa.float64()),
        "f32": lambda: of([value % 1024 for value in whole], pa.float32()),
        "d": lambda: of([decimal.Decimal(value % 10**6).scaleb(-2) for value in whole], pa.decimal128(12, 2)),
        "t": lambda: of([f"t{value % (few + 1)}ä" for value in whole], pa.string()),
        "view": lambda: of([f"{value:x}" for value in whole], pa.string_view()),
        "word": lambda: of([f"word {value % 900}" for value in whole], pa.string()).dictionary_encode(),
        "many": lambda: of([f"word {value}" for value in whole], pa.string()).dictionary_encode(),
        "coded": lambda: of([value % 3000 for value in whole], pa.int32()).dictionary_encode(),
        "b": lambda: of([value % 3 == 0 for value in whole], pa.bool_()),
        "bytes": lambda: of([b"\0" * (value % 5) for value in whole], pa.binary()),
        "date": lambda: of([epoch + datetime.timedelta(value % 9999) for value in whole], pa.date32()),
        "ts": lambda: of([value * 10**6 % 2**50 for value in whole], pa.timestamp("us")),
        "l": lambda: of([[1] * (value % 4) for value in whole], pa.list_(pa.int64())),
    }
    return make[kind]()


KINDS = "i8 i64 u64 f g f32 d t view word many coded b bytes date ts l".split()


def make(cases, seed):
    for number in range(cases):
        r = random.Random(seed * 1_000_000 + number)
        rows = r.choice(ROWS)
        kinds = r.sample(KINDS, r.randint(1, 5 if rows > 5000 else len(KINDS)))
        table = pa.table({kind: column(kind, rows, r) for kind in kinds})
        with pa.ipc.new_stream(f"{number}.arrows", table.schema) as writer:
            writer.write_table(table, r.choice([1000, 8192, 100_000]))
        print(number)


def parsed(text, type):
    if text is None:
        return None
    if pa.types.is_floating(type):
        return float(text)
    if pa.types.is_integer(type):
        return int(text)
    if pa.types.is_decimal(type):
        return decimal.Decimal(text)
    if pa.types.is_date(type):
        return datetime.date.fromisoformat(text)
    if pa.types.is_timestamp(type):
        return datetime.datetime.fromisoformat(text)
    return text


class Differences:
    def __init__(self, case):
        self.case = case

    def compare(self, what, ours, theirs, error=0.0):
        if ours is None or theirs is None:
            same = ours is None and theirs is None
        elif error:
            same = abs(ours - theirs) <= error
        else:
            same = ours == theirs
        if not same:
            print(self.case, what, "found", ours, "expected", theirs)


def close(value):
    return 1e-9 * max(1.0, abs(value)) if value is not None else 0.0


def check_column(connection, name, type, row, differences):
    def one(query):
        return connection.sql(query.format(x=f'"{name}"')).fetchall()[0]

    same = differences.compare
    rows, values = one("SELECT count(*), count({x}) FROM rows")
    same("rows", row["rows"], rows)
    same("nulls", row["nulls"], rows - values)
    if pa.types.is_list(type):
        shortest, longest = one("SELECT min(len({x})), max(len({x})) FROM rows")
        same("shortest", row["shortest"], shortest)
        same("longest", row["longest"], longest)
        same("distinct", row["distinct"], None)
        return
    (distinct,) = one("SELECT count(DISTINCT {x}) FROM rows")
    same("exact", row["distinct_exact"], distinct <= 10_000)
    same("distinct", row["distinct"], distinct, 0 if distinct <= 10_000 else 0.03 * distinct)
    counts = connection.sql(f'SELECT count(*) AS n FROM rows WHERE "{name}" IS NOT NULL GROUP BY "{name}" ORDER BY n DESC')
    counts = [count for (count,) in counts.fetchall()]
    if row["top_exact"]:
        same("top", [top["rows"] for top in row["top"]], counts[:10])
    else:
        frequent = [count for count in counts if count > 0.003 * values][:10]
        for top, count in zip(row["top"], frequent):
            same("top", top["rows"], count, 0.004 * values)
        same("frequent", len(row["top"]) >= len(frequent), True)
    if pa.types.is_boolean(type):
        same("true", row["true"], one("SELECT count(*) FILTER ({x}) FROM rows")[0])
    elif pa.types.is_binary(type):
        shortest, longest, mean = one("SELECT min(octet_length({x})), max(octet_length({x})), avg(octet_length({x})) FROM rows")
        same("lengths", [row["shortest"], row["longest"]], [shortest, longest])
        same("mean length", row["mean_length"], mean, close(mean))
    elif pa.types.is_string(type) or pa.types.is_string_view(type):
        smallest, largest, shortest, longest, mean = one(
            "SELECT min({x}), max({x}), min(length({x})), max(length({x})), avg(length({x})) FROM rows"
        )
        same("ends", [row["min"], row["max"]], [smallest, largest])
        same("lengths", [row["shortest"], row["longest"]], [shortest, longest])
        same("mean length", row["mean_length"], mean, close(mean))
    else:
        check_numbers(one, type, row, differences)


def check_numbers(one, type, row, differences):
    same = differences.compare
    is_float = pa.types.is_floating(type)
    if is_float:
        nans, infinities = one("SELECT count(*) FILTER (isnan({x})), count(*) FILTER (isinf({x})) FROM rows")
        same("NaN", row["nan"], nans)
        same("infinite", row["infinite"], infinities)
    numbers = "FROM rows" + (" WHERE NOT isnan({x})" if is_float else "")
    smallest, largest, count = one(f"SELECT min({{x}}), max({{x}}), count({{x}}) {numbers}")
    same("min", parsed(row["min"], type), smallest)
    same("max", parsed(row["max"], type), largest)
    if not pa.types.is_temporal(type):
        finite = "FROM rows" + (" WHERE isfinite({x})" if is_float else "")
        mean, deviation = one(f"SELECT favg({{x}}), stddev_samp(CAST({{x}} AS DOUBLE)) {finite}")
        same("mean", row["mean"], mean, close(mean) or 1e-9)
        same("deviation", row["deviation"], deviation, close(deviation) or 1e-9)
    if count == 0:
        same("quantiles_exact", row["quantiles_exact"], None)
        return
    if count <= 8192:
        same("quantiles_exact", row["quantiles_exact"], True)
    for name, share in [("q05", 0.05), ("q25", 0.25), ("q50", 0.5), ("q75", 0.75), ("q95", 0.95)]:
        found = row[name]
        if pa.types.is_temporal(type):
            literal = f"CAST('{found}' AS {'DATE' if pa.types.is_date(type) else 'TIMESTAMP'})"
        elif is_float:
            literal = f"CAST('{found}' AS {'FLOAT' if type == pa.float32() else 'DOUBLE'})"
        else:
            literal = found
        below, up_to = one(
            f"SELECT count(*) FILTER ({{x}} < {literal}), count(*) FILTER ({{x}} <= {literal}) {numbers}"
        )
        # A rank: of a value that occurs often, any of them.
        error = 1e-9 * count if row["quantiles_exact"] else 0.005 * count
        if not below - error <= share * count <= up_to + error:
            print(differences.case, name, found, "ranks", below, up_to, "of", count)
    bins = sum(row["histogram"]["rows"]) if row["histogram"] else 0
    if row["quantiles_exact"] and is_float:
        same("histogram", bins, count - row["infinite"])
    elif not is_float:
        same("histogram", bins, count, 0.01 * count + 1e-9)


def check():
    for line in sys.stdin:
        number = int(line)
        with pa.ipc.open_stream(f"{number}.arrows") as reader:
            table = reader.read_all()
        with pa.ipc.open_stream(f"{number}.summary.arrows") as reader:
            summary = reader.read_all().to_pylist()
        connection = duckdb.connect()
        connection.register("rows", table)
        if [row["column"] for row in summary] != table.column_names:
            print("case", number, "columns", [row["column"] for row in summary])
            continue
        for row, field in zip(summary, table.schema):
            type = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            case = f"case {number}, {len(table)} rows, {field.name}:"
            check_column(connection, field.name, type, row, Differences(case))


if sys.argv[1] == "make":
    make(int(sys.argv[2]), int(sys.argv[3]))
else:
    check()
