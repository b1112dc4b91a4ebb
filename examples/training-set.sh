#!/usr/bin/env bash
# A training set with the first rows of each user, without one country, in well-sized row groups; and
# a test set that is the same every time it is made.
set -euo pipefail

stream-generate --rows 100000 --seed 1 \
  'user = random(int64 0..1000), country = random(choice 4), price = random(float64)' |
  stream-to-parquet -o events.parquet
parquet-to-stream events.parquet -w "country <> 'v3'" |
  stream-sample --first 20 --of price --per user -o sample.arrows
stream-filter 'hash("user", 1) % 10 = 0' sample.arrows | stream-to-parquet -o test.parquet
stream-filter 'hash("user", 1) % 10 <> 0' sample.arrows | stream-to-parquet -o train.parquet

# No user is in both sets.
stream-cat <(parquet-to-stream -c user train.parquet) <(parquet-to-stream -c user test.parquet) |
  stream-count --by user --stream | stream-count

# Prints:
# 1000
