#!/usr/bin/env bash
# A socket between two processes: the shell's own /dev/tcp can both send and receive.
# Buffers are compressed in transit, which pays off on a slow link.
set -euo pipefail

# Receives a stream, counts its rows, and sends every second batch back.
cat >server.py <<'PYTHON'
import pyarrow as pa, socket, sys
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as source, connection.makefile("wb") as sink:
        with pa.ipc.open_stream(source) as reader, pa.ipc.new_stream(sink, reader.schema) as writer:
            for number, batch in enumerate(reader):
                if number % 2 == 0:
                    writer.write_batch(batch)
PYTHON
mkfifo port
python server.py >port &
read -r port <port

# One descriptor for both directions.
exec 3<>"/dev/tcp/127.0.0.1/$port"
stream-generate 'id = 0..4000' | stream-rechunk --batch-rows 1000 -z lz4 >&3
stream-count --single <&3
exec 3>&-
wait

# Prints:
# 2000
