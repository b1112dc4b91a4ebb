"""How files are divided among tasks, and which commands may be divided."""

import datetime
import decimal
import os
import random
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import support

import arrow_pipes
from arrow_pipes import CommandError, _scan_command, _scan_parts, _scan_paths, _spark_scan
from arrow_pipes._scan_command import ScanCommand
from arrow_pipes._scan_parts import File, Part


def file(name: str, size: int) -> File:
    return File(name, size, 1, 1, 100)


class Parts(unittest.TestCase):
    def test_small_files_are_joined_in_their_order(self) -> None:
        files = [file("a", 30), file("b", 30), file("c", 30), file("d", 90)]
        parts = _scan_parts.divide(files, 100, 10, {})
        self.assertEqual([Part((files[0], files[1])), Part((files[2],)), Part((files[3],))], parts)

    def test_a_large_file_is_divided_at_row_groups(self) -> None:
        files = [file("a", 10), file("b", 1000), file("c", 10)]
        parts = _scan_parts.divide(files, 400, 10, {"b": [300, 300, 300, 100]})
        self.assertEqual([(part.files[0].path, part.row_groups) for part in parts], [
            ("a", None), ("b", "0-1"), ("b", "2-3"), ("c", None),
        ])  # fmt: skip

    def test_a_file_that_is_little_larger_than_a_part_is_one_part(self) -> None:
        files = [file("a", 140)]
        self.assertEqual([Part((files[0],))], _scan_parts.divide(files, 100, 0, {"a": [70, 70]}))

    def test_one_byte_makes_a_part_of_each_row_group(self) -> None:
        parts = _scan_parts.divide([file("a", 30)], 1, 0, {"a": [10, 0, 10, 10]})
        self.assertEqual(["0-0", "1-1", "2-2", "3-3"], [part.row_groups for part in parts])

    def test_files_without_row_groups_are_read_for_their_columns(self) -> None:
        files = [file("a", 300), file("b", 300)]
        parts = _scan_parts.divide(files, 100, 0, {"a": [], "b": [0, 0]})
        self.assertEqual([Part((files[0],)), Part((files[1],))], parts)

    def test_each_row_group_is_in_one_part(self) -> None:
        rng = random.Random(7)
        for _ in range(500):
            sizes = {name: [rng.choice([0, 1, 50, 1000]) for _ in range(rng.randrange(9))] for name in "abcde"}
            files = [file(name, sum(groups) + 8) for name, groups in sizes.items()]
            divisible = {name: groups for name, groups in sizes.items() if rng.random() < 0.8}
            parts = _scan_parts.divide(files, rng.choice([1, 40, 900, 10**6]), rng.choice([0, 4, 300]), divisible)
            seen = []
            for part in parts:
                if part.row_groups is None:
                    seen += [(one.path, group) for one in part.files for group in range(len(sizes[one.path]))]
                else:
                    first, last = map(int, part.row_groups.split("-"))
                    self.assertLessEqual(first, last)
                    seen += [(part.files[0].path, group) for group in range(first, last + 1)]
            expected = [(name, group) for name, groups in sizes.items() for group in range(len(groups))]
            self.assertEqual(expected, seen)


#: Commands that are divided.
DIVIDED = [
    "parquet-to-stream sales",
    "arrow-pipes parquet-to-stream -c a,b -w 'a > 3' sales/a.parquet 'sales/*.parquet' s3://bucket/sales/",
    "parquet-to-stream -vj2 sales | stream-filter 'a > 3' | stream-select 'a, b'",
    "parquet-to-stream sales | stream-aggregate --by a --partial 'sum(b)'",
]

