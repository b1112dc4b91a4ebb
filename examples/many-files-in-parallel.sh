#!/usr/bin/env bash
# Many files in parallel: one aggregate over all of them, and one stream of all their rows.
set -euo pipefail

for part in 1 2 3 4; do
  stream-generate --rows 25000 --seed "$part" 'city = random(choice 3), price = random(decimal(7, 2) 0..99)' |
    stream-to-parquet -o "sales-$part.parquet"
done

# Two files at a time become partial results; --merge completes them. The result is that of one pipe
# over all files. GNU parallel does the same: parallel -j 2 stream-aggregate ... {} -o {}.part ::: sales-*.parquet
mean='count(*) AS sales, avg(price) AS mean, median(price) AS middle'
ls sales-*.parquet | xargs -P 2 -I{} stream-aggregate --by city --partial "$mean" {} -o {}.part
stream-aggregate --merge sales-*.part | stream-sort --by city -o merged.arrows
parquet-to-stream sales-*.parquet | stream-aggregate --by city "$mean" | stream-sort --by city -o whole.arrows
stream-diff --key city merged.arrows whole.arrows

# A pipe for each file, all at once, joined through FIFOs as their rows come. If one of them fails, its
# end marker is missing, and stream-cat fails, too.
for part in 1 2 3 4; do
  mkfifo "rows-$part"
  parquet-to-stream "sales-$part.parquet" -w 'price > 98' -o "rows-$part" &
done
stream-cat --interleave rows-* | stream-count
wait
parquet-to-stream sales-*.parquet -w 'price > 98' | stream-count

# Prints:
# no row differs; 3 the same
# 1016
# 1016
