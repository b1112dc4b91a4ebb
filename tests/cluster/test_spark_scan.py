"""Scans in a cluster of two executors: the rows of one machine in their order, after crashes too, or an error."""

import datetime
import functools
import http.server
import os
import sys
import threading
import unittest
import unittest.mock
from pathlib import Path

import cluster
import pyarrow as pa
import pyarrow.parquet as pq
from cluster import Place

import arrow_pipes.spark

ROWS = 400_000
PRICE = "decimal(7, 2) 0..99"


def setUpModule() -> None:
    global place, spark
    place = Place()
    columns = f"id = 0..{ROWS}, user = random(int64 0..1000), city = random(choice 6), price = random({PRICE})"
    place.shell(f"stream-generate '{columns}' | stream-to-parquet --row-group-rows 50000 -o large.parquet")
    files = "stream-to-parquet --file-rows 100000 --row-group-rows 50000 -o files"
    place.shell(f"parquet-to-stream large.parquet | {files}")
    tree = "stream-to-parquet --partition-by city,user -o many"
    place.shell(f"parquet-to-stream large.parquet -w 'user < 20' | {tree}")
    # Repeated once.
    spark = cluster.session("local-cluster[2,1,1024]", **{"spark.task.maxFailures": "2"})


def tearDownModule() -> None:
    spark.stop()
    place.remove()


def scan(command: str, **options):
    return arrow_pipes.spark.scan(spark, command.replace("PLACE", str(place.path)), **options)


def rows(command: str) -> list[tuple]:
    """The rows on one machine, as Spark shows them."""
    with arrow_pipes.scan(command.replace("PLACE", str(place.path))) as reader:
        return [tuple(row.values()) for row in reader.read_all().to_pylist()]


def write(name: str, **columns) -> None:
    path = Path(place / name)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


