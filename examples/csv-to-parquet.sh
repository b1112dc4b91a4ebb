#!/usr/bin/env bash
# Converts a CSV file to typed Parquet and back without a change.
set -euo pipefail

cat >sales.csv <<'CSV'
day,shop,amount,note
2026-01-01,1,12.50,"said ""yes"""
2026-01-02,1,0.99,
2026-01-02,2,100.00,"two
lines"
CSV
csv-to-stream --schema 'day date32, shop int16, amount decimal128(9, 2), note utf8' sales.csv |
  stream-to-parquet -o sales.parquet
parquet-to-stream sales.parquet | stream-to-csv -o again.csv
cmp sales.csv again.csv && echo 'the same'
parquet-to-stream sales.parquet -w 'amount > 10' | stream-select 'day, amount * 2 AS twice' | stream-to-json

# Prints:
# the same
# {"day":"2026-01-01","twice":25.00}
# {"day":"2026-01-02","twice":200.00}