#: Commands that are not, and a part of the reason.
REFUSED = [
    ("parquet-to-stream", "name the files"),
    ("parquet-to-stream - sales", "name the files"),
    ("stream-filter 'a > 3'", "stream-filter: a scan begins with parquet-to-stream"),
    ("csv-to-stream sales.csv", "use arrow_pipes.spark.pipe on a DataFrame"),
    ("parquet-to-stream sales -n 3", "use limit() of the DataFrame"),
    ("parquet-to-stream -vn3 sales", "use limit() of the DataFrame"),
    ("parquet-to-stream sales --limit=3", "use limit() of the DataFrame"),
    ("parquet-to-stream sales --skip 3", "--skip would leave out rows of each part"),
    ("parquet-to-stream sales --row-groups 0", "--row-groups is how the files are divided"),
    ("parquet-to-stream sales --files-from list", "write them as operands"),
    ("parquet-to-stream sales -o x.arrows", "-o would write the same file"),
    ("parquet-to-stream -h sales", "--help prints text"),
    ("parquet-to-stream sales -V", "--version prints text"),
    ("parquet-to-stream sales --filename f", "write absolute paths"),
    ("parquet-to-stream sales | stream-filter a x.arrows", "would read x.arrows once for each partition"),
    ("parquet-to-stream sales | stream-to-csv", "does not write an Arrow stream"),
    ("parquet-to-stream sales | parquet-to-stream sales", "the rows of the partition would be lost"),
    ("parquet-to-stream sales | stream-sample --fraction 0.1", "add --seed N"),
]

#: Commands whose answer is one for each part.
PER_PARTITION = [
    ("parquet-to-stream sales | stream-head", "pass per_partition=True"),
    ("parquet-to-stream sales | stream-sort --by a", "pass per_partition=True"),
    (
        "parquet-to-stream sales | stream-aggregate --by a 'sum(b)'",
        'pass group_by="a"; --partial makes parts that --merge completes to arrow_pipes.spark.pipe',
    ),
]


class Commands(unittest.TestCase):
    def test_divided_commands(self) -> None:
        for command in DIVIDED:
            with self.subTest(command):
                ScanCommand(command)

    def test_refused_commands(self) -> None:
        for command, reason in REFUSED:
            with self.subTest(command), self.assertRaisesRegex(ValueError, re.escape(reason)):
                ScanCommand(command, per_partition=True)
        with self.assertRaises(CommandError):
            ScanCommand("parquet-to-stream sales/*.parquet")

    def test_commands_with_an_answer_for_each_part(self) -> None:
        for command, reason in PER_PARTITION:
            with self.subTest(command):
                with self.assertRaisesRegex(ValueError, re.escape(reason)):
                    ScanCommand(command)
                ScanCommand(command, per_partition=True)

    def test_each_option_of_the_tool_is_passed_on_or_refused(self) -> None:
        text = subprocess.run(["parquet-to-stream", "--help"], capture_output=True, text=True, check=True).stdout
        options = re.search(r"^Options:\n(.*?)^\S", text, re.DOTALL | re.MULTILINE)[1]
        found = re.findall(r"^ {2,6}(?:-\w, )?--([\w-]+)", options, re.MULTILINE)
        self.assertEqual(set(found), _scan_command.PASSED_ON | set(_scan_command.REFUSED))
        self.assertEqual(set(), _scan_command.PASSED_ON & set(_scan_command.REFUSED))
        documented = _scan_command.__doc__
        for option in re.findall(r"--[\w-]+", documented):
            self.assertIn(option[2:], found + ["partial"])

    def test_options_reach_the_tasks(self) -> None:
        command = ScanCommand("parquet-to-stream -vc 'a,b' -w '-a < 3' --explain=json --hive sales")
        words = command.for_files("list", ["--hive", "--hive-types=\"c\" utf8"], "0-3", 2).words
        self.assertEqual(words, [
            "parquet-to-stream", "-v", "--columns=a,b", "--where=-a < 3", "--explain=json",
            "--hive", '--hive-types="c" utf8', "--files-from=list", "--row-groups=0-3", "--threads=2",
        ])  # fmt: skip
        words = ScanCommand("arrow-pipes parquet-to-stream -j 4 sales").for_files("list", ["--no-hive"], None, 1).words
        self.assertEqual(words, ["arrow-pipes", "parquet-to-stream", "--threads=4", "--no-hive", "--files-from=list"])


class Session:
    """What a scan asks a session of Spark."""

    class Conf:
        @staticmethod
        def get(name: str, default: str = "1m") -> str:
            return {"spark.sql.files.minPartitionNum": "2", "spark.sql.files.openCostInBytes": "0b"}.get(name, default)

    conf = Conf()


