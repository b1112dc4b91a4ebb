#!/usr/bin/env bash
# Finds the last price before each trade: an as-of join takes the nearest time, not an equal one.
set -euo pipefail

cat >prices.csv <<'CSV'
at,symbol,price
2026-03-02T09:00:00,OAK,41.50
2026-03-02T09:00:03,ELM,7.25
2026-03-02T09:00:05,OAK,41.70
2026-03-02T09:00:09,OAK,41.60
CSV
cat >trades.csv <<'CSV'
time,symbol,pieces
2026-03-02T09:00:01,OAK,100
2026-03-02T09:00:04,ELM,20
2026-03-02T09:00:09,OAK,50
2026-03-02T09:12:00,ELM,10
CSV
csv-to-stream --types 'price decimal(9, 2)' prices.csv -o prices.arrows

# The last price of the same symbol, at most five minutes old. --how left keeps trades without such a price.
# Neither side has to be sorted.
csv-to-stream trades.csv |
  stream-join prices.arrows --as-of 'time >= at' --on symbol --tolerance '5 minutes' --how left -o priced.arrows
stream-select "strftime(time, '%H:%M:%S') AS time, symbol, pieces, price, time - at AS age" priced.arrows |
  stream-print

# Sums ignore nulls, so trades without a price are counted in a column of their own.
stream-aggregate --by symbol 'sum(pieces * price) AS value, count(*) FILTER (WHERE price IS NULL) AS unpriced' \
  priced.arrows | stream-to-csv

# Prints:
# time      symbol  pieces             price  age
# utf8      utf8     int64  decimal128(9, 2)  duration[us]
# ────────  ──────  ──────  ────────────────  ────────────
# 09:00:01  OAK        100             41.50  PT1S
# 09:00:04  ELM         20              7.25  PT1S
# 09:00:09  OAK         50             41.60  PT0S
# 09:12:00  ELM         10              NULL  NULL
# symbol,value,unpriced
# OAK,6230.00,0
# ELM,145.00,1
