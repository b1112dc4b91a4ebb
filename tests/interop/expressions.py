"""Makes a table of all types and DuckDB's answers to expressions about it.

Arguments: a directory. Writes into it
  table.arrows   an Arrow stream, its rows numbered by the column row_id
  table.parquet  the same in tiny row groups with statistics, so that many can be skipped
  cases.json       a list of [expression, the row ids for which it is true]

The expressions are fixed ones and random ones (always the same). Of each, its negation is asked
too, so that false and unknown are told apart. What DuckDB refuses (it converts columns, and
overflows) is left out of the random ones; a fixed one that it refuses is an error.

Runs behind expression_table.py, as one program with it.
"""

import json
import pathlib
import sys

import duckdb
import pyarrow.parquet

RANDOM = 400

# Columns by what they can meet, and literals for them.
INTEGER_COLUMNS = [f"{sign}{bits}" for sign in "iu" for bits in (8, 16, 32, 64)] + ["di", "ri", '"group"', "st.x"]
DECIMAL_COLUMNS = ["d9", "d18", "d38", "d20", "d76"]
FLOAT_COLUMNS = ["f32", "f64", "g64"]
TEXT_COLUMNS = ["s", "ls", "sv", "ds", "dl", "rs", "st.y"]
BINARY_COLUMNS = ["b", "lb", "bv", "fb"]
BOOLEAN_COLUMNS = ["yes", "no"]
DATE_COLUMNS = ["day", "day64"]
TIME_COLUMNS = ["t_s", "t_ms", "t_us", "t_ns"]
STAMP_COLUMNS = ["ts_s", "ts_ms", "ts_us", "ts_ns"]
ZONED_COLUMNS = ["tz_us", "tz_ms"]

INTEGER_LITERALS = ["0", "1", "-1", "2", "3", "7", "100", "127", "-128", "255", "300", "-300", "65535", "70000", "2147483647", "-2147483648", "4294967295", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "2.5", "-0.5", "7.0", "'7'"]
DECIMAL_LITERALS = ["0", "1", "-1", "2.5", "0.01", "0.005", "-0.001", "0.0000000001", "7.00", "100", "9999999.99", "1234567890123"]
FLOAT_LITERALS = ["0", "-0.0", "1", "0.5", "2.25", "-2.5", "100", "0.1", "0.3", "'nan'", "'inf'", "'-inf'"]
DOUBLE_LITERALS = ["1e300", "-1e300", "1e-300", "9007199254740993"]
TEXT_LITERALS = ["''", "'a'", "'A'", "'ab'", "'abc'", "'b'", "'é'", "'10'", "'zzz'"]
BINARY_LITERALS = ["''", "'a'", "'ab'", "'aa'", "'\\xFF'", "'\\xFF\\x00'"]
DATE_LITERALS = ["'1970-01-01'", "DATE '1970-01-01'", "'2024-02-29'", "DATE '9999-12-31'", "'0001-01-01'", "'2024-3-1'"]
DATED_LITERALS = ["TIMESTAMP '1970-01-01 12:00:00'", "TIMESTAMP '2024-02-29'"]
TIME_LITERALS = ["'00:00:00'", "TIME '12:30:00'", "'12:30:00.5'", "'23:59:59'"]
STAMP_LITERALS = ["'1970-01-01'", "TIMESTAMP '1970-01-01 00:00:01'", "'2024-02-29 12:00:00'", "DATE '2024-02-29'", "TIMESTAMP '9999-12-31 23:59:59'"]
ZONED_LITERALS = ["'1970-01-01'", "'1970-01-01 00:00:00+00'", "'2024-02-29 14:00:00+02:00'", "'2024-02-29T12:00:00Z'", "TIMESTAMPTZ '1970-01-01 00:00:00+00'", "TIMESTAMP '1970-01-01'"]

