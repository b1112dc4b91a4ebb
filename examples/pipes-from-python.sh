#!/usr/bin/env bash
# Pipes from Python: `arrow_pipes.pipe` sends batches through a command while the program reads its output.
set -euo pipefail

stream-generate --seed 1 'id = 0..100000, x = random(float64)' | stream-to-parquet -o numbers.parquet

python - <<'END'
import arrow_pipes, duckdb, pandas, polars, pyarrow as pa

# The output of a command, batch by batch; the tools are found in the package.
with arrow_pipes.scan("parquet-to-stream numbers.parquet | stream-filter 'id % 1000 = 0'") as reader:
    print(sum(batch.num_rows for batch in reader), "rows")

# A data frame of pandas through two tools, and back.
frame = pandas.DataFrame({"city": ["Rome", "Oslo", "Rome", "Bern"], "price": [3.5, None, 1.25, 9.0]})
command = "stream-filter 'price > 1.25' | stream-sort --by 'price DESC'"
print(arrow_pipes.pipe(frame, command).read_pandas().to_csv(index=False), end="")

# Polars reads what DuckDB computes, through a sample. No table is ever whole in memory.
numbers = duckdb.connect().sql("SELECT range AS id, range % 3 AS kind FROM range(1000000)")
print(polars.DataFrame(arrow_pipes.pipe(numbers, "stream-sample --per kind --rows 2 --seed 1")).height, "rows")

# Text: what the command prints.
print(int(arrow_pipes.sink(frame, "stream-count")), "rows in the frame")

# The columns that a command makes, without any data.
print(arrow_pipes.schema(pa.Schema.from_pandas(frame), "stream-select 'upper(city) AS city'").names)

# A source that fails is no short result: the file is not written.
def source():
    yield pa.RecordBatch.from_pandas(frame)
    raise ConnectionError("the network is gone")

try:
    arrow_pipes.sink(source(), "stream-to-parquet -o frame.parquet")
except ConnectionError as error:
    print(f"no file: {error}")

# A tool that fails is named, with its message.
try:
    arrow_pipes.pipe(frame, "stream-filter 'pirce > 1' | stream-head")
except arrow_pipes.PipeError as error:
    print(error)
END

# Prints:
# 100 rows
# city,price
# Bern,9.0
# Rome,3.5
# 6 rows
# 4 rows in the frame
# ['city']
# no file: the network is gone
# stream-filter failed with exit status 2: unknown column "pirce" (did you mean "price"?)
# pirce > 1
# ^