class Answers(unittest.TestCase):
    def same(self, command: str, **options) -> list[tuple]:
        expected = rows(command)
        actual = [tuple(row) for row in scan(command, **options).collect()]
        self.assertEqual(len(expected), len(actual), command)
        self.assertTrue(expected == actual, command)
        return expected

    def test_row_groups_of_a_large_file(self) -> None:
        rest = "stream-filter 'price > 90' | stream-select 'id, price * 2 AS p'"
        command = f"parquet-to-stream PLACE/large.parquet | {rest}"
        self.same(command)
        self.same(command, part_bytes=1_000_000)
        self.assertEqual(8, scan(command, part_bytes=1).rdd.getNumPartitions())
        self.same(command, part_bytes=1)

    def test_files(self) -> None:
        for part_bytes in (None, 1 << 30):
            self.same("parquet-to-stream 'PLACE/files/*.parquet' -c id,city -w 'id % 100 = 3'", part_bytes=part_bytes)
            self.same("parquet-to-stream PLACE/files PLACE/files -w 'id % 1000 = 3'", part_bytes=part_bytes)
        command = "parquet-to-stream PLACE/files --filename file | stream-filter 'id % 100000 = 7'"
        names = self.same(command, part_bytes=1)
        self.assertEqual(4, len({row[-1] for row in names}))

    def test_trees(self) -> None:
        self.assertEqual(120, len(list(Path(place / "many").glob("*/*/*.parquet"))))
        self.same("parquet-to-stream PLACE/many -w 'user % 7 = 3 AND price > 50' -c user,city,id")
        self.same("parquet-to-stream PLACE/many/city=v1 PLACE/many/city=v3 | stream-filter 'user < 10'")
        self.same("parquet-to-stream PLACE/many --hive-types 'user utf8' | stream-filter \"user > '15'\"")

    def test_keys_have_the_types_that_all_files_give_them(self) -> None:
        for number, key in enumerate(["1", "2", "2024-01-01", "x", "__HIVE_DEFAULT_PARTITION__"]):
            write(f"keys/all/k={key}/a.parquet", id=[number])
            if number < 2:
                write(f"keys/numbers/k={key}/a.parquet", id=[number])
        texts = self.same("parquet-to-stream PLACE/keys/all", part_bytes=1)
        self.assertEqual([(0, "1"), (1, "2")], sorted(texts)[:2])
        self.assertEqual([(0, 1), (1, 2)], self.same("parquet-to-stream PLACE/keys/numbers", part_bytes=1))

    def test_no_rows(self) -> None:
        write("empty/a.parquet", id=pa.array([], pa.int64()))
        write("empty/b.parquet", id=pa.array([], pa.int64()))
        self.assertEqual([], self.same("parquet-to-stream PLACE/empty"))
        for condition in ("id < 0", "city = ''", "id IS NULL"):
            self.assertEqual([], self.same(f'parquet-to-stream PLACE/files -w "{condition}"', part_bytes=1))
        self.assertEqual([], self.same("parquet-to-stream PLACE/many -w 'user = 1000'"))
        self.assertEqual([], self.same("parquet-to-stream PLACE/many | stream-filter 'user = 1000'"))

    def test_added_columns(self) -> None:
        write("added/k=1/a.parquet", id=pa.array([1, 2], pa.int32()))
        write("added/k=2/b.parquet", id=pa.array([3], pa.int64()), more=["x"])
        for part_bytes in (None, 1):
            self.same("parquet-to-stream PLACE/added --merge-schema union", part_bytes=part_bytes)
            self.same("parquet-to-stream PLACE/added --merge-schema union -w 'k = 1'", part_bytes=part_bytes)

    def test_columns_of_excluded_files_do_not_count(self) -> None:
        """As on one machine, where they are not opened."""
        write("old/k=1/a.parquet", was=["x"])
        write("old/k=2/a.parquet", id=[5])
        write("old/k=3/a.parquet", id=[6])
        for part_bytes in (None, 1):
            self.same("parquet-to-stream PLACE/old -w 'k > 1 AND id > 0'", part_bytes=part_bytes)

    def test_partial_results_are_merged(self) -> None:
        aggregate = "stream-aggregate --by city 'count(*) AS n, sum(price) AS total'"
        parts = scan(f"parquet-to-stream PLACE/files | {aggregate} --partial", part_bytes=1)
        merged = arrow_pipes.spark.pipe(parts, "stream-aggregate --merge", group_by="city")
        expected = rows(f"parquet-to-stream PLACE/files | {aggregate}")
        self.assertEqual(sorted(expected), sorted(map(tuple, merged.collect())))

    def test_types_are_converted(self) -> None:
        at = datetime.datetime(2026, 1, 1, 12)
        write("types.parquet", small=pa.array([200], pa.uint8()), at=pa.array([at], pa.timestamp("ns")))
        self.assertEqual([(200, at)], [tuple(row) for row in scan("parquet-to-stream PLACE/types.parquet").collect()])

    def test_fields_that_are_never_null_in_some_files(self) -> None:
        for number, is_nullable in enumerate([False, True]):
            field = pa.field("x", pa.int64(), is_nullable)
            values = pa.array([{"x": None if is_nullable else 1}] * 3, pa.struct([field]))
            lists = pa.array([[2, None if is_nullable else 3]] * 3, pa.list_(field))
            write(f"nullable/k={number}/a.parquet", struct=values, list=lists)
        for options in ("--merge-schema union", "", "--dictionary auto"):
            for part_bytes in (None, 1):
                found = scan(f"parquet-to-stream PLACE/nullable {options}", part_bytes=part_bytes).collect()
                self.assertEqual([1] * 3 + [None] * 3, [row.struct.x for row in found])
                self.assertEqual([[2, 3]] * 3 + [[2, None]] * 3, [row.list for row in found])

    def test_a_schema_that_is_given(self) -> None:
        command = (
            "parquet-to-stream PLACE/files -w 'id % 100 = 1' | stream-to-json | grep -v 5 | "
            "json-to-stream --types 'price decimal(7,2)'"
        )
        given = scan(f"{command} | stream-select id", schema="id bigint", part_bytes=1)
        self.assertEqual(rows(f"{command} | stream-select id"), [tuple(row) for row in given.collect()])

    def test_an_answer_for_each_part(self) -> None:
        heads = scan("parquet-to-stream PLACE/files | stream-head -n 1", part_bytes=1, per_partition=True)
        self.assertEqual(8, heads.count())

    def test_only_the_rows_that_are_wanted_are_read(self) -> None:
        self.assertEqual(3, len(scan("parquet-to-stream PLACE/files", part_bytes=1).limit(3).collect()))


    def test_a_directory_of_temporary_files_that_has_keys(self) -> None:
        temporary = Path(place / "t=1")
        temporary.mkdir()
        with unittest.mock.patch.dict(os.environ, TMPDIR=str(temporary)), unittest.mock.patch("tempfile.tempdir", None):
            with self.assertRaisesRegex(ValueError, "change TMPDIR"):
                scan("parquet-to-stream PLACE/many", part_bytes=1)


