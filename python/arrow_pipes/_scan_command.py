"""Commands that begin with `parquet-to-stream`, for tasks that each read a part of its files.

Options of `parquet-to-stream`:

- Passed on to each task: `-c`, `-w`, `--merge-schema`, `--unique-names`, `--filename`, `--hive`, `--no-hive`,
  `--hive-types`, `--int96`, `--invalid-text`, `--ignore-checksums`, `--key-file`, `--no-pushdown`, `--runs`,
  `--dictionary`, `--batch-rows`, `-j`, `--temporary-directory`, `--no-spool`, `--anonymous`,
  `--requester-pays`, and those that change no result: `-v`, `--explain`, `--progress`, `--force`, `--no-sync`.
  The types of partition keys are those that all files together have.
- Refused, because they count rows or row groups of the whole, or name other inputs and outputs: `-n`,
  `--skip`, `--row-groups`, `--files-from`, `-o`; and `-h`, `-V`.

The programs that follow must mean the same for parts as for the whole: see `arrow_pipes._partitions`.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Sequence

from arrow_pipes import _command, _partitions, _scan_paths
from arrow_pipes._arguments import Program, names_of_types

#: The options that are refused, and why.
REFUSED = {
    "limit": "-n would take rows of each part, not of the whole: use limit() of the DataFrame",
    "skip": "--skip would leave out rows of each part, not of the whole: leave it out",
    "row-groups": "--row-groups is how the files are divided into parts: leave it out",
    "files-from": "--files-from is how tasks name their files: write them as operands",
    "output": "-o would write the same file for each part: leave it out",
    "help": "--help prints text: leave it out",
    "version": "--version prints text: leave it out",
}

PASSED_ON = frozenset(
    """
    anonymous batch-rows columns dictionary explain filename force hive hive-types ignore-checksums int96
    invalid-text key-file merge-schema no-hive no-pushdown no-spool no-sync progress requester-pays runs
    temporary-directory threads unique-names verbose where
    """.split()
)

#: Those that also `file-inspect` needs to open the files.
_ACCESS = ("anonymous", "key-file", "no-spool", "requester-pays")

#: The options that change which columns are written, or how.
_OUTPUT = ("columns", "dictionary", "runs")


class ScanCommand:
    """A command that reads files, and those that read parts of them.

    Raises CommandError if the command needs a shell, and ValueError if it would not mean the same for parts.
    """

    def __init__(self, command: str, per_partition: bool = False) -> None:
        self._reader, *self.rest = [Program(words) for words in _command.parse(command)]
        _check_reader(self._reader)
        try:
            _partitions.check_programs(self.rest, per_partition=per_partition)
        except ValueError as error:
            if "group_by" not in str(error):
                raise
            raise ValueError(f"{error} to arrow_pipes.spark.pipe, for the result of a scan") from None
        self.operands = self._reader.operands
        if self.has("filename") and not all(map(self._is_absolute, self.operands)):
            raise ValueError("parquet-to-stream: --filename: tasks run in other directories: write absolute paths")

    def has(self, *options: str) -> bool:
        return self._reader.has(*options)

    @property
    def is_union(self) -> bool:
        return self._reader.value("merge-schema") == "union"

    @property
    def filename(self) -> str | None:
        """The column of the names of files."""
        return self._reader.value("filename")

    def without_rows(self) -> str:
        """The command, for its columns."""
        return self._line(["--limit=0", "--", *self.operands], self.rest)

    def columns_of_files(self) -> str:
        """A command for the columns of the files, of their paths and of their names."""
        return self._line(["--limit=0", "--", *self.operands], without=_OUTPUT)

    def listing(self, show: str, paths: Sequence[str] | None = None) -> str:
        """A command that lists the files, or files of these paths."""
        access = [option for option in self._reader.options if option not in _ACCESS]
        options = [f"--show={show}", "--json", *self._reader.arguments(without=access)]
        return shlex.join([*self._sibling("file-inspect"), *options, "--", *(paths or self.operands)])

    def strict_check(self, listed: str, hive: Sequence[str]) -> str:
        """A command that opens all files of a list, without reading rows, and fails if their columns differ."""
        skipped = f"--skip={2**63 - 1}"
        without = (*_OUTPUT, "filename", "where", "hive", "hive-types", "no-hive", "merge-schema")
        return self._line([skipped, f"--files-from={listed}", *hive], without=without)

    def for_files(self, listed: str, hive: Sequence[str], row_groups: str | None, threads: int) -> Program:
        """The program that reads the files of a list."""
        options = [*hive, f"--files-from={listed}"]
        if row_groups is not None:
            options.append(f"--row-groups={row_groups}")
        if not self.has("threads"):
            options.append(f"--threads={threads}")
        return Program([*self._words(without=("hive", "hive-types", "no-hive")), *options])

    def choose(self, names: Sequence[str]) -> None:
        """Choose all columns by their names, so that they do not depend on the files of a task."""
        if not self.has("columns"):
            also = self._reader.options.get("filename", [])
            self._reader.options["columns"] = [",".join(map(_quoted, [*names, *also]))]

    def hive_options(self, paths: Sequence[str], types: dict[str, str]) -> list[str]:
        """The options for files of these absolute paths, named one by one, with the keys of the operands.

        types: the type of each column of the whole, as a key. Keys above the operands are no columns.
        """
        if self.has("no-hive"):
            return ["--no-hive"]
        is_below, above = _scan_paths.keys_below([*map(self._base, self.operands)], paths)
        if not is_below:
            return ["--no-hive"]
        if not above.isdisjoint(types):
            shown = ", ".join(sorted(above.intersection(types)))
            problem = f"{shown} is also a partition key above the operands"
            raise ValueError(f"parquet-to-stream: {problem}: add --hive or --no-hive")
        if above:
            self.choose([*types])
        given = self._reader.value("hive-types") or ""
        known = {*names_of_types(given), *above}
        names = [name for name in _scan_paths.key_names(paths[0]) if name not in known]
        items = [given] * bool(given) + [f"{_quoted(name)} {types[name]}" for name in names]
        return ["--hive", f"--hive-types={', '.join(items)}"] if items else ["--hive"]

    def _base(self, operand: str) -> str:
        """The part of an operand whose keys make no columns."""
        if self.has("hive"):
            return "" if self._is_absolute(operand) else _scan_paths.absolute("")
        return _scan_paths.base(operand)

    def _words(self, without: Collection[str] = ()) -> list[str]:
        return [*self._reader.name, *self._reader.arguments(without)]

    def _line(self, last: Sequence[str], rest: Sequence[Program] = (), without: Collection[str] = ()) -> str:
        return " | ".join(map(shlex.join, [[*self._words(without), *last], *[program.words for program in rest]]))

    def _sibling(self, tool: str) -> list[str]:
        """Another program of the same installation."""
        first, *more = self._reader.name
        return [first, tool] if more else [os.path.join(os.path.dirname(first), tool)]

    @staticmethod
    def _is_absolute(path: str) -> bool:
        return os.path.isabs(path) or _scan_paths.is_url(path)


def _check_reader(reader: Program) -> None:
    if reader.tool != "parquet-to-stream":
        raise ValueError(
            f"{reader.tool}: a scan begins with parquet-to-stream; for other sources, "
            "use arrow_pipes.spark.pipe on a DataFrame"
        )
    for option, reason in {**REFUSED, "h": REFUSED["help"], "V": REFUSED["version"]}.items():
        if reader.has(option):
            raise ValueError(f"parquet-to-stream: {reason}")
    if not reader.operands or "-" in reader.operands:
        raise ValueError("parquet-to-stream: tasks have no standard input: name the files")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
