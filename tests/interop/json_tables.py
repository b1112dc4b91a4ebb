# JSON between the tools and other programs: `write` makes a table, `read` compares what others read of
# our text with it, `export` has others write it, `check` compares what we read of theirs.
import datetime
import decimal
import json
import sys

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.json

UTC = datetime.timezone.utc
PLAIN = {
    "id": [1, None, -(2**63), 2**63 - 1],
    "name": ["", "é \"\\\n😀\u2028", None, "NULL"],
    "x": [0.1, None, -0.0, 1e300],
    "flag": [True, None, False, True],
    "l": [[1, None], [], None, [2**53 + 1]],
    "s": [{"a": 1, "b": "x"}, {"a": None, "b": ""}, None, {"a": 2, "b": None}],
}
TYPES = {
    "id": pa.int64(),
    "name": pa.utf8(),
    "x": pa.float64(),
    "flag": pa.bool_(),
    "l": pa.list_(pa.int64()),
    "s": pa.struct([("a", pa.int64()), ("b", pa.utf8())]),
}
EXACT = {
    "u": ([2**64 - 1, 0, None, 1], pa.uint64()),
    "d": ([decimal.Decimal("12345678901234567890.25"), None, decimal.Decimal("-0.50"), decimal.Decimal("0.00")], pa.decimal128(30, 2)),
    "day": ([datetime.date(2024, 2, 29), None, datetime.date(1, 1, 1), datetime.date(9999, 12, 31)], pa.date32()),
    "at": ([datetime.datetime(2024, 2, 29, 12, 30, 0, 500000), None, datetime.datetime(1969, 12, 31, 23, 59, 59, 999999), datetime.datetime(2024, 1, 1)], pa.timestamp("us")),
    "utc": ([datetime.datetime(2024, 2, 29, 12, 30, tzinfo=UTC), None, datetime.datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC), datetime.datetime(2024, 1, 1, tzinfo=UTC)], pa.timestamp("us", "UTC")),
}


def plain():
    return pa.table({name: pa.array(values, TYPES[name]) for name, values in PLAIN.items()})


def whole():
    table = plain()
    for name, (values, data_type) in EXACT.items():
        table = table.append_column(name, pa.array(values, data_type))
    return table


def write():
    table = whole()
    with pa.OSFile("table.arrows", "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=3)


def read():
    table = whole()
    expected = table.to_pydict()
    with open("lines.json") as lines, open("array.json") as array:
        by_line = [json.loads(line, parse_float=str) for line in lines]
        assert by_line == json.load(array, parse_float=str)
    assert [row["d"] for row in by_line] == ["12345678901234567890.25", None, "-0.50", "0.00"]
    assert [list(row) for row in by_line] == [table.column_names] * 4

    # pyarrow reads no dates, and decimals only from strings.
    schema = table.schema.remove(table.schema.get_field_index("d"))
    schema = schema.set(schema.get_field_index("day"), pa.field("day", pa.utf8()))
    options = pa.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    by_arrow = pa.json.read_json("lines.json", parse_options=options).to_pydict()
    for name in schema.names:
        values = [value and str(value) for value in expected["day"]] if name == "day" else expected[name]
        assert by_arrow[name] == values, (name, by_arrow[name])

    for name in ["lines.json", "array.json"]:
        columns = ", ".join(f"'{column}': '{kind}'" for column, kind in {
            "id": "BIGINT", "name": "VARCHAR", "x": "DOUBLE", "flag": "BOOLEAN", "l": "BIGINT[]",
            "s": "STRUCT(a BIGINT, b VARCHAR)", "u": "UBIGINT", "d": "DECIMAL(30, 2)", "day": "DATE",
            "at": "TIMESTAMP", "utc": "TIMESTAMPTZ"}.items())
        rows = duckdb.sql(f"SELECT * REPLACE (epoch_us(utc) AS utc) FROM read_json('{name}', columns={{{columns}}})").fetchall()
        for place, column in enumerate(expected):
            values = expected[column]
            if column == "utc":
                values = table.column("utc").cast(pa.int64()).to_pylist()
            if column == "d":
                # DuckDB reads a JSON number as a double before it is a decimal.
                continue
            assert [row[place] for row in rows] == values, (name, column, [row[place] for row in rows])

    frame = pl.read_ndjson("lines.json", schema_overrides={"u": pl.UInt64})
    for name in PLAIN:
        assert frame[name].to_list() == expected[name], (name, frame[name].to_list())
    assert frame["u"].to_list() == expected["u"]

    by_pandas = [
        pd.read_json("lines.json", lines=True, dtype=False, precise_float=True),
        pd.read_json("array.json", dtype=False, precise_float=True),
    ]
    for frame in by_pandas:
        assert list(frame.columns) == table.column_names
        for name in ["name", "flag", "l", "s"]:
            values = [None if isinstance(value, float) and value != value else value for value in frame[name]]
            assert values == expected[name], (name, values)
        for name in ["at", "utc"]:
            times = pd.to_datetime(frame[name], format="ISO8601")
            assert [None if pd.isna(time) else time for time in times] == expected[name], times


def export():
    table = plain()
    rows = table.to_pylist()
    frame = pd.DataFrame({name: pd.Series(values, dtype=pd.ArrowDtype(TYPES[name])) for name, values in PLAIN.items()})
    # pandas itself loses digits of floats, and of integers in lists that have nulls.
    frame.drop(columns=["x"]).to_json("pandas.json", orient="records", lines=True)
    pl.from_arrow(table).write_ndjson("polars.json")
    connection = duckdb.connect()
    connection.register("rows", table)
    connection.execute("COPY rows TO 'duckdb.json' (FORMAT json)")
    connection.execute("COPY rows TO 'duckdb_array.json' (FORMAT json, ARRAY true)")
    with open("python.json", "w") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    with open("python_array.json", "w") as array:
        json.dump(rows, array, indent=2)


def check():
    expected = plain().to_pydict()
    for name in ["pandas", "polars", "duckdb", "duckdb_array", "python", "python_array"]:
        with pa.OSFile(f"{name}.arrows") as source, pa.ipc.open_stream(source) as reader:
            found = reader.read_all().to_pydict()
        for column in expected:
            if name == "pandas" and column in ("x", "l"):
                continue
            assert found[column] == expected[column], (name, column, found[column])


{"write": write, "read": read, "export": export, "check": check}[sys.argv[1]]()
