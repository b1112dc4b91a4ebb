"""Tests of an installed wheel. Run by the Python of the virtual environment that it is installed in."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import arrow_pipes

BIN = Path(sys.prefix) / "bin"


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


class Wheel(unittest.TestCase):
    def test_the_executable_is_found(self):
        self.assertEqual(arrow_pipes.find_executable(), BIN / "arrow-pipes")
        self.assertTrue((Path(arrow_pipes.__file__).parent / "py.typed").exists())

    def test_a_missing_executable_is_reported_with_the_way_out(self):
        with tempfile.TemporaryDirectory() as directory:
            package = Path(directory, "lib", "arrow_pipes")
            shutil.copytree(Path(arrow_pipes.__file__).parent, package)
            # Without this environment's own scripts.
            code = "import sysconfig, runpy; sysconfig.get_path = lambda _: '/missing'\n"
            code += "runpy.run_module('arrow_pipes', run_name='__main__')"
            done = run(sys.executable, "-c", code, cwd=package.parent)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^arrow_pipes: arrow-pipes is in none of .*: install the package again\n$")

    def test_the_module_runs_tools(self):
        done = run(sys.executable, "-m", "arrow_pipes", "stream-head", "--version")
        self.assertRegex(done.stdout, "^stream-head ")
        done = run(sys.executable, "-m", "arrow_pipes", "stream-haed")
        self.assertEqual(done.returncode, 2)
        self.assertIn("stream-head", done.stderr)

    def test_a_target_directory_works(self):
        # `pip install --target` puts `bin` beside the package.
        with tempfile.TemporaryDirectory() as directory:
            target = Path(directory)
            shutil.copytree(Path(arrow_pipes.__file__).parent, target / "arrow_pipes")
            (target / "bin").mkdir()
            (target / "bin" / "arrow-pipes").touch()
            code = "import arrow_pipes; print(arrow_pipes.find_executable())"
            done = run(sys.executable, "-c", code, cwd=target)
            self.assertEqual(done.stdout.strip(), str(target.resolve() / "bin" / "arrow-pipes"))

    def test_a_pipe_without_pyarrow_says_what_to_install(self):
        with self.assertRaisesRegex(ImportError, r"pip install 'arrow-pipes\[python\]'"):
            arrow_pipes.scan("stream-generate 'a = 0..10'")

    def test_the_tools_of_a_pipe_are_found_beside_the_executable(self):
        from arrow_pipes._programs import find_program

        self.assertEqual(find_program("stream-head", path="/missing"), str(BIN / "stream-head"))


class Launcher(unittest.TestCase):
    def test_arguments_and_exit_statuses_pass_through(self):
        done = run(BIN / "stream-head", "--no such", "a b")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, "^stream-head: .*--no such")
        done = run(BIN / "stream-count", "--version", "--help")
        self.assertEqual(done.returncode, 0)

    def test_a_link_elsewhere_works(self):
        # pipx and uv link commands into another directory.
        with tempfile.TemporaryDirectory() as directory:
            first, second = Path(directory, "stream-head"), Path(directory, "linked")
            first.symlink_to(BIN / "stream-head")
            second.mkdir()
            (second / "stream-head").symlink_to("../stream-head")
            for link in [first, second / "stream-head"]:
                self.assertRegex(run(link, "--version").stdout, "^stream-head ")

    def test_the_current_directory_in_path_works(self):
        environment = dict(os.environ, PATH="")
        for shell in ["/bin/sh", "/bin/bash"]:
            done = run(shell, "-c", "stream-head --version", cwd=BIN, env=environment)
            self.assertRegex(done.stdout, "^stream-head ", done.stderr)

    def test_signals_reach_the_tool(self):
        reader, writer = os.pipe()
        process = subprocess.Popen([BIN / "stream-count"], stdin=reader, stdout=subprocess.DEVNULL)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), -signal.SIGTERM)
        os.close(reader)
        os.close(writer)


class Tree(unittest.TestCase):
    def test_the_launchers_of_both_kinds_agree(self):
        script = Path(__file__).with_name("launcher.sh").read_text().replace("TOOL", "stream-head")
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "arrow-pipes").symlink_to(BIN / "arrow-pipes")
            launcher, link = Path(directory, "stream-head"), Path(directory, "a link")
            launcher.write_text(script)
            launcher.chmod(0o755)
            link.symlink_to("stream-head")
            expected = run(BIN / "stream-head", "--no such", "a b")
            for command in [launcher, link]:
                done = run(command, "--no such", "a b")
                self.assertEqual((done.returncode, done.stderr), (expected.returncode, expected.stderr))
            done = run("/bin/sh", "stream-head", "--version", cwd=directory)
            self.assertRegex(done.stdout, "^stream-head ", done.stderr)


if __name__ == "__main__":
    unittest.main()
