"""Sources, stages and consumers that fail or stop: the right exception, and nothing left."""

import os
import pickle
import random
import resource
import signal
import tempfile
import threading
import time
import traceback
import unittest
import unittest.mock
from pathlib import Path

import polars
import pyarrow as pa
from support import PipeTest, batches, consume, left, table

import arrow_pipes

MANY = 100_000


class Broken(Exception):
    """Raised by sources."""


class Sources(PipeTest):
    def test_the_exception_of_a_source_is_raised_unchanged(self):
        for count in [0, 1, 2, 17, 300]:
            three = "stream-filter 'id >= 0' | stream-select id | cat"
            for command in ["cat", three, "stream-sort --by id | stream-head"]:
                error = Broken(count)

                def source():
                    yield from batches(count)
                    raise error

                try:
                    arrow_pipes.pipe(source(), command, schema=table().schema).read_all()
                except Broken as caught:
                    self.assertIs(caught, error)
                    lines = traceback.format_exception(type(caught), caught, caught.__traceback__)
                    self.assertIn("in source\n    raise error\n", "".join(lines))
                else:
                    self.fail("the reader ended well")

    def test_a_source_that_fails_publishes_nothing(self):
        with tempfile.TemporaryDirectory() as directory:
            for command in ["stream-to-parquet -o x.parquet", "cat | stream-to-csv -o x.csv", "stream-cat -o x.arrows"]:
                command = command.replace("-o ", f"-o {directory}/")
                self.assertRaises(Broken, arrow_pipes.sink, self.failing(20), command)
                self.assertRaises(Broken, arrow_pipes.sink, self.failing(20), command, shell=True)
                self.assertEqual(os.listdir(directory), [])

    def failing(self, count):
        yield from batches(count)
        raise Broken

    def test_a_reader_that_fails_is_a_source_that_fails(self):
        reader = pa.RecordBatchReader.from_batches(table().schema, self.failing(3))
        self.assertRaises(Broken, arrow_pipes.sink, reader, "stream-count")
        inner = arrow_pipes.pipe(self.failing(3), "cat")
        self.assertRaises(Broken, arrow_pipes.sink, inner, "stream-count")
        inner = arrow_pipes.pipe(batches(3), "stream-filter 'CAST(id AS TINYINT) < 2000'")
        self.assertPipeError("stream-filter", "out of the range of int", arrow_pipes.sink, inner, "stream-count")

    def test_exceptions_that_end_programs_are_raised_too(self):
        for kind in [KeyboardInterrupt, SystemExit, GeneratorExit, BrokenPipeError]:

            def source():
                yield from batches(3)
                raise kind

            self.assertRaises(kind, arrow_pipes.sink, source(), "stream-count")

    def test_a_reader_in_another_language_reports_the_exception(self):
        reader = arrow_pipes.pipe(self.failing(3), "cat")
        with self.assertRaisesRegex(Exception, "Broken"):
            polars.DataFrame(reader)

    def test_a_source_is_asked_for_no_more_than_the_stages_take(self):
        asked = []

        def source():
            for batch in batches(MANY, 10000):
                asked.append(1)
                yield batch

        with arrow_pipes.pipe(source(), "cat | cat") as reader:
            next(reader)
            now = self.settled(asked)
            next(reader)
            self.assertLess(self.settled(asked) - now, 10)
        self.assertLess(len(asked), 100)

    def settled(self, asked):
        """The length of a list when it stays the same for a second: a busy machine may stop the feeder for less."""
        length, times = -1, 0
        while times < 5:
            times = times + 1 if length == len(asked) else 0
            length = len(asked)
            time.sleep(0.2)
        return length


