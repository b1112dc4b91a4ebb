# Random aggregates over random tables, and DuckDB's answers.
#
# `make CASES SEED` writes NUMBER.arrows (a table in batches of some size) and NUMBER.expected.arrows,
# and prints for each case its number and arguments, separated by tabs. `check` compares them with
# NUMBER.WAY.arrows for each way of a line on standard input: types, and values in order. Doubles may
# differ in the last digits, because sums are added in another order. Not `mode`: of several values
# that are equally frequent, DuckDB returns any.
import datetime
import decimal
import math
import random
import re
import sys

import duckdb
import pyarrow as pa

ROWS = [0, 1, 2, 5, 30, 200]


def column(kind, rows, r):
    def of(make, type):
        return pa.array([None if r.random() < 0.15 else make() for _ in range(rows)], type)

    return {
        "i": lambda: of(lambda: r.randint(-5, 5), pa.int64()),
        "i32": lambda: of(lambda: r.randint(-(2**31), 2**31 - 1), pa.int32()),
        "u64": lambda: of(lambda: r.randint(0, 2**64 - 1), pa.uint64()),
        "big": lambda: of(lambda: r.randint(-(2**63), 2**63 - 1), pa.int64()),
        "f": lambda: of(lambda: r.choice([0.5, -1.25, 3.0, math.nan, math.inf, 0.1, 1e10]), pa.float64()),
        "g": lambda: of(lambda: r.choice([0.5, -1.25, 3.0, 100.0, 0.1, 2.7]), pa.float64()),
        "f32": lambda: of(lambda: r.choice([0.5, -1.25, 3.0, 100.0]), pa.float32()),
        "d": lambda: of(lambda: decimal.Decimal(r.randint(-(10**6), 10**6)).scaleb(-2), pa.decimal128(9, 2)),
        "t": lambda: of(lambda: r.choice(["a", "b", "", "zz", "a longer text of some bytes"]), pa.string()),
        "word": lambda: of(lambda: r.choice(["x", "y", "z"]), pa.string()).dictionary_encode(),
        "b": lambda: of(lambda: r.random() < 0.5, pa.bool_()),
        "date": lambda: of(lambda: datetime.date(2020, 1, 1) + datetime.timedelta(r.randint(0, 60)), pa.date32()),
        "ts": lambda: of(lambda: 1_577_836_800_000_000 + r.randint(0, 10**12), pa.timestamp("us")),
        "l": lambda: of(lambda: [r.randint(0, 2) for _ in range(r.randint(0, 3))], pa.list_(pa.int64())),
    }[kind]()


KINDS = "i i32 u64 big f g f32 d t word b date ts l".split()
KEYS = [
    None, ["i"], ["t"], ["word"], ["b"], ["f"], ["date"], ["l"], ["d"],
    ["i % 2 AS k"], ["i", "b"], ["date_trunc('month', date) AS m", "word"],
]
MANY_KEYS = [
    ["i % 2 AS k", "b", "word", "f", "d"], ["i", "u64", "i32", "big", "ts", "t"],
    ["b", "word", "i % 3 AS k", "f32", "t", "date", "big"], ["b", "word", "i % 2 AS k", "f", "l"],
    ["i % 2 AS k", "i % 3 AS m", "b", "word", "f", "f32", "date", "t"],
]
ORDERS = ["", "", " ORDER BY n", " ORDER BY n DESC", " ORDER BY i DESC, n", " ORDER BY t NULLS FIRST, n DESC"]
SHARES = ["0", "0.1", "0.25", "0.5", "0.77", "1"]
FILTERS = ["i > 0", "b", "t <> 'a'", "f IS NOT NULL"]


