"""What Spark leaves out because a pipe does not need it: never a row or column that changes the answer."""

import os
import random
import re
import shlex
import sys
import unittest
from pathlib import Path

import cluster
import pyarrow as pa
import pyarrow.parquet as pq
from cluster import Place

import arrow_pipes.spark

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
from random_conditions import OPERATORS, SCHEMA, VALUES, predicate, quoted, rows_of  # noqa: E402

ROWS = 400


def setUpModule() -> None:
    global place, spark
    place = Place()
    # So that plans are shown as a whole.
    shown = {"spark.sql.debug.maxToStringFields": "1000", "spark.sql.maxMetadataStringLength": "10000"}
    spark = cluster.session("local[1]", **shown)
    table = rows_of(random.Random(3), ROWS).append_column("row", pa.array(range(ROWS), pa.int64()))
    for number in range(4):
        # Dictionaries and statistics of files that have only some of the values.
        pq.write_table(table.slice(number * 100, 100), place / f"rows{number}.parquet", row_group_size=10)


def tearDownModule() -> None:
    spark.stop()
    place.remove()


def rows():
    return spark.read.parquet(*[place / f"rows{number}.parquet" for number in range(4)])


def plan(result) -> str:
    return result._jdf.queryExecution().executedPlan().toString()


def columns_read(result) -> list[str]:
    """The columns that Spark reads from the files."""
    found = re.search(r"ReadSchema: struct<(.*)>", plan(result))
    return re.findall(r"([^,:]+):(?:decimal\([^)]*\)|[^,]+)", found[1]) if found else []


def filters(result) -> str:
    return re.search(r"PushedFilters: \[(.*?)\], ReadSchema", plan(result))[1]


def answer(rows, command: str, **options) -> list[str]:
    """The rows as text, or the error."""
    try:
        return sorted(map(repr, arrow_pipes.spark.pipe(rows, command, **options).collect()))
    except Exception as error:
        return [re.search(r"PipeError: (.*)", str(error))[1]]


