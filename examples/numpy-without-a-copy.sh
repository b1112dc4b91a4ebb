#!/usr/bin/env bash
# Converts Parquet to an Arrow file once; any number of programs then share its pages without a copy.
set -euo pipefail

stream-generate 'x = 0..1000000' | stream-to-parquet -o x.parquet
parquet-to-stream x.parquet | stream-to-file -o x.arrow
python -c '
import pyarrow as pa
with pa.memory_map("x.arrow") as source:
    before = pa.total_allocated_bytes()
    file = pa.ipc.open_file(source)
    total = 0
    for place in range(file.num_record_batches):
        total += file.get_batch(place).column(0).to_numpy(zero_copy_only=True).sum()
    print(total, pa.total_allocated_bytes() - before)
'

# Prints:
# 499999500000 0
