"""Pipes of the tools on the blocks of a Ray Dataset.

    import arrow_pipes.ray

    sales = ray.data.read_parquet("sales")
    taxes = arrow_pipes.ray.pipe(sales, "stream-filter 'price > 98' | stream-select 'user, price * 0.19 AS tax'")

Needs Ray Data and pyarrow, and the package arrow-pipes on all nodes.

A block is any part of the rows, so a command must mean the same for parts as for all rows;
`help("arrow_pipes._partitions")` lists the programs. For a command that needs whole groups, let Ray
make them, and call `arrow_pipes.pipe` for each:

    def firsts(rows):
        return arrow_pipes.pipe(rows, "stream-sort --by time | stream-head -n 10").read_all()

    sales.groupby("user").map_groups(firsts, batch_format="pyarrow")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import arrow_pipes
from arrow_pipes import _lazy, _partitions

if TYPE_CHECKING:
    import pyarrow
    import ray.data
else:
    pyarrow = _lazy.Module("pyarrow")
    ray = _lazy.Module("ray")

__all__ = ["pipe"]


def pipe(
    dataset: ray.data.Dataset, command: str, *, per_partition: bool = False, **options: Any
) -> ray.data.Dataset:
    """Run a command on each block of a Ray Dataset, and return its output as a Dataset.

        pipe(dataset, "stream-filter 'price > 98'", num_cpus=2)

    command: programs separated by `|`, as for `arrow_pipes.pipe`.
    per_partition: also run commands whose answer is one for each block, such as `stream-head`.
    options: passed to `Dataset.map_batches`. Default batch_size=None: a block is one batch.

    If a program fails, its task fails, with its message in the error of Ray.

    Raises, before Ray starts: CommandError if the command needs a shell; ValueError if it would not
    mean the same for blocks, with the way out. `stream-sample --fraction` is such a command: blocks
    have no number, so all would draw the same. Use `stream-filter 'hash(id, 1) % 100 = 0'`.
    """
    programs = _partitions.check(command, per_partition=per_partition)
    if not per_partition and any(program.tool == "stream-sample" for program in programs):
        raise ValueError(
            "stream-sample: all blocks would draw the same places: use stream-filter 'hash(id, 1) % 100 = 0', "
            "with a column in place of id, or pass per_partition=True"
        )

    def run(rows: pyarrow.Table) -> pyarrow.Table:
        with arrow_pipes.pipe(rows, command) as reader:
            return reader.read_all()

    return dataset.map_batches(run, **{"batch_size": None, "batch_format": "pyarrow", **options})