class Answers(unittest.TestCase):
    """The rows are the same with and without pushdown."""

    def same(self, rows, command: str, **options) -> list[str]:
        expected = answer(rows, command, pushdown=False, **options)
        self.assertEqual(expected, answer(rows, command, **options), command)
        return expected

    def test_random_conditions(self) -> None:
        rng = random.Random(5)
        for _ in range(int(os.environ.get("PUSHDOWN_CASES", "20"))):
            command = f"stream-filter -- {shlex.quote(predicate(rng))} | stream-select 'row, price'"
            self.same(rows(), command)

    def test_one_comparison_of_each_column(self) -> None:
        """In one pipe without pushdown, to save time: each comparison is a column of the answer."""
        rng = random.Random(6)
        conditions = []
        for name, (_, literals) in VALUES.items():
            column = quoted(name)
            conditions.append(f"{column} {rng.choice(list(OPERATORS))} {rng.choice(literals)}")
            conditions.append(f"{column} {rng.choice(['', 'NOT '])}IN ({', '.join(literals[:4])})")
        items = ", ".join(f"{text} AS c{number}" for number, text in enumerate(conditions))
        table = arrow_pipes.spark.pipe(rows(), f"stream-select {shlex.quote('row, ' + items)}").collect()
        for number, text in enumerate(conditions):
            kept = arrow_pipes.spark.pipe(rows(), f"stream-filter -- {shlex.quote(text)} | stream-select row")
            expected = sorted(row["row"] for row in table if row[f"c{number}"])
            self.assertEqual(expected, sorted(row["row"] for row in kept.collect()), text)

    def test_values_that_parquet_alone_would_lose(self) -> None:
        """Statistics without NaN, and dictionaries that tell zeros apart."""
        for values in ([float("nan"), 1.0], [-0.0, -0.0], [0.0, 0.0]):
            pq.write_table(pa.table({"x": pa.array(values * 10)}), place / "floats.parquet")
            floats = spark.read.parquet(place / "floats.parquet")
            for text in ("x > 2", "x <> 1", "x = 0", "x = -0.0", "x >= 0", "x <= -0.0", "x IN (0, 7)", "NOT x < 2"):
                self.same(floats, f"stream-filter '{text}' | stream-rechunk")

    def test_dates_that_spark_cannot_push_down(self) -> None:
        for text in ("day IN ('1582-10-10', '0001-01-01')", "day = '1582-10-10'", "day <= '1582-10-10'"):
            self.assertLess(10, len(self.same(rows(), f"stream-filter \"{text}\"")))

    def test_an_error_in_a_row_that_a_later_filter_drops(self) -> None:
        texts = spark.createDataFrame([(1, "1"), (2, "x"), (3, "3")], "id long, city string").coalesce(1)
        for command in (
            "stream-select 'id, CAST(city AS INT) AS n' | stream-filter 'id <> 2'",
            "stream-filter 'CAST(city AS INT) > 0 AND id <> 2'",
            "stream-filter 'id <> 2' | stream-select 'CAST(city AS INT) AS n'",
            "stream-filter 'id <> 1' | stream-select 'CAST(city AS INT) AS n'",
            "stream-filter 'id <> 2 AND CAST(city AS INT) > 0'",
        ):
            self.same(texts, command)
        failing = "stream-select 'id, CAST(city AS INT) AS n' | stream-filter 'id <> 2'"
        self.assertIn("row 1", self.same(texts, failing)[0])

    def test_groups(self) -> None:
        counts = "stream-filter 'tiny > 0' | stream-aggregate --by city,flag 'count(*) AS n, sum(id % 7) AS total'"
        self.same(rows(), counts, group_by="city")
        self.same(rows(), counts, group_by=["CITY", "flag"])
        by = """stream-aggregate --by '"Group By"' 'count(*) AS n'"""
        self.same(rows(), by, group_by="Group By")

    def test_a_key_that_the_pipe_does_not_use(self) -> None:
        unused = "stream-sort --by row | stream-select row"
        result = arrow_pipes.spark.pipe(rows(), unused, group_by="city")
        self.assertEqual(["city", "row"], sorted(columns_read(result)))
        self.assertEqual(list(range(ROWS)), sorted(row[0] for row in result.collect()))

    def test_partial_aggregates(self) -> None:
        partial = arrow_pipes.spark.pipe(rows(), "stream-aggregate --by city --partial 'sum(tiny) AS total'")
        self.same(partial, "stream-aggregate --merge", group_by="city")

    def test_an_answer_for_no_rows(self) -> None:
        """Spark reads no file of a tree, but the count is 0."""
        rows().select("row", "tiny").write.partitionBy("tiny").parquet(place / "tree", mode="overwrite")
        tree = spark.read.parquet(place / "tree")
        for pushdown in (True, False):
            command = "stream-filter 'tiny = 55' | stream-aggregate --partial 'count(*) AS n'"
            parts = arrow_pipes.spark.pipe(tree, command, pushdown=pushdown)
            merged = arrow_pipes.spark.pipe(parts.coalesce(1), "stream-aggregate --merge", per_partition=True)
            self.assertEqual([(0,)], [tuple(row) for row in merged.collect()])
        self.assertEqual([], arrow_pipes.spark.pipe(tree, "stream-filter 'tiny = 55'").collect())

    def test_names_that_differ_in_case(self) -> None:
        spark.conf.set("spark.sql.caseSensitive", "true")
        try:
            numbers = spark.range(3).selectExpr("id", "id + 1 AS x", "id + 2 AS X")
            self.same(numbers, "stream-filter 'X > 3 AND x > 1' | stream-select id")
        finally:
            spark.conf.unset("spark.sql.caseSensitive")

    def test_columns_of_all_types_are_left_out(self) -> None:
        odd = spark.range(3).selectExpr(
            "id", "array(id) AS a", "named_struct('x', id) AS s", "map(id, 'x') AS m", "binary('x') AS b",
            "CAST(id AS STRING) AS t", "INTERVAL '1' DAY AS i", "NULL AS n", "current_timestamp() AS at",
        )
        for command in ("stream-filter 'id > 1' | stream-select id", "stream-aggregate --partial 'count(*)'"):
            self.same(odd, command)

    def test_commands_that_name_columns_that_they_do_not_use(self) -> None:
        for command in (
            "stream-select '* EXCLUDE (city)' | stream-select row",
            "stream-select '* RENAME (#2 AS z)' | stream-select row",
            "stream-select 'upper(city) AS up, row' | stream-select row",
            "stream-select 'hash(day) AS up, date_part('\\''year'\\'', day) AS y, row' | stream-select row",
            "stream-filter '#2 > 3' | stream-select row",
            "stream-rechunk | stream-filter 'tiny = 1' | stream-select row",
        ):
            self.same(rows(), command)

    def test_text_with_a_collation(self) -> None:
        texts = spark.sql("SELECT id, CAST(IF(id = 1, 'A', 'a') AS STRING) COLLATE UTF8_LCASE AS city FROM range(3)")
        for text in ("city <> 'A'", "city = 'A'", "city NOT IN ('a')"):
            self.same(texts, f"stream-filter \"{text}\"")


