# Random tables, changed at random, and the differences that DuckDB finds.
#
# `make CASES SEED` writes for each case two tables and NUMBER.expected, and prints its number and
# arguments, separated by tabs. `check` compares them with NUMBER.WAY.arrows for each line on standard
# input: number, way, exit status, arguments.
import datetime
import decimal
import math
import os
import random
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = [0, 1, 2, 5, 30, 300]

# Kinds of columns whose values are compared by value.
KINDS = [
    ["i8", "i32", "i64", "u16", "d", "d38", "i64dict"],
    ["f", "f32"],
    ["f", "i32"],
    ["t", "large", "view", "word"],
    ["date", "tss", "tsus"],
    ["b"],
    ["bin"],
    ["l"],
    ["s"],
]
KEYS = KINDS[:2] + KINDS[3:7]


def values(group, r):
    def text():
        return r.choice(["a", "b", "", "zz", "a longer text of some bytes", "a longer text of other bytes", "é"])

    def moment():
        return datetime.datetime(2020, 1, 1) + datetime.timedelta(r.randint(0, 40))

    integers = group[0] == "i8"
    if integers:
        return lambda: r.randint(0, 99)
    return {
        "f": lambda: float(r.randint(0, 9)) if "i32" in group else r.choice([0.0, -0.0, 0.5, 3.0, math.nan, math.inf, -1.0]),
        "t": text,
        "date": moment,
        "b": lambda: r.random() < 0.5,
        "bin": lambda: text().encode(),
        "l": lambda: [r.choice([None, 0, 1, 2]) for _ in range(r.randint(0, 2))],
        "s": lambda: {"p": r.randint(0, 1), "q": r.choice(["x", None])},
    }[group[0]]


def array(kind, column):
    types = {
        "i8": pa.int8(), "i32": pa.int32(), "i64": pa.int64(), "u16": pa.uint16(), "i64dict": pa.int64(),
        "d": pa.decimal128(9, 2), "d38": pa.decimal128(30, 4), "f": pa.float64(), "f32": pa.float32(),
        "t": pa.string(), "large": pa.large_string(), "view": pa.string_view(), "word": pa.string(),
        "date": pa.date32(), "tss": pa.timestamp("s"), "tsus": pa.timestamp("us"), "b": pa.bool_(),
        "bin": pa.binary(), "l": pa.list_(pa.int64()), "s": pa.struct([("p", pa.int64()), ("q", pa.string())]),
    }
    if kind in ("d", "d38"):
        column = [None if value is None else decimal.Decimal(value) for value in column]
    if kind == "i32":
        column = [None if value is None else int(value) for value in column]
    if kind == "date":
        column = [None if value is None else value.date() for value in column]
    made = pa.array(column, types[kind])
    return made.dictionary_encode() if kind in ("word", "i64dict") else made


def comparable(value):
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, decimal.Decimal)):
        return "NaN" if math.isnan(value) else float(value) + 0.0
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return datetime.datetime(value.year, value.month, value.day)
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, dict):
        return {name: comparable(item) for name, item in value.items()}
    return value


def write(number, side, table, r):
    if r.random() < 0.4:
        try:
            name = f"{number}.{side}.parquet"
            pq.write_table(table, name, row_group_size=r.choice([1, 7, 1000]))
            if r.random() < 0.5 or table.num_rows == 0:
                return name
            os.remove(name)
            name = f"{number}.{side}"
            os.mkdir(name)
            part = r.choice([1, 7, 100]) if table.num_rows < 50 else 100
            for place, first in enumerate(range(0, table.num_rows, part)):
                pq.write_table(table.slice(first, part), f"{name}/{place}.parquet")
            return name
        except pa.ArrowException:
            pass
    name = f"{number}.{side}.arrows"
    with pa.ipc.new_stream(name, table.schema) as writer:
        writer.write_table(table, r.choice([1, 7, 1000]))
    return name


