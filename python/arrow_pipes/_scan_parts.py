"""The parts of Parquet files that tasks read: row groups of a large file, or several small files.

Parts are in the order of the files, so that the rows of all parts, one after another, are those of the
whole in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class File(NamedTuple):
    """A file as `file-inspect` lists it. One that was replaced differs."""

    path: str
    #: Its size in bytes.
    size: int
    rows: int
    row_groups: int
    footer_bytes: int


class Part(NamedTuple):
    """What one task reads."""

    files: tuple[File, ...]
    #: The value of --row-groups, if it is a part of one file.
    row_groups: str | None = None


def divide(
    files: Sequence[File], part_bytes: int, file_bytes: int, row_groups: Mapping[str, Sequence[int]]
) -> list[Part]:
    """The parts of files, of about `part_bytes` each.

    file_bytes: what opening a file costs, as bytes that could be read in that time.
    row_groups: the sizes of the row groups of files that may be divided.
    """
    parts: list[Part] = []
    together: list[File] = []
    size = 0
    for file in files:
        ranges = _ranges(row_groups.get(file.path, ()), part_bytes)
        cost = file.size + file_bytes
        if together and (len(ranges) > 1 or size + cost > part_bytes):
            parts.append(Part(tuple(together)))
            together, size = [], 0
        if len(ranges) > 1:
            parts += [Part((file,), groups) for groups in ranges]
        else:
            together.append(file)
            size += cost
    if together:
        parts.append(Part(tuple(together)))
    return parts


def _ranges(sizes: Sequence[int], part_bytes: int) -> list[str]:
    """Ranges of row groups of about equal size: a row group belongs to the range of its middle."""
    total = sum(sizes)
    count = round(total / part_bytes)
    firsts: dict[int, int] = {}
    end = 0
    for number, size in enumerate(sizes):
        middle, end = end + size / 2, end + size
        firsts.setdefault(int(middle * count / total) if total else 0, number)
    ends = [*list(firsts.values())[1:], len(sizes)]
    return [f"{first}-{end - 1}" for first, end in zip(firsts.values(), ends)]
