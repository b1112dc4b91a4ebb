"""What goes into pipes and comes out of them."""

import datetime
import decimal
import os
import subprocess
import sys
import tempfile
import typing
import unittest
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow as pa
import pyarrow.compute
import pyarrow.dataset
import pyarrow.parquet
from support import PipeTest, batches, table

import arrow_pipes


class Sources(PipeTest):
    def test_all_kinds_of_sources_give_the_same_rows(self):
        rows = table(10)
        sources = {
            "table": rows,
            "batch": rows.to_batches()[0],
            "reader": rows.to_reader(),
            "list": rows.to_batches(max_chunksize=3),
            "generator": iter(rows.to_batches(max_chunksize=3)),
            "pandas": pandas.DataFrame({"id": range(10), "name": rows["name"].to_pylist()}),
            "polars": polars.from_arrow(rows),
            "duckdb": duckdb.connect().from_arrow(rows),
        }
        for name, source in sources.items():
            with self.subTest(name):
                read = arrow_pipes.pipe(source, "stream-filter 'id >= 5' | stream-head -n 3").read_all()
                self.assertEqual(read.to_pylist(), rows.slice(5, 3).to_pylist())

    def test_an_object_with_an_array_is_a_batch(self):
        class Array:
            def __arrow_c_array__(self, requested_schema=None):
                return table(3).to_batches()[0].__arrow_c_array__(requested_schema)

        self.assertEqual(arrow_pipes.sink(Array(), "stream-count"), b"3\n")

    def test_a_schema_casts_a_source_that_has_one(self):
        schema = pa.schema([("id", pa.int32()), ("name", pa.large_string())])
        for source in [table(3), table(3).to_reader(), table(3).to_batches()[0]]:
            read = arrow_pipes.pipe(source, "cat", schema=schema).read_all()
            self.assertEqual(read, table(3).cast(schema))

    def test_an_iterable_without_batches_needs_a_schema(self):
        with self.assertRaisesRegex(ValueError, "has no batch, so its schema is unknown: pass schema="):
            arrow_pipes.pipe([], "cat")
        read = arrow_pipes.pipe([], "cat", schema=table().schema).read_all()
        self.assertEqual(read, table().schema.empty_table())

    def test_what_is_no_batch_is_refused(self):
        with self.assertRaisesRegex(TypeError, "batches is a int, not a table"):
            arrow_pipes.pipe(5, "cat")
        with self.assertRaisesRegex(TypeError, "has a str, not only pyarrow.RecordBatch"):
            arrow_pipes.pipe(["a"], "cat")
        # None must not be taken for the end.
        items = [*table(3).to_batches(), None, *table(3).to_batches()]
        with self.assertRaisesRegex(TypeError, "has a NoneType"):
            arrow_pipes.pipe(items, "cat").read_all()
        with self.assertRaisesRegex(pa.ArrowInvalid, "different schema"):
            arrow_pipes.pipe([*table(3).to_batches(), pa.record_batch({"x": [1]})], "cat").read_all()

    def test_a_schema_is_one_of_pyarrow(self):
        for batches in [[], table()]:
            with self.assertRaisesRegex(TypeError, "^schema is a list, not a pyarrow.Schema$"):
                arrow_pipes.pipe(batches, "cat", schema=[("id", pa.int64())])
        for other in [{}, ["id"]]:
            with self.assertRaisesRegex(TypeError, "not a pyarrow.Schema$"):
                arrow_pipes.schema(other, "cat")

    def test_the_schema_is_known_before_the_first_batch(self):
        def source():
            # The reader exists when this is asked for a batch.
            self.assertEqual(steps, [])
            while not steps:
                yield from table(0).to_batches() or [pa.RecordBatch.from_pylist([], table(0).schema)]
            yield from table(3).to_batches()

        steps = []
        reader = arrow_pipes.pipe(source(), "stream-select 'id * 2 AS twice'", schema=table(0).schema)
        self.assertEqual(reader.schema.names, ["twice"])
        steps.append("reader")
        self.assertEqual(reader.read_all().num_rows, 3)