#: Options and operands, below a directory.
OPERANDS = [
    ("", ["plain"]),
    ("", ["plain/x/a.parquet", "plain"]),
    ("", ["w"]),
    ("", ["w/"]),
    ("", ["w/*/day=0[12]"]),
    ("", ["w/**/*.parquet"]),
    ("", ["w/year=202{4,5}"]),
    ("", ["w/year=2024", "w/year=2025/"]),
    ("", ["w/year=2024/day=01/a.parquet"]),
    ("", ["w/year=2024/*/*.parquet", "w/year=2025"]),
    ("--hive", ["w/year=2024/day=01/a.parquet", "w/year=2025"]),
    ("--no-hive", ["w", "plain"]),
    ("--hive-types 'day utf8'", ["w"]),
    ("-c 'day,id' -w 'day = 2 AND id > 0'", ["w"]),
    ("--filename file -w \"file LIKE '%2025%'\"", ["w"]),
    ("--merge-schema union", ["w"]),
    ("--merge-schema union --filename file", ["w"]),
    ("--runs auto", ["w"]),
    ("", ["mixed"]),
    ("", ["mixed/k=1", "mixed/k=07"]),
    ("", ["q"]),
    ("--hive-types '\"a \"\"b, c\" binary'", ["q"]),
    ("", ["column"]),
    ("", ["column/id=5"]),
    ("", ["odd/*.parquet", "odd/[a].parquet"]),
    ("--merge-schema union", ["added"]),
    ("--merge-schema union -w 'k = 2'", ["added"]),
    ("--merge-schema union -c 'k,more'", ["added"]),
    ("-w 'k = 2'", ["added"]),
]

FILES = [
    *("plain/x/a", "plain/y/a", "w/year=2024/day=01/a", "w/year=2024/day=01/b", "w/year=2025/day=02/a"),
    *("mixed/k=1/a", "mixed/k=07/a", "mixed/k=x%20y/a", "mixed/k=__HIVE_DEFAULT_PARTITION__/a"),
    *('q/a "b, c=1,5/a', 'q/a "b, c=%2F/a', 'q/a "b, c=__HIVE_DEFAULT_PARTITION__/a'),
    *("column/id=5/a", "column/id=6/a", "odd/*", "odd/[a]", "odd/a", "odd/a\nb"),
    *("added/k=1/a", "above=1/k=1/a", "above=1/k=2/a", "id=3/k=2/a"),
]


