"""Random conditions on random rows, with nulls, NaN, both zeros and the extremes of types."""

import datetime
import decimal
import math

import pyarrow as pa

UTC = datetime.timezone.utc

SCHEMA = pa.schema(
    [
        ("tiny", pa.int8()),
        ("id", pa.int64()),
        ("single", pa.float32()),
        ("price", pa.float64()),
        ("amount", pa.decimal128(9, 2)),
        ("city", pa.string()),
        ("flag", pa.bool_()),
        ("day", pa.date32()),
        ("at", pa.timestamp("us", "Europe/Oslo")),
        ("local", pa.timestamp("us")),
        ("a.b", pa.int32()),
        ('q"x', pa.int16()),
        ("Group By", pa.int32()),
    ]
)

OPERATORS = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

#: For each column: values of rows, and literals. Some literals are no value of the column.
VALUES = {
    "tiny": ([-128, -3, 0, 1, 127], ["-128", "-3", "0", "1", "127", "200", "1.5"]),
    "id": (
        [-(2**63), -4, -3, 0, 3, 2**53 + 1, 2**63 - 1],
        ["-9223372036854775808", "-3", "0", "3", "9223372036854775807"],
    ),
    "single": (
        [float("nan"), -math.inf, -0.0, 0.0, 0.1, 0.5, 16777216.0, math.inf],
        ["0", "-0.0", "0.1", "0.5", "16777217", "-1.25"],
    ),
    "price": (
        [float("nan"), -math.inf, -0.0, 0.0, 0.1, 0.1 + 0.2, 0.3, 1e15, math.inf],
        ["0", "-0.0", "0.1", "0.3", "0.30000000000000004", "1000000000000000", "0.000000000000000000001"],
    ),
    "amount": (
        [decimal.Decimal(text) for text in ("-9999999.99", "-0.01", "0.00", "0.10", "20.00", "9999999.99")],
        ["-9999999.99", "0", "0.1", "20", "20.00", "0.001", "9999999.99"],
    ),
    "city": (
        ["", "A", "a", "b", "ab", "\u00e9", "\U0001f600", "\uffff", "it's"],
        ["''", "'a'", "'\u00e9'", "'\uffff'", "'it''s'"],
    ),
    "flag": ([True, False], ["TRUE", "false"]),
    "day": (
        [datetime.date(1, 1, 1), datetime.date(1582, 10, 10), datetime.date(1970, 1, 1), datetime.date(9999, 12, 31)],
        ["DATE '1582-10-10'", "'1970-01-01'", "DATE '0001-01-01'", "'9999-12-31'"],
    ),
    "at": (
        [datetime.datetime(1900, 1, 1, tzinfo=UTC), datetime.datetime(2024, 7, 1, 10, 0, 0, 5, tzinfo=UTC)],
        [
            *("'2024-07-01 10:00:00.000005Z'", "TIMESTAMPTZ '2024-07-01 12:00:00+02:00'"),
            *("'1900-01-01T00:00:00Z'", "'2024-07-01'"),
        ],
    ),
    "local": (
        [datetime.datetime(1900, 1, 1), datetime.datetime(2024, 7, 1), datetime.datetime(2024, 7, 1, 10, 0, 0, 5)],
        [
            *("'2024-07-01'", "DATE '2024-07-01'", "TIMESTAMP '2024-07-01 10:00:00.000005'"),
            "TIMESTAMP '1900-01-01 00:00:00'",
        ],
    ),
    "a.b": ([-1, 0, 1], ["-1", "0", "1"]),
    'q"x': ([-1, 0, 1], ["-1", "0", "1"]),
    "Group By": ([-1, 0, 1], ["-1", "0", "1"]),
}


def rows_of(rng, count):
    columns = {}
    for name, (values, _) in VALUES.items():
        picked = [rng.choice([None, *values]) for _ in range(count)]
        columns[name] = pa.array(picked, SCHEMA.field(name).type)
    return pa.table(columns, schema=SCHEMA)


def quoted(name):
    return name if name.isalpha() and name != "at" else '"' + name.replace('"', '""') + '"'


def predicate(rng, depth=0):
    """A random condition."""
    if depth < 3 and rng.random() < 0.5:
        word = rng.choice(["AND", "OR"])
        parts = [predicate(rng, depth + 1) for _ in range(rng.randrange(2, 4))]
        text = "(" + f" {word} ".join(parts) + ")"
        return f"NOT {text}" if rng.random() < 0.3 else text
    name = rng.choice(list(VALUES))
    column, literals = quoted(name), VALUES[name][1]
    first, second = rng.choice(literals), rng.choice(literals)
    forms = [
        f"{column} {rng.choice(list(OPERATORS))} {first}",
        f"{first} {rng.choice(list(OPERATORS))} {column}",
        f"{column} {rng.choice(['', 'NOT '])}IN ({first}, {second})",
        f"{column} {rng.choice(['', 'NOT '])}BETWEEN {first} AND {second}",
        f"{column} IS {rng.choice(['', 'NOT '])}NULL",
        f"NOT {column} = {first}",
    ]
    if name in ("id", "tiny"):
        forms.append(f"{column} % {rng.choice([1, 2, 3, 100])} {rng.choice(list(OPERATORS))} {rng.choice([-1, 0, 1])}")
    if name == "flag":
        forms += ["flag", "NOT flag"]
    # Not understood, and it cannot fail.
    forms += ["starts_with(city, 'a')"] if rng.random() < 0.3 else []
    return rng.choice(forms)