class Values(PipeTest):
    def test_all_types_pass(self):
        day = datetime.date(2024, 2, 29)
        columns = {
            "null": pa.nulls(3),
            "bool": pa.array([True, None, False]),
            "decimal": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("-2.25")], pa.decimal128(10, 2)),
            "time": pa.array([datetime.datetime(2024, 1, 1), None, None], pa.timestamp("us", "Europe/Oslo")),
            "day": pa.array([day, None, day]),
            "view": pa.array(["a", None, "a text that is longer than twelve bytes"], pa.string_view()),
            "list": pa.array([[1, 2], None, []], pa.list_(pa.int16())),
            "struct": pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}]),
            "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())),
            "dictionary": pa.array(["a", "b", None]).dictionary_encode(),
            "nested": pa.array([["a"], None, ["b"]], pa.list_(pa.dictionary(pa.int8(), pa.string()))),
            "runs": pa.RunEndEncodedArray.from_arrays([2, 3], ["a", "b"]),
        }
        sent = pa.table(columns).replace_schema_metadata({"who": "test"})
        for command in ["cat", "cat | stream-cat | cat"]:
            read = arrow_pipes.pipe(sent, command).read_all()
            read.validate(full=True)
            self.assertEqual(read, sent)
            self.assertEqual(read.schema.metadata, sent.schema.metadata)

    def test_dictionaries_that_change_pass(self):
        sent = [pa.record_batch({"a": pa.array([f"{start}", "x", None]).dictionary_encode()}) for start in range(5)]
        read = arrow_pipes.pipe(sent, "stream-cat").read_all()
        self.assertEqual(read["a"].to_pylist(), [value for batch in sent for value in batch["a"].to_pylist()])

    def test_more_columns_than_one_system_call_writes(self):
        sent = pa.table({f"c{number}": [number, None] for number in range(3000)})
        self.assertEqual(arrow_pipes.pipe(sent, "stream-cat").read_all(), sent)

    def test_large_batches_are_sent_in_parts(self):
        numbers = pa.array(range(1 << 20), pa.int64())
        sent = pa.table({f"c{number}": pa.compute.add(numbers, number) for number in range(12)}).slice(5)
        self.assertEqual(len(sent.to_batches()), 1)
        read = arrow_pipes.pipe(sent, "cat").read_all()
        self.assertEqual(read, sent)
        self.assertLess(1, len(read.to_batches()))
        # A few rows of large buffers stay one batch.
        self.assertEqual(len(arrow_pipes.pipe(sent.slice(0, 100), "cat").read_all().to_batches()), 1)

    def test_parts_have_bounded_bytes(self):
        most = 16 << 20
        for sent in [
            pa.table({"text": pa.array(["x" * 1_000_000] * 100), "id": pa.array(range(100))}),
            # One row in 1,000 has a long text.
            pa.table({"text": pa.array(["x" * (1_000_000 if number % 1000 == 0 else 1) for number in range(50_000)])}),
            pa.table({"list": pa.array([list(range(100_000))] * 60)}),
            pa.table({f"c{number}": pa.array([None] * 99_999 + [1], pa.decimal128(9)) for number in range(40)}),
        ]:
            read = arrow_pipes.pipe(sent.combine_chunks(), "cat").read_all()
            self.assertEqual(read, sent)
            sizes = [batch.nbytes for batch in read.to_batches()]
            self.assertLessEqual(max(sizes), 2 * most)
            self.assertLess(len(sizes), 4 * sent.nbytes / most + 2)

    def test_a_row_is_not_divided(self):
        sent = pa.table({"text": ["x" * (40 << 20), "y"]})
        read = arrow_pipes.pipe(sent, "cat").read_all()
        self.assertEqual(([batch.num_rows for batch in read.to_batches()], read), ([1, 1], sent))

    def test_what_all_rows_share_is_not_sent_again(self):
        texts = pa.array([f"{number}" + "x" * 1000 for number in range(40_000)])
        keys = pa.array([number * 7 % 40_000 for number in range(100_000)], pa.int32())
        views = pa.array(["y" * 1000 + f"{number}" for number in range(40_000)], pa.string_view())
        runs = pa.RunEndEncodedArray.from_arrays(pa.array([100_000], pa.int32()), pa.array(["z" * (40 << 20)]))
        for array in [pa.DictionaryArray.from_arrays(keys, texts), views, runs]:
            sent = pa.table({"x": array})
            read = arrow_pipes.pipe(sent, "cat").read_all()
            self.assertEqual((len(read.to_batches()), read), (1, sent))

    def test_batches_without_columns_keep_their_rows(self):
        sent = table(5).select([])
        self.assertEqual(arrow_pipes.pipe(sent, "cat").read_all().num_rows, 5)


