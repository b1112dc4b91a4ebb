#!/usr/bin/env bash
# A named pipe between two programs that are started separately.
set -euo pipefail

mkfifo rows
parquet-to-stream <(stream-generate 'id = 0..100' | stream-to-parquet) -o rows &
stream-filter 'id % 10 = 7' rows | stream-count
wait

# Prints:
# 10
