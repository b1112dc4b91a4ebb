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
decimal.getcontext().prec = 80
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
JSON = [
    '{"a": 1, "b": [1, {"c": "x"}, null], "a": 2}', '[1, [2, 3], {"a": 5}]', '"text"', "null", " 17 ", '{"a": {"b": {"c": [true]}}}', '{"a": null}', "[]", "{}",
    r'{"\u0061": "A\u00e9\n\/ \"q\" \ud83d\ude00", "": 0, "x y": 1.5}', '{"a": 123456789012345678901234567890, "b": -1.25}', '{"a.b": 1, "a/b": 2, "0": 3}', '{"a": [ 1 , 2 ]}',
]
PATHS = ["a", "$.a", "$.a.b", "$.b[1].c", "$[1][0]", "$[-1]", "$[#-1].a", "/a/b/c/0", "/b/1/c", "$", "", "$.\"x y\"", "/a~1b", "$.\"a.b\"", "0", "/0", "$.x y"]
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
    for bits in (8, 16, 32, 64):
        add(f"i{bits}", column(integers(bits, True), getattr(pa, f"int{bits}")()))
        add(f"u{bits}", column(integers(bits, False), getattr(pa, f"uint{bits}")()))
    add("f32", column(FLOATS[:13] + FLOATS[16:], pa.float32()))
    add("f64", column(FLOATS, pa.float64()))
    add("d9", column(decimals(9, 2), pa.decimal32(9, 2)), pa.decimal128(9, 2))
    add("d18", column(decimals(18, 3), pa.decimal64(18, 3)), pa.decimal128(18, 3))
    add("d38", column(decimals(38, 10), pa.decimal128(38, 10)))
    add("d76", column(decimals(30, 5), pa.decimal256(76, 5)), pa.decimal128(38, 5))
    add("p", column([0.5, 1.0, 2.0, 10.0, 4.0, 1e-5, 12345.678], pa.float64()))
    add("q", column([-3, -2, -1, 0, 1, 2, 3, 5], pa.int32()))
    add("b", column([b"", b"a", b"\xff\x00", b"abc"], pa.binary()))
    add("day", column(DAYS, pa.date32()))
    add("day2", column(DAYS, pa.date32()))
    add("day64", column(DAYS, pa.date64()), pa.date32())
    for unit, name in (("s", "ts_s"), ("ms", "ts_ms"), ("us", "ts_us"), ("us", "ts2"), ("ns", "ts_ns")):
        moments_of = column(moments(unit), pa.timestamp(unit))
        # DuckDB 2.0 takes microseconds from timestamps of other units; nanoseconds lose digits there.
        ours[name], plain[name] = moments_of, moments_of.cast(pa.timestamp("us"))
    # DuckDB counts the years before 1 otherwise where there is a zone.
    add("tz", column([moment for moment in moments("us") if moment > -62000000000000000], pa.timestamp("us", "UTC")))
    add("berlin", column(WINTER, pa.timestamp("us", "Europe/Berlin")))
    add("clock", column([dt.time(0), dt.time(12, 34, 56, 789012), dt.time(23, 59, 59, 999999)], pa.time64("us")))
    add("clock_s", column([dt.time(0), dt.time(12, 34, 56)], pa.time32("s")), pa.time64("us"))
    add("written", column(["2024-02-29", "1969-12-31", " 2023-1-5 ", "0001-01-01", "9999-12-31"], pa.string()))
    add("wrong", column(["2024-02-30", "x", "", "2024-02-29", "24-2-9", "2024-02-29 x", "20240229", "2024-13-01", "12024-01-01"], pa.string()))
    lists = [[], [1], [1, 2, 3], [None], [3, None, 2], [7, 7], None]
    for name, kind in (("l", pa.list_), ("ll", pa.large_list), ("lv", pa.list_view), ("llv", pa.large_list_view)):
        values = [None if value is None else list(value) for value in itertools.islice(itertools.cycle(lists), ROWS)]
        dice.shuffle(values)
        ours[name], plain[name] = pa.array(values, kind(pa.int32())), pa.array(values, pa.list_(pa.int32()))
    triples = list(itertools.islice(itertools.cycle([[1, 2, 3], [None, 5, 6], None]), ROWS))
    ours["lf"], plain["lf"] = pa.array(triples, pa.list_(pa.int32(), 3)), pa.array(triples, pa.list_(pa.int32()))
    texts = list(itertools.islice(itertools.cycle([["a", "b"], [], None, [None, "é"], ["a"]]), ROWS))
    add("lt", pa.array(texts, pa.list_(pa.string())))
    add("lg", pa.array([None if v is None else [0.1, float("nan"), len(v)] for v in texts], pa.list_(pa.float32())))
    structs = [{"a": 1, "Bc": "x", "sub": {"z": 1.5}, "ls": [1, 2]}, {"a": None, "Bc": None, "sub": None, "ls": None}, None, {"a": 3, "Bc": "y", "sub": {"z": None}, "ls": []}]
    kind = pa.struct([("a", pa.int64()), ("Bc", pa.string()), ("sub", pa.struct([("z", pa.float64())])), ("ls", pa.list_(pa.int64()))])
    add("st", pa.array(list(itertools.islice(itertools.cycle(structs), ROWS)), kind))
    add("lst", pa.array([[value, None] for value in itertools.islice(itertools.cycle(structs), ROWS)], pa.list_(kind)))
    uuids = [None if dice.random() < 0.1 else dice.randbytes(16) for _ in range(ROWS)]
    uuids = pa.array(uuids, pa.uuid())
    add("uu", uuids)
    add("lu", pa.ListArray.from_arrays(pa.array(range(ROWS + 1), pa.int32()), uuids))
    add("su", pa.StructArray.from_arrays([uuids], fields=[pa.field("u", pa.uuid())]))
    add("js", column(JSON, pa.string()))
    add("jd", column(JSON, pa.large_string()).dictionary_encode(), pa.string())
    add("path", column(PATHS, pa.string()))
    add("dur", column([0, 1, -1, 1_500_000, 86_400_000_000, -90_000_000_001], pa.duration("us")))
    return pa.table(ours), pa.table(plain)


