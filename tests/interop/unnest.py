"""Lists become rows as in DuckDB.

Arguments: a directory and what to do.
  make   writes table.arrows, and lists.json: the select lists
  check  compares N.arrows, which stream-select made of select list N, with DuckDB's rows
"""

import json
import pathlib
import random
import sys

import duckdb
import pyarrow as pa

LISTS = [
    "id, unnest(l) AS e", "id, unnest(l) AS a, unnest(t) AS b, generate_subscripts(l, 1) AS n", "unnest(t)", "* EXCLUDE (l, t, v, g), unnest(v) AS x", "unnest(f) AS e, city",
    "id, generate_subscripts(g, 1) AS n, unnest(g) AS e", "unnest(string_split(city, '')) AS letter, id + 1 AS next", "unnest(l[2:]) AS e, id", "id, unnest(n) AS inner, generate_subscripts(n, 1) AS i",
    "unnest(s) AS pair, city", "unnest(e) AS e", "unnest(rd) AS e, id",
]


def table():
    dice = random.Random(7)
    rows = 700

    def lists(element):
        # Some are longer than a part of the result.
        lengths = [dice.choice([0, 0, 1, 2, 3, 5]) if row != 300 else 20000 for row in range(rows)]
        return [None if dice.random() < 0.1 else [None if dice.random() < 0.1 else element() for _ in range(length)] for length in lengths]

    ints, words = lists(lambda: dice.randrange(100)), lists(lambda: dice.choice(["", "a", "é", "longer than twelve bytes"]))
    columns = {
        "id": pa.array(range(rows), pa.int64()),
        "city": pa.array([dice.choice(["Oslo", "Bergen", None, ""]) for _ in range(rows)]).dictionary_encode(),
        "l": pa.array(ints, pa.list_(pa.int32())),
        "t": pa.array(words, pa.large_list(pa.string())),
        "v": pa.array(ints, pa.list_view(pa.int32())),
        "g": pa.array(words, pa.large_list_view(pa.string_view())),
        "f": pa.array([None if dice.random() < 0.2 else [dice.random(), None, 3.5] for _ in range(rows)], pa.list_(pa.float64(), 3)),
        "n": pa.array([None if dice.random() < 0.2 else [[1, None], None, [], [dice.randrange(9)]][: dice.randrange(5)] for _ in range(rows)], pa.list_(pa.list_(pa.int8()))),
        "s": pa.array([[{"a": dice.randrange(9), "b": "x"}, None] if dice.random() < 0.5 else [] for _ in range(rows)], pa.list_(pa.struct([("a", pa.int64()), ("b", pa.string())]))),
        "e": pa.array([dice.choice([None, []]) for _ in range(rows)], pa.list_(pa.int64())),
        "rd": pa.ListArray.from_arrays(pa.array(range(0, 2 * rows + 1, 2), pa.int32()), pa.array([dice.choice(["p", "q", None]) for _ in range(2 * rows)]).dictionary_encode()),
    }
    return pa.table(columns)


def make(directory):
    whole = table()
    with pa.ipc.new_stream(str(directory / "table.arrows"), whole.schema) as stream:
        stream.write_table(whole, max_chunksize=301)
    (directory / "lists.json").write_text(json.dumps(LISTS))


def check(directory):
    whole = table()
    plain = {"city": pa.string(), "t": pa.list_(pa.string()), "v": pa.list_(pa.int32()), "g": pa.list_(pa.string()), "f": pa.list_(pa.float64()), "rd": pa.list_(pa.string())}
    for name, kind in plain.items():
        column = whole.column(name).to_pylist()
        whole = whole.set_column(whole.column_names.index(name), name, pa.array(column, kind))
    duck = duckdb.connect()
    duck.register("t0", whole)
    wrong = []
    for number, select in enumerate(LISTS):
        known = duck.sql(f"SELECT {select} FROM t0").to_arrow_table()
        found = pa.ipc.open_stream(str(directory / f"{number}.arrows")).read_all()
        found.validate(full=True)
        if known.column_names != found.column_names or known.to_pylist() != found.to_pylist():
            wrong.append(f"{select}: {found.num_rows} rows {found.column_names}, DuckDB's {known.num_rows} {known.column_names}")
    if wrong:
        sys.exit("\n".join(wrong))


{"make": make, "check": check}[sys.argv[2]](pathlib.Path(sys.argv[1]))
