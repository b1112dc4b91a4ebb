"""Values of select lists against DuckDB's, over all types, nulls, NaN and extremes.

Arguments: a directory and what to do.
  make   writes table.arrows (an Arrow stream) and list.txt (the select list, an item a line)
         names.json: items without AS, and how DuckDB calls them
         refused.json: casts that make no sense, which DuckDB refuses, too
  check  compares result.arrows, which stream-select made of the two, with DuckDB's results

Where the dialects differ an item stands with what DuckDB is asked instead; arrow-expressions.7
lists these differences. Runs behind expression_table.py, as one program with it.
"""

import json
import pathlib
import sys

import duckdb

INTEGER_COLUMNS = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"]
NARROW = ["i8", "i16", "i32", "u8", "u16", "u32", "di", "ri", '"group"', "st.x"]
DECIMAL_COLUMNS = ["d9", "d18", "d38", "d20", "d76"]
FLOAT_COLUMNS = ["f16", "f32", "f64", "g64"]
TEXT_COLUMNS = ["s", "ls", "sv", "ds", "dl", "rs", "st.y"]
BINARY_COLUMNS = ["b", "lb", "bv", "fb"]
BOOLEAN_COLUMNS = ["yes", "no"]
DATE_COLUMNS = ["day", "day64"]
TIME_COLUMNS = ["t_s", "t_ms", "t_us", "t_ns"]
STAMP_COLUMNS = ["ts_s", "ts_ms", "ts_us", "ts_ns"]
ZONED_COLUMNS = ["tz_us", "tz_ms"]
NUMBERS = INTEGER_COLUMNS + DECIMAL_COLUMNS + FLOAT_COLUMNS
COLUMNS = NUMBERS + TEXT_COLUMNS + BINARY_COLUMNS + BOOLEAN_COLUMNS + DATE_COLUMNS + TIME_COLUMNS + STAMP_COLUMNS + ZONED_COLUMNS
INTEGER_TYPES = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT"]
DECIMAL_TYPES = ["DECIMAL(4,1)", "DECIMAL(18,3)", "DECIMAL(38,10)"]
STAMP_TYPES = ["TIMESTAMP(0)", "TIMESTAMP(3)", "TIMESTAMP(6)", "TIMESTAMP(9)"]
SECOND_UNITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


def digits(column):
    """How many digits behind the second's point a column of times has."""
    return SECOND_UNITS.get(column.split("_")[-1], 0)


