#!/usr/bin/env bash
# Sums per day and per month of a CSV file.
set -euo pipefail

# Five months of sales.
stream-generate --rows 20000 'time = random(timestamp 2026-01-01..2026-06-01), shop = random(choice 2),
  price = random(decimal(5,2) 1..20), pieces = random(int64 1..5)' | stream-to-csv -o sales.csv

# Sums of decimals are exact. Without --types, price would be float64.
read_sales() { csv-to-stream --types 'price decimal(5, 2)' sales.csv; }

# --sorted writes the groups in the order of their keys. The default is the order in which they first occur.
read_sales | stream-aggregate --sorted --by 'time::DATE AS day' \
  'count(*) AS sales, sum(price * pieces) AS total, max(price) AS most' -o days.arrows
stream-head -n 3 days.arrows | stream-print
echo

# A column for each shop, a row for each month.
read_sales | stream-aggregate --sorted --by "date_trunc('month', time)::DATE AS month" \
  "sum(pieces) AS pieces, sum(price * pieces) FILTER (WHERE shop = 'v0') AS v0,
  sum(price * pieces) FILTER (WHERE shop = 'v1') AS v1" | stream-to-csv
echo

# The best day of each month, from the sums per day.
stream-aggregate --sorted --by 'month(day) AS month' 'arg_max(day, total) AS best, max(total) AS total' days.arrows |
  stream-to-csv

# Prints:
# day         sales              total              most
# date32      int64  decimal128(38, 2)  decimal128(5, 2)
# ──────────  ─────  ─────────────────  ────────────────
# 2026-01-01    120            3467.61             19.82
# 2026-01-02    164            4670.65             19.90
# 2026-01-03    141            3422.84             19.95
#
# month,pieces,v0,v1
# 2026-01-01,10126,53030.27,52292.44
# 2026-02-01,9382,49369.13,48578.73
# 2026-03-01,10241,53974.38,53844.87
# 2026-04-01,10122,54220.08,51680.83
# 2026-05-01,10253,53650.40,54800.63
#
# month,best,total
# 1,2026-01-02,4670.65
# 2,2026-02-09,4249.95
# 3,2026-03-03,4128.35
# 4,2026-04-29,4235.92
# 5,2026-05-19,4093.99