def call(r):
    def one(words):
        return r.choice(words.split())

    distinct = r.choice(["", "", "DISTINCT "])
    text = r.choice(
        [
            lambda: "count(*)",
            lambda: f"count({distinct}{r.choice(KINDS)})",
            lambda: f"sum({one('i i32 u64 big d b f g')})",
            lambda: f"sum(DISTINCT {one('i i32 d')})",
            lambda: f"avg({one('i i32 d g f u64')})",
            lambda: f"{one('min max')}({r.choice(KINDS)})",
            lambda: f"{one('any_value first last')}({r.choice(KINDS)}{r.choice(ORDERS)})",
            lambda: f"{one('arg_min arg_max min_by')}({r.choice(KINDS)}, {one('big i32 t ts')})",
            lambda: f"{one('min max')}({distinct}{r.choice(KINDS)}, {one('1 2 3 100')})",
            # Of equal values DuckDB chooses any; these differ.
            lambda: f"{one('arg_min arg_max max_by')}({r.choice(KINDS)}, {one('n big u64')}, {one('1 2 3 100')})",
            lambda: f"{one('bool_and bool_or count_if')}({r.choice(['b', 'i > 0', 't = chr(97)'])})",
            lambda: f"{one('var_samp var_pop stddev stddev_pop variance')}({one('i g f32 d')})",
            lambda: f"corr({one('i g f32 d')}, {one('i g f32 d')})",
            lambda: f"median({one('i i32 g d date ts t f')})",
            lambda: f"quantile_cont({one('i i32 g d ts date')}, {r.choice(SHARES)})",
            lambda: f"quantile_disc({one('i i32 g d ts date t')}, {r.choice(SHARES)})",
            lambda: f"approx_quantile({one('i i32 g d ts date')}, {r.choice(SHARES)})",
            lambda: f"approx_count_distinct({r.choice(KINDS)})",
            lambda: f"list({r.choice(KINDS)}{r.choice(ORDERS)})",
            lambda: "list(DISTINCT i ORDER BY i)",
            lambda: f"string_agg(t, '-'{r.choice(ORDERS)})",
        ]
    )()
    if r.random() < 0.25:
        text += f" FILTER (WHERE {r.choice(FILTERS)})"
    if text.startswith("sum") and r.random() < 0.2:
        text += " / 2"
    return text


def make(cases, seed):
    for number in range(cases):
        r = random.Random(seed * 1_000_000 + number)
        rows = r.choice(ROWS)
        columns = {kind: column(kind, rows, r) for kind in KINDS}
        table = pa.table({**columns, "n": pa.array(range(rows), pa.int64())})
        with pa.ipc.new_stream(f"{number}.arrows", table.schema) as writer:
            writer.write_table(table, r.choice([1, 7, 1000]))
        by = r.choice(KEYS)
        if number % 4 == 3:
            by = MANY_KEYS[number // 4 % len(MANY_KEYS)]
        items = by or []
        calls = [f"{call(r)} AS a{place}" for place in range(r.randint(1, 4))]
        having = r.choice([None, None, None, "count(*) > 1", "a0 IS NOT NULL"])
        query = f"SELECT {', '.join(items + calls)} FROM rows"
        if items:
            query += " GROUP BY " + ", ".join(item.split(" AS ")[0] for item in items)
        if having:
            query += f" HAVING {having}"
        if items:
            query += " ORDER BY min(n)"
        connection = duckdb.connect()
        connection.execute("SET threads = 1")
        connection.register("rows", table)
        # Estimates are exact for so few values. DuckDB's are not, but have the same types.
        query = re.sub(r"approx_count_distinct\((\w+)\)", r"count(DISTINCT \1)", query)
        query = query.replace("approx_quantile", "quantile_disc")
        expected = connection.sql(query).to_arrow_table()
        with pa.ipc.new_stream(f"{number}.expected.arrows", expected.schema) as writer:
            writer.write_table(expected)
        arguments = (["--by", ", ".join(by)] if by else []) + (["--having", having] if having else [])
        print(number, ", ".join(calls), *arguments, sep="\t")


def same(ours, theirs):
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, float):
        both_nan = math.isnan(ours) and math.isnan(theirs)
        return both_nan or math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return ours == theirs


def plain(type):
    if pa.types.is_dictionary(type):
        return type.value_type
    # DuckDB names the items of lists by its own rules.
    return pa.list_(plain(type.value_type)) if pa.types.is_list(type) else type


def check():
    for line in sys.stdin:
        number, way, arguments = line.rstrip("\n").split("\t", 2)
        with pa.ipc.open_stream(f"{number}.expected.arrows") as reader:
            expected = reader.read_all()
        with pa.ipc.open_stream(f"{number}.{way}.arrows") as reader:
            found = reader.read_all()
        case = f"case {number}, {way}: {arguments}"
        if [plain(field.type) for field in found.schema] != [plain(field.type) for field in expected.schema]:
            print(case, "types", found.schema.types, "expected", expected.schema.types)
            continue
        for name, ours, theirs in zip(found.column_names, found.columns, expected.columns):
            ours, theirs = ours.to_pylist(), theirs.to_pylist()
            if not same(ours, theirs):
                print(case, name, "found", ours, "expected", theirs)


if sys.argv[1] == "make":
    make(int(sys.argv[2]), int(sys.argv[3]))
else:
    check()