def casts():
    for column in NUMBERS + BOOLEAN_COLUMNS + TEXT_COLUMNS:
        for name in INTEGER_TYPES:
            ours = f"TRY_CAST({column} AS {name})"
            if column in FLOAT_COLUMNS + DECIMAL_COLUMNS:
                # DuckDB rounds where we refuse to lose a fraction.
                yield ours, f"CASE WHEN {column} = trunc({column}) THEN {ours} END"
            else:
                yield ours, ours
        for name in DECIMAL_TYPES + ["FLOAT", "DOUBLE", "BOOLEAN", "VARCHAR"]:
            # DuckDB multiplies in double precision, which has fewer digits.
            if (column, name) not in {("f64", "DECIMAL(38,10)"), ("g64", "DECIMAL(38,10)")}:
                yield f"TRY_CAST({column} AS {name})", None
    for column in COLUMNS:
        yield f"CAST({column} AS VARCHAR)", None
        yield f"{column} || '|'", f"CAST({column} AS VARCHAR) || '|'"
    for column in TEXT_COLUMNS:
        for name in ["DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ"]:
            yield f"TRY_CAST({column} AS {name})", None
        # DuckDB wants what is not ASCII escaped.
        yield f"TRY_CAST({column} AS BLOB)", f"CASE WHEN NOT contains({column}, '\\') THEN encode({column}) END"
    for column in STAMP_COLUMNS + ZONED_COLUMNS + DATE_COLUMNS:
        # DuckDB gives the next day for nanoseconds just before midnight, before 1970.
        yield f"CAST({column} AS DATE)", "DATE '1970-01-01' + (epoch_ns(ts_ns) // 86400000000000 - (epoch_ns(ts_ns) % 86400000000000 < 0)::INTEGER)::INTEGER" if column == "ts_ns" else None
        for target in STAMP_TYPES:
            ours = f"TRY_CAST({column} AS {target})"
            wanted = int(target[-2])
            if wanted < digits(column):
                # DuckDB rounds or cuts off where we refuse to lose digits.
                exact = f"epoch_ns({column}) % {10 ** (9 - wanted)} = 0"
                yield ours, f"CASE WHEN {exact} THEN TRY_CAST(TRY_CAST({column} AS TIMESTAMP) AS {target}) END"
            else:
                yield ours, None
    for column in STAMP_COLUMNS + DATE_COLUMNS:
        yield f"TRY_CAST({column} AS TIMESTAMPTZ)", f"TRY_CAST({column} AS TIMESTAMP)::TIMESTAMPTZ" if column != "ts_ns" else f"CASE WHEN epoch_ns(ts_ns) % 1000 = 0 THEN TRY_CAST(ts_ns AS TIMESTAMP)::TIMESTAMPTZ END"
    for column in ["ts_s", "ts_ms", "ts_us"] + TIME_COLUMNS[:3]:
        yield f"CAST({column} AS TIME)", None
    yield "CAST(s AS DICTIONARY)", "s"
    yield "CAST(i64 AS DICTIONARY(INT16))", "i64"
    yield "CAST(ds AS VARCHAR)", "ds"
    yield "CAST(s AS RUN_END_ENCODED)", "s"
    yield "CAST(d9 AS DECIMAL(60,30))", "CAST(d9 AS DECIMAL(38,30))"
    for name in ["UTF8", "LARGE_UTF8", "UTF8_VIEW"]:
        for column in TEXT_COLUMNS + ["i8", "f64", "day"]:
            yield f"CAST({column} AS {name})", f"CAST({column} AS VARCHAR)"
    for name in ["LARGE_BINARY", "BINARY_VIEW", "BLOB"]:
        for column in BINARY_COLUMNS:
            yield f"CAST({column} AS {name})", column
    yield "TRY_CAST(b AS FIXED_SIZE_BINARY(2))", "CASE WHEN octet_length(b) = 2 THEN b END"
    yield "TRY_CAST(i64 AS FLOAT16)", "CASE WHEN abs(i64::DOUBLE) < 65520 THEN i64::FLOAT END"
    yield "TRY_CAST(i16 AS DECIMAL32(5, 1))", "TRY_CAST(i16 AS DECIMAL(5, 1))"
    yield "TRY_CAST(i64 AS DECIMAL64(18, 1))", "TRY_CAST(i64 AS DECIMAL(18, 1))"


def computed():
    narrow = lambda name: f"CAST({name} AS BIGINT)"
    for left in NARROW:
        for right in ["i8", "u32", "ri"]:
            for symbol in "+-*":
                yield f"{left} {symbol} {right}", f"{narrow(left)} {symbol} {narrow(right)}"
            yield f"{left} / {right}", f"{left}::DOUBLE / {right}::DOUBLE"
            yield f"CASE WHEN {right} <> 0 THEN {left} // {right} END", f"{narrow(left)} // {narrow(right)}"
            yield f"CASE WHEN {right} <> 0 THEN {left} % {right} END", f"{narrow(left)} % {narrow(right)}"
    for left in ["d9", "d18"]:
        for right in ["d9", "d18", "i8", "u32", "2", "0.5"]:
            for symbol in "+-*":
                yield f"{left} {symbol} {right}", None
        yield f"-{left} AS n", f"-{left}"
        yield f"{left} % 2", None
    for left in FLOAT_COLUMNS:
        for right in ["f64", "i8", "0.5"] if left != "f32" and left != "f16" else ["f32", "i8", "0.5"]:
            for symbol in "+-*":
                yield f"{left} {symbol} {right}", None
        yield f"(-{left})", None
    for name in NARROW:
        yield f"(-{name})", f"(-{narrow(name)})"
    numbers = [name for name in NUMBERS if name not in ("f16", "d76", "d38")]
    for left in numbers:
        for right in numbers:
            yield f"COALESCE({left}, {right})", None
    for left in STAMP_COLUMNS[:3] + DATE_COLUMNS:
        for right in STAMP_COLUMNS[:3] + DATE_COLUMNS:
            yield f"COALESCE({left}, {right})", None
            yield f"CASE WHEN yes THEN {left} ELSE {right} END", None
    for left in TEXT_COLUMNS:
        for right in TEXT_COLUMNS:
            yield f"COALESCE({left}, {right})", None
            yield f"{left} || {right} || 'é'", None
            yield f"NULLIF({left}, {right})", None
    for name in COLUMNS:
        yield f"CASE WHEN yes THEN {name} END", None
        yield f"COALESCE(NULL, {name}, {name})", None
    yield from ((text, None) for text in OTHERS)


