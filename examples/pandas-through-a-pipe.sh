#!/usr/bin/env bash
# pandas at both ends of a pipe: unlike a text format, the stream preserves its types and its index.
set -euo pipefail

python -c '
import pandas as pd, pyarrow as pa, sys
frame = pd.DataFrame(
    {"city": pd.Categorical(["Rome", "Oslo", "Rome", "Bern"]), "price": [3.5, None, 1.25, 9.0]},
    index=pd.date_range("2026-01-01", periods=4, name="day"),
)
table = pa.Table.from_pandas(frame)
with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as writer:
    writer.write_table(table)
' | stream-filter 'price > 1.25' | stream-sort --by 'price DESC' | python -c '
import pyarrow as pa, sys
frame = pa.ipc.open_stream(sys.stdin.buffer).read_pandas()
print(frame.to_csv(), end="")
print(frame.index.name, frame.dtypes["city"])
'

# Prints:
# day,city,price
# 2026-01-04,Bern,9.0
# 2026-01-01,Rome,3.5
# day category