class Stages(PipeTest):
    def test_a_stage_that_fails_is_named_with_its_message(self):
        error = self.assertPipeError(
            "stream-filter",
            "^stream-filter failed with exit status 2: unknown column",
            arrow_pipes.pipe,
            batches(100),
            "cat | stream-filter 'x > 5' | stream-select id | cat",
        )
        self.assertEqual((error.status, error.signal, error.command), (2, None, "stream-filter 'x > 5'"))
        self.assertEqual(error.message, 'unknown column "x"; write text in single quotes\nx > 5\n^')
        self.assertEqual(error.stderr, f"stream-filter: {error.message}\n")
        self.assertEqual(str(pickle.loads(pickle.dumps(error))), str(error))

    def test_the_first_failure_is_the_cause(self):
        late = "CAST(id AS SMALLINT) < 40000"
        commands = {
            "stream-filter": [
                f"stream-filter '{late}' | stream-sort --by id | cat",
                f"cat | stream-filter '{late}' | stream-count",
            ],
            "sh": ["sh -c 'head -c 300000; exit 3' | stream-cat | stream-count", "cat | sh -c 'exit 3' | stream-cat"],
            "stream-count": ["stream-filter 'id > 5' | stream-count --by x", "cat | stream-count -x | cat"],
            "head": ["head -c 300000", "stream-cat | head -c 100"],
        }
        for tool, lines in commands.items():
            for line in lines:
                with self.subTest(line):
                    self.assertPipeError(tool, "", arrow_pipes.pipe, batches(100), line)
        line, message = commands["stream-filter"][1], "out of the range of int"
        self.assertPipeError("stream-filter", message, arrow_pipes.sink, batches(100), line, shell=True)

    def test_a_stage_that_is_killed_is_an_error(self):
        generator = random.Random(5)
        for _ in range(40):
            command = "stream-filter 'id >= 0' | cat | stream-select id | stream-cat"
            victim = generator.randrange(4)
            reader = arrow_pipes.pipe(batches(MANY), command)
            for _ in range(generator.randrange(3)):
                next(reader)
            pids = list(map(int, left()[0]))
            self.assertEqual(len(pids), 4)
            os.kill(pids[victim], signal.SIGKILL)
            tool = ["stream-filter", "cat", "stream-select", "stream-cat"][victim]
            error = self.assertPipeError(tool, f"^{tool} was killed by SIGKILL$", drain, reader)
            self.assertEqual((error.status, error.signal), (None, "SIGKILL"))
            # It stays an error.
            self.assertRaises(arrow_pipes.PipeError, reader.read_next_batch)

    def test_a_signal_without_a_name_is_an_error_too(self):
        command = "sh -c 'kill -35 $$' | stream-cat"
        error = self.assertPipeError("sh", "^sh was killed by signal 35$", arrow_pipes.pipe, batches(3), command)
        self.assertEqual((error.status, error.signal), (None, "signal 35"))

    def test_a_tool_may_be_run_by_its_first_argument(self):
        message = '^stream-filter failed with exit status 2: unknown column "x"'
        command = "arrow-pipes stream-filter 'x > 5' | cat"
        error = self.assertPipeError("stream-filter", message, arrow_pipes.pipe, batches(3), command)
        self.assertEqual(error.command, "arrow-pipes stream-filter 'x > 5'")

    def test_ten_megabytes_of_errors_block_nothing(self):
        noise = "sh -c 'yes an error line of some length | head -c 10000000 >&2; cat'"
        self.assertEqual(arrow_pipes.pipe(batches(50), f"{noise} | cat | {noise}").read_all().num_rows, 50000)
        failing = "sh -c 'yes an error line | head -c 10000000 >&2; echo >&2; echo sh: the last line >&2; exit 4'"
        error = self.assertPipeError("sh", "status 4: the last line$", arrow_pipes.pipe, batches(50), failing)
        self.assertEqual(len(error.stderr), 16 * 1024)

    def test_a_stage_may_close_its_input_early(self):
        four = "stream-filter 'id > 3' | cat | stream-head -n 5 | cat"
        for command in ["stream-head -n 5", "cat | stream-head -n 5", four]:
            self.assertEqual(arrow_pipes.pipe(batches(MANY), command).read_all().num_rows, 5)
            self.assertEqual(arrow_pipes.sink(batches(MANY), f"{command} | stream-count"), b"5\n")

    def test_an_endless_source_ends_with_its_pipe(self):
        def endless():
            while True:
                yield from batches(1)

        closed = []

        def source():
            try:
                yield from endless()
            finally:
                closed.append(True)

        self.assertEqual(arrow_pipes.sink(source(), "stream-head -n 5 | stream-count"), b"5\n")
        self.assertEqual(closed, [True])

    def test_large_input_output_and_errors_at_once(self):
        command = "sh -c 'tee /dev/stderr' | sh -c 'cat; head -c 3000000 /dev/zero >&2'"
        sent = pa.table({"a": pa.array(range(2_000_000))})
        self.assertEqual(arrow_pipes.pipe(sent, command).read_all(), sent)

    def test_programs_that_cannot_start_leave_nothing(self):
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "no-program")
            file.write_text("#!/missing/interpreter\n")
            file.chmod(0o755)
            self.assertRaises(OSError, arrow_pipes.pipe, batches(3), f"cat | cat | {file} | cat")
            self.assertRaises(OSError, arrow_pipes.pipe, batches(3), f"cat | cat {'x' * 3_000_000} | cat")

    def test_few_descriptors_are_an_error_that_leaves_nothing(self):
        arrow_pipes.sink(table(), "cat | cat")
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        before = left()
        failures = 0
        for most in range(4, 40):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            try:
                rows = arrow_pipes.pipe(batches(3), "cat | stream-cat | cat").read_all().num_rows
                self.assertEqual(rows, 3000)
            except (OSError, arrow_pipes.PipeError):
                failures += 1
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            self.assertEqual(left(), before)
        self.assertLess(5, failures)
        self.assertLess(failures, 36)

    def test_too_many_threads_are_an_error_that_leaves_nothing(self):
        for allowed in range(2):
            started = []

            def start(thread, original=threading.Thread.start):
                if len(started) == allowed:
                    raise RuntimeError("can't start new thread")
                started.append(thread)
                original(thread)

            with unittest.mock.patch.object(threading.Thread, "start", start):
                self.assertRaisesRegex(RuntimeError, "new thread", arrow_pipes.pipe, batches(3), "cat | cat")

    def test_an_exit_status_that_another_part_took_is_an_error(self):
        before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        self.addCleanup(signal.signal, signal.SIGCHLD, before)
        self.assertPipeError("stream-count", "exit status is unknown", arrow_pipes.sink, table(), "stream-count")
        self.assertPipeError("cat", "exit status is unknown", arrow_pipes.pipe, table(), "cat | stream-cat")
        with arrow_pipes.pipe(batches(MANY), "cat | cat") as reader:
            next(reader)

    def test_an_output_that_is_no_stream_is_an_error(self):
        outputs = {
            "printf ''": "^printf: the output is empty, not an Arrow stream: use arrow_pipes.sink",
            r"printf '\377\377\377'": "stops without its end marker",
            r"printf '\377\377\377\377\1\0\0\0x'": "",
            r"printf '\377\377\377\377\1\0\0\200xxxxxxx'": "not an Arrow stream",
            r"printf '\377\377\377\377\10\0\0\0\377\377\377\377\377\377\377\377'": "",
            r"printf 'ARROW1\0\0'": "not an Arrow stream",
            "yes": "not an Arrow stream",
        }
        for command, message in outputs.items():
            errors = (arrow_pipes.PipeError, pa.ArrowInvalid, OSError)
            with self.subTest(command), self.assertRaisesRegex(errors, message):
                arrow_pipes.scan(command)

    def test_a_value_in_a_message_is_not_taken_for_the_message(self):
        for value in ("the input stops without its end marker", "producer stopped early", "a broken pipe"):
            texts = pa.table({"text": ["1", value]})
            command = "stream-select 'CAST(text AS INT) AS number' | stream-sort --by number"
            with self.subTest(value):
                self.assertPipeError("stream-select", value, arrow_pipes.pipe, texts, command)

    def test_a_stream_cut_anywhere_is_an_error(self):
        whole = arrow_pipes.sink(table(10), "cat")
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "cut.arrows")
            for size in range(7, len(whole), 7):
                file.write_bytes(whole[:size])
                with self.assertRaisesRegex(arrow_pipes.PipeError, "^cat: the output stops without its end marker$"):
                    consume(arrow_pipes.scan(f"cat {file}"))


def drain(reader):
    for _ in reader:
        pass
    raise AssertionError("the reader ended well")


if __name__ == "__main__":
    unittest.main()