def make(cases, seed):
    for number in range(cases):
        r = random.Random(seed * 1_000_000 + number)
        is_unordered = r.random() < 0.3
        keys = 0 if is_unordered else r.randint(1, 2)
        groups = [r.choice(KEYS) for _ in range(keys)] + [r.choice(KINDS) for _ in range(r.randint(1, 3))]
        names = [f"k{place}" if place < keys else f"x{place}" for place in range(len(groups))]
        make_value = [values(group, r) for group in groups]
        nullable = lambda make: None if r.random() < 0.1 else make()
        rows, seen = [], set()
        for _ in range(r.choice(ROWS)):
            row = [nullable(make) for make in make_value]
            key = repr([comparable(value) for value in row[:keys]])
            if is_unordered or key not in seen:
                seen.add(key)
                rows.append(row)
        changed = []
        few = r.choice([0, 0.02, 0.3])
        for row in rows:
            if r.random() < few:
                continue
            row = list(row)
            for place in range(keys, len(row)):
                if r.random() < few:
                    row[place] = nullable(make_value[place])
            changed.append(row)
        for _ in range(int(len(rows) * few)):
            row = [nullable(make) for make in make_value]
            key = repr([comparable(value) for value in row[:keys]])
            if is_unordered or key not in seen:
                seen.add(key)
                changed.insert(r.randint(0, len(changed)), row)
        tables, kinds = [], [r.choice(group) for group in groups]
        for rows in (rows, changed):
            if r.random() < 0.5:
                kinds = [r.choice(group) for group in groups]
            if is_unordered and r.random() < 0.5:
                rows = r.sample(rows, len(rows))
            table = lambda rows: pa.table({
                name: array(kind, [row[place] for row in rows])
                for place, (name, kind) in enumerate(zip(names, kinds))
            })
            if not is_unordered and r.random() < 0.6:
                order = ", ".join(f"{name} NULLS LAST" for name in names[:keys])
                connection = duckdb.connect()
                connection.register("t", table(rows).append_column("place", pa.array(range(len(rows)), pa.int64())))
                rows = [rows[place] for (place,) in connection.sql(f"SELECT place FROM t ORDER BY {order}").fetchall()]
            tables.append(table(rows))
        connection = duckdb.connect()
        connection.execute("SET threads = 1")
        old, new = (write(number, side, table, r) for side, table in zip(["old", "new"], tables))
        connection.register("o", tables[0])
        connection.register("n", tables[1])
        if is_unordered:
            arguments = ["--ignore-order"]
            found = []
            for change, one, other in [("removed", "o", "n"), ("added", "n", "o")]:
                rows = connection.sql(f"SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other}").fetchall()
                found += sorted(repr([change, [comparable(value) for value in row]]) for row in rows)
        else:
            arguments = ["--key", ",".join(names[:keys])]
            on = " AND ".join(f"o.{name} IS NOT DISTINCT FROM n.{name}" for name in names[:keys])
            shown = [f"coalesce(o.{name}, n.{name}) AS key{place}" for place, name in enumerate(names[:keys])]
            others = names[keys:]
            shown += [f"o.{name}, n.{name}, o.{name} IS DISTINCT FROM n.{name}" for name in others]
            differs = " OR ".join(f"o.{name} IS DISTINCT FROM n.{name}" for name in others)
            order = ", ".join(f"key{place} NULLS LAST" for place in range(keys))
            rows = connection.sql(
                f"SELECT o.h, n.h, {', '.join(shown)} FROM (SELECT *, 1 AS h FROM o) o FULL JOIN "
                f"(SELECT *, 1 AS h FROM n) n ON {on} WHERE o.h IS NULL OR n.h IS NULL OR {differs} ORDER BY {order}"
            ).fetchall()
            found = []
            for has_old, has_new, *row in rows:
                change = "changed" if has_old and has_new else "removed" if has_old else "added"
                key, cells = row[:keys], row[keys:]
                columns = [name for place, name in enumerate(others) if cells[3 * place + 2]]
                found.append(repr([change, [comparable(value) for value in key],
                    [comparable(value) for value in cells[0::3]] if has_old else None,
                    [comparable(value) for value in cells[1::3]] if has_new else None,
                    columns if change == "changed" else None]))
        with open(f"{number}.expected", "w") as file:
            file.write("".join(f"{line}\n" for line in found))
        print(number, *arguments, old, new, sep="\t")


def check():
    for line in sys.stdin:
        number, way, status, arguments = line.rstrip("\n").split("\t", 3)
        with open(f"{number}.expected") as file:
            expected = file.read().splitlines()
        with pa.ipc.open_stream(f"{number}.{way}.arrows") as reader:
            table = reader.read_all()
        cells = lambda row: None if row is None else [comparable(value) for value in row.values()]
        found = []
        for row in table.to_pylist():
            if "--ignore-order" in arguments:
                found.append(repr([row["change"], cells(row["old"] or row["new"])]))
            else:
                key = [comparable(row[name]) for name in table.column_names[1:-3]]
                found.append(repr([row["change"], key, cells(row["old"]), cells(row["new"]), row["columns"]]))
        if "--ignore-order" in arguments:
            found, expected = sorted(found), sorted(expected)
        if found != expected:
            print(f"case {number}, {way}: {arguments}", "found", *found, "expected", *expected, sep="\n")
        elif expected and status != "1":
            print(f"case {number}, {way}: {arguments}: exit status {status}")


if sys.argv[1] == "make":
    make(int(sys.argv[2]), int(sys.argv[3]))
else:
    check()