OTHERS = [
    "yes", "NOT yes", "yes AND no", "i8 > 5", "i8 IS NULL", "i8 IN (1, NULL)", "i8 BETWEEN 1 AND 9", "s LIKE 'a%'", "s ILIKE 'A_'",
    "s LIKE 'a$_b' ESCAPE '$'", "s NOT LIKE '%$%%' ESCAPE '$'", "s ILIKE '%É' ESCAPE '!'", "ds LIKE ds", "i8 IS DISTINCT FROM i16", "yes IS TRUE", "yes IS NOT FALSE",
    "CASE WHEN yes THEN 'y' WHEN no THEN s ELSE ds END", "CASE WHEN yes THEN 'y' WHEN no THEN s END", "CASE WHEN i8 > 5 THEN i8 WHEN yes THEN i16 ELSE 7 END",
    "CASE i8 WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END", "CASE s WHEN 'a' THEN i8 WHEN ds THEN i32 END", "CASE \"group\" WHEN 1 THEN f64 WHEN 2 THEN g64 END",
    "CASE WHEN yes THEN d9 ELSE d18 END", "CASE WHEN yes THEN d9 ELSE 2.125 END", "CASE WHEN yes THEN i8 ELSE 2.5 END", "CASE WHEN yes THEN f32 ELSE 2.5 END",
    "CASE WHEN yes THEN day ELSE '2024-02-29' END", "CASE WHEN yes THEN ts_us ELSE DATE '2024-02-29' END", "CASE WHEN yes THEN tz_us ELSE TIMESTAMPTZ '2024-02-29 12:00:00+02' END",
    "CASE WHEN NULL THEN 'a' ELSE 'b' END", "CASE WHEN yes IS NULL THEN NULL ELSE b END", "CASE WHEN i8 = 0 THEN NULL ELSE 100 // i8 END IS NULL", "CASE WHEN yes THEN no ELSE i8 > 2 END",
    "CASE WHEN yes THEN CASE WHEN no THEN 'a' ELSE 'b' END ELSE COALESCE(s, 'c') END", "COALESCE(i8, 0)", "COALESCE(u64, 0)", "COALESCE(d9, 0)", "COALESCE(f64, 0)", "COALESCE(s, '')",
    "COALESCE(i8 > 3, yes, FALSE)", "COALESCE(t_us, TIME '12:00:00')", "IFNULL(i16, i8)", "COALESCE(NULLIF(s, ''), ds, 'none')", "NULLIF(i8, 7)", "NULLIF(i8, 7.0)", "NULLIF(f64, 'nan')", "NULLIF(s, 'a')", "NULLIF(7, i8::INTEGER)",
    "s || ds || ls || sv", "s || NULL", "'<' || s || '>'", "1 || s", "yes || s", "b || bv || lb", "fb || '\\xFF'::BLOB", "COALESCE(s || ds, 'x' || i8)",
    "st", "st.x", "st.y", "s", "ds", "ri", "rs", "b", "ts_ns", "tz_us", "f64", "i8", "1.5", "'text'", "NULL", "TRUE", "DATE '2024-02-29'", "TIMESTAMP '2024-02-29 12:30:00.5'",
]

