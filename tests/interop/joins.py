# Random joins of random tables, and DuckDB's answers.
#
# `make CASES SEED` writes NUMBER.arrows (the stream), NUMBER.table.arrows and NUMBER.expected.arrows,
# and prints for each case its number and arguments, separated by tabs. `check` compares them with
# NUMBER.WAY.arrows for each way of a line on standard input: names, types, and values in order.
import datetime
import decimal
import math
import random
import sys

import duckdb
import pyarrow as pa

ROWS = [0, 1, 2, 5, 30, 200]

# Kinds of keys whose types may meet.
KINDS = [
    ["i8", "i32", "i64", "u16", "u64", "d", "d38", "i64dict"],
    ["f", "f32", "i8"],
    ["t", "large", "view", "word"],
    ["date", "tss", "tsus"],
    ["b"],
    ["bin"],
    ["l"],
    ["time32", "time64"],
]


def column(kind, rows, r, nulls=0.15):
    def of(make, type):
        return pa.array([None if r.random() < nulls else make() for _ in range(rows)], type)

    def text():
        return r.choice(["a", "b", "", "zz", "a longer text of some bytes", "a longer text of other bytes"])

    def day():
        return datetime.date(2020, 1, 1) + datetime.timedelta(r.randint(0, 9))

    def moment():
        return datetime.datetime(2020, 1, 1) + datetime.timedelta(r.randint(0, 9), r.choice([0, 0, 7200]))

    def integer():
        return r.randint(-5, 9)

    def number():
        return r.choice([0.0, -0.0, 0.5, 3.0, math.nan, math.inf, -1.0])

    def hundredths():
        return decimal.Decimal(r.choice([-100, 0, 100, 150, 300, 500])).scaleb(-2)

    return {
        "i8": lambda: of(integer, pa.int8()),
        "i32": lambda: of(integer, pa.int32()),
        "i64": lambda: of(integer, pa.int64()),
        "u16": lambda: of(lambda: abs(integer()), pa.uint16()),
        "u64": lambda: of(lambda: abs(integer()), pa.uint64()),
        "i64dict": lambda: of(integer, pa.int64()).dictionary_encode(),
        "d": lambda: of(hundredths, pa.decimal128(9, 2)),
        "d38": lambda: of(hundredths, pa.decimal128(30, 4)),
        "f": lambda: of(number, pa.float64()),
        "f32": lambda: of(number, pa.float32()),
        "t": lambda: of(text, pa.string()),
        "large": lambda: of(text, pa.large_string()),
        "view": lambda: of(text, pa.string_view()),
        "word": lambda: of(text, pa.string()).dictionary_encode(),
        "b": lambda: of(lambda: r.random() < 0.5, pa.bool_()),
        "bin": lambda: of(lambda: text().encode(), pa.binary()),
        "date": lambda: of(day, pa.date32()),
        "tss": lambda: of(moment, pa.timestamp("s")),
        "tsus": lambda: of(moment, pa.timestamp("us")),
        "time32": lambda: of(lambda: datetime.time(r.randint(0, 3)), pa.time32("s")),
        "time64": lambda: of(lambda: datetime.time(r.randint(0, 3)), pa.time64("us")),
        "l": lambda: of(lambda: [r.randint(0, 1) for _ in range(r.randint(0, 2))], pa.list_(pa.int64())),
    }[kind]()


def write(name, table, r):
    with pa.ipc.new_stream(name, table.schema) as writer:
        writer.write_table(table, r.choice([1, 7, 1000]))


