"""Normalizes the values of tables, so that tables from different readers can be compared.

As a program, it reads Parquet files with pyarrow or DuckDB. It takes lines (`columns TAB path`) from standard input and
writes one pickled outcome for each: a list of columns, or the text of an error. If a file ends the process, the number of
outcomes says which file it was.
"""

import decimal
import fractions
import pickle
import resource
import signal
import sys

import pyarrow as pa
import pyarrow.parquet as pq

NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def columns(table):
    """The names and values of a table."""
    return [(name, column_values(column)) for name, column in zip(table.column_names, table.columns)]


def column_values(column):
    """The values as text: numbers by value, timestamps in nanoseconds, extension types by their storage."""
    return [repr(value) for chunk in column.chunks for value in values(chunk)]


def values(array):
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        # DuckDB exports booleans as bytes.
        is_boolean = kind.extension_name == "arrow.bool8"
        return values(array.storage.cast(pa.bool_()) if is_boolean else array.storage)
    if pa.types.is_dictionary(kind):
        return values(array.dictionary_decode())
    if pa.types.is_run_end_encoded(kind):
        return values(pa.compute.run_end_decode(array))
    if pa.types.is_struct(kind):
        children = [values(array.field(n)) if array.null_count == 0 else values(array.flatten()[n]) for n in range(kind.num_fields)]
        rows = list(zip(*children)) if children else [()] * len(array)
        return [tuple(zip(kind.names, row)) if valid else None for row, valid in zip(rows, validity(array))]
    if pa.types.is_map(kind):
        pairs = list(zip(values(array.keys), values(array.items)))
        return nested(array, pairs)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return nested(array, values(array.values))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return [None if v is None else text(v) for v in array.cast(pa.large_binary()).to_pylist()]
    if pa.types.is_string_view(kind):
        return values(array.cast(pa.large_utf8()))
    if pa.types.is_timestamp(kind):
        name = "local time" if kind.tz is None else "instant"
        return numbers(array, pa.int64(), name, NANOSECONDS[kind.unit])
    if pa.types.is_time(kind):
        return numbers(array, pa.int32() if kind.bit_width == 32 else pa.int64(), "time", NANOSECONDS[kind.unit])
    if pa.types.is_duration(kind):
        return numbers(array, pa.int64(), "duration", NANOSECONDS[kind.unit])
    if pa.types.is_date32(kind):
        return numbers(array, pa.int32(), "day", 1)
    if pa.types.is_date64(kind):
        return [None if v is None else ("day", v // 86400000) for v in array.cast(pa.int64()).to_pylist()]
    return [plain(value) for value in array.to_pylist()]


def validity(array):
    return array.is_valid().to_pylist()


def nested(array, children):
    offsets = array.offsets.to_pylist()
    rows = zip(offsets, offsets[1:], validity(array))
    return [children[start:end] if valid else None for start, end, valid in rows]


def numbers(array, storage, name, factor):
    return [None if v is None else (name, v * factor) for v in array.cast(storage).to_pylist()]


def text(value):
    try:
        return value.decode()
    except UnicodeDecodeError:
        return ("no UTF-8", value)


def plain(value):
    if isinstance(value, decimal.Decimal):
        return ("decimal", str(fractions.Fraction(value)))
    if isinstance(value, float) and value != value:
        return "NaN"
    return value


def read_by_pyarrow(path, names):
    table = pq.ParquetFile(path).read(columns=names)
    table.validate()
    return table


class DuckDB:
    """An in-memory database. An internal error invalidates it, so the next file gets a new one."""

    def __init__(self):
        self.connection = None

    def __call__(self, path, names):
        import duckdb

        if self.connection is None:
            self.connection = duckdb.connect(config={"threads": 1, "arrow_lossless_conversion": True})
            self.connection.sql("SET TimeZone = 'UTC'")
        chosen = "*" if names is None else ", ".join(f'"{name}"' for name in names)
        try:
            return self.connection.sql(f"SELECT {chosen} FROM read_parquet('{path}')").to_arrow_table()
        except (duckdb.FatalException, duckdb.InternalException):
            self.connection = None
            raise


def main(reader):
    # A false size in a file must not exhaust the memory. A hang is treated as a crash.
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    for line in sys.stdin.read().splitlines():
        names, path = line.split("\t")
        signal.alarm(20)
        try:
            outcome = columns(reader(path, names.split(",") if names else None))
        except Exception as error:  # any error means that the file is not read
            outcome = f"{type(error).__name__}: {error}"
        signal.alarm(0)
        sys.stdout.buffer.write(pickle.dumps(outcome))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    pa.set_cpu_count(1)
    main({"duckdb": DuckDB(), "pyarrow": read_by_pyarrow}[sys.argv[1]])
