"""Which commands mean the same for each partition of a table as for the whole table."""

import re
import shutil
import subprocess
import unittest
from pathlib import Path

import support  # noqa: F401, for the path of the package

from arrow_pipes import CommandError, _arguments, _partitions

#: Commands, and the columns whose equal values are in one partition.
SAFE = [
    ("stream-filter 'a > 1' | stream-select 'a AS -n' | stream-rechunk --batch-rows 9", None),
    ("stream-filter --in keys.txt --on a | stream-cat", None),
    ("stream-filter a -", None),
    ("stream-join table.csv --on a --how left", None),
    ("stream-aggregate --by a --partial 'sum(b)'", None),
    ("stream-aggregate --partial 'sum(b)'", None),
    ("stream-aggregate --merge --partial", None),
    ("stream-sample --fraction 0.1 --seed 1", None),
    ("stream-to-json | grep x | json-to-stream --types 'a bigint'", None),
    ("arrow-pipes stream-filter a | cat | tee", None),
    ("stream-aggregate --by A 'sum(b)'", ["a"]),
    ("stream-aggregate --by 'b, a' 'sum(b)'", ["a"]),
    ("stream-aggregate --by \"date_trunc('day', t), a\" 'sum(b)'", ["a"]),
    ("stream-count --by '\"a, b\"' --stream", ["a, b"]),
    ("stream-sample --first 3 --of b --per a,c", ["c", "a"]),
    ("stream-sample --rows 3 --seed=1 --per a", ["a"]),
    ("stream-select 'a, b AS ab' | stream-aggregate --by a 'sum(ab)' | stream-select 'ab AS a'", ["a"]),
    ("stream-sort --by a", ["b"]),
    ("stream-sort --by b --unique a", ["a"]),
    ("stream-select 'A, upper(a) AS b' | stream-aggregate --by a 'sum(b)'", ["a"]),
    ("stream-select '*, cast(a AS bigint) AS \"a b\"' | stream-aggregate --by a 'sum(b)'", ["a"]),
    ("stream-select '* EXCLUDE (b) REPLACE (upper(c) AS c)' | stream-sample --first 3 --per a", ["a"]),
    ("stream-select 'upper(a) AS a' | stream-sort --by a", ["a"]),
    ("stream-select '*, CAST(b AS a) AS c' | stream-count --stream --by a", ["a"]),
]

#: Commands that are refused whatever the caller wants, and a part of the reason.
REFUSED = [
    ("stream-filter a -o x.arrows", "-o would write the same file"),
    ("stream-filter a --output=x.arrows", "-o would write the same file"),
    ("stream-filter -vox.arrows a", "-o would write the same file"),
    ("arrow-pipes stream-filter a -o x.arrows", "-o would write the same file"),
    ("stream-to-csv | csv-to-stream --rejects r.csv", "--rejects would write the same file"),
    ("stream-summary --stream --tee t.arrows", "--tee would write the same file"),
    ("stream-join t.csv --on a --unmatched u.arrows", "--unmatched would write the same file"),
    ("tee x.arrows | stream-filter a", "would write the same file"),
    ("parquet-to-stream x.parquet", "the rows of the partition would be lost"),
    ("stream-generate 'a = 0..3'", "the rows of the partition would be lost"),
    ("stream-filter a x.arrows", "would read x.arrows once for each partition"),
    ("stream-cat x.arrows -", "would read x.arrows once for each partition"),
    ("stream-diff x.arrows - --stream", "compares whole tables"),
    ("stream-filter -e a", "-e would fail for each partition"),
    ("stream-count", "prints text: add --stream"),
    ("stream-to-parquet", "does not write an Arrow stream"),
    ("stream-sample --fraction 0.1", "add --seed N"),
    ("stream-sample --rows 3 --per a", "add --seed N"),
    ("stream-sample --shuffle", "add --seed N"),
]