FAMILIES = [
    (INTEGER_COLUMNS, INTEGER_LITERALS),
    (DECIMAL_COLUMNS, DECIMAL_LITERALS),
    (FLOAT_COLUMNS, FLOAT_LITERALS),
    (["f64", "g64"], FLOAT_LITERALS + DOUBLE_LITERALS),
    (["f16"], ["0", "1", "0.5", "2.25", "-2.5", "'nan'", "'inf'", "70000"]),
    (TEXT_COLUMNS, TEXT_LITERALS),
    (BINARY_COLUMNS, BINARY_LITERALS),
    (BOOLEAN_COLUMNS, ["TRUE", "FALSE", "'true'"]),
    (DATE_COLUMNS, DATE_LITERALS + DATED_LITERALS),
    (TIME_COLUMNS, TIME_LITERALS),
    (STAMP_COLUMNS, STAMP_LITERALS),
    (ZONED_COLUMNS, ZONED_LITERALS),
]
# Columns that have an order among them, in DuckDB without rounding either side.
TOGETHER = [
    INTEGER_COLUMNS,
    INTEGER_COLUMNS[:3] + DECIMAL_COLUMNS,
    DECIMAL_COLUMNS,
    FLOAT_COLUMNS + ["f16"],
    ["i8", "i16", "i32", "u8", "u16", "u32", "f64"],
    TEXT_COLUMNS,
    BINARY_COLUMNS,
    BOOLEAN_COLUMNS,
    DATE_COLUMNS,
    TIME_COLUMNS,
    ["ts_s", "ts_ms", "ts_us", "day"],
    ["ts_ns", "ts_ns"],
    ZONED_COLUMNS,
]
PATTERNS = ["'%'", "''", "'a%'", "'%b'", "'a_c'", "'%X%'", "'_'", "'a\\\\%'", "'a%c'", "'É%'", "'%\n%'", "'__'", "'A%'"]
COMPARISONS = ["=", "<>", "!=", "<", "<=", ">", ">="]
NUMBERS = ["i8", "i16", "i32", "u8", "u16", "u32", '"group"', "di"]


def leaf():
    shape = dice.randrange(12)
    columns, literals = dice.choice(FAMILIES)
    name = dice.choice(columns)
    operator = dice.choice(COMPARISONS)
    maybe_not = dice.choice(["", "NOT "])
    if shape <= 2:
        return f"{name} {operator} {dice.choice(literals)}"
    if shape == 3:
        return f"{dice.choice(literals)} {operator} {name}"
    if shape == 4:
        together = dice.choice(TOGETHER)
        return f"{dice.choice(together)} {operator} {dice.choice(together)}"
    if shape == 5:
        items = dice.choices(literals + ["NULL"] * dice.randrange(2), k=dice.choice([1, 2, 3, 20]))
        return f"{name} {maybe_not}IN ({', '.join(items)})"
    if shape == 6:
        return f"{name} {maybe_not}BETWEEN {dice.choice(literals)} AND {dice.choice(literals)}"
    if shape == 7:
        test = dice.choice(["IS NULL", "IS NOT NULL", f"IS DISTINCT FROM {dice.choice(literals)}", f"IS NOT DISTINCT FROM {dice.choice(literals)}", "IS DISTINCT FROM NULL"])
        return f"{name} {test}"
    if shape == 8:
        together = dice.choice(TOGETHER)
        return f"{dice.choice(together)} IS {maybe_not}DISTINCT FROM {dice.choice(together)}"
    if shape == 9:
        kind = dice.choice(["LIKE", "ILIKE"])
        return f"{dice.choice(TEXT_COLUMNS)} {maybe_not}{kind} {dice.choice(PATTERNS)}"
    if shape == 10:
        symbol = dice.choice(["+", "-", "*", "/"])
        left, right = dice.choice(NUMBERS), dice.choice(NUMBERS)
        # DuckDB computes in the columns' own width, ours in Int64 at least.
        return f"CAST({left} AS BIGINT) {symbol} CAST({right} AS BIGINT) {operator} {dice.choice(['0', '1', '6', '-3', '2.5'])}"
    return f"{dice.choice(BOOLEAN_COLUMNS)} {dice.choice(['IS TRUE', 'IS NOT FALSE', 'IS UNKNOWN', '= TRUE', '', 'IS NOT NULL'])}"


def tree(depth):
    if depth == 0 or dice.random() < 0.4:
        return leaf()
    shape = dice.randrange(4)
    if shape == 0:
        return f"NOT ({tree(depth - 1)})"
    if shape == 1:
        return f"({tree(depth - 1)}) IS {dice.choice(['', 'NOT '])}{dice.choice(['TRUE', 'FALSE', 'NULL'])}"
    joint = dice.choice(["AND", "OR"])
    if dice.random() < 0.4:
        return f"{dice.choice(['', 'NOT '])}{leaf()} {joint} {dice.choice(['', 'NOT '])}{leaf()} {dice.choice(['AND', 'OR'])} {tree(depth - 1)}"
    return f"({tree(depth - 1)}) {joint} ({tree(depth - 1)})"