class Files(support.PipeTest):
    """The parts, one after another, are the whole, in columns and rows."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.place = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.place)
        for number, path in enumerate(FILES):
            cls.write(f"{path}.parquet", f"id = {number * 5}..{number * 5 + 5}")
        cls.write("added/k=2/b.parquet", "id = 0..5, more = random(bool)")

    @classmethod
    def write(cls, name: str, columns: str) -> None:
        path = Path(cls.place, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        line = 'stream-generate "$1" | stream-to-parquet --row-group-rows 2 -o "$2"'
        subprocess.run(["bash", "-o", "pipefail", "-c", line, "bash", columns, str(path)], check=True)

    def test_parts_are_the_whole(self) -> None:
        for options, operands in OPERANDS:
            for part_bytes in (1, None):
                with self.subTest(options=options, operands=operands, part_bytes=part_bytes):
                    words = [f"{self.place}/{operand}" for operand in operands]
                    self.compare(shlex.join(["parquet-to-stream", *shlex.split(options), *words]), part_bytes)

    def test_relative_paths(self) -> None:
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.place)
        self.compare("parquet-to-stream w 'added/*/a.parquet' ./plain/../w/year=2024 --no-hive", 1)
        self.compare("parquet-to-stream w", 1)
        os.chdir("above=1")
        for command in ("--no-hive k=1", "k=1", ".", "./", "--hive k=1", "--hive k=1/a.parquet k=2/"):
            self.compare(f"parquet-to-stream {command}", 1)

    def test_keys_above_and_below(self) -> None:
        command = f"parquet-to-stream {self.place}/above=1"
        for part_bytes in (1, None):
            for options in ("", "--hive", "--no-hive", "-c k,id", "--filename file"):
                self.compare(f"{command} {options}", part_bytes)
            self.compare(f"{command}/k=1 {self.place}/above=1/k=2", part_bytes)
        self.compare(f"parquet-to-stream {self.place}/id=3 --no-hive", 1)
        with self.assertRaisesRegex(ValueError, "id is also a partition key above the operands"):
            self.parts(f"parquet-to-stream {self.place}/id=3", 1)
        with self.assertRaisesRegex(ValueError, "the partition keys above the operands differ"):
            self.parts(f"{command} {self.place}/id=3/k=2/../../above=1/k=1/.. {self.place}/id=3", 1)

    def test_types_and_options(self) -> None:
        """The empty file with the columns of the whole has exactly the types of the files."""
        day = datetime.datetime(2020, 1, 1)
        table = pa.table({
            "ts": pa.array([day] * 3, pa.timestamp("ns")), "tz": pa.array([day] * 3, pa.timestamp("us", "Europe/Oslo")),
            "word": pa.array(["a", None, "c"]).dictionary_encode(), "half": pa.array([1, 2, 3], pa.float16()),
            "list": pa.array([[1], None, []], pa.large_list(pa.int8())), "view": pa.array(["a"] * 3, pa.string_view()),
            "map": pa.array([[("a", 1)]] * 3, pa.map_(pa.string(), pa.int32())), "null": pa.nulls(3),
            "struct": pa.array([{"x": 1}] * 3, pa.struct([pa.field("x", pa.int32(), False)])),
            "uuid": pa.array([bytes(16)] * 3, pa.uuid()), "json": pa.array(["{}"] * 3, pa.json_()),
            "wide": pa.array([decimal.Decimal("1.5")] * 3, pa.decimal256(50, 2)),
            "time": pa.array([1] * 3, pa.time32("s")), "u64": pa.array([2**64 - 1] * 3, pa.uint64()),
            "pair": pa.array([[1, 2]] * 3, pa.list_(pa.int16(), 2)),
        })  # fmt: skip
        with open(f"{self.place}/keys", "w") as keys:
            keys.write(f"footer {'00' * 16}\n")
        others = "-j 2 -v --explain --progress --force --no-sync --no-spool --anonymous --requester-pays --batch-rows 1"
        for number, written in enumerate([{}, {"store_schema": False}, {"use_deprecated_int96_timestamps": True}]):
            for key in (1, 2):
                path = Path(self.place, f"types{number}/k={key}/a.parquet")
                path.parent.mkdir(parents=True)
                pq.write_table(table, path, row_group_size=2, **written)
            for options in [
                *("", "--merge-schema union", f"--key-file {self.place}/keys", "--unique-names", "--int96 us", others),
                *("--no-pushdown --ignore-checksums", "--dictionary auto", "--dictionary view,k", "--runs ts"),
            ]:
                for part_bytes in (1, None):
                    with self.subTest(written=written, options=options, part_bytes=part_bytes):
                        self.compare(f"parquet-to-stream {options} {self.place}/types{number}", part_bytes)

    def test_a_large_file_with_other_columns_is_not_divided(self) -> None:
        _, parts = self.parts(f"parquet-to-stream {self.place}/w", 1)
        self.assertEqual(["0-0", "1-1", "2-2"] * 3, [part.row_groups for part in parts])
        _, parts = self.parts(f"parquet-to-stream {self.place}/added --merge-schema union", 1)
        self.assertEqual([None, None], [part.row_groups for part in parts])

    def test_files_with_other_columns_are_an_error(self) -> None:
        command = f"parquet-to-stream {self.place}/added --filename file"
        self.assertPipeError("parquet-to-stream", "merge-schema union", self.parts, command, None)
        task, parts = self.parts(f"parquet-to-stream {self.place}/added", 1)
        self.read(task, parts[0])
        self.assertPipeError("parquet-to-stream", "merge-schema union", self.read, task, parts[1])

    def test_a_file_that_is_no_parquet_file(self) -> None:
        Path(self.place, "other").mkdir()
        Path(self.place, "other/a.parquet").write_text("id")
        command = f"parquet-to-stream {self.place}/other"
        self.assertPipeError("parquet-to-stream", "a.parquet", self.parts, command, None)

    def compare(self, command: str, part_bytes: "int | None") -> None:
        with arrow_pipes.scan(command) as reader:
            expected = reader.read_all()
        task, parts = self.parts(command, part_bytes)
        tables = [self.read(task, part) for part in parts]
        for table in tables:
            self.assertEqual(expected.schema.names, table.schema.names)
            self.assertEqual(*[[*map(plain, one.schema.types)] for one in (expected, table)])
        self.assertEqual(expected.to_pylist(), [row for table in tables for row in table.to_pylist()])

    def parts(self, command: str, part_bytes: "int | None"):
        return _spark_scan.plan(Session(), ScanCommand(command), None, part_bytes)

    def read(self, task, part) -> pa.Table:
        with tempfile.TemporaryDirectory() as place:
            if part.row_groups is None:
                listed = _spark_scan._listed(task, part.files, place, is_template_first=True)
            else:
                listed = _spark_scan._write_list(place, [part.files[0].path])
            with arrow_pipes.scan(_spark_scan._command(task, part, 0, listed)) as reader:
                return reader.read_all()


def plain(kind: pa.DataType) -> pa.DataType:
    """The type without what may differ between parts: encodings, and fields that are never null."""
    if pa.types.is_run_end_encoded(kind) or pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_struct(kind):
        return pa.struct([field.with_nullable(True) for field in kind])
    return kind


class Urls(unittest.TestCase):
    def test_keys(self) -> None:
        url = "https://host/a=1/bucket/year=2024/x/b%2520c=%252F/part.parquet?sig=a/b=c"
        self.assertEqual(["a=1", "year=2024", "b%2520c=%252F"], _scan_paths.key_parts(url))
        self.assertEqual("a=1/year=2024/b%20c=%2F", _scan_paths.local_keys(url))
        self.assertEqual([], _scan_paths.key_parts("s3://a=b/part.parquet"))

    def test_operands(self) -> None:
        self.assertEqual("s3://b/%2A%5Ba]%7Bx}%25", _scan_paths.as_operand("s3://b/*[a]{x}%25"))
        self.assertEqual("/b/*", _scan_paths.as_operand("/b/*"))

    def test_keys_below(self) -> None:
        for operand, path, expected in [
            ("s3://b/sales/", "s3://b/sales/part.parquet", (False, set())),
            ("s3://b/sales/", "s3://b/sales/k=1/part.parquet", (True, set())),
            ("s3://b/sales/k=*/*.parquet", "s3://b/sales/k=1/part.parquet", (True, set())),
            ("s3://b/sales/k=?/*.parquet", "s3://b/sales/k=1/part.parquet", (True, set())),
            ("s3://b/sales/k=1/*.parquet", "s3://b/sales/k=1/part.parquet", (False, {"k"})),
            ("s3://b/sales/k=1/part.parquet", "s3://b/sales/k=1/part.parquet", (False, {"k"})),
            ("https://h/k=1/part.parquet?a=b/c", "https://h/k=1/part.parquet?a=b/c", (False, {"k"})),
            ("s3://b/k=1/*", "s3://b/k=1/l=2/part.parquet", (True, {"k"})),
        ]:
            self.assertEqual(expected, _scan_paths.keys_below([_scan_paths.base(operand)], [path]), operand)
        with self.assertRaisesRegex(ValueError, "cannot tell its partition keys"):
            _scan_paths.keys_below(["s3://b/sales/"], ["s3://c/sales/k=1/part.parquet"])


class Settings(unittest.TestCase):
    def test_sizes(self) -> None:
        for text, expected in [("134217728b", 1 << 27), ("128m", 1 << 27), ("1GB", 1 << 30), ("4MiB", 4 << 20)]:
            session = Session()
            session.conf = {"size": text}
            self.assertEqual(expected, _spark_scan._setting(session, "size"))


if __name__ == "__main__":
    unittest.main()