#: Commands whose answer is one for each partition.
PER_PARTITION = [
    ("stream-head", None, "pass per_partition=True"),
    ("stream-head -n 3", ["a"], "pass per_partition=True"),
    ("stream-tail", None, "pass per_partition=True"),
    ("stream-filter a -n 3", None, "pass per_partition=True"),
    ("stream-sort --by a -n 3", ["a"], "pass per_partition=True"),
    ("stream-summary --stream", None, "pass per_partition=True"),
    ("stream-aggregate 'sum(a)'", ["a"], "--partial makes parts that --merge completes"),
    ("stream-aggregate --merge", ["a"], "pass per_partition=True"),
    ("stream-aggregate --by a 'sum(b)'", None, 'pass group_by="a"; --partial'),
    ("stream-aggregate --by 'a % 3' 'sum(b)'", ["a"], '"a" of group_by is not in --by'),
    ("stream-aggregate --by b 'sum(b)'", ["b", "a"], '"a" of group_by is not in --by b'),
    ("stream-count --by a --stream", None, 'pass group_by="a"'),
    ("stream-sample --every 3", None, "pass per_partition=True"),
    ("stream-sample --rows 3 --seed 1", None, "pass per_partition=True"),
    ("stream-sample --shuffle --seed 1", ["a"], "pass per_partition=True"),
    ("stream-sample --first 3 --per a", None, 'pass group_by="a"'),
    ("stream-select 'b % 3 AS A, b' | stream-aggregate --by a 'sum(b)'", ["a"], 'makes another column "a"'),
    ("stream-sort --by a", None, "pass group_by=..., or pass per_partition=True"),
    ("stream-sort --by a --unique a", None, 'pass group_by="a"'),
    ("stream-join t.csv --on a --how full", None, "use --how left"),
    ("stream-select 'upper(a) AS a, b' | stream-aggregate --by a 'sum(b)'", ["a"], 'makes another column "a"'),
    ("stream-select 'b, upper(x) A' | stream-aggregate --by a 'sum(b)'", ["a"], 'makes another column "a"'),
    ("stream-select '* REPLACE (b, a % 3 AS \"A\")' | stream-sort --unique a", ["a"], 'makes another column "a"'),
    ("stream-select '* rename (b AS a)' | stream-sample --first 3 --per a", ["a"], 'makes another column "a"'),
    ("stream-select '* EXCLUDE (a), b AS a' | stream-filter a | stream-count --stream --by a", ["a"], "another column"),
    ("stream-select @list | stream-count --stream --by a", ["a"], '@list may make another column "a"'),
]


class Rules(unittest.TestCase):
    def test_safe_commands(self) -> None:
        for command, keys in SAFE:
            with self.subTest(command):
                _partitions.check(command, keys)

    def test_refused_commands(self) -> None:
        for command, reason in REFUSED:
            with self.subTest(command), self.assertRaisesRegex(ValueError, re.escape(reason)):
                _partitions.check(command, ["a"], per_partition=True)

    def test_commands_with_an_answer_for_each_partition(self) -> None:
        for command, keys, reason in PER_PARTITION:
            with self.subTest(command):
                with self.assertRaisesRegex(ValueError, re.escape(reason)):
                    _partitions.check(command, keys)
                _partitions.check(command, keys, per_partition=True)

    def test_partial_results_are_merged_by_their_keys(self) -> None:
        _partitions.check("stream-aggregate --merge", ["a"], merge_by="a, b")
        with self.assertRaisesRegex(ValueError, '"c" of group_by is not in --by'):
            _partitions.check("stream-aggregate --merge", ["c"], merge_by="a, b")

    def test_a_command_that_needs_a_shell(self) -> None:
        with self.assertRaises(CommandError):
            _partitions.check("stream-filter a > x.arrows")


class Seeds(unittest.TestCase):
    def test_each_partition_has_its_own(self) -> None:
        for command in ("stream-sample --fraction 0.1 --seed 1", "stream-sample --seed=1 --fraction 0.1"):
            programs = _partitions.check(command)
            first, again, second = (_partitions.seeded(programs, partition) for partition in (0, 0, 1))
            self.assertEqual(first, again)
            self.assertNotEqual(first, second)
            self.assertRegex(first, r"--seed[ =]\d+")

    def test_the_rest_of_a_command_stays(self) -> None:
        command = "stream-filter 'city = '\"'\"'Oslo'\"'\"'' | stream-select 'a, b'"
        self.assertEqual(command, _partitions.seeded(_partitions.check(command), 3))

    def test_rows_in_any_order_are_sorted_first(self) -> None:
        for command, expected in [
            ("stream-sample --first 1 --per a", True),
            ("stream-filter a | stream-sample --first 1 --per a", True),
            ("stream-sort --by a | stream-sample --first 1 --per a", False),
            ("stream-filter a", False),
        ]:
            self.assertEqual(expected, _partitions.draws_in_order(_partitions.check(command, ["a"])))


class Options(unittest.TestCase):
    def test_the_options_with_a_value_are_those_of_the_tools(self) -> None:
        directory = Path(shutil.which("arrow-pipes")).parent
        tools = [file.name for file in directory.iterdir() if re.search("stream|^file-", file.name)]
        self.assertLess(15, len(tools))
        with_value, without = set(), set()
        for tool in tools:
            text = subprocess.run([directory / tool, "--help"], capture_output=True, text=True, check=True).stdout
            options = re.search(r"^Options:\n(.*?)^\S", text, re.DOTALL | re.MULTILINE)[1]
            for short, long, value in re.findall(r"^ {2,6}(?:-(\w), )?--([\w-]+)( [A-Z]\S*)?", options, re.MULTILINE):
                (with_value if value else without).add(long)
                if short and value:
                    self.assertEqual(long, _arguments._SHORT[short])
        self.assertEqual(set(), with_value & without)
        self.assertEqual(with_value, set(_arguments._WITH_VALUE))

    def test_column_lists(self) -> None:
        self.assertEqual(["a", 'b "c", d'], _arguments.columns("""a, "b ""c"", d", upper(e, f), g % 2, 'h'"""))


if __name__ == "__main__":
    unittest.main()
