"""A table of all types, for what is compared with DuckDB: `build` gives it as it is written, and as
DuckDB gets it where DuckDB does not know a type."""

import datetime as dt
import decimal
import random

import pyarrow as pa
import pyarrow.compute

ROWS = 300
dice = random.Random(20240229)
decimal.getcontext().prec = 80
D = decimal.Decimal
UTC = dt.timezone.utc


def column(pool, arrow_type, nulls=0.15):
    """Values drawn from a pool, so that equal ones are common."""
    values = [None if dice.random() < nulls else dice.choice(pool) for _ in range(ROWS)]
    return pa.array(values, arrow_type)


def integers(bits, signed):
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return [low, low + 1, high, high - 1, *range(max(low, -3), 12), min(high, 100)]


NAN, INF = float("nan"), float("inf")
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 2.25, 3.0, 7.0, -2.5, 100.0, NAN, NAN, INF, -INF]
WIDE = FLOATS + [0.1, -0.1, 0.3, 1e-300, 1e300, -1e300, 2.0**53, 2.0**53 + 2, 1.7976931348623157e308]
TEXTS = ["", "a", "A", "ab", "abc", "aXc", "a%", "a_b", "a\\b", "b", "é", "É", "zebra", "10", "2", "長い", "a\nb"]
BYTES = [b"", b"a", b"ab", b"\xff", b"\x00", b"abc"]
DAYS = [dt.date(1, 1, 1), dt.date(1969, 12, 31), dt.date(1970, 1, 1), dt.date(2024, 2, 29), dt.date(2024, 3, 1), dt.date(9999, 12, 31)]
TIMES = [dt.time(0), dt.time(0, 0, 1), dt.time(12, 30), dt.time(23, 59, 59)]
SECONDS = [-62135596800, -86401, -1, 0, 1, 43200, 1709164800, 1709208000, 1709251199, 253402300799]
# Nanoseconds in 64 bits reach from 1677 to 2262 only.
NEAR = [second for second in SECONDS if abs(second) < 9_000_000_000]


def moments(unit):
    scale = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    base = NEAR if unit == "ns" else SECONDS
    finer = [second * scale + step for second in NEAR for step in ([1, scale // 2, -1] if scale > 1 else [])]
    return [second * scale for second in base] + finer


def decimals(precision, scale):
    unit = D(1).scaleb(-scale)
    top = (D(10) ** precision - 1) * unit
    return [D(0) * unit, unit, -unit, D(1), D(-1), D("2.5"), D(7), top, -top, D(100)]


def build():
    """The table as it is written, and as DuckDB gets it where it does not know a type."""
    ours, plain = {}, {}

    def add(name, array, for_duckdb=None):
        ours[name] = array
        plain[name] = array if for_duckdb is None else array.cast(for_duckdb)

    for bits in (8, 16, 32, 64):
        for signed in (True, False):
            name = f"{'i' if signed else 'u'}{bits}"
            kind = getattr(pa, f"{'int' if signed else 'uint'}{bits}")()
            add(name, column(integers(bits, signed), kind))
    half = [value for value in FLOATS]
    ours["f16"] = column(half, pa.float16())
    plain["f16"] = ours["f16"].cast(pa.float32())
    add("f32", column(FLOATS + [0.1, 1e30, 3.4e38], pa.float32()))
    add("f64", column(WIDE, pa.float64()))
    add("g64", column(WIDE, pa.float64()))
    add("d9", column(decimals(9, 2), pa.decimal32(9, 2)), pa.decimal128(9, 2))
    add("d18", column(decimals(18, 3), pa.decimal64(18, 3)), pa.decimal128(18, 3))
    add("d38", column(decimals(38, 10), pa.decimal128(38, 10)))
    add("d20", column(decimals(20, 0)[:5] + decimals(20, 0)[6:], pa.decimal128(20, 0)))
    small = [value for value in decimals(30, 5)]
    add("d76", column(small, pa.decimal256(76, 5)), pa.decimal128(38, 5))
    add("s", column(TEXTS, pa.string()))
    add("ls", column(TEXTS, pa.large_string()))
    add("sv", column(TEXTS, pa.string_view()), pa.string())
    add("ds", column(TEXTS, pa.string()).dictionary_encode(), pa.string())
    add("dl", column(TEXTS, pa.large_string()).dictionary_encode(), pa.string())
    add("di", column([1, 2, 3, 300], pa.int64()).dictionary_encode(), pa.int64())
    runs = column([1, 2, 3], pa.int32(), 0.3)
    ours["ri"] = pa.compute.run_end_encode(runs)
    plain["ri"] = runs
    texts = column(["a", "b"], pa.string(), 0.3)
    ours["rs"] = pa.compute.run_end_encode(texts)
    plain["rs"] = texts
    add("b", column(BYTES, pa.binary()))
    add("lb", column(BYTES, pa.large_binary()))
    add("bv", column(BYTES, pa.binary_view()), pa.binary())
    add("fb", column([b"aa", b"ab", b"\xff\x00"], pa.binary(2)), pa.binary())
    add("yes", column([True, False], pa.bool_()))
    add("no", column([True, False], pa.bool_()))
    add("day", column(DAYS, pa.date32()))
    add("day64", column(DAYS, pa.date64()), pa.date32())
    add("t_s", column(TIMES, pa.time32("s")), pa.time64("us"))
    add("t_ms", column(TIMES, pa.time32("ms")), pa.time64("us"))
    add("t_us", column(TIMES, pa.time64("us")))
    add("t_ns", column(TIMES, pa.time64("ns")), pa.time64("us"))
    for unit in ("s", "ms", "us", "ns"):
        add(f"ts_{unit}", column(moments(unit), pa.timestamp(unit)))
    add("tz_us", column(moments("us"), pa.timestamp("us", "Etc/GMT-2")))
    add("tz_ms", column(moments("ms"), pa.timestamp("ms", "+02:00")), pa.timestamp("us", "UTC"))
    add("group", column([1, 2, 3], pa.int64()))
    struct = [None if dice.random() < 0.2 else {"x": dice.choice([1, 2, None]), "y": "a"} for _ in range(ROWS)]
    add("st", pa.array(struct, pa.struct([("x", pa.int32()), ("y", pa.string())])))
    ours["row_id"] = plain["row_id"] = pa.array(range(ROWS), pa.int64())
    return pa.table(ours), pa.table(plain)
