"""What the tests of the Python package share: a watchdog, and nothing may be left after a test."""

import faulthandler
import gc
import os
import sys
import threading
import unittest
from pathlib import Path

import pyarrow as pa

# The package of this clone, here and in programs that the tests start.
PACKAGE = str(Path(__file__).resolve().parents[2] / "python")
sys.path.insert(0, PACKAGE)
os.environ["PYTHONPATH"] = PACKAGE

import arrow_pipes  # noqa: E402

#: A test that takes longer hangs. It ends the process with the stacks of all threads.
SECONDS = 120


class PipeTest(unittest.TestCase):
    """After each test, there are no more processes, threads and descriptors than before."""

    def setUp(self):
        self.watch()
        self.addCleanup(faulthandler.cancel_dump_traceback_later)
        before = left()
        self.addCleanup(self.check_left, before)

    def watch(self):
        """Begin the time of the watchdog, again for each part of a long test."""
        faulthandler.dump_traceback_later(SECONDS, exit=True, file=sys.__stderr__)

    def check_left(self, before):
        gc.collect()
        self.assertEqual(left(), before)

    def assertPipeError(self, tool, message, function, *arguments, **options):
        with self.assertRaisesRegex(arrow_pipes.PipeError, message) as caught:
            consume(function(*arguments, **options))
        self.assertEqual(caught.exception.tool, tool)
        return caught.exception


def left():
    """The children of this process, its threads in Python, and its descriptors."""
    files = dict(descriptors())
    # Python lists a thread of DuckDB or pyarrow as a dummy once it has waited for something.
    names = sorted(thread.name for thread in threading.enumerate() if "Dummy" not in thread.name)
    return " ".join(children()).split(), names, files


def children():
    for file in Path("/proc/self/task").glob("*/children"):
        try:
            yield file.read_text()
        except (FileNotFoundError, ProcessLookupError):
            # A thread that has ended meanwhile.
            pass


def descriptors():
    for name in os.listdir("/proc/self/fd"):
        try:
            yield name, os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            # That of listdir.
            pass


def table(rows=1000, start=0):
    numbers = range(start, start + rows)
    names = pa.array([f"n{number % 7}" for number in numbers], pa.string())
    return pa.table({"id": pa.array(numbers, pa.int64()), "name": names})


def batches(count, rows=1000):
    for number in range(count):
        yield table(rows, number * rows).to_batches()[0]


def consume(result):
    """The rows of a reader; the bytes of a sink."""
    return result if isinstance(result, bytes) else result.read_all()
