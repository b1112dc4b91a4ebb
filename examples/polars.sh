#!/usr/bin/env bash
# Polars reads a stream from a pipe and writes one.
set -euo pipefail

stream-generate 'id = 0..1000' | python -c '
import polars as pl, sys
frame = pl.read_ipc_stream(sys.stdin.buffer)
print(frame.shape, frame["id"].sum())
'
python -c '
import polars as pl, sys
pl.DataFrame({"city": ["Rome", "Oslo", "Rome"]}).write_ipc_stream(sys.stdout.buffer)
' | stream-filter "city = 'Rome'" | stream-count

# Prints:
# (1000, 1) 499500
# 2
