#!/usr/bin/env bash
# DuckDB queries a stream as it arrives, without storing it, and returns its result as a stream.
set -euo pipefail

stream-generate 'group = 0..10, id = 0..1000' | python -c '
import duckdb, pyarrow as pa, sys
rows = pa.ipc.open_stream(sys.stdin.buffer)
print(duckdb.sql("SELECT max(id), count(*) FROM rows").fetchall()[0])
'
python -c '
import duckdb, pyarrow as pa, sys
result = duckdb.sql("SELECT i AS id, i * i AS square FROM range(5) t(i)").to_arrow_reader()
with pa.ipc.new_stream(sys.stdout.buffer, result.schema) as writer:
    for batch in result:
        writer.write_batch(batch)
' | stream-to-csv

# Prints:
# (999, 10000)
# id,square
# 0,0
# 1,1
# 2,4
# 3,9
# 4,16
