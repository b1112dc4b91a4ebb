"""Makes a table of all types and, for each of many expressions, a column of DuckDB's results.

Arguments: a directory. Writes into it
  table.arrows   an Arrow stream: the inputs, and a column want_N for each expression
  cases.json     the expressions, in the order of their columns

What DuckDB refuses is an error here: every expression is meant to work in both.
"""

import datetime as dt
import decimal
import itertools
import json
import pathlib
import random
import sys

import duckdb
import pyarrow as pa

ROWS = 240
dice = random.Random(20240229)
D = decimal.Decimal


def column(pool, arrow_type, nulls=0.1):
    """Every value of a pool at least once where there is room, in an order of its own."""
    values = list(itertools.islice(itertools.cycle(pool), ROWS))
    dice.shuffle(values)
    return pa.array([None if dice.random() < nulls else value for value in values], arrow_type)


NAN, INF = float("nan"), float("inf")
FLOATS = [0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.49999999999999994, 2.675, -2.675, 1234.5678, 1e15, 4503599627370497.5, 1e300, -1e300, 5e-324, NAN, INF, -INF, 1.005, 3.0, 100.0, 0.1]
TEXTS = [
    "", "a", "A", "ab", "abc", "ABC", "aXbXc", " a b ", "  ", "\ta\n", "hello", "Hello World", "xxaxx", "xyayx", "éaé", "ÀÉÎ", "àéî", "straße", "ŉ", "İstanbul",
    "e\u0301x", "👩‍👩‍👧 ok", "長い文字", "a,b,c", ",,", "a,b", ",", "a1b22c333", "2024-02-29", "line\nbreak", "\u1f80\u1fb3", "ǅ", "Σίσυφος", "%_\\", "a.b|c", "\u00a0x\u00a0",
]
PARTS = ["", "a", "b", "X", "x", "é", ",", "bc", "ab", " ", "長", "\u0301", "lo", "xy", "\n"]
NUMBERS = [0, 1, 2, 3, 4, 5, 10, -1, -2, -3, -4, -7, -100, 100]


def build():
    """The table as it is written, and as DuckDB gets it where it does not know a type."""
    ours, plain = {}, {}

    def add(name, array, for_duckdb=None):
        ours[name] = array
        plain[name] = array if for_duckdb is None else array.cast(for_duckdb)

    add("row_id", pa.array(range(ROWS), pa.int64()))
    add("s", column(TEXTS, pa.string()))
    add("t", column(PARTS, pa.string()))
    add("ls", column(TEXTS, pa.large_string()))
    add("sv", column(TEXTS, pa.string_view()), pa.string())
    add("ds", column(TEXTS, pa.string()).dictionary_encode(), pa.string())
    add("dl", column(TEXTS, pa.large_string()).dictionary_encode(), pa.string())
    add("n", column(NUMBERS, pa.int32()))
    add("m", column(NUMBERS, pa.int64()))
    return pa.table(ours), pa.table(plain)


CASES = [
    *(f"{f}({c})" for f in ("lower", "upper", "trim", "ltrim", "rtrim") for c in ("s", "ls", "sv", "ds", "dl")),
    *(f"{f}(s, t)" for f in ("trim", "ltrim", "rtrim", "starts_with", "ends_with", "prefix", "suffix")),
    "trim(both 'x' from s)", "trim(leading 'x' from s)", "trim(trailing 'x' from s)", "trim(s, 'éa')", "trim(ds, 'éa')", "trim(s, NULL)", "trim(NULL)",
    *(f"{f}({c}, n)" for f in ("substr", "substring") for c in ("s", "ls", "sv", "ds", "dl")),
    "substr(s, n, m)", "substr(sv, m, n)", "substring(s from 2 for 3)", "substring(s from 2)", "substr(s, 0)", "substr(s, 2, NULL)", "substr(s, -3, 2)", "substr('hello', n)", "substr('h\u00e9llo', n, m)",
    "replace(s, t, 'Q')", "replace(s, 'a', t)", "replace(ls, 'a', '')", "replace(sv, t, t)", "replace(ds, 'b', 'long')", "replace(s, NULL, 'x')",
    "split_part(s, ',', n)", "split_part(s, t, 1)", "split_part(s, t, -1)", "split_part(s, t, n)", "split_part(ds, ',', 2)", "split_part(sv, '', m)",
    "starts_with(ds, 'a')", "ends_with(sv, 'c')", "starts_with(s, NULL)",
    "lower(upper(trim(s)))", "upper(lower(ds))",
]


def main():
    directory = pathlib.Path(sys.argv[1])
    ours, plain = build()
    duck = duckdb.connect()
    duck.execute("SET TimeZone = 'UTC'")
    duck.register("source", plain)
    duck.execute("CREATE TABLE t AS SELECT * FROM source")
    cases, refused = [], []
    for text in CASES:
        try:
            want = duck.sql(f"SELECT ({text}) FROM t ORDER BY row_id").to_arrow_table().column(0)
        except duckdb.Error as error:
            refused.append(f"DuckDB refuses {text}: {error}")
            continue
        ours = ours.append_column(f"want_{len(cases)}", want)
        cases.append(text)
    if refused:
        sys.exit("\n".join(refused))
    with pa.ipc.new_stream(str(directory / "table.arrows"), ours.schema) as stream:
        stream.write_table(ours, max_chunksize=97)
    (directory / "cases.json").write_text(json.dumps(cases))


main()
