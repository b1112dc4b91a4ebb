# Quantiles between decimals: decimals.arrows, and DuckDB's answers in expected.arrows.
#
# `make` writes both; `check` compares found.arrows with the answers. Doubles have 53 bits, and so have
# the decimals of up to 18 digits here.
import decimal
import random
import sys

import duckdb
import pyarrow as pa

decimal.getcontext().prec = 40
TYPES = {(4, 2): 10**4, (9, 2): 10**9, (18, 2): 10**15, (19, 2): 10**18, (38, 2): 10**30}
SHARES = ["0.01", "0.15", "0.3", "0.5", "0.76", "0.84"]


def columns():
    for precision, scale in TYPES:
        for share in SHARES:
            yield f"quantile_cont(d{precision}, {share}) AS d{precision}_{share[2:]}"


def make():
    r = random.Random(19)
    groups = [group for group in range(400) for _ in range(r.randint(1, 6))]
    data = {"g": pa.array(groups, pa.int64())}
    for (precision, scale), most in TYPES.items():
        near = [r.choice([900, most]) for _ in groups]
        values = [decimal.Decimal(r.randint(-limit + 1, limit - 1)).scaleb(-scale) for limit in near]
        data[f"d{precision}"] = pa.array(values, pa.decimal128(precision, scale))
    table = pa.table(data)
    write("decimals.arrows", table)
    connection = duckdb.connect()
    connection.register("decimals", table)
    write("expected.arrows", connection.sql(
        f"SELECT g, {', '.join(columns())} FROM decimals GROUP BY g ORDER BY g").to_arrow_table())
    print(", ".join(columns()))


def check():
    found, expected = read("found.arrows"), read("expected.arrows")
    for name in expected.column_names:
        if found[name].type != expected[name].type:
            print(name, found[name].type, "expected", expected[name].type)
        pairs = zip(found[name].to_pylist(), expected[name].to_pylist(), strict=True)
        for group, (ours, theirs) in enumerate(pairs):
            if ours != theirs:
                print(name, "group", group, "found", ours, "expected", theirs)


def write(path, table):
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table)


def read(path):
    with pa.ipc.open_stream(path) as reader:
        return reader.read_all()


make() if sys.argv[1] == "make" else check()
