#!/usr/bin/env bash
# `git diff` of Parquet, Arrow and CSV files shows the rows that changed.
set -euo pipefail

git init -q -b main repository && cd repository
git config user.name ann && git config user.email ann@example.org

# Which files, and what compares them. Git gives the path, the old file, its hash and mode, and the same of
# the new file. It expects status 0; 1 means that the tables differ. For a file that one side does not have,
# git gives /dev/null. Without a key that all tables have, compare with --ignore-order.
echo '*.parquet diff=table' >.gitattributes
git config diff.table.command 'compare() {
  echo "table $1"
  case "$2 $5" in *"/dev/null"*) return ;; esac
  stream-diff --key id "$2" "$5" || [ $? = 1 ]
}; compare'

stream-generate 'id = 0..100' | stream-select 'id, id * 2 AS price' | stream-to-parquet -o prices.parquet
git add . && git commit -q -m 'prices'
parquet-to-stream prices.parquet | stream-filter 'id <> 9' |
  stream-select 'id, if(id = 20, 41, price) AS price' | stream-to-parquet -o prices.parquet
git diff

# Prints:
# table prices.parquet
# - id=9  price 18
# ~ id=20  price 40 -> 41
# 1 changed, 1 removed; 98 the same