FIXED = [
    "i32 = 3e0", "i8 < 1e3", "TRUE", "FALSE", "NULL", "NOT NULL", "1 = 1", "NULL IS NULL", "1 IN (1, NULL)", "2 NOT IN (1, NULL)",
    "i8 = 300", "i8 < 300", "u64 > -1", "u8 <> -1", "i64 = u64", "i64 < u64", "u64 BETWEEN -5 AND 18446744073709551615",
    "i32 % 7 = 0 AND \"group\" IN (1, 2, 3)", "i32 % 3 = -2", "u8 % 5 = 4", "i16 // 4 = 1", "i16 // -4 = 1", "i8 / 2 = 0.5",
    "i8 <> 0 AND 100 // i8 > 10", "i8 = 0 OR 100 % i8 = 1", "\"group\" * 2 - 1 = 3", "-\"group\" < -1", "- i8::BIGINT = 3",
    "f64 % 2 = 1", "f64 / 0 = 'inf'", "i8 / 0 = 'inf'", "i8 / 0 = 'nan'", "f64 + g64 > 1", "f64 - g64 = 0", "f64 * 2 = 0.2",
    "f32 + f32 = 0.2", "f32 * 2 > 0.5", "f32 + 1.5 < 3", "f32 + i8 > 2", "f64 = g64", "f64 <= g64", "f64 > g64",
    "f32 = 0.1", "f64 = 0.1", "f32 = f64", "f16 = f32", "f64 = -0.0", "f64 > 'inf'", "f64 >= 'nan'", "f64 < 'nan'", "f64 IS DISTINCT FROM 'nan'",
    "d9 + d18 = 3.5", "d9 * 2 = 5", "d9 - 0.005 > 0", "d9 * d9 = 6.25", "d18 % 2 = 1", "d9 / 2 = 1.25", "d9 // 2 = 1.25", "d9 = d76", "d38 > d9", "d76 = 2.5", "-d9 = 1",
    "d9 + 1 = 2", "d20 + i8::BIGINT > 0",
    "s LIKE 'a$_b' ESCAPE '$'", "s LIKE 'a\\\\_%'", "s LIKE 'a\\_%'", "s NOT LIKE '%a%' AND s <> ''", "ds LIKE 'a%' OR ds IS NULL", "ds ILIKE 'É'",
    "s LIKE ls", "ls ILIKE sv", "s = ds", "ds < dl", "sv >= s", "rs = 'a'", "rs IS NULL", "ri + 1 = 2", "di = 300", "di IN (1, 300, 1000)", "di // 2 = 150",
    f"s IN ({', '.join(TEXT_LITERALS * 2)})", f"s NOT IN ({', '.join(TEXT_LITERALS * 2)}, NULL)", f"i64 IN ({', '.join(map(str, range(20)))})", f"sv IN ({', '.join(TEXT_LITERALS * 2)})",
    "b = 'a'", "b < 'b'", "bv >= '\\xFF'", "fb = 'aa'", "fb > 'a'", "fb = b", "lb IS DISTINCT FROM bv",
    "day = DATE '2024-02-29'", "day < TIMESTAMP '1970-01-01 00:00:01'", "day = TIMESTAMP '1970-01-01 00:00:01'", "day > TIMESTAMP '1970-01-01 00:00:01'",
    "ts_s = '2024-02-29 00:00:00'", "ts_ms < TIMESTAMP '1970-01-01 00:00:00.0005'", "ts_us >= DATE '1970-01-01'", "ts_ns < '1970-01-01 00:00:00.5'", "ts_ns > TIMESTAMP '1970-01-01'",
    "tz_us > '2024-02-29 12:00:00+01:00'", "tz_us = TIMESTAMP '1970-01-01 00:00:00'", "tz_ms <= '1970-01-01 02:00:00+02'", "day = ts_us", "ts_s < ts_us", "ts_s = day64",
    "t_s = '12:30:00'", "t_us < TIME '12:30:00.000001'", "t_ns = t_ms",
    "CAST(i8 AS VARCHAR) = '-128'", "CAST(f64 AS VARCHAR) = '1e+300'", "CAST(f64 AS VARCHAR) IN ('0.1', 'nan', 'inf', '9007199254740992.0', '7.0')", "CAST(f32 AS VARCHAR) IN ('0.1', '1e+30')",
    "CAST(d9 AS VARCHAR) = '2.50'", "CAST(yes AS VARCHAR) = 'true'", "CAST(day AS VARCHAR) = '2024-02-29'", "CAST(ts_us AS VARCHAR) = '2024-02-29 12:00:00'", "CAST(ts_ms AS VARCHAR) LIKE '%.5'",
    "CAST(tz_us AS VARCHAR) LIKE '2024-02-29 %+02'", "CAST(t_us AS VARCHAR) = '12:30:00'", "CAST(b AS VARCHAR) = '\\xFF'",
    "TRY_CAST(s AS INTEGER) = 10", "TRY_CAST(s AS INTEGER) IS NULL", "TRY_CAST(i64 AS TINYINT) IS NULL", "TRY_CAST(f64 AS BIGINT) IS NULL OR TRUE", "TRY_CAST(s AS DOUBLE) < 5",
    "TRY_CAST(s AS DECIMAL(4,1)) = 10", "TRY_CAST(s AS DATE) IS NULL", "TRY_CAST(s AS BOOLEAN) IS NULL", "ts_us::DATE = '2024-02-29'", "tz_us::DATE = DATE '1970-01-01'", "day::TIMESTAMP = '1970-01-01'",
    "CAST(d38 AS DOUBLE) > 2.5", "CAST(i8 AS DECIMAL(6,2)) = 7", "d9::DECIMAL(18,1) = 2.5", "d38::DECIMAL(38,2) = 0", "CAST(d18 AS DECIMAL(18,2)) = 0.01", "i8::BOOLEAN", "yes::INTEGER = 1", "CAST(i8 AS DOUBLE) = 7",
    "TRY_CAST(u64 AS BIGINT) IS NULL", "TRY_CAST(d38 AS INTEGER) IS NULL AND d38 > 1e9", "f64::FLOAT = f64 OR abs_is_missing IS NULL",
    "st IS NULL", "st.x = 1", "st.x IS NULL", "ST.Y = 'a'", "\"st\".\"x\" IN (1, NULL)", "GROUP_IS_MISSING IS NULL", "I8 = 7", "\"i8\" = 7",
    "yes", "NOT yes", "yes AND no", "yes OR no", "yes = no", "yes < no", "(yes AND no) IS UNKNOWN", "yes IS DISTINCT FROM no", "i8 BETWEEN i16 AND i32", "i8 IN (i16, 7)", "5 BETWEEN i8 AND i16", "NULL IN (1, 2)",
    "i8 = 1 OR i8 = 2 OR i8 = 3 AND i16 = 1", "NOT i8 = 1 AND i16 = 1", "i8 + 1 * 2 = 5", "(i8::BIGINT + 1) * 2 = 6", "- 3 % 2 = -1", "2 - -2 = 4", "1 - 1 - 1 = -1",
    "i8 IS DISTINCT FROM 7 AND yes", "i8 IS NOT DISTINCT FROM 7 OR yes", "i8 IS DISTINCT FROM \"group\" + 1", "NOT i8 IS NULL", "NOT i8 IN (1, 2)", "NOT i8 BETWEEN 1 AND 3", "i8 BETWEEN 1 AND 3 AND yes",
    "i8 NOT BETWEEN 1 AND 3 OR yes", "NOT s LIKE 'a%' AND yes", "i8 < 7 IS TRUE", "ri + 1 IN (2)", "ri + 1 BETWEEN 2 AND 2 + 1", "yes AND NOT no OR no", "NOT yes OR no", "NOT NOT yes", "i8 IS NULL AND yes IS NULL OR no",
    "ri - 1 IS NULL", "i8 = 7 IS NOT NULL", "i16::VARCHAR LIKE '1%' AND yes", "s LIKE 'a' ESCAPE '$' AND yes", "i8 IN (1) IS NULL", "s LIKE 'a%' IS UNKNOWN", "NOT yes IS TRUE", "1 + 2 * 3 - 4 / 2 = 5", "7 % 4 * 2 = 6", "-7 // 2 = -3",
    "i8 == 7", ".5 < f64", "1_000 > i8", "s = 'it''s' OR s = 'a'", "i8 /* a comment */ = 7 -- and another",
]
# Tried to be sure that they are refused by both; asked of neither.
FIXED = [text for text in FIXED if "is_missing" not in text.lower()]