class Urls(unittest.TestCase):
    def test_objects_of_a_server(self) -> None:
        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_) -> None:
                pass

        handler = functools.partial(Handler, directory=place / "many")
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                files = sorted(Path(place / "many").glob("city=v0/user=1[0-4]/*.parquet"))
                urls = [f"http://127.0.0.1:{server.server_port}/{file.relative_to(place / 'many')}" for file in files]
                command = f"parquet-to-stream --hive -w 'price > 20' {' '.join(urls)} | stream-select 'user, city, id'"
                for part_bytes in (None, 1):
                    found = [tuple(row) for row in scan(command, part_bytes=part_bytes).collect()]
                    self.assertLess(100, len(found))
                    self.assertEqual(rows(command), found)
            finally:
                server.shutdown()
                thread.join()


class Crashes(unittest.TestCase):
    command = "stream-select 'id, city, price * 2 AS twice'"

    def killed(self, flag: str, what: str, **options) -> None:
        script = Path(__file__).with_name("kill_once.py")
        stage = f"{sys.executable} {script} {place / flag} {what}"
        command = f"parquet-to-stream {place / 'files'} | {stage} | {self.command}"
        scan(command, **options).write.parquet(place / f"{flag}-output")
        self.assertTrue(Path(place / flag).exists())
        expected = f"parquet-to-stream files | {self.command} -o {flag}.arrows"
        place.shell(f"{expected} && stream-diff --ignore-order {flag}.arrows {flag}-output")

    def test_a_killed_worker_is_repeated(self) -> None:
        self.killed("worker", "worker", part_bytes=1)

    def test_a_killed_executor_is_replaced(self) -> None:
        self.killed("executor", "executor")


class Failures(unittest.TestCase):
    def fails(self, dataframe) -> str:
        with self.assertRaises(Exception) as caught:
            dataframe.count()
        return str(caught.exception)

    def test_the_error_of_spark_has_the_line_of_the_tool(self) -> None:
        failing = scan("parquet-to-stream PLACE/files | stream-select 'CAST(id AS SMALLINT) AS small'")
        self.assertIn('stream-select failed with exit status 1: column "small": row', self.fails(failing))

    def test_errors_of_the_command_come_at_once(self) -> None:
        for command, message in [
            ("parquet-to-stream PLACE/files -c idd", 'did you mean "id"'),
            ("parquet-to-stream PLACE/files -w 'id <'", "id <"),
            ("parquet-to-stream PLACE/missing", "missing"),
            ("parquet-to-stream PLACE/files | stream-filter 'idd > 3'", 'did you mean "id"'),
        ]:
            with self.subTest(command), self.assertRaisesRegex(arrow_pipes.PipeError, message):
                scan(command)
        with self.assertRaisesRegex(ValueError, "part_bytes is 0"):
            scan("parquet-to-stream PLACE/files", part_bytes=0)

    def test_columns_that_differ(self) -> None:
        """Even if the command makes the same of them."""
        write("differ/a.parquet", id=pa.array([1], pa.int32()))
        write("differ/b.parquet", id=pa.array([2], pa.int64()))
        for part_bytes in (None, 1):
            for rest in ("", " | stream-select 'CAST(id AS BIGINT) AS id'"):
                message = self.fails(scan(f"parquet-to-stream PLACE/differ{rest}", part_bytes=part_bytes))
                self.assertIn("--merge-schema union takes both", message)

    def test_a_file_that_changed(self) -> None:
        write("changed/a.parquet", id=[1, 2, 3])
        for part_bytes in (None, 1):
            old = scan("parquet-to-stream PLACE/changed", part_bytes=part_bytes)
            self.assertEqual(3, old.count())
            write("changed/a.parquet", id=[1, 2, 3, 4 + (part_bytes or 0)])
            self.assertIn("changed after the scan listed it: make the DataFrame again", self.fails(old))
            write("changed/a.parquet", id=[1, 2, 3])

    def test_a_file_that_vanished(self) -> None:
        write("vanished/[a].parquet", id=[1])
        write("vanished/a.parquet", id=[1])
        old = scan("parquet-to-stream PLACE/vanished", part_bytes=1)
        os.remove(place / "vanished/[a].parquet")
        self.assertIn("cannot open {}: no such file".format(place / "vanished/[a].parquet"), self.fails(old))

    def test_damage(self) -> None:
        write("damaged/a.parquet", id=list(range(100_000)))
        path = Path(place / "damaged/a.parquet")
        old = scan("parquet-to-stream PLACE/damaged")
        content = bytearray(path.read_bytes())
        content[100:50_000] = bytes(49_900)
        path.write_bytes(content)
        self.assertIn("parquet-to-stream failed", self.fails(old))


if __name__ == "__main__":
    unittest.main()