# Items without AS, for the names that they get. Inside expressions DuckDB quotes all keywords in names;
# ours only those that must be quoted.
UNNAMED = [
    "i8", "I16", '"i32"', "(i64)", "st.x", "d9 * i8", "ts_us::DATE", "CAST(ts_us AS TIMESTAMP(3))", "TRY_CAST(s AS int)", "CAST(i8 AS DECIMAL(10,2))", "1", "-1", "'a'", "'it''s'", "1.5", "NULL",
    "TRUE", "NOT i8 = 3", "i8 IS NULL", "i8 is not null", "i8 IN (1,2)", "i8 NOT IN (1,2)", "i8 BETWEEN 1 AND 2", "i8 NOT BETWEEN 1 AND 2", "s LIKE 'a%'", "s NOT LIKE 'a%'", "s ILIKE 'a%'", "s NOT ILIKE 'b%'",
    "s LIKE 'b' ESCAPE '$'", "s NOT ILIKE 'b' ESCAPE '$'", "s || 'x' || ls", "CASE WHEN i8 > 1 THEN 2 ELSE 3 END", "case i8 when 1 then 2 end", "coalesce(i8, 0)", "nullif(i8, 0)", "-i16", "+i16", "i32 + 1", "i32 // 2", "i32 % 2", "i8 = 1 AND i16 > 2 OR s = 'a'",
    "i8 IS DISTINCT FROM 1", "i8 IS NOT DISTINCT FROM 2", "i8 <> 1", "i8 == 1", "1 + 2 * 3", '"group" + 1', "ts_us::VARCHAR || s",
]

# What DuckDB has instead of our type of a result: integers are computed in 64 bits at least, a
# literal integer has 64 bits, and decimals more digits. Layouts are Arrow's own matter.
WIDER = {
    "int64": ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"],
    "double": ["double", "float"],
    "halffloat": ["float"],
    "null": ["int32", "null"],
}


def family(arrow_type):
    if pa.types.is_dictionary(arrow_type) or pa.types.is_run_end_encoded(arrow_type):
        return family(arrow_type.value_type)
    if pa.types.is_decimal(arrow_type):
        return "decimal"
    if pa.types.is_large_string(arrow_type) or pa.types.is_string_view(arrow_type):
        return "string"
    if pa.types.is_binary(arrow_type) or pa.types.is_large_binary(arrow_type) or pa.types.is_binary_view(arrow_type) or pa.types.is_fixed_size_binary(arrow_type):
        return "binary"
    if pa.types.is_date64(arrow_type):
        return "date32[day]"
    if pa.types.is_time(arrow_type):
        return "time"
    if pa.types.is_timestamp(arrow_type):
        return f"timestamp[{'zoned' if arrow_type.tz else arrow_type.unit}]"
    return str(arrow_type)


def plain(column):
    """Values that compare as they should: floats by their digits, points in time by nanoseconds."""
    kind = column.type
    if isinstance(column, pa.ChunkedArray):
        return [value for chunk in column.chunks for value in plain(chunk)]
    if pa.types.is_dictionary(kind):
        return plain(column.cast(kind.value_type))
    if pa.types.is_run_end_encoded(kind):
        return plain(pa.compute.run_end_decode(column))
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        scale = 10 ** (9 - SECOND_UNITS[kind.unit])
        bits = 32 if pa.types.is_time32(kind) else 64
        return [None if value is None else value * scale for value in column.cast(pa.int64() if bits == 64 else pa.int32()).to_pylist()]
    if pa.types.is_date64(kind):
        return column.cast(pa.date32()).cast(pa.int32()).to_pylist()
    if pa.types.is_date32(kind):
        return column.cast(pa.int32()).to_pylist()
    if pa.types.is_floating(kind):
        return [None if value is None else repr(float(value)) for value in column.to_pylist()]
    return column.to_pylist()


