#!/usr/bin/env bash
# What changed between two exports of a table? Rows are compared by key, whatever their order.
set -euo pipefail

stream-generate 'id = 0..1000' | stream-select 'id, id % 7 AS price' | stream-to-parquet -o monday.parquet
parquet-to-stream monday.parquet |
  stream-select 'id, CASE WHEN id = 500 THEN 0 ELSE price END AS price, id < 10 AS new' |
  stream-filter 'id <> 7' | stream-sort --by 'id DESC' | stream-to-parquet -o tuesday.parquet

# As in diff, the exit status is 1 if the tables differ, and 2 after a failure.
stream-diff --key id monday.parquet tuesday.parquet || [ $? = 1 ]

# The rows that are new or have another price, as a table for the next program.
{ stream-diff --key id --stream --exclude new tuesday.parquet monday.parquet || [ $? = 1 ]; } |
  stream-filter "change <> 'removed'" | stream-select 'id, new.price AS price' | stream-to-csv

# Only the number of rows, in a script that goes on if nothing changed.
stream-diff --key id --summary monday.parquet monday.parquet && echo 'nothing to do'

# Prints:
# + column new bool
# - id=7  price 0
# ~ id=500  price 3 -> 0
# 1 changed, 1 removed; 998 the same
# id,price
# 7,0
# 500,3
# no row differs; 1,000 the same
# nothing to do
