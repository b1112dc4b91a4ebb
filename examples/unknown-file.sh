#!/usr/bin/env bash
# A look at an unknown file: its columns, what is in each of them, and its first row.
set -euo pipefail

# Somebody sent this file.
stream-generate 'id = 0..50000, city = random(choice 3) nulls 0.02, price = random(decimal(7,2) 0..100),
  day = random(date 2024-01-01..2024-12-31), paid = random(bool)' |
  stream-to-parquet -o sent.parquet

file-inspect --show schema sent.parquet
echo
COLUMNS=80 stream-summary sent.parquet
echo
stream-print -n 1 --expanded sent.parquet
echo

# Which columns have gaps? The summary is a table, too.
stream-summary --stream sent.parquet | stream-filter 'nulls > 0' | stream-select '"column", nulls' | stream-to-csv

# Prints:
# field  parquet type   occurs
# id     int64          required
# city   string         optional
# price  decimal(7, 2)  required
# day    date           required
# paid   boolean        required
#
# 50,000 rows, 5 columns
#
# column  type                    nulls  distinct  values
# id      int64                       0   ~50,223  ████████████████
# city    utf8              957 (1.9 %)         3  2 characters
# price   decimal128(7, 2)            0     9,922  ████████████████
# day     date32                      0       365  ████████████████
# paid    bool                        0         2  50.3 % true
#
# column   min     mean  deviation    max
# id         0  24999.5    14433.9  49999
# price   0.00  49.9039    28.8344  99.99
#
# column    5 %    25 %    50 %    75 %    95 %
# id      ~2504  ~12509  ~25003  ~37499  ~47500
# price   ~4.98  ~25.07  ~49.98  ~74.78  ~95.02
#
# column  earliest    25 %         50 %         75 %         latest
# day     2024-01-01  ~2024-04-01  ~2024-07-01  ~2024-10-01  2024-12-30
# (too narrow for: 5 %, 95 %)
#
# column  mean length  smallest  largest
# city              2  v0        v2
#
# column  most frequent values (rows)
# city    v1 (16,389), v0 (16,332), v2 (16,322)
# price   82.56 (16), 66.67 (15), 72.89 (15), 91.35 (15), 94.56 (15)
# day     2024-10-04 (173), 2024-01-03 (167), 2024-03-02 (167), 2024-09-18 (165),…
#
# -- record 1 --
# id     0
# city   v0
# price  93.45
# day    2024-07-27
# paid   false
#
# column,nulls
# city,957