DAYS = [dt.date(1, 1, 1), dt.date(1899, 12, 31), dt.date(1969, 12, 31), dt.date(1970, 1, 1), dt.date(2000, 2, 29), dt.date(2020, 12, 28), dt.date(2021, 1, 3), dt.date(2023, 1, 31), dt.date(2024, 1, 31), dt.date(2024, 2, 29), dt.date(2024, 12, 31), dt.date(2025, 1, 1), dt.date(9990, 6, 15)]
SECONDS = [-62135596800, -2208988801, -86401, -1, 0, 1, 43200, 951782400, 1609113599, 1675123200, 1709164800, 1709251199, 1735603200, 253000000000]
# The nights in which Berlin's clocks are put forward and back.
WINTER = [(1711846800 + step * 1800) * 10**6 + 7 for step in range(-50, 50, 3)] + [(1729990800 + step * 1800) * 10**6 for step in range(-50, 50, 3)]


def moments(unit):
    scale = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    near = [second for second in SECONDS if unit != "ns" or abs(second) < 9_000_000_000]
    # No finer than DuckDB's microseconds.
    step = scale // 10**6 if unit == "ns" else 1
    return [second * scale + more * step for second in near for more in ([0, 1, -1, 123456] if scale > 1000 else [0, 1])]


def integers(bits, signed):
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return [low, low + 1, high, high - 1, *range(max(low, -6), 16), min(high, 100), min(high, 125), max(low, -125), min(high, 255)]


def decimals(precision, scale):
    unit = D(1).scaleb(-scale)
    top = (D(10) ** precision - 1) * unit
    return [D(0) * unit, unit, -unit, D(1), D(-1), D("2.5"), D("-2.5"), D("2.49"), D(7), top, -top, D(100), D("-1250"), D("0.05") if scale > 1 else D(0), top - D(1000)]