class Consumers(PipeTest):
    def test_the_reader_is_one_of_pyarrow(self):
        reader = arrow_pipes.pipe(table(10), "stream-filter 'id < 4'")
        self.assertIsInstance(reader, pa.RecordBatchReader)
        self.assertEqual(reader.schema, table().schema)
        self.assertEqual(sum(batch.num_rows for batch in reader), 4)
        # After the end it stays at the end.
        self.assertRaises(StopIteration, reader.read_next_batch)

    def test_other_programs_read_it(self):
        def pipe():
            return arrow_pipes.pipe(batches(10), "stream-filter 'id % 10 = 0'")

        self.assertEqual(pipe().read_pandas()["id"].sum(), table(10000)["id"].to_pandas()[::10].sum())
        self.assertEqual(polars.DataFrame(pipe()).height, 1000)
        reader = pipe()
        self.assertEqual(duckdb.connect().execute("SELECT count(*) FROM reader").fetchone(), (1000,))
        del reader
        self.assertEqual(pandas.DataFrame.from_arrow(pipe()).shape, (1000, 2))
        self.assertEqual(pa.table(pipe()).num_rows, 1000)
        self.assertEqual(pipe().cast(table().schema).read_all().num_rows, 1000)
        with tempfile.TemporaryDirectory() as directory:
            pa.dataset.write_dataset(pipe(), directory, format="parquet")
            self.assertEqual(pa.dataset.dataset(directory).count_rows(), 1000)

    def test_a_pipe_reads_another(self):
        inner = arrow_pipes.pipe(batches(10), "stream-filter 'id % 10 = 0'")
        outer = arrow_pipes.pipe(inner, "stream-select id")
        del inner
        self.assertEqual(outer.read_all().num_rows, 1000)


