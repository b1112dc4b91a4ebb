"""Compares the values and types of Arrow streams, Arrow files or Parquet files with pyarrow alone."""

import sys

import pyarrow as pa
import pyarrow.parquet as pq


def read(path):
    if path.endswith(".parquet"):
        return pq.read_table(path)
    with pa.OSFile(path) as source:
        if path.endswith((".arrow", ".arrow_file")):
            return pa.ipc.open_file(source).read_all()
        with pa.ipc.open_stream(source) as reader:
            return reader.read_all()


def differences(left, right, check_metadata):
    if not left.schema.equals(right.schema, check_metadata=check_metadata):
        yield f"schema:\n{left.schema}\n---\n{right.schema}"
        return
    if left.num_rows != right.num_rows:
        yield f"{left.num_rows} rows and {right.num_rows}"
        return
    for place, field in enumerate(left.schema):
        ours, theirs = left.column(place), right.column(place)
        # NaN differs from itself, so unequal columns are compared again as text.
        if not same(ours, theirs):
            yield f"column {field.name} ({field.type})"


def same(left, right):
    try:
        if left.equals(right):
            return True
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        pass
    return repr(values(left)) == repr(values(right))


def values(column):
    # Durations and timestamps in nanoseconds have no exact Python value; their integers do.
    if pa.types.is_timestamp(column.type) or pa.types.is_duration(column.type) or pa.types.is_time64(column.type):
        column = column.cast(pa.int64())
    return column.to_pylist()


if __name__ == "__main__":
    failed = False
    for pair in sys.stdin.read().split("\n"):
        if not pair:
            continue
        left, right = pair.split("\t")
        try:
            found = list(differences(read(left), read(right), check_metadata=True))
        except Exception as error:  # any error is a difference
            found = [f"{type(error).__name__}: {error}"]
        for difference in found:
            failed = True
            print(f"{left} -> {right}: {difference}")
    sys.exit(1 if failed else 0)
