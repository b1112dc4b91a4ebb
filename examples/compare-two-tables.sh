#!/usr/bin/env bash
# Compares two versions of a table row by row: both are sorted by key and written as text for `diff`.
set -euo pipefail

stream-generate 'id = 0..1000, price = random(int64 1..100)' | stream-to-parquet -o monday.parquet
parquet-to-stream monday.parquet |
  stream-select 'id, CASE WHEN id = 500 THEN 0 ELSE price END AS price' |
  stream-filter 'id <> 7' | stream-sort --by 'id DESC' | stream-to-parquet -o tuesday.parquet

rows() { parquet-to-stream "$1" | stream-sort --by id | stream-to-csv; }
diff <(rows monday.parquet) <(rows tuesday.parquet) | sed 's/^\([<>] 500,\).*/\1.../' || true

# The same schema?
diff <(file-inspect --show schema monday.parquet) <(file-inspect --show schema tuesday.parquet) >/dev/null ||
  echo 'the types differ'

# Prints:
# 9d8
# < 7,58
# 502c501
# < 500,...
# ---
# > 500,...
