"""Which commands mean the same for each partition of a table as for the whole table.

An engine such as Spark runs a command once for each partition. Rules, in the order of this file:

- Refused: programs that write files (`-o`, `--tee`, `--rejects`, `--unmatched`, `tee FILE`), that read
  other files in place of the partition, or that exit with 1 or 3 after success (`stream-diff`,
  `stream-filter -e`); random samples without `--seed`; output that is not an Arrow stream.
- Safe for any partition: `stream-filter`, `stream-select`, `stream-rechunk`, `stream-cat`,
  `stream-aggregate --partial`, `stream-sample --fraction --seed`, `stream-join` without `--how full`
  (each task reads TABLE, so it must exist on every machine), conversions to text and back.
- Safe if `group_by` names some of the columns that the program groups by, so that the rows of a
  group are in one partition: `stream-aggregate --by`, `stream-aggregate --merge`, `stream-count --by
  --stream`, `stream-sample --per`, `stream-sort --unique`; and `stream-sort`, which sorts each partition.
- Else an answer for each partition, refused unless it is asked for: `stream-head`, `stream-tail`,
  `-n`, `stream-aggregate` without `--by`, `stream-sample` without `--per`, `stream-summary --stream`.

Columns of `group_by` and of options are compared by their names. Programs of other packages are not checked.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence

from arrow_pipes import _command
from arrow_pipes._arguments import Program, changes, columns

_FILES = ("output", "tee", "rejects", "unmatched")

_TEXT = {"stream-print", "stream-to-csv", "stream-to-json", "stream-to-file", "stream-to-parquet", "file-inspect"}

#: Write an Arrow stream only with this option.
_STREAM_OPTION = {"stream-count", "stream-summary", "stream-diff", "file-inspect"}

_PER_PARTITION = "pass per_partition=True if an answer for each partition is what you want"


def check(
    command: str, keys: Sequence[str] | None = None, merge_by: str | None = None, per_partition: bool = False
) -> list[Program]:
    """The programs of a command.

    keys: the columns whose equal values are in one partition, if there are such columns.
    merge_by: the --by of the partial results that `stream-aggregate --merge` would read.
    per_partition: the caller wants the answer of each partition.

    Raises CommandError if the command needs a shell, and ValueError if it would not mean what it says.
    """
    programs = [Program(words) for words in _command.parse(command)]
    check_programs(programs, keys, merge_by, per_partition)
    return programs


def check_programs(
    programs: Sequence[Program],
    keys: Sequence[str] | None = None,
    merge_by: str | None = None,
    per_partition: bool = False,
) -> None:
    """The same for programs that are already taken apart."""
    for place, program in enumerate(programs):
        _check_files(program)
        if program.is_tool:
            _check_input(program)
            _check_stream(program, is_last=place + 1 == len(programs))
            _check_seed(program)
    if not per_partition:
        for place, program in enumerate(programs):
            _check_rows(program, keys, merge_by)
            if program.tool == "stream-select" and any(map(_groups, programs[place + 1 :])):
                _check_names(program, keys or ())


def _check_files(program: Program) -> None:
    for option in _FILES:
        if program.is_tool and program.has(option):
            shown = "-o" if option == "output" else f"--{option}"
            raise ValueError(f"{program.tool}: {shown} would write the same file for each partition: leave it out")
    if program.tool == "tee" and program.operands:
        raise ValueError("tee: would write the same file for each partition: leave it out")


def _check_input(program: Program) -> None:
    if program.tool in ("stream-generate", "parquet-to-stream", "file-to-stream", "file-inspect"):
        raise ValueError(f"{program.tool}: does not read a stream, so the rows of the partition would be lost")
    if program.tool == "stream-diff":
        raise ValueError("stream-diff: compares whole tables, not a partition with a table: run it outside")
    if program.tool == "stream-filter" and program.has("exit-status"):
        raise ValueError("stream-filter: -e would fail for each partition without such rows: leave it out")
    # The first operand is an expression, a list or a table, the others are inputs.
    inputs = program.operands[_other_operands(program) :]
    if inputs not in ([], ["-"]):
        shown = shlex.join(operand for operand in inputs if operand != "-")
        raise ValueError(f"{program.tool}: would read {shown} once for each partition: leave it out")


def _other_operands(program: Program) -> int:
    if program.tool == "stream-filter":
        return 0 if program.has("in", "not-in") else 1
    if program.tool == "stream-aggregate":
        return 0 if program.has("merge") else 1
    return 1 if program.tool in ("stream-select", "stream-join") else 0


def _check_stream(program: Program, is_last: bool) -> None:
    if program.tool in _STREAM_OPTION and not program.has("stream"):
        raise ValueError(f"{program.tool}: prints text: add --stream to get a table")
    if is_last and program.tool in _TEXT:
        raise ValueError(f"{program.tool}: does not write an Arrow stream, so its output cannot be read: leave it out")


def _check_seed(program: Program) -> None:
    if program.tool == "stream-sample" and program.has("fraction", "rows", "shuffle") and not program.has("seed"):
        raise ValueError("stream-sample: a repeated task would choose other rows: add --seed N")


def _check_rows(program: Program, keys: Sequence[str] | None, merge_by: str | None) -> None:
    """Whether a program gives the same rows for all partitions together as for the whole table."""
    tool = program.tool
    if tool in ("stream-head", "stream-tail", "stream-summary") or program.is_tool and program.has("limit"):
        raise ValueError(f"{tool}: would take rows of each partition, not of the whole table: {_PER_PARTITION}")
    if tool == "stream-join" and program.value("how") == "full":
        raise ValueError(
            "stream-join: --how full would write the rows of TABLE without a partner for each partition: use --how left"
        )
    if tool == "stream-aggregate" and not program.has("partial"):
        by = (merge_by or "") if program.has("merge") else program.value("by")
        _check_group(program, by, keys, "--by", "; --partial makes parts that --merge completes")
    elif tool == "stream-count":
        _check_group(program, program.value("by"), keys, "--by")
    elif tool == "stream-sample" and not program.has("fraction"):
        _check_group(program, program.value("per"), keys, "--per")
    elif tool == "stream-sort" and program.has("unique"):
        _check_group(program, program.value("unique"), keys, "--unique")
    elif tool == "stream-sort" and keys is None:
        raise ValueError(
            f"stream-sort: would sort each partition, not the whole table: pass group_by=..., or {_PER_PARTITION}"
        )


def _check_group(
    program: Program, text: str | None, keys: Sequence[str] | None, option: str, advice: str = ""
) -> None:
    """Whether the rows of a group of this program are in one partition."""
    if text is None or text == "" and program.has("merge"):
        problem = "would give an answer for each partition, not one for the whole table"
        raise ValueError(f"{program.tool}: {problem}: {_PER_PARTITION}{advice}")
    names = columns(text)
    if not keys:
        example = f'"{names[0]}"' if names else "..."
        problem = f"the rows of a group of {option} may be in several partitions: pass group_by={example}"
        raise ValueError(f"{program.tool}: {problem}{advice}")
    folded = {name.casefold() for name in names}
    for key in keys:
        if key.casefold() not in folded:
            problem = f'the rows of a group are in several partitions, because "{key}" of group_by is not in {option}'
            raise ValueError(f"{program.tool}: {problem} {shlex.quote(text)}: leave it out of group_by")


def _groups(program: Program) -> bool:
    """Whether the rows of a group of this program must be in one partition."""
    if program.tool == "stream-aggregate":
        return not program.has("partial")
    return program.tool == "stream-count" or program.has("per", "unique")


def _check_names(program: Program, keys: Sequence[str]) -> None:
    """Whether the columns of the partitions keep their names for the programs that group by them."""
    text = " ".join(program.operands[:1])
    for key in keys:
        if text.startswith("@"):
            raise ValueError(f'stream-select: {text} may make another column "{key}": write the list in the command')
        if changes(text, key):
            problem = f'makes another column "{key}" than that of group_by'
            raise ValueError(f"stream-select: {problem}: run it before, in a pipe without group_by")


def draws_in_order(programs: Sequence[Program]) -> bool:
    """Whether a program takes other rows if they come in another order, and none sorts them before it."""
    for program in programs:
        if program.tool == "stream-sort":
            return False
        if program.tool == "stream-sample":
            return True
    return False


def seeded(programs: Sequence[Program], partition: int) -> str:
    """The command with a seed of its own for a partition.

    With the same seed, all partitions would keep rows at the same places.
    """
    commands = []
    for program in programs:
        words = list(program.words)
        value = program.value("seed")
        if program.tool == "stream-sample" and program.seed is not None and value is not None:
            place, before = program.seed
            digest = hashlib.blake2b(f"{value} {partition}".encode(), digest_size=8).digest()
            words[place] = f"{before}{int.from_bytes(digest, 'little') >> 1}"
        commands.append(shlex.join(words))
    return " | ".join(commands)
