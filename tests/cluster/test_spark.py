"""Pipes in a cluster of two executors: the rows of one machine, after crashes too, or an error."""

import subprocess
import sys
import unittest
from pathlib import Path

import cluster
from cluster import Place

import arrow_pipes.spark

#: Before Spark moves rows, and after.
EACH_ROW = """stream-filter "price > 10" | stream-select 'id, "user", city, price * 0.19 AS tax'"""
EACH_USER = """stream-sort --by '"user", id' | stream-sample --first 2 --of city --per '"user"'"""


def setUpModule() -> None:
    global place, spark
    place = Place()
    columns = ", ".join(cluster.COLUMNS)
    # A partition of Spark for each file.
    files = f"stream-to-parquet --file-rows {cluster.ROWS // 4} -o rows"
    place.shell(f"stream-generate '{columns}' | {files}")
    place.shell(f"parquet-to-stream rows | {EACH_ROW} | {EACH_USER} | stream-to-parquet -o expected.parquet")
    spark = cluster.session("local-cluster[2,1,1024]")


def tearDownModule() -> None:
    spark.stop()
    place.remove()


def killing(flag: str, generations: int) -> str:
    script = Path(__file__).with_name("kill_once.py")
    return f"{sys.executable} {script} {place / flag} {generations}"


class SampleOfEachUser(unittest.TestCase):
    """Filter, select, then a sample of each user, written as Parquet by Spark."""

    def sample(self, output: str, first: str = EACH_ROW, second: str = EACH_USER) -> None:
        rows = spark.read.parquet(place / "rows")
        self.assertEqual(4, rows.rdd.getNumPartitions())
        kept = arrow_pipes.spark.pipe(rows, first)
        sampled = arrow_pipes.spark.pipe(kept, second, group_by="user")
        sampled.write.parquet(place / output)
        place.shell(f"stream-diff --ignore-order expected.parquet {output}")

    def test_the_rows_are_those_of_one_machine(self) -> None:
        self.sample("sampled")
        files = place.shell("ls sampled/*.parquet | wc -l")
        self.assertLess(1, int(files))

    def test_a_killed_worker_is_repeated(self) -> None:
        self.sample("worker", first=f"{killing('worker-flag', 1)} | {EACH_ROW}")
        self.assertTrue(Path(place / "worker-flag").exists())

    def test_a_killed_worker_after_the_shuffle_is_repeated(self) -> None:
        self.sample("shuffled", second=f"{EACH_USER} | {killing('shuffled-flag', 1)}")
        self.assertTrue(Path(place / "shuffled-flag").exists())

    def test_a_killed_executor_is_replaced(self) -> None:
        """What it has shuffled is lost, and made again."""
        self.sample("executor", second=f"{killing('executor-flag', 3)} | {EACH_USER}")
        self.assertTrue(Path(place / "executor-flag").exists())


class Failures(unittest.TestCase):
    def test_the_error_of_spark_has_the_line_of_the_tool(self) -> None:
        rows = spark.read.parquet(place / "rows")
        piped = arrow_pipes.spark.pipe(rows, "stream-select 'CAST(id AS SMALLINT) AS small'")
        with self.assertRaises(Exception) as caught:
            piped.write.parquet(place / "failed")
        line = 'stream-select failed with exit status 1: column "small": row'
        self.assertIn(line, str(caught.exception))
        self.assertIn("cannot compute CAST(id AS SMALLINT)", str(caught.exception))
        self.assertEqual([], list(Path(place / "failed").glob("*.parquet")))

    def test_a_killed_tool_fails_the_task(self) -> None:
        rows = spark.read.parquet(place / "rows")
        shell = "bash -c 'kill -9 $$' | stream-filter true"
        schema = rows.schema
        with self.assertRaises(Exception) as caught:
            arrow_pipes.spark.pipe(rows, shell, schema=schema).count()
        self.assertIn("bash was killed by SIGKILL", str(caught.exception))


class Aggregates(unittest.TestCase):
    expected = "stream-aggregate --by city 'count(*) AS n, sum(price) AS total, median(price) AS median'"

    def compare(self, result, name: str) -> None:
        result.write.parquet(place / name)
        place.shell(f"parquet-to-stream rows | {self.expected} -o {name}.arrows")
        place.shell(f"stream-diff --ignore-order {name}.arrows {name}")

    def test_by_group(self) -> None:
        rows = spark.read.parquet(place / "rows")
        self.compare(arrow_pipes.spark.pipe(rows, self.expected, group_by="city"), "grouped")

    def test_partial_results_are_merged_after_the_shuffle(self) -> None:
        rows = spark.read.parquet(place / "rows")
        parts = arrow_pipes.spark.pipe(rows, f"{self.expected} --partial")
        self.compare(arrow_pipes.spark.pipe(parts, "stream-aggregate --merge", group_by="city"), "merged")

    def test_partial_results_of_all_rows(self) -> None:
        rows = spark.read.parquet(place / "rows")
        parts = arrow_pipes.spark.pipe(rows, "stream-aggregate --partial 'count(*) AS n, max(id) AS last'")
        merged = arrow_pipes.spark.pipe(parts.coalesce(1), "stream-aggregate --merge", per_partition=True)
        self.assertEqual([(cluster.ROWS, cluster.ROWS - 1)], [tuple(row) for row in merged.collect()])


class Example(unittest.TestCase):
    def test_spark_submit(self) -> None:
        script = cluster.ROOT / "examples/spark/spark_pipe.py"
        command = [
            *("spark-submit", "--master", "local[2]", "--conf", "spark.ui.enabled=false", str(script)),
            *("--input", place / "rows", "--output", place / "submitted", "--group-by", "city"),
            *("--", Aggregates.expected),
        ]
        run = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(0, run.returncode, run.stderr)
        place.shell(f"parquet-to-stream rows | {Aggregates.expected} -o submitted.arrows")
        place.shell("stream-diff --ignore-order submitted.arrows submitted")


if __name__ == "__main__":
    unittest.main()
