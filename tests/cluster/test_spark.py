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


def killing(flag: str, what: str) -> str:
    script = Path(__file__).with_name("kill_once.py")
    return f"{sys.executable} {script} {place / flag} {what}"


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
        self.sample("worker", first=f"{killing('worker-flag', 'worker')} | {EACH_ROW}")
        self.assertTrue(Path(place / "worker-flag").exists())

    def test_a_killed_worker_after_the_shuffle_is_repeated(self) -> None:
        self.sample("shuffled", second=f"{EACH_USER} | {killing('shuffled-flag', 'worker')}")
        self.assertTrue(Path(place / "shuffled-flag").exists())

    def test_a_killed_executor_is_replaced(self) -> None:
        """What it has shuffled is lost, and made again."""
        self.sample("executor", second=f"{killing('executor-flag', 'executor')} | {EACH_USER}")
        self.assertTrue(Path(place / "executor-flag").exists())


class PartsOfThePartition(unittest.TestCase):
    def test_a_command_that_does_not_read_all(self) -> None:
        """Twice, because Spark uses the Python workers again."""
        rows = spark.read.parquet(place / "rows")
        for _ in range(2):
            heads = arrow_pipes.spark.pipe(rows, "stream-head -n 3 | stream-select id", per_partition=True)
            first = [part * (cluster.ROWS // 4) + row for part in range(4) for row in range(3)]
            self.assertEqual(first, sorted(row.id for row in heads.collect()))


class RandomRows(unittest.TestCase):
    def test_partitions_draw_different_rows_and_the_same_ones_again(self) -> None:
        numbers = spark.range(0, 40_000, 1, 4)
        command = "stream-sample --fraction 0.1 --seed 1"
        drawn, again = ({row.id for row in arrow_pipes.spark.pipe(numbers, command).collect()} for _ in range(2))
        self.assertEqual(drawn, again)
        self.assertTrue(3_500 < len(drawn) < 4_500, len(drawn))
        places = [{number % 10_000 for number in drawn if number // 10_000 == part} for part in range(4)]
        self.assertLess(len(places[0] & places[1]), len(places[0]) // 2)

    def test_rows_in_no_order_are_a_warning(self) -> None:
        numbers = spark.range(100).selectExpr("id", "id % 3 AS rest")
        with self.assertWarnsRegex(UserWarning, "sort them before stream-sample"):
            arrow_pipes.spark.pipe(numbers, "stream-sample --first 1 --per rest", group_by="rest")


class Groups(unittest.TestCase):
    def test_keys_that_are_equal_are_in_one_partition(self) -> None:
        """Null is a value, NaN equals NaN, and -0 equals 0, in Spark as in the tools."""
        values = "CASE id % 5 WHEN 0 THEN NULL WHEN 1 THEN double('NaN') WHEN 2 THEN 0D WHEN 3 THEN -0D ELSE 1D END"
        rows = spark.range(0, 100, 1, 4).selectExpr("id", f"{values} AS `a key, quoted`")
        command = """stream-aggregate --by '"a key, quoted"' 'count(*) AS n'"""
        counted = arrow_pipes.spark.pipe(rows, command, group_by=["a key, quoted"])
        self.assertEqual([20, 20, 20, 40], sorted(row.n for row in counted.collect()))


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


class Examples(unittest.TestCase):
    def submit(self, script: str, *arguments: str) -> None:
        command = ["spark-submit", "--master", "local[2]", "--conf", "spark.ui.enabled=false"]
        command += [str(cluster.ROOT / "examples/spark" / script), *arguments]
        run = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(0, run.returncode, run.stderr)

    def test_a_pipe(self) -> None:
        options = ["--input", place / "rows", "--output", place / "submitted", "--group-by", "city"]
        self.submit("spark_pipe.py", *options, "--", Aggregates.expected)
        place.shell(f"parquet-to-stream rows | {Aggregates.expected} -o submitted.arrows")
        place.shell("stream-diff --ignore-order submitted.arrows submitted")

    def test_a_training_set(self) -> None:
        """200 random rows of each class, the same each time, of users who are not in the test set."""
        columns = (
            "event_id = 0..100000, user_id = random(int64 0..5000), price = random(decimal(7, 2) 0..99), "
            "at = random(timestamp 2026-01-01Z..2026-02-01Z)"
        )
        classes = "CASE WHEN event_id % 100 < 1 THEN 'rare' ELSE 'common' END AS class"
        place.shell(f"""stream-generate '{columns}' | stream-select "*, {classes}" | stream-to-parquet -o events.parquet""")
        for output in ("training.parquet", "again.parquet"):
            self.submit("training_set.py", place / "events.parquet", place / output)
        place.shell("stream-diff training.parquet again.parquet --key event_id,user_id,class,price,hour")
        counts = place.shell("stream-count --by class training.parquet").split()
        self.assertEqual(2, counts.count("200"), counts)
        shared = "stream-filter 'hash(user_id, 1) % 10 = 0'"
        self.assertEqual("0", place.shell(f"parquet-to-stream training.parquet | {shared} | stream-count").strip())


if __name__ == "__main__":
    unittest.main()