PARTS_OF_TIME = ["millennium", "century", "decade", "year", "quarter", "month", "week", "day", "hour", "minute", "second", "milliseconds", "microseconds", "isoyear"]
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
    *(f"length({c})" for c in ("s", "ls", "sv", "ds", "l", "ll", "lv", "llv", "lf", "lt", "lst")), "len(s)", "len(lt)", "length(NULL)", "array_length(l)",
    *(f"contains({c}, t)" for c in ("s", "ls", "sv", "ds")), "contains(s, NULL)", "contains(l, 2)", "contains(lt, 'a')",
    # Regular expressions.
    *(f"regexp_matches({c}, '{p}')" for c in ("s", "sv", "ds") for p in ("b", "^a", "a$", "[a-c]+X", "\\d{2}", "^\\w+$", "\\s", "\\S\\W", "a.b", "(?i)HELLO", "[^a-z ]", "[[:upper:]]", "\\pL\\pM", "[]a]", "[^]a]", "\\bW", "^$", "é|長", "[\\d,]", "\\Qa.b\\E", "x*", "(a|b)+?c")),
    "regexp_matches(s, 'h', 'i')", "regexp_matches(s, 'A.B', 'is')", "regexp_matches(s, 'e.b', 's')", "regexp_matches(s, 'e.b')", "regexp_matches(s, 'a.b|c', 'l')", "regexp_matches(s, NULL)", "regexp_matches(s, 'a', 'c')",
    "regexp_matches(s, regexp_replace(t, '[\\x00-\\x2f]', '', 'g'))",
    *(f"regexp_replace({c}, '{p}', '{r}'{o})" for c in ("s", "ds") for p, r, o in (
        ("l", "L", ""), ("l", "L", ", 'g'"), ("(l)(l)", "\\2-\\1", ""), ("[aeiou]", "<\\0>", ", 'g'"), ("", "x", ", 'g'"), ("x*", "-", ", 'g'"), ("b*", "-", ", 'g'"), ("A", "$1", ", 'gi'"), ("a", "\\\\", ", 'g'"), (".", "", ""), ("é", "e", ", 'g'"), ("(x)?a", "[\\1]", ", 'g'"))),
    "regexp_replace(s, 'a', t)", "regexp_replace(ls, 'a', t, 'g')", "regexp_replace(s, 'a', NULL)",
    # Numbers.
    *(f"abs({c})" for c in ("i8 // 2", "u8", "u64", "f32", "f64", "d9", "d18", "d38", "d76", "nullif(i16, -32768)", "nullif(i64, -9223372036854775808)", "NULL")),
    *(f"round({c})" for c in ("i8", "i32", "u8", "u64", "f32", "f64", "d9", "d18", "d38", "d76")),
    *(f"round({c}, {n})" for c in ("i32 // 100", "u8", "f32", "f64", "d9", "d18", "d76") for n in (-30, -3, -1, 0, 1, 2, 7) if not (c in ("f32", "f64") and n < 0) and not (c in ("d9", "d18", "d76") and n < 0)),
    *(f"round({c}, {n})" for c in ("nullif(abs(f64), 'inf'::double)", "least(greatest(d18, -1000000), 1000000)") for n in (-4, -2, -1)),
    "round(p, q)", "round(i16 // 10, q)", "round(f64, NULL)", "round(d9, 100)",
    *(f"{f}({c})" for f in ("floor", "ceil") for c in ("i8", "u32", "f32", "f64", "d9", "d18", "d38", "d76", "NULL")), "ceiling(d9)",
    *(f"{f}({c})" for f in ("sqrt", "ln") for c in ("p", "i32", "u8", "d9", "f64", "f32", "NULL")), "exp(q)", "exp(p / 100)", "exp(d9 / 1000000)",
    "power(p, q)", "power(2, q)", "pow(q, 2)", "power(f64, 0.5)", "power(d9, 2)", "power(NULL, 2)",
    # Extremes.
    *(f"{f}({a})" for f in ("greatest", "least") for a in ("i8, i16", "i8, u64", "i8, 5", "f64, f32", "f64, 0.5", "i64, NULL, 3", "s, ls", "ds, t", "s, 'b'", "d9, i8, 2.5", "f64, -0.0::double, 0.0::double", "i8", "NULL, NULL", "i8 > 1, i16 > 1", "b, b")),
    # Lists and structs.
    *(f"list_contains({c}, 2)" for c in ("l", "ll", "lv", "llv", "lf")), "list_contains(l, q)", "list_contains(l, 2.0)", "list_contains(l, 2.5)", "list_contains(l, NULL)", "list_contains(lt, 'é')", "list_contains(lt, t)", "array_contains(l, 7)", "list_has(l, 1)",
    "list_contains(lg, 'nan'::float)", "list_contains(st.ls, 2)",
    *(f"{c}[{n}]" for c in ("l", "ll", "lv", "llv", "lf", "lt", "s", "ds") for n in ("1", "2", "-1", "-3", "0", "9", "q", "NULL::int")), "list_extract(l, 2)", "array_extract(lt, 1)", "list_element(l, -1)",
    "st.a", "st.bc", "(st).a", "(st).Bc", "st['a']", "st['bc']", "struct_extract(st, 'a')", "st.sub.z", "(st).sub.z", "st['sub']['z']", "st['sub'].z", "st.ls[1]", "(st).ls[-1]", "lst[1].a", "lst[1]['Bc']", "lst[1].sub.z", "lst[2].a", "lst[1].ls[2]", "upper(lst[1].bc)",
    *(f"md5({c})" for c in ("s", "ls", "sv", "ds", "b", "NULL")),
    # Time.
    *(f"date_trunc('{p}', {c})" for p in PARTS_OF_TIME for c in ("day", "ts_us")), *(f"date_trunc('{p}', {c})" for p in ("hour", "month", "week", "milliseconds") for c in ("day64", "ts_s", "ts_ms", "ts_ns", "tz")),
    "date_trunc('YEARS', day)", "date_trunc(NULL, day)", "datetrunc('mons', ts_us)",
    *(f"date_part('{p}', {c})" for p in PARTS_OF_TIME + ["dow", "isodow", "doy", "yearweek", "era", "epoch", "julian"] for c in ("day", "ts_us")),
    *(f"extract({p} from {c})" for p in ("year", "quarter", "hour", "second", "milliseconds", "epoch", "week") for c in ("day64", "ts_s", "ts_ms", "ts_ns", "tz") if (p, c) != ("epoch", "tz")),
    *(f"date_part('{p}', {c})" for p in ("hour", "minute", "second", "ms", "us", "epoch") for c in ("clock", "clock_s")), "extract('year' from day)", "datepart('yr', day)",
    *(f"date_part('{p}', day)" for p in "millennia mil cent c dec y yrs quarters mons w weekofyear d dayofmonth h m min s msec usec dayofweek weekday dayofyear".split()),
    *(f"strftime({c}, '{f}')" for c in ("day", "ts_us", "ts_s", "ts_ns") for f in ("%Y-%m-%d %H:%M:%S.%f", "%a %A %w %u %-d %b %B %h %-m %y %-y", "%-H %I %-I %p %-M %-S", "%j %-j %U %W %G-W%V", "%c | %x | %X %%é")), "strftime(tz, '%Y %H')", "strftime(day, NULL)",
    *(f"strptime({t!r}, {f!r})" for t, f in (("29/2/24", "%d/%m/%y"), ("1/1/69", "%d/%m/%y"), ("29 FEB 2024", "%d %b %Y"), ("Thursday, 29 february 2024", "%A, %d %B %Y"), ("12:30 AM", "%I:%M %p"), ("01:30 pm", "%I:%M %p"), ("2024-060", "%Y-%j"), ("2024-W09-4", "%G-W%V-%u"), ("2024 09 4", "%Y %W %w"), ("2024 09 4", "%Y %U %w"), ("2021 00 5", "%Y %W %w"), ("2024-02-29 1:2:3.5", "%c.%f"), ("a  b 2024 ", "a b %Y"), ("5%", "%d%%"), ("2024", "%Y"), ("2024-02-29 01:02:03 -0230", "%c %z"), ("2024-02-29 01:02:03 +02:30", "%c %z"), ("2024-02-29 01:02:03 Europe/Berlin", "%c %Z"), ("2024-02-29 01:02:03.12", "%c.%g"), ("20240229", "%Y%m%d"))),
    "strptime(written, '%Y-%m-%d')", "strptime(strftime(ts_us, '%Y-%m-%d %H:%M:%S.%f'), '%Y-%m-%d %H:%M:%S.%f')", "try_strptime(wrong, '%Y-%m-%d')", "try_strptime(wrong, '%d.%m.%Y')", "try_strptime(s, '%Y-%m-%d')", "strptime(NULL, '%Y')", "try_strptime(wrong, NULL)",
    *(f"{c} {sign} INTERVAL {i}" for c in ("day", "ts_us", "ts_s", "ts_ns", "tz", "day64") for sign in "+-" for i in ("'1 month'", "3 DAY", "'1 year 2 months -3 days 04:05:06'") if c != "tz" or ":" not in i),
    *(f"day + INTERVAL {i}" for i in ("'1.5 days'", "'1.5 months'", "'2 quarters'", "'1 decade'", "'90 minutes ago'", "'-04:05:06'", "'5 ms'", "'1d 2h 3m 4s'", "'3'", "'7' WEEK", "(2) YEARS", "1 HOUR", "'0.5 years'", "'5 milliseconds 3 microseconds'")), "- INTERVAL 3 DAY + day", "INTERVAL 1 MONTH + ts_us", "day - - INTERVAL 1 DAY", "day + NULL",
    "day - day2", "day + q", "q + day", "day - 5", "day + INTERVAL 1 DAY > ts_us", "ts_us - ts2 > INTERVAL '1 month'", "INTERVAL '36 hours' >= ts_us - ts2", "day - ts2 = INTERVAL '0 days'", "extract(epoch from ts_us - ts2)", "date_part('day', ts_us - ts2)", "date_part('hour', ts_us - ts2)", "ts2 + (ts_us - ts2)", "day + (ts_us - ts2)", "ts_us >= date_trunc('month', day) + INTERVAL 1 MONTH",
    # Text cut, filled, joined and searched.
    *(f"{f}({c}, n)" for f in ("left", "right", "repeat") for c in ("s", "ls", "ds")), "left(sv, -2)", "right(sv, 3)", *(f"{f}({c}, n, 'xy')" for f in ("lpad", "rpad") for c in ("s", "ls", "sv")), "lpad(s, 7, t || 'é')",
    "reverse(t)", "translate(s, 'abé', 'xy')", "translate(ds, t, 'Q')", "concat(s, q, f64, day, NULL, i8 > 1, ls)", "concat(NULL)", "concat_ws(t, s, n, day64 - 800000 > day)", "concat_ws(', ', d9, NULL, b)", "concat_ws(NULL, s)",
    "instr(s, t)", "strpos(sv, 'b')", "position(t IN s)", "strlen(s)", "ascii(s)", "unicode(ls)", "ord(t)", "chr(abs(n) + 200)", "string_split(s, coalesce(t, 'q') || 'x')", "str_split(ds, ',')", "string_split(sv, '')", "split(s, 'b')",
    *(f"regexp_extract({c}, '{p}'{g})" for c in ("s", "sv", "ds") for p, g in (("[a-z]+", ""), ("([a-z])([0-9]+)", ", 2"), ("(z)?b", ", 1"), ("L", ", 0, 'i'"), ("é|長", ""), ("", ""))), "regexp_extract(s, t || 'x*')",
    "regexp_extract_all(s, '[a-z]([0-9]*)', 1)", "regexp_extract_all(ds, '[a-z]')", "regexp_extract_all(s, 'l', 0, 'i')", "regexp_full_match(s, '[a-z]+')", "regexp_full_match(sv, 'A|ab', 'i')", "s ~ 'b'", "s !~ '^a'", "s SIMILAR TO 'a.*|hello'", "ds NOT SIMILAR TO '[a-z]+'",
    *(f"s GLOB '{p}'" for p in ("a*", "*b*", "?", "[a-h]*", "[!a]*", "*[,c]*", "\\*", "é?é", "*\t*", "")), "NOT s GLOB 'a*' AND q > 0", "ds GLOB t",
    # Numbers.
    *(f"trunc({c})" for c in ("i8", "u8", "f32", "f64", "d9", "d18", "d38")), *(f"trunc({c}, {n})" for c in ("f64", "d9", "p") for n in (1, 2)), *(f"trunc({c}, {n})" for c in ("i32", "p") for n in (-1, -2)),
    *(f"sign({c})" for c in ("i8", "u64", "f32", "f64", "d9", "d38")), *(f"{f}({c})" for f in ("log10", "log2", "log", "cbrt", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "radians", "degrees", "asin", "acos", "cot") for c in ("p / 20000", "i8")), "log(2, p)", "log(p + 1, 10)", "atan2(p, q)", "pi()", "atan2(f64, 1)",
    *(f"{f}({c})" for f in ("isnan", "isinf", "isfinite") for c in ("f64", "f32")), "mod(i32, 7)", "mod(d9, 3)", "i8 & 7", "i32 | 5", "xor(i64, 3)", "~i16", "~u8", "u8 & u16", "abs(q) << 3", "i32 >> 2", "bit_count(i16)", "bit_count(u64)", "bit_count(i8)", "2 ^ q", "p ** 2", "(i8 & 3) = 1 OR q > 2",
    "if(q > 0, s, t)", "if(q > 0, i8, 2.5)", "IF(NULL, 1, 2)", "if(i8 > i16, NULL, day)",
    # Times.
    *(f"{f}({c})" for f in ("year", "quarter", "month", "week", "weekofyear", "day", "dayofmonth", "dayofweek", "weekday", "isodow", "dayofyear", "isoyear", "yearweek", "decade", "century", "millennium", "era", "hour", "minute", "second", "millisecond", "microsecond", "julian", "epoch", "dayname", "monthname", "last_day", "epoch_ms") for c in ("day", "ts_us")),
    "hour(clock)", "minute(clock_s)", "epoch(clock)", "year(tz)", "dayname(day64)", "epoch_us(ts_ms)", "epoch_ns(clock)", "epoch_ms(1709168523004)", "epoch_ms(i32)", "epoch_us(day)",
    "make_date(2000 + q, 1 + abs(q), 28)", "make_time(abs(q), 59, 1.25)", "make_timestamp(2024, 2, 29, abs(q), 30, p / 1000)", "make_timestamp(i64 // 1000000)", "make_timestamp_ms(m * 1000)", "to_timestamp(p)", "to_timestamp(m)", "make_date(NULL, 1, 2)",
    *(f"{f}('{p}', {a})" for f in ("date_diff", "date_sub") for p in ("year", "quarter", "month", "week", "day", "decade", "century", "isoyear", "hour", "minute", "second", "millisecond", "microsecond") for a in ("day, day2", "ts_us, ts2", "ts2, ts_us", "day, ts_us") if not (p == "microsecond" and a == "day, day2")), "datediff('hours', clock, TIME '12:00:00')", "date_sub('minute', clock, TIME '12:00:00')", "date_diff('week', tz, TIMESTAMPTZ '2024-01-01 00:00:00+00')",
    "date_add(day, INTERVAL 1 MONTH)", "date_add(ts_us, INTERVAL '36 hours')", "ts_us AT TIME ZONE 'Asia/Tokyo'", "tz AT TIME ZONE 'Asia/Tokyo'", "day AT TIME ZONE 'Asia/Kolkata'", "timezone('Asia/Tokyo', ts_us)", "timezone(tz)", "(ts_us AT TIME ZONE 'Europe/Berlin') = tz",
    # Slices of lists, and of texts.
    *(f"{c}[{r}]" for c in ("l", "ll", "lv", "llv", "lf", "lt", "s", "ds") for r in ("1:2", "2:", ":2", "-2:", ":-2", "0:1", "2:1", ":", "q:n", "-9:9", "NULL:2")), "l[3:1:-1]", "l[-1:1:-1]", "l[1:3:-1]", "l[9:0:-1]", "l[:3:2]", "list_slice(lt, 1, 2)", "array_slice(l, q, 3)", "lt[1:2][2]", "(s || t)[2:3]", "st.ls[2:]",
    # Text of lists and structs, intervals.
    *(f"{c}::VARCHAR" for c in ("l", "ll", "lv", "llv", "lf", "lt", "lg", "st", "lst", "st.ls", "st.sub", "string_split(s, 'b')", "regexp_extract_all(s, '.')", "regexp_extract_all(s, '[a-z]?')")), "l[2:2]::VARCHAR", "length(l::VARCHAR)",
    *(f"CAST({c} AS {t})" for c in ("l", "ll", "lv", "llv", "lf") for t in ("DOUBLE[]", "VARCHAR[]", "DECIMAL(10,2)[]")), "st::STRUCT(a VARCHAR, Bc VARCHAR)", "CAST(st AS STRUCT(BC VARCHAR, missing INTEGER))", "CAST(lst AS STRUCT(a DOUBLE, ls VARCHAR[])[])", "st.ls::DOUBLE[]", "TRY_CAST(lt AS INTEGER[])", "CAST(string_split('1,2,3', ',') AS INTEGER[])[2] = 2", "(l::VARCHAR[])[1] || 'x'",
    *(f"(INTERVAL '{i}')::VARCHAR" for i in ("14 months 3 days 04:05:06.7", "-14 months 3 days -04:05:06.7", "0 days", "1 month 1 day", "100 hours", "-1 months")), "CAST('1 month 3 days' AS INTERVAL) = INTERVAL '33 days'", *(f"INTERVAL '{a}' {o} INTERVAL '{b}'" for a, b in (("1 day", "24 hours"), ("25 hours", "1 day"), ("1 month", "40 days"), ("1 year", "360 days")) for o in ("=", "<", ">=", "IS DISTINCT FROM")), "INTERVAL '1 day' IN (INTERVAL '24 hours')", "INTERVAL '36 hours' > ts_us - ts2",
    *(f"extract({p} from {c})" for p in ("yearweek", "era", "isoyear", "dow", "doy", "julian", "century") for c in ("day", "ts_us")), "extract(yearweek FROM day)",
    # Operators among each other.
    "1 + 2 ^ 2 = q", "1 + q ^ 2", "2 * q ** 2", "2 ^ 3 ^ 2", "-q ^ 2", "-2 ^ 2", "2 ** -1 * 3", "2 ^ -1 ^ 2", "7 // 2 ^ 2", "7 % 4 ^ 1", "4 | 2 & 1", "2 | 1 << 3", "1 + ~2 + 1", "~2 + 1", "~2 * 3", "~5 & 3", "-5 & 3", "1 << 2 + 1", "8 >> 1 + 1", "1 - 2 & 3 - 1", "5 & 1 IN (1)", "NOT 1 & 2 = 2", "i8 & 3 + 1", "i8 | q & 3", "q + 1 & 3 = 2", "~q + 1", "~q * 2 & 7", "q - -q ** 2", "- i8::INT + 1",
    "'a' || 1 + 2", "1 + 2 || 'a'", "'a' || 1 << 2", "1 | 2 || 'x'", "'x' || 1 | 2", "s || q + 1", "q * 2 || t || q", "s || t LIKE 'a%'", "s || t IN ('a', 'ab')", "q - 1 || '' = '0'", "s GLOB t || '*'", "s NOT GLOB 'a*'", "s GLOB 'a*' AND q > 0", "s NOT GLOB t || '*' OR q = 1", "q BETWEEN 1 & 3 AND 1 | 2", "q ** 2 BETWEEN 1 + 1 AND 2 ^ 3", "~ q IS NULL", "q & 1 = 1 AND NOT q | 2 = 3",
    "i8 >> 10", "i64 >> 64", "i16 >> 15", "u64 >> 1", "u64 & 255", "u64 | 1", "xor(u64, 1)", "u64 & 3 = 2", "255 & u64", "i8 & 5", "hash(q) & 255 >= 0", "u32 >> q + 3", "i64 >> i8",
    "l[::-1]", "l[2::-1]", "l[:-:-1]", "l[1:-:2]", "l[:]", "l[-1:1:-1]",
    *(f"trunc({v}, {d})" for v, d in (("235.7::DOUBLE", 4), ("0.3::DOUBLE", 1), ("4.35::DOUBLE", 2), ("0.29::DOUBLE", 2), ("0.1::DOUBLE", 400), ("f64", 3), ("f64", 7), ("f64", 300), ("1e22::DOUBLE", -3), ("-2.675::DOUBLE", 2))), "trunc(p, q)",
    "round(99::DECIMAL(2,0), -1)", "round(d9, -1) + 0", "round(d76, -3)", "make_time(23, 59, 59.999999)::VARCHAR", "make_timestamp(2024, 2, 29, 24, 0, 0)", "ts_us AT TIME ZONE 'utc'", "ts_us AT TIME ZONE 'europe/berlin'", "tz AT TIME ZONE 'ASIA/TOKYO'",
    "- NULL::INTERVAL IS NULL", "dur = '1.5 seconds'", "dur < INTERVAL '1 day'", "dur IN ('00:00:01.5', '1 day')", "dur::VARCHAR",
    "uu::VARCHAR", "uu || 'x'", "'<' || uu || '>'", "concat(uu, q, uu)", "concat_ws('-', q, uu)", "coalesce(uu, UUID '550e8400-e29b-41d4-a716-446655440000')::VARCHAR", "(CASE WHEN q > 0 THEN uu END)::VARCHAR", "if(q > 0, uu, NULL) || ''", "su.u::VARCHAR", "su['u'] || 'x'", "lu[1]::VARCHAR", "lu[1] || t", "su::VARCHAR", "lu::VARCHAR", "lu[1:1]::VARCHAR", "greatest(uu, lu[1])::VARCHAR", "nullif(uu, lu[1])::VARCHAR",
    "list_extract(lg, 1)", "list_extract(lg, 2)", "list_slice(lg, 1, 2)", "array_extract(l::DECIMAL(9,2)[], 1)",
    *(f"date_diff('{p}', DATE '1970-01-01', DATE '{y}-07-15')" for p in ("month", "hour", "microsecond") for y in (1, 9999)),
    *(f"'{y}-{m}-15 12:00:00'::TIMESTAMP AT TIME ZONE '{z}'" for y in (2099, 2100, 2101, 2400, 9990) for m in ("01", "07") for z in ("Europe/Berlin", "America/New_York", "Australia/Sydney")),
    # JSON text. As text: DuckDB's JSON has a type of its own.
    *(f"({c}->{p})::VARCHAR" for c in ("js", "jd") for p in ("'a'", "'$.b[1].c'", "path", "0", "-1", "q", "'a'->'b'")), *(f"{c}->>{p}" for c in ("js", "jd") for p in ("'a'", "'$.b[1].c'", "path", "'$'", "1", "q")),
    "json_extract(js, '$.a.b')::VARCHAR", "json_extract_path(js, path)::VARCHAR", "json_extract_string(js, '$.a')", "json_extract_path_text(js, 'x y')", "js->>'a' = '1'", "js->>'a' || 'x' IS NULL", "(js->>'a') || 'x'", "js->>'a' IN ('1', '5')", "js->>'a' LIKE '%9%'", "1 + TRY_CAST(js->>'$[0]' AS INTEGER)", "json_extract(js, NULL)::VARCHAR", "json_extract(NULL, path)::VARCHAR", "NOT js->>'a' = '1'", "js->'a'->>'b'",
    "length(upper(ds)) + 1", "abs(q) * 2 + length(s)", "coalesce(lt[1], upper(s))",
]
# With the session's zone as the column's.
BERLIN = [
    *(f"date_trunc('{p}', berlin)" for p in ("day", "week", "month", "quarter", "year")), *(f"date_part('{p}', berlin)" for p in ("day", "hour", "minute", "dow", "timezone", "timezone_hour", "epoch", "julian")),
    *(f"{f}('{p}', berlin, {b})" for f in ("date_diff", "date_sub") for p in ("day", "month", "week") if f == "date_diff" or p == "month" for b in ("TIMESTAMPTZ '2024-03-31 03:30:00+02'", "TIMESTAMP '2024-10-27 12:00:00'")), "year(berlin)", "dayname(berlin)", "last_day(berlin)", "berlin AT TIME ZONE 'UTC'", "berlin AT TIME ZONE 'Asia/Tokyo'",
    "berlin::DATE", "berlin::TIMESTAMP", "berlin::VARCHAR", "date_trunc('day', berlin)::DATE", "berlin::TIMESTAMPTZ", "berlin::DATE = DATE '2024-03-31'", "CAST(ts_us AS TIMESTAMPTZ) = berlin",
    *(f"berlin {operator} {constant}" for operator in ("<", ">=", "=") for constant in ("DATE '2024-03-31'", "'2024-03-31 03:30'", "'2024-10-27 02:30'", "TIMESTAMP '2024-10-27 02:30:00'", "TIMESTAMPTZ '2024-10-27 02:00:00'", "TIMESTAMPTZ '2024-10-27 02:00:00+02'", "'2024-03-31 02:30:00.000007'::TIMESTAMPTZ", "ts_us", "day", "ts_ms")),
    "berlin IN ('2024-10-27 02:30', '2024-03-31 01:30:00.000007')", "berlin BETWEEN day AND ts2", "coalesce(berlin, least(ts_us, TIMESTAMP '2030-07-01 00:00:00'))", "CASE WHEN q > 0 THEN berlin ELSE least(day, DATE '2030-07-01') END", "greatest(berlin, least(ts_us, TIMESTAMP '2030-07-01 00:00:00'))", "berlin IS NOT DISTINCT FROM TIMESTAMP '2024-03-30 22:00:00.000007'", "coalesce(berlin, TIMESTAMPTZ '2024-10-27 02:30')", "nullif(berlin, DATE '2024-03-31')",
    "strftime(berlin, '%c %z %Z')", *(f"berlin {sign} INTERVAL {i}" for sign in "+-" for i in ("1 MONTH", "'36 hours'", "'1 month 2 days'")),
]
# Roots, logarithms and powers may differ in the last bit, from one mathematical library to another.
NEAR = ("log10(", "log2(", "log(", "cbrt(", "sin(", "cos(", "tan(", "cot(", "asin(", "acos(", "atan(", "atan2(", "sinh(", "cosh(", "tanh(", "degrees(", "radians(", "2 ^ q", "p ** 2", "ln(", "exp(", "power(", "pow(", "extract(epoch from ts_us - ts2)")


def main():
    directory = pathlib.Path(sys.argv[1])
    ours, plain = build()
    duck = duckdb.connect()
    duck.execute("SET TimeZone = 'UTC'")
    duck.register("source", plain)
    duck.execute("CREATE TABLE t AS SELECT * FROM source")
    cases, refused = [], []
    for text in CASES + BERLIN:
        duck.execute(f"SET TimeZone = '{'Europe/Berlin' if text in BERLIN else 'UTC'}'")
        try:
            want = duck.sql(f"SELECT ({text}) FROM t ORDER BY row_id").to_arrow_table().column(0)
        except duckdb.Error as error:
            refused.append(f"DuckDB refuses {text}: {error}")
            continue
        ours = ours.append_column(f"want_{len(cases)}", want)
        cases.append([text, text.startswith(NEAR)])
    if refused:
        sys.exit("\n".join(refused))
    with pa.ipc.new_stream(str(directory / "table.arrows"), ours.schema) as stream:
        stream.write_table(ours, max_chunksize=97)
    (directory / "cases.json").write_text(json.dumps(cases))


main()
