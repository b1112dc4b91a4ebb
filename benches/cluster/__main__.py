"""The same work in Spark as a pipe, as a pandas UDF and as Spark SQL, in turns: seconds, CPU seconds and
memory as a table in Markdown. `scripts/test-cluster bench` runs it.

    python benches/cluster [--rows N] [--runs N] [--only WORK] [--batch-rows N] [--master MASTER]
        [--place DIRECTORY]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from jobs import FLOORS, JOBS
from processes import Watch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/cluster"))
import cluster  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", metavar="WORK", default="", help="the first letters of the work: text")
    parser.add_argument("--batch-rows", default="10000", help="rows of a record batch (default 10000, as in Spark)")
    parser.add_argument("--master", default="local-cluster[2,1,1024]")
    parser.add_argument("--place", default=os.environ.get("CLUSTER_PLACE"))
    given = parser.parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=given.place) as place:
        generate(f"{place}/rows", given.rows)
        spark = cluster.session(given.master, **{"spark.sql.execution.arrow.maxRecordsPerBatch": given.batch_rows})
        try:
            measure(spark.read.parquet(f"{place}/rows"), given)
        finally:
            spark.stop()


def generate(directory: str, rows: int) -> None:
    """Four files with numbers, and an address of about 20 characters."""
    columns = f"id = 0..{rows}, city = random(choice 6), price = random(float64), amount = random(decimal(9, 2) 0..99)"
    address = "'user' || CAST(hash(id) % 1000000 AS VARCHAR) || '@' || city || '.example' AS address"
    files = f"stream-to-parquet --file-rows {rows // 4} -o {directory}"
    line = f"""stream-generate '{columns}' | stream-select "id, price, amount, {address}" | {files}"""
    subprocess.run(["bash", "-o", "pipefail", "-c", line], check=True)


def measure(rows, given: argparse.Namespace) -> None:
    print(f"{given.rows:,} rows in batches of {given.batch_rows}, {given.master}, medians of {given.runs}, in turns\n")
    print("| work | how | s | times the pandas UDF | rows/s | CPU s: Java, Python, tools | MiB: Python, tools |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for work, ways in JOBS.items():
        if not work.startswith(given.only):
            continue
        expected = {way(rows).count() for name, way in ways.items() if name not in FLOORS}
        assert len(expected) == 1, f"{work}: the ways differ: {expected}"
        runs = {name: [] for name in ways}
        for _ in range(given.runs):
            for name, way in ways.items():
                runs[name].append(run(way, rows))
        show(work, given.rows, runs)


def run(way, rows) -> list[float]:
    """Seconds with those that the driver needs, CPU seconds by kind of process, and the most memory of Python
    workers and tools."""
    with Watch() as watch:
        started = time.monotonic()
        way(rows).write.format("noop").mode("overwrite").save()
        seconds = time.monotonic() - started
    return [seconds, *watch.cpu_seconds, watch.python_bytes / 2**20, watch.tool_bytes / 2**20]


def show(work: str, rows: int, runs: dict[str, list[list[float]]]) -> None:
    medians = {name: [statistics.median(column) for column in zip(*all_runs)] for name, all_runs in runs.items()}
    pandas = medians["pandas UDF"][0]
    for name, (seconds, *cpu, python, tools) in medians.items():
        figures = [f"{seconds:.2f}", f"{pandas / seconds:.1f}", f"{rows / seconds:,.0f}"]
        figures += [", ".join(f"{part:.1f}" for part in cpu), f"{python:.0f}, {tools:.0f}"]
        print(f"| {work} | {name} | {' | '.join(figures)} |")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
