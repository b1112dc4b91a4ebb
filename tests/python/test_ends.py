"""Pipes that end early, in every way: all programs end, quietly, and nothing is left."""

import gc
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

from support import PipeTest, batches, left, table

import arrow_pipes

MANY = 100_000
COMMAND = "stream-filter 'id >= 0' | cat | stream-select id"


def source():
    while True:
        yield from batches(10)


class Consumers(PipeTest):
    def test_a_consumer_may_stop_after_the_first_batch(self):
        for shell in [False, True]:
            reader = arrow_pipes.pipe(source(), COMMAND, shell=shell)
            next(reader)
            reader.close()
            self.assertEqual(left()[0], [])
            with self.assertRaisesRegex(ValueError, "the pipe is closed"):
                next(reader)
            reader.close()
            with arrow_pipes.pipe(source(), COMMAND, shell=shell) as reader:
                for _ in reader:
                    break
            self.assertEqual(left()[0], [])
            reader = arrow_pipes.pipe(source(), COMMAND, shell=shell)
            next(reader)
            del reader
            self.assertEqual(left()[0], [])
            arrow_pipes.pipe(source(), COMMAND, shell=shell)
            self.assertEqual(left()[0], [])

    def test_a_generator_that_reads_it_may_be_left(self):
        def numbers():
            for batch in arrow_pipes.pipe(source(), COMMAND):
                yield batch.num_rows

        generator = numbers()
        next(generator)
        generator.close()
        self.assertEqual(left()[0], [])

    def test_an_exception_in_the_consumer_ends_it(self):
        for kind in [KeyError, KeyboardInterrupt]:
            with self.assertRaises(kind), arrow_pipes.pipe(source(), COMMAND) as reader:
                next(reader)
                raise kind
            self.assertEqual(left()[0], [])

    def test_a_reader_in_a_cycle_is_collected(self):
        cycle = [arrow_pipes.pipe(source(), COMMAND)]
        cycle.append(cycle)
        del cycle
        gc.collect()
        self.assertEqual(left()[0], [])

    def test_the_reader_in_another_language_keeps_it(self):
        reader = arrow_pipes.pipe(batches(10), COMMAND)
        capsule = reader.__arrow_c_stream__()
        del reader
        gc.collect()
        self.assertEqual(len(left()[0]), 3)
        del capsule
        self.assertEqual(left()[0], [])

    def test_one_that_stops_publishes_nothing(self):
        with tempfile.TemporaryDirectory() as directory:
            with arrow_pipes.pipe(source(), f"tee >(stream-to-csv -o {directory}/x.csv) | cat", shell=True) as reader:
                next(reader)
            self.assertEqual(os.listdir(directory), [])

    def test_a_chain_ends_from_its_end(self):
        inner = arrow_pipes.pipe(source(), "cat")
        outer = arrow_pipes.pipe(arrow_pipes.pipe(inner, "cat"), "cat")
        next(outer)
        outer.close()
        self.assertEqual(left()[0], [])
        self.assertRaises(ValueError, next, inner)

    def test_a_chain_ends_while_its_source_waits(self):
        # The first stage prints nothing after the schema.
        inner = arrow_pipes.pipe(source(), "stream-filter 'id < 0'")
        outer = arrow_pipes.pipe(inner, "cat")
        outer.close()
        self.assertEqual(left()[0], [])

    def test_stages_that_ignore_signals_are_killed(self):
        command = "sh -c 'trap \"\" TERM; cat; while :; do sleep 1; done'"
        reader = arrow_pipes.pipe(source(), command)
        next(reader)
        reader.close()
        # The shell is gone. Its `cat` or `sleep` ends by itself; until then, the feeder has a reader.
        self.assertEqual(left()[0], [])
        for thread in threading.enumerate():
            if thread.name == "arrow-pipes feeder":
                thread.join()

    def test_another_thread_may_close_it(self):
        reader = arrow_pipes.pipe(source(), "stream-filter 'id < 0'")
        failures = []

        def read():
            try:
                next(reader)
            except ValueError as error:
                failures.append(str(error))

        thread = threading.Thread(target=read)
        thread.start()
        time.sleep(0.2)
        reader.close()
        thread.join()
        self.assertEqual(failures, ["the pipe is closed"])


