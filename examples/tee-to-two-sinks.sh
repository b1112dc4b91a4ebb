#!/usr/bin/env bash
# Two results from data that is read once: tee copies the stream into a second pipe.
set -euo pipefail

mkfifo copy
stream-filter 'id % 10 = 0' copy -o test.arrows &
stream-generate 'id = 0..1000' | tee copy | stream-filter -v 'id % 10 = 0' | stream-to-parquet -o train.parquet
wait
file-inspect --count rows train.parquet test.arrows

# Prints:
# train.parquet: 900
# test.arrows: 100
