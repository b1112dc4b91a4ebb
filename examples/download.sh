#!/usr/bin/env bash
# Reads a Parquet file while it is downloaded. Its footer comes last, so parquet-to-stream stores the
# download in an unnamed temporary file. An incomplete download is an error.
set -euo pipefail

mkdir files
stream-generate 'id = 0..1000, n = random(int64 0..9)' | stream-to-parquet -o files/data.parquet
python -u -m http.server --directory files --bind 127.0.0.1 0 >port 2>log &
trap 'kill $!' EXIT
until grep -qs http port; do sleep 0.1; done
url=$(sed 's/.*(\(http[^)]*\)).*/\1/' port)

curl --silent --fail "${url}data.parquet" | parquet-to-stream -w 'id < 3' -c id | stream-to-csv
curl --silent --fail "${url}none.parquet" | parquet-to-stream 2>/dev/null || echo 'no such file'

# Prints:
# id
# 0
# 1
# 2
# no such file