class Commands(PipeTest):
    def test_schema_tells_what_a_command_makes(self):
        made = arrow_pipes.schema(table().schema, "stream-select 'id * 2 AS twice, name'")
        self.assertEqual(made.names, ["twice", "name"])
        made = arrow_pipes.schema(table().schema, "stream-aggregate 'count(*) AS n, sum(id) AS total'")
        self.assertEqual(made.names, ["n", "total"])
        self.assertPipeError("stream-select", "unknown column", arrow_pipes.schema, table().schema, "stream-select x")

    def test_scan_has_no_input(self):
        read = arrow_pipes.scan("stream-generate 'a = 0..10' | stream-filter 'a > 7'").read_all()
        self.assertEqual(read.to_pylist(), [{"a": 8}, {"a": 9}])
        self.assertPipeError("cat", "the output is empty", arrow_pipes.scan, "cat")

    def test_sink_returns_what_is_printed(self):
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "a b.parquet")
            self.assertEqual(arrow_pipes.sink(table(10), f"stream-to-parquet -o '{file}'"), b"")
            self.assertEqual(pa.parquet.read_table(file), table(10))
        self.assertEqual(int(arrow_pipes.sink(table(10), "stream-filter 'id > 3' | stream-count")), 6)
        self.assertEqual(arrow_pipes.sink(table(2), "stream-to-csv"), b"id,name\n0,n0\n1,n1\n")

    def test_text_is_for_sinks(self):
        for command in ["stream-count", "stream-to-csv"]:
            message = "not an Arrow stream .it begins with .*arrow_pipes.sink"
            self.assertPipeError(command, message, arrow_pipes.pipe, batches(1000), command)

    def test_programs_of_path_work_between(self):
        with tempfile.TemporaryDirectory() as directory:
            copy = Path(directory, "copy")
            read = arrow_pipes.pipe(table(10), f"cat | tee {copy} | stream-filter 'id > 7'").read_all()
            self.assertEqual(read.num_rows, 2)
            self.assertEqual(pa.ipc.open_stream(copy).read_all(), table(10))

    def test_unknown_programs_are_refused_before_any_starts(self):
        with self.assertRaisesRegex(FileNotFoundError, r"^stream-fliter: .*did you mean stream-filter\?"):
            arrow_pipes.pipe(table(), "cat | stream-fliter 'id > 5'")
        with self.assertRaisesRegex(FileNotFoundError, "^/missing/stream-cat: "):
            arrow_pipes.pipe(table(), "/missing/stream-cat")

    def test_the_environment_is_added_to(self):
        os.environ["ARROW_PIPES_TEST"] = "outer"
        self.addCleanup(os.environ.pop, "ARROW_PIPES_TEST")
        command = "sh -c 'echo ${ARROW_PIPES_TEST-none} $HOME; cat >/dev/null'"
        home = os.environ.get("HOME", "")
        for env, printed in [(None, "outer"), ({"ARROW_PIPES_TEST": "x"}, "x"), ({"ARROW_PIPES_TEST": None}, "none")]:
            self.assertEqual(arrow_pipes.sink(table(), command, env=env).decode(), f"{printed} {home}\n")
        with self.assertRaisesRegex(FileNotFoundError, "^cat: "):
            arrow_pipes.pipe(table(), "cat", env={"PATH": "/missing"})

    def test_a_shell_runs_what_needs_one(self):
        command = "for i in 1 2; do cat; done | (stream-filter 'id > 7')\n"
        self.assertEqual(arrow_pipes.pipe(table(10), command, shell=True).read_all().num_rows, 2)
        # `stream-head` ends `cat`: that is no failure.
        command = "cat | stream-head -n 5 | stream-count"
        self.assertEqual(arrow_pipes.sink(batches(1000), command, shell=True), b"5\n")

    def test_two_streams_are_not_taken_for_one(self):
        command = "stream-generate 'a = 0..3'; stream-generate 'a = 0..3'"
        self.assertPipeError("bash", "add . stream-cat to join streams", arrow_pipes.scan, command, shell=True)
        read = arrow_pipes.scan(f"( {command} ) | stream-cat", shell=True).read_all()
        self.assertEqual(read.num_rows, 6)

    def test_tables_that_differ_are_no_failure(self):
        with tempfile.TemporaryDirectory() as directory:
            other = Path(directory, "other.arrows")
            arrow_pipes.sink(table(5), f"stream-cat -o {other}")
            command = f"stream-diff --stream --key id - {other}"
            for line in [command, f"arrow-pipes {command}"]:
                self.assertEqual(arrow_pipes.pipe(table(3), line).read_all().num_rows, 2)

    def test_hints_reach_stages_through_the_pipe(self):
        with self.assertLogs("arrow_pipes", "INFO") as logs:
            command = "stream-filter --explain 'id >= 0' | stream-select id"
            arrow_pipes.pipe(batches(100, 10000), command).read_all()
        self.assertIn("the reader needs:\n  columns  id\n", "\n".join(logs.output))


class Package(unittest.TestCase):
    def test_importing_it_imports_little(self):
        code = "import sys, arrow_pipes; print([n for n in ('pyarrow', 'subprocess') if n in sys.modules])"
        done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stdout, done.stderr), ("[]\n", ""))

    def test_types_can_be_read_at_run_time(self):
        for name in arrow_pipes.__all__:
            typing.get_type_hints(getattr(arrow_pipes, name))
        hints = typing.get_type_hints(arrow_pipes.pipe)
        self.assertEqual((hints["schema"], hints["return"]), (pa.Schema | None, pa.RecordBatchReader))
        self.assertIn(pa.Table, typing.get_args(hints["batches"]))


if __name__ == "__main__":
    unittest.main()