def make(cases, seed):
    for number in range(cases):
        r = random.Random(seed * 1_000_000 + number)
        left_rows, right_rows = r.choice(ROWS), r.choice(ROWS)
        is_as_of, near = r.random() < 0.35, "true"
        count = r.randint(0 if is_as_of else 1, 3)
        groups = [r.choice(KINDS) for _ in range(count)]
        left, right = {}, {}
        for place, group in enumerate(groups):
            left[f"a{place}"] = column(r.choice(group), left_rows, r)
            right[f"b{place}"] = column(r.choice(group), right_rows, r)
        arguments, conditions = [], [f"s.a{place} = t.b{place}" for place in range(count)]
        nulls_equal = not is_as_of and r.random() < 0.2
        if nulls_equal:
            conditions = [condition.replace("=", "IS NOT DISTINCT FROM") for condition in conditions]
            arguments.append("--nulls-equal")
        if count:
            arguments += ["--on", ", ".join(f"a{place} = b{place}" for place in range(count))]
        how = r.choice(["inner", "left"] if is_as_of else ["inner", "left", "semi", "anti", "full"])
        if is_as_of:
            times = r.choice([["i32", "i64"], ["date", "tss", "tsus"], ["f"], ["d", "i32"]])
            left["at"] = column(r.choice(times), left_rows, r)
            # Each time once: DuckDB may take any of several rows with the same time.
            found, seen = column(r.choice(times), right_rows, r, 0.05), set()
            values = [comparable(value) for value in found.to_pylist()]
            keep = [value is None or not (value in seen or seen.add(value)) for value in values]
            found = pa.array([v for v, k in zip(found.to_pylist(), keep) if k], found.type)
            right_rows = len(found)
            right = {name: pa.array([v for v, k in zip(c.to_pylist(), keep) if k], c.type) for name, c in right.items()}
            right["since"] = found
            operator = r.choice([">=", ">", "<=", "<"])
            arguments += ["--as-of", f"at {operator} since"]
            conditions.append(f"s.at {operator} t.since")
            if "f" not in times and "d" not in times and r.random() < 0.7:
                distance = r.choice([0, 1, 2, 4, 100])
                unit = " days" if "date" in times else ""
                arguments += ["--tolerance", f"{distance}{unit}"]
                near = "abs(s.at - t.since) <= {}"
                if unit:
                    near = "abs(epoch_us(s.at::TIMESTAMP) - epoch_us(t.since::TIMESTAMP)) <= {} * 86400000000"
                near = near.format(distance)
        left["x"] = column(r.choice(["i64", "t", "word", "l"]), left_rows, r)
        left["n"] = pa.array(range(left_rows), pa.int64())
        right["y"] = column(r.choice(["i64", "t", "large", "f", "word", "l", "b", "date"]), right_rows, r)
        right["m"] = pa.array(range(right_rows), pa.int64())
        if how != "inner":
            arguments += ["--how", how]
        stream, table = pa.table(left), pa.table(right)
        write(f"{number}.arrows", stream, r)
        write(f"{number}.table.arrows", table, r)
        others = [name for name in right if not name.startswith("b")]
        # DuckDB has no tolerance: the nearest row is taken, and is none if it is too far.
        partner = [f"CASE WHEN {near} THEN t.{name} END AS {name}" for name in others]
        chosen = ", ".join([f"s.{name}" for name in left] + partner)
        on = " AND ".join(conditions)
        match how:
            case "semi" | "anti":
                query = f"SELECT s.* FROM s {how.upper()} JOIN t ON {on} ORDER BY n"
            case "full":
                merged = [
                    f"coalesce(s.{name}, t.b{name[1:]}) AS {name}" if name[0] == "a" else f"s.{name}"
                    for name in left
                ]
                chosen = ", ".join(merged + [f"t.{name}" for name in others])
                query = f"SELECT {chosen} FROM s FULL JOIN t ON {on} ORDER BY n NULLS LAST, m"
            case _:
                kind = ("ASOF " if is_as_of else "") + ("LEFT" if how == "left" else "INNER")
                only = "" if how == "left" else f"WHERE {near} "
                query = f"SELECT {chosen} FROM s {kind} JOIN t ON {on} {only}ORDER BY n, m"
        connection = duckdb.connect()
        connection.execute("SET threads = 1")
        connection.register("s", stream)
        connection.register("t", table)
        expected = connection.sql(query).to_arrow_table()
        with pa.ipc.new_stream(f"{number}.expected.arrows", expected.schema) as writer:
            writer.write_table(expected)
        print(number, *arguments, sep="\t")


def comparable(value):
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return value


def order_of(value):
    """A key by which Python sorts as the tools do: NaN after all numbers, null last."""
    if isinstance(value, list):
        return (0, [order_of(item) for item in value])
    if isinstance(value, float):
        return (0, math.isnan(value), 0.0 if math.isnan(value) else value)
    return (1,) if value is None else (0, value.encode() if isinstance(value, str) else value)


def plain(type):
    if pa.types.is_dictionary(type):
        return plain(type.value_type)
    if pa.types.is_large_string(type) or pa.types.is_string_view(type):
        return pa.string()
    # DuckDB has times of microseconds.
    if pa.types.is_time(type):
        return pa.time64("us")
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
        types = [[(field.name, plain(field.type)) for field in table.schema] for table in (found, expected)]
        if types[0] != types[1]:
            print(case, "types", types[0], "expected", types[1])
            continue
        order = range(found.num_rows)
        if way == "sorted" or "full" in arguments:
            rows = found["n"].to_pylist()
            partner = found["m"].to_pylist() if "m" in found.column_names else rows
            if way == "sorted" and "full" in arguments:
                keys = [column.to_pylist() for column in found.columns[: found.column_names.index("x")]]
                keys = [[order_of(value) for value in row] for row in zip(*keys)]
                # A key that equals nothing has the rows of the stream first.
                places = [(key, row is None) for key, row in zip(keys, rows)]
                if places != sorted(places):
                    print(case, "not in the order of the keys", keys)
            # Rows of the table without a partner come last, in the order of the table.
            last = [(row is None, partner[place] if row is None else row) for place, row in enumerate(rows)]
            if way != "memory":
                order = sorted(order, key=lambda place: last[place])
        for name, ours, theirs in zip(found.column_names, found.columns, expected.columns):
            ours, theirs = ([comparable(v) for v in column.to_pylist()] for column in (ours, theirs))
            ours = [ours[row] for row in order]
            if ours != theirs:
                print(case, name, "found", ours, "expected", theirs)


if sys.argv[1] == "make":
    make(int(sys.argv[2]), int(sys.argv[3]))
else:
    check()