class Plans(unittest.TestCase):
    """Spark reads only what is needed."""

    def test_columns_and_rows(self) -> None:
        command = "stream-filter \"id > 2 AND city = 'a' AND length(city) = 1\" | stream-select id"
        result = arrow_pipes.spark.pipe(rows(), command)
        self.assertEqual(["id", "city"], columns_read(result))
        for part in ("GreaterThan(id,2)", "EqualTo(city,a)"):
            self.assertIn(part, filters(result))

    def test_all_types_that_parquet_filters(self) -> None:
        for text, expected in {
            "tiny BETWEEN 0 AND 3": "GreaterThanOrEqual(tiny,0), LessThanOrEqual(tiny,3)",
            "amount > 20": "GreaterThan(amount,20.00)",
            "day >= '2024-01-01'": "GreaterThanOrEqual(day,2024-01-01)",
            "local < '2024-01-01'": "LessThan(local,2024-01-01T00:00)",
            "at < '2024-01-01 00:00:00Z'": "LessThan(at,2024-01-01",
            "price < 1": "LessThan(price,1.0)",
            "single <= 0.5": "LessThanOrEqual(single,0.5)",
            "city IN ('a', 'b')": "In(city, [a,b])",
            "flag": "EqualTo(flag,true)",
            '"a.b" = 1': "EqualTo(`a.b`,1)",
            '"q""x" IS NULL': 'IsNull(`q"x`)',
            '"Group By" = 1': "EqualTo(`Group By`,1)",
            "id = 1 OR tiny = 2": "Or(EqualTo(id,1),EqualTo(tiny,2))",
        }.items():
            with self.subTest(text):
                result = arrow_pipes.spark.pipe(rows(), f"stream-filter {shlex.quote(text)}")
                self.assertIn(expected, filters(result))

    def test_a_condition_of_floats_that_only_spark_may_filter(self) -> None:
        result = arrow_pipes.spark.pipe(rows(), "stream-filter 'price > 0.5' | stream-select price")
        self.assertEqual(("", ["price"]), (filters(result), columns_read(result)))
        self.assertRegex(plan(result), r"Filter \(\(price#\d+ > 0.5\) OR isnan\(price#\d+\)\)")

    def test_remainders(self) -> None:
        result = arrow_pipes.spark.pipe(rows(), "stream-filter 'id % 3 = 0' | stream-select id")
        self.assertRegex(plan(result), r"id#\d+L % 3\) = 0")

    def test_a_count_needs_the_smallest_column(self) -> None:
        result = arrow_pipes.spark.pipe(rows(), "stream-aggregate --partial 'count(*)'")
        self.assertEqual(["flag"], columns_read(result))

    def test_groups_are_made_of_the_rows_that_are_needed(self) -> None:
        command = "stream-filter 'tiny > 0' | stream-aggregate --by city 'count(*) AS n'"
        result = arrow_pipes.spark.pipe(rows(), command, group_by="city")
        self.assertEqual((["tiny", "city"], True), (columns_read(result), "GreaterThan(tiny,0)" in filters(result)))
        self.assertLess(plan(result).index("Exchange"), plan(result).index("Filter"))

    def test_everything(self) -> None:
        every = [field.name for field in SCHEMA] + ["row"]
        command = "stream-filter 'id > 2' | stream-select id"
        for rows_of_pipe, options in {
            command: {"pushdown": False},
            f"{command} ": {"schema": "id long"},
            f"cat | {command}": {},
            "stream-filter --no-pushdown 'id > 2' | stream-select id": {},
        }.items():
            result = arrow_pipes.spark.pipe(rows(), rows_of_pipe, **options)
            self.assertEqual((every, ""), (columns_read(result), filters(result)), rows_of_pipe)


if __name__ == "__main__":
    unittest.main()
