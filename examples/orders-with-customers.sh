#!/usr/bin/env bash
# Joins orders with their customers, and finds orders without a customer and customers without an order.
set -euo pipefail

cat >customers.csv <<'CSV'
id;name;city
1;Ann;Oslo
2;Bo;Lund
3;Cleo;Lyon
4;Dag;Oslo
CSV
cat >orders.csv <<'CSV'
order,customer,amount
100,1,25.00
101,2,9.90
102,1,14.50
103,7,99.00
104,3,5.00
CSV
csv-to-stream --types 'amount decimal(9, 2)' orders.csv | stream-to-parquet -o orders.parquet

# TABLE can be a file in any format. The options for a dialect of CSV are those of csv-to-stream, so this table
# comes from another pipe. Orders without a customer go to a file of their own.
parquet-to-stream orders.parquet |
  stream-join <(csv-to-stream -d ';' customers.csv) --on 'customer = id' --unmatched lost.arrows |
  stream-print
echo "lost: $(stream-count lost.arrows)"
stream-to-json lost.arrows
echo

# With --expect one, an order without a customer is an error, and no file appears.
csv-to-stream -d ';' customers.csv -o customers.arrows
parquet-to-stream orders.parquet |
  stream-join customers.arrows --on 'customer = id' --expect one -o checked.arrows 2>&1 ||
  { [ ! -e checked.arrows ] && echo 'no checked.arrows'; }
echo

# Sums for all customers, also for those without an order: nulls are not counted.
stream-join orders.parquet --on 'id = customer' --how left customers.arrows |
  stream-aggregate --by 'name' 'count(amount) AS orders, coalesce(sum(amount), 0) AS total' |
  stream-sort --by 'total DESC' | stream-print
echo

# Customers without an order.
stream-join orders.parquet --on 'id = customer' --how anti customers.arrows | stream-to-csv

# Prints:
# order  customer            amount  name  city
# int64     int64  decimal128(9, 2)  utf8  utf8
# ─────  ────────  ────────────────  ────  ────
#   100         1             25.00  Ann   Oslo
#   101         2              9.90  Bo    Lund
#   102         1             14.50  Ann   Oslo
#   104         3              5.00  Cleo  Lyon
# lost: 1
# {"order":103,"customer":7,"amount":99.00}
#
# stream-join: row 3 (customer = 7) has no partner in customers.arrows (--expect one)
# no checked.arrows
#
# name  orders              total
# utf8   int64  decimal128(38, 2)
# ────  ──────  ─────────────────
# Ann        2              39.50
# Bo         1               9.90
# Cleo       1               5.00
# Dag        0               0.00
#
# id,name,city
# 4,Dag,Oslo
