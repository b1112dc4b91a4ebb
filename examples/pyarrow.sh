#!/usr/bin/env bash
# pyarrow at both ends: it reads a tool's output batch by batch as it arrives, and writes a tool's input.
set -euo pipefail

stream-generate 'id = 0..1000000' | stream-filter 'id % 1000 = 0' | python -c '
import pyarrow as pa, sys
with pa.ipc.open_stream(sys.stdin.buffer) as reader:
    print(sum(batch.num_rows for batch in reader), "rows in pyarrow")
'

# Closing the writer writes the end marker. A program that dies does not write it, and the downstream
# tool fails instead of writing a shorter file.
python -c '
import pyarrow as pa, sys
table = pa.table({"id": [1, 2, 3], "name": ["a", "b", None]})
with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as writer:
    writer.write_table(table)
' | stream-to-parquet -o names.parquet
file-inspect --count rows names.parquet

# Prints:
# 1000 rows in pyarrow
# 3