def main():
    directory = pathlib.Path(sys.argv[1])
    ours, plain = build()
    with pa.ipc.new_stream(str(directory / "table.arrows"), ours.schema) as stream:
        stream.write_table(ours, max_chunksize=97)
    # What Parquet does not hold is written as the plain type that DuckDB gets.
    for name in ("ri", "rs", "d9", "d18"):
        place = ours.schema.get_field_index(name)
        ours = ours.set_column(place, name, plain[name])
    pa.parquet.write_table(ours, str(directory / "table.parquet"), row_group_size=3)
    duck = duckdb.connect()
    duck.execute("SET TimeZone = 'Etc/GMT-2'")  # The zone of all columns that have one.
    # DuckDB may evaluate `100 // b` before `b <> 0`; a null there gives the rows that are meant.
    duck.execute("SET error_on_division_by_zero = false")
    duck.register("source", plain)
    duck.execute("CREATE TABLE t AS SELECT * FROM source")

    def answer(text):
        return [row for (row,) in duck.execute(f"SELECT row_id FROM t WHERE ({text}\n) ORDER BY row_id").fetchall()]

    cases = []

    def add(text):
        negation = f"NOT ({text}\n)"
        cases.extend([[text, answer(text)], [negation, answer(negation)]])

    refused = []
    for text in FIXED:
        try:
            add(text)
        except duckdb.Error as error:
            refused.append(f"DuckDB refuses {text}: {error}")
    if refused:
        sys.exit("\n".join(refused))
    left = RANDOM
    while left:
        try:
            add(tree(2))
            left -= 1
        except duckdb.Error:
            pass
    (directory / "cases.json").write_text(json.dumps(cases))


main()
