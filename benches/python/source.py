"""One run of the benchmark in Python: `source.py pipe|subprocess FILE TIMES COMMAND`.

Prints seconds, CPU seconds with those of the tools, and peak memory, all beyond the imports.
"""

import resource
import subprocess
import sys
import threading
import time

import pyarrow as pa

import arrow_pipes


def source(file, times):
    batches = list(pa.ipc.open_stream(pa.memory_map(file)))
    for _ in range(times):
        yield from batches


def with_pipe(batches, schema, command):
    with arrow_pipes.pipe(batches, command, schema=schema) as reader:
        return sum(batch.num_rows for batch in reader)


def with_subprocess(batches, schema, command):
    pipe = subprocess.PIPE
    with subprocess.Popen(["bash", "-c", command], stdin=pipe, stdout=pipe) as process:

        def write():
            with process.stdin, pa.ipc.new_stream(process.stdin, schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)

        thread = threading.Thread(target=write)
        thread.start()
        rows = sum(batch.num_rows for batch in pa.ipc.open_stream(process.stdout))
        thread.join()
    return rows


def used():
    """CPU seconds of this process and its children, and its peak memory in MiB."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    tools = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + tools.ru_utime + tools.ru_stime, own.ru_maxrss / 1024


def main():
    how, file, times, command = sys.argv[1:]
    schema = pa.ipc.open_stream(file).schema
    started, (cpu, memory) = time.monotonic(), used()
    run = with_pipe if how == "pipe" else with_subprocess
    rows = run(source(file, int(times)), schema, command)
    assert rows
    seconds, (cpu_after, memory_after) = time.monotonic() - started, used()
    print(seconds, cpu_after - cpu, round(memory_after - memory))


if __name__ == "__main__":
    main()