class Sources(PipeTest):
    def test_a_source_that_waits_delays_nothing(self):
        released = threading.Event()
        finished = threading.Event()

        def slow():
            try:
                yield from batches(3)
                released.wait()
                yield from batches(MANY)
            finally:
                finished.set()

        started = time.monotonic()
        with arrow_pipes.pipe(slow(), "cat") as reader:
            next(reader)
        # In a shell, `cat` would wait until the source writes again.
        for command in ["stream-head -n 5", "cat | cat | stream-head -n 5 | cat"]:
            self.assertEqual(arrow_pipes.pipe(slow(), command).read_all().num_rows, 5)
        self.assertEqual(arrow_pipes.sink(slow(), "cat | stream-head -n 5 | stream-count"), b"5\n")
        self.assertLess(time.monotonic() - started, 30)
        # Its thread ends when the source returns.
        released.set()
        finished.wait()
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and "arrow-pipes" in thread.name:
                thread.join()


class Interpreter(PipeTest):
    def run_code(self, code, *, interrupt=False):
        modules = "arrow_pipes, itertools, os, queue, sys, threading, time, traceback"
        code = f"import {modules}\nfrom test_ends import *\n{code}"
        # Jobs that a shell starts in the background ignore interrupts.
        code = f"import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n{code}"
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [sys.executable, "-W", "ignore", "-c", code]
        with subprocess.Popen(command, cwd=Path(__file__).parent, **options) as process:
            if interrupt:
                self.assertEqual(process.stdout.readline(), "ready\n")
                time.sleep(0.2)
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=100)
        return process.returncode, out, err

    def test_the_end_of_the_interpreter_ends_all(self):
        code = "reader = arrow_pipes.pipe(source(), COMMAND); next(reader)\nprint(*left()[0])"
        status, out, err = self.run_code(code)
        self.assertEqual((status, err), (0, ""))
        pids = out.split()
        self.assertEqual(len(pids), 3)
        for pid in pids:
            self.assertFalse(Path("/proc", pid).exists())

    def test_the_end_of_the_interpreter_waits_for_no_source(self):
        code = "def slow():\n  yield from batches(2)\n  time.sleep(10000)\n"
        code += "reader = arrow_pipes.pipe(slow(), 'cat'); next(reader)"
        self.assertEqual(self.run_code(code), (0, "", ""))

    def test_an_interrupt_ends_a_pipe_that_waits(self):
        code = "def read():\n  for _ in arrow_pipes.pipe(source(), \"stream-filter 'id < 0'\"): pass\n"
        code += "try:\n  print('ready', flush=True); read()\n"
        code += "except KeyboardInterrupt as error:\n  error.__traceback__ = None\n  del error\n  print(left())"
        status, out, err = self.run_code(code, interrupt=True)
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^\(\[\], \['MainThread'\], ")

    def test_interrupts_at_any_time_disturb_no_other_pipe(self):
        # Python itself drops an interrupt in the callbacks of its weak sets, to which threads belong, and says so.
        code = """
def report(lost):
    frames = traceback.extract_tb(lost.exc_traceback)
    if lost.exc_type is not KeyboardInterrupt or Path(frames[-1].filename).name != "_weakrefset.py":
        sys.__unraisablehook__(lost)
sys.unraisablehook = report
interrupts = 0
for number in range(200):
    timer = threading.Timer(number % 50 * 0.0002, os.kill, (os.getpid(), signal.SIGINT))
    try:
        timer.start()
        arrow_pipes.pipe(batches(5), COMMAND).read_all()
        time.sleep(0.02)
    except KeyboardInterrupt:
        interrupts += 1
    try: timer.join()
    except KeyboardInterrupt: pass
print(interrupts > 100)
assert arrow_pipes.pipe(batches(5), COMMAND).read_all().num_rows == 5000
"""
        self.assertEqual(self.run_code(code), (0, "True\n", ""))

    def test_interrupts_while_a_pipe_is_closed_leave_nothing(self):
        # Each program takes 20 ms to end, so that interrupts come while Python waits for it.
        code = """
slow = "bash -c 'exec 3<&0; trap \\"sleep 0.02; exit\\" TERM; cat <&3 & wait'"
def handle(number, frame):
    # Only the package is interrupted, not this loop.
    while frame is not None:
        if "/arrow_pipes/" in frame.f_code.co_filename: raise KeyboardInterrupt
        frame = frame.f_back
signal.signal(signal.SIGINT, handle)
rounds, done = queue.SimpleQueue(), set()
def interrupt():
    while (number := rounds.get()) is not None:
        for pause in (number % 10 * 0.0003, number % 7 * 0.002, 0.01):
            time.sleep(pause)
            os.kill(os.getpid(), signal.SIGINT)
        done.add(number)
thread = threading.Thread(target=interrupt, daemon=True)
thread.start()
interrupts = 0
for number in range(60):
    reader = arrow_pipes.pipe(source(), f"{slow} | cat" if number % 2 else "cat | cat")
    next(reader)
    rounds.put(number)
    while number not in done:
        try: reader.close()
        except KeyboardInterrupt: interrupts += 1
    del reader
rounds.put(None)
thread.join()
print(interrupts > 20)
deadline = time.monotonic() + 20
while left()[:2] != ([], ["MainThread"]) and time.monotonic() < deadline: time.sleep(0.01)
print(left()[:2], len(left()[2]) - len(before[2]))
"""
        status, out, err = self.run_code("before = left()\n" + code)
        self.assertEqual((status, out), (0, "True\n([], ['MainThread']) 0\n"), err)

    def test_forked_children_hold_nothing(self):
        # Children that never exec would keep the input of the first stage open, so that it never ends.
        code = """
children = []
def fork():
    while len(children) < 150:
        pid = os.fork()
        if pid == 0:
            time.sleep(60)
            os._exit(0)
        children.append(pid)
        time.sleep(0.002)
threads = [threading.Thread(target=fork) for _ in range(2)]
try:
    for thread in threads: thread.start()
    for _ in range(10):
        rows = arrow_pipes.pipe(batches(20), "cat | stream-sort --by id | stream-filter 'id >= 5'").read_all().num_rows
        assert rows == 19995, rows
        with arrow_pipes.pipe(source(), "cat") as reader: next(reader)
finally:
    for thread in threads: thread.join()
    for pid in children: os.kill(pid, 9), os.waitpid(pid, 0)
print(left()[:2])
"""
        status, out, err = self.run_code(code)
        self.assertEqual((status, out), (0, "([], ['MainThread'])\n"), err)

    def test_pools_of_processes_use_pipes(self):
        code = """
import multiprocessing
if __name__ == "__main__":
    reader = arrow_pipes.pipe(source(), COMMAND)
    for method in ["fork", "spawn"]:
        with multiprocessing.get_context(method).Pool(3) as pool:
            print(sum(pool.map(work, range(20))))
    next(reader)
"""
        self.assertEqual(self.run_code(code), (0, "199810\n199810\n", ""))

    def test_a_forked_child_cannot_use_the_pipe_of_its_parent(self):
        code = """
reader = arrow_pipes.pipe(batches(1000), COMMAND)
first = next(reader).num_rows
pid = os.fork()
if pid == 0:
    try: next(reader)
    except ValueError as error: print(error)
    reader.close()
    del reader
    print(arrow_pipes.pipe(batches(10), COMMAND).read_all().num_rows)
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
print(first + reader.read_all().num_rows)
"""
        status, out, err = self.run_code(code)
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^this pipe belongs to the process that forked this one.*\n10000\n1000000\n$")

    def test_a_child_forked_while_a_thread_reads_cannot_use_it_either(self):
        # The thread holds the lock of the reader, and is not in the child.
        code = """
go = threading.Event()
def waiting():
    yield from batches(1)
    go.wait()
reader = arrow_pipes.pipe(waiting(), "cat")
next(reader)
thread = threading.Thread(target=reader.read_all)
thread.start()
reading = reader._output._run.reading
while reading.acquire(blocking=False):
    reading.release()
    time.sleep(0.01)
pid = os.fork()
if pid == 0:
    signal.alarm(10)
    try: next(reader)
    except ValueError as error: print(error)
    sys.exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
go.set()
thread.join()
"""
        status, out, err = self.run_code(code)
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^this pipe belongs to the process that forked this one.*\n7\n$")


def work(number):
    return arrow_pipes.pipe(batches(10), f"stream-filter 'id >= {number}' | cat").read_all().num_rows


class Many(PipeTest):
    def test_a_thousand_pipes_one_after_another(self):
        rows = table(100)
        for number in range(1000):
            if number % 100 == 0:
                self.watch()
            if number % 4 == 0:
                arrow_pipes.pipe(rows, "cat")
            elif number % 4 == 1:
                with arrow_pipes.pipe(source(), "cat") as reader:
                    next(reader)
            elif number % 4 == 2:
                self.assertEqual(arrow_pipes.sink(rows, "stream-count"), b"100\n")
            else:
                self.assertRaises(arrow_pipes.PipeError, arrow_pipes.pipe, rows, "stream-filter x")
        self.assertEqual(left()[0], [])

    def test_many_at_once(self):
        readers = [arrow_pipes.pipe(batches(10), "stream-filter 'id >= 0' | cat") for _ in range(40)]
        self.assertEqual([reader.read_all().num_rows for reader in readers], [10000] * 40)

    def test_many_threads(self):
        results = []
        threads = [threading.Thread(target=lambda: results.extend(map(work, range(10)))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(results), sorted(list(range(9991, 10001)) * 8))


if __name__ == "__main__":
    unittest.main()
