"""Reads a Parquet file behind a slow link with the tools, DuckDB, Polars and pyarrow, in turns, and prints
the time, the requests and the bytes of each as a table in Markdown.

LINK is the executable that `cargo build --release --bench link` makes; python needs requirements.txt.

    python benches/remote --link LINK --tools DIRECTORY --file FILE [--runs N] [--latency MS] [--rate MB_PER_S]
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).parent

# A job: the columns, or all, and the rows by their `id`, or all.
JOBS = {
    "two columns of one row group": ("price, kind", (10_485_760, 11_534_336)),
    "two columns, all rows": ("price, kind", None),
    "all columns, all rows": (None, None),
    "number of row groups": (None, "count"),
}


def ours(tools, url, columns, rows):
    path = f"PATH={tools}:$PATH"
    if rows == "count":
        return ["bash", "-c", f"{path}; file-inspect --count row-groups {url}"]
    options = f"-c '{columns}'" if columns else ""
    if rows:
        options += f" -w 'id >= {rows[0]} AND id < {rows[1]}'"
    return ["bash", "-c", f"{path}; parquet-to-stream {options} {url} | cat >/dev/null"]


def peer(name, url, columns, rows):
    low, high = rows if isinstance(rows, tuple) else ("-", "-")
    low = "count" if rows == "count" else low
    return [sys.executable, str(HERE / "peer.py"), name, url, columns or "-", str(low), str(high)]


def measured(command, port):
    counts = lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/-/counts").read().split()
    counts()
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    requests, received = map(int, counts())
    return seconds, requests, received, usage.ru_maxrss // 1024, status


def main():
    parser = argparse.ArgumentParser()
    for name, kind, default in (("link", str, None), ("tools", str, None), ("file", str, None),
                                ("runs", int, 3), ("latency", int, 30), ("rate", int, 100)):
        parser.add_argument(f"--{name}", type=kind, default=default, required=default is None)
    given = parser.parse_args()
    file = pathlib.Path(given.file).resolve()
    link = subprocess.Popen([given.link, file.parent, str(given.latency), str(given.rate)],
                            stdout=subprocess.PIPE, text=True)
    port = int(link.stdout.readline())
    url = f"http://127.0.0.1:{port}/{file.name}"
    print(f"{file.stat().st_size:,} bytes, {given.latency} ms, {given.rate} MB/s; medians of {given.runs}\n")
    print("| job | who | s | requests | bytes | MiB |\n|---|---|--:|--:|--:|--:|")
    try:
        for job, (columns, rows) in JOBS.items():
            commands = {"arrow-pipes": ours(given.tools, url, columns, rows)}
            for name in ("duckdb", "polars", "pyarrow"):
                commands[name] = peer(name, url, columns, rows)
            runs = {name: [] for name in commands}
            for _ in range(given.runs):
                for name, command in commands.items():
                    runs[name].append(measured(command, port))
            for name, all_runs in runs.items():
                if any(run[-1] for run in all_runs):
                    print(f"| {job} | {name} | failed | | | |")
                    continue
                middle = [statistics.median(run[place] for run in all_runs) for place in range(4)]
                print(f"| {job} | {name} | {middle[0]:.3f} | {middle[1]:.0f} | {middle[2]:,.0f} | {middle[3]:.0f} |",
                      flush=True)
    finally:
        link.kill()


main()