def items():
    seen = {}
    for ours, duck in [*casts(), *computed()]:
        seen.setdefault(ours.removesuffix(" AS n"), duck or ours)
    return list(seen.items())


REFUSED_TYPES = ["INTEGER", "DOUBLE", "DECIMAL(9,2)", "BOOLEAN", "DATE", "TIME", "TIMESTAMP", "BLOB", "VARCHAR"]
# What converts here and not there: a zoned timestamp's time of day (of its clock).
MORE = {("tz_us", "TIME"), ("ts_ns", "TIME"), ("f64", "BOOLEAN")}


def make(directory):
    ours, as_duckdb = build()
    duck = duckdb.connect()
    duck.execute("SET TimeZone = 'Etc/GMT-2'")  # The zone of all columns that have one.
    duck.execute("SET error_on_division_by_zero = false")
    duck.register("source", as_duckdb)
    duck.execute("CREATE TABLE t AS SELECT * FROM source")
    known = {}
    for item, question in items():
        # Where no column has a zone, ours is UTC.
        zone = "UTC" if "TIMESTAMPTZ" in question and "tz_" not in question else "Etc/GMT-2"
        duck.execute(f"SET TimeZone = '{zone}'")
        try:
            result = duck.sql(f"SELECT {question} AS c FROM t ORDER BY row_id").to_arrow_table()
            known[item] = result["c"]
        except duckdb.Error as error:
            # It computes in the columns' width, and has fewer digits.
            if not any(reason in str(error) for reason in ["Out of Range", "overflow", "Conversion"]):
                sys.exit(f"DuckDB refuses {question}: {error}")
    assert 1_000 < len(known), len(known)
    write(directory / "table.arrows", ours)
    write(directory / "known.arrows", pa.table(known))
    lines = [f"{item} AS c{place}" for place, item in enumerate(known)]
    (directory / "list.txt").write_text(",\n".join(lines))
    names = [duck.sql(f"SELECT {item} FROM t").columns[0] for item in UNNAMED]
    (directory / "names.json").write_text(json.dumps([UNNAMED, names]))
    refused = []
    for column in ["i8", "f64", "d9", "s", "b", "yes", "day", "t_us", "ts_us", "ts_ns", "tz_us"]:
        for name in REFUSED_TYPES:
            try:
                duck.sql(f"SELECT CAST({column} AS {name}) FROM t WHERE {column} IS NOT NULL").fetchall()
            except duckdb.Error as error:
                if "Unimplemented" in str(error) and (column, name) not in MORE:
                    refused.append(f"TRY_CAST({column} AS {name})")
    (directory / "refused.json").write_text(json.dumps(refused))


def write(path, table):
    with pa.ipc.new_stream(str(path), table.schema) as stream:
        stream.write_table(table, max_chunksize=97)


def check(directory):
    known, found = (pa.ipc.open_stream(str(directory / name)).read_all() for name in ("known.arrows", "result.arrows"))
    found.validate(full=True)
    wrong = []
    for place, item in enumerate(known.column_names):
        ours, expected = (pa.chunked_array(table.column(place)) for table in (found, known))
        types = family(ours.type), family(expected.type)
        if types[1] != "null" and types[0] != types[1] and types[1] not in WIDER.get(types[0], []):
            wrong.append(f"{item}\n  is {ours.type}, DuckDB's {expected.type}")
            continue
        for row, (value, other) in enumerate(zip(plain(ours), plain(expected), strict=True)):
            if value != other:
                wrong.append(f"{item}\n  row {row}: {value!r}, DuckDB's {other!r} ({ours.type}, {expected.type})")
                break
    if wrong:
        sys.exit(f"{len(wrong)} of {known.num_columns} differ:\n" + "\n".join(wrong))


{"make": make, "check": check}[sys.argv[2]](pathlib.Path(sys.argv[1]))
